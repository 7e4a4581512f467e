"""A made-up study town as a GeoDataFrame: incidents gather near corners of a ground of 12 km, over two years."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def study(n: int = 4_000, seed: int = 3) -> Any:
    """`n` points (metres, UTM 32N) with `when` (naive), `kind` and `seen` (when it became known)."""
    generator = np.random.default_rng(seed)
    corners = generator.uniform(1_000, 11_000, (30, 2))
    near = corners[generator.integers(0, 30, n)] + generator.normal(0, 250, (n, 2))
    anywhere = generator.uniform(0, 12_000, (n, 2))
    points = np.where((generator.random(n) < 0.5)[:, None], near, anywhere) + np.array([500_000, 5_500_000])
    when = pd.Timestamp("2022-01-03") + pd.to_timedelta(np.sort(generator.integers(0, 104 * 7 * 24, n)), unit="h")
    data = {"when": when, "kind": generator.choice(["burglary", "theft"], n), "seen": when + pd.Timedelta("1D")}
    return gpd.GeoDataFrame(data, geometry=gpd.points_from_xy(*points.T), crs="EPSG:32632")


def streets(step: int = 400, size: int = 12_000) -> Any:
    """The lattice of streets of that town, `step` metres apart, with a vertex at every crossing."""
    at = np.arange(0, size + 1, step, dtype=float)
    lines = [np.stack([at, np.full_like(at, one)], axis=1) for one in at]
    drawn = np.array([*lines, *(line[:, ::-1] for line in lines)]) + np.array([500_000, 5_500_000])
    return gpd.GeoDataFrame(
        {"highway": ["residential"] * len(drawn)}, geometry=shapely.linestrings(drawn), crs="EPSG:32632"
    )
