"""Back-tests of incidents whose town nobody outlined: the ground is drawn from them, as a proof draws it."""

from __future__ import annotations

import numpy as np
import simulation

from peelian.measure.enclosure import enclosure_of
from peelian.measure.folds import rolling_origins
from peelian.measure.grid import offset_grids
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import Plan, Trial, back_test

SHAPES = tuple(simulation.SHAPES)
WEEK, WEEKS = 168.0, 104


def strewn(shape: str, n: int, seed: int) -> Incidents:
    """`n` incidents strewn evenly over a ground of this shape (30 km) in two years."""
    days, east, north, weight = simulation.strewn(shape, n, seed=seed, side_metres=30_000.0, days=WEEKS * 7.0)
    return Incidents(
        hour=days * 24,
        east=east,
        north=north,
        weight=weight,
        ready=days * 24,
        row=np.arange(n),
        n=n,
        from_hour=0.0,
        until_hour=WEEKS * WEEK,
    )


def on_drawn_ground(incidents: Incidents, origins: int = 52) -> Trial:
    """The count map, the even spread and the default on the ground that the incidents enclose."""
    ground = enclosure_of(incidents.east, incidents.north)
    assert ground is not None
    folds = rolling_origins((0.0, WEEKS * WEEK), window_hours=WEEK, origins=origins)
    models = {name: MODELS[name] for name in ("uniform", "long_run", "decayed")}
    return back_test(incidents, offset_grids(ground, 750.0, 1), Plan(folds=folds, seed=1), models)
