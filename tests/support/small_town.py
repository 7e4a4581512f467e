"""A made-up town of 18 km for back-tests that take a second."""

from __future__ import annotations

import numpy as np
import shapely

from peelian.measure.folds import rolling_origins
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.protocol import Plan

SIDE, CELL, WEEK = 18_000.0, 750.0, 168.0
TOWN = shapely.box(0, 0, SIDE, SIDE)


def town(n: int, gathered: float, weeks: int = 80, seed: int = 0) -> Incidents:
    """`n` incidents of which a share lies within 200 m of twelve corners, on a ground of 18 km."""
    chance = np.random.default_rng(seed)
    corners = chance.uniform(500, SIDE - 500, (12, 2))
    near = corners[chance.integers(0, 12, n)] + chance.normal(0, 200, (n, 2))
    points = np.where(chance.random((n, 1)) < gathered, near, chance.uniform(0, SIDE, (n, 2)))
    points = np.clip(points, 1, SIDE - 1)
    hour = np.sort(chance.uniform(0, weeks * WEEK, n))
    return Incidents(
        hour=hour,
        east=points[:, 0],
        north=points[:, 1],
        weight=np.ones(n),
        ready=hour,
        row=np.arange(n),
        n=n,
        from_hour=0.0,
        until_hour=weeks * WEEK,
    )


def plan(incidents: Incidents, origins: int = 26) -> Plan:
    """Weekly windows at the end of the recording."""
    folds = rolling_origins((0.0, incidents.until_hour), window_hours=WEEK, origins=origins)
    return Plan(folds=folds, seed=1)
