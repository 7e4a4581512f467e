"""Invented incidents as a town's own CSV would hold them: for tests of the doors. No real place, no real event."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

FROM = np.datetime64("2022-01-03", "h")
CENTRE = (-80.0, 44.0)


def incidents_csv(path: Path, n: int = 4_000, weeks: int = 100, seed: int = 3) -> Path:
    """`n` incidents over `weeks` weeks, two in three near one of two corners of a town of 4 km by 4 km."""
    generator = np.random.default_rng(seed)
    near = np.array([(-0.006, 0.004), (0.009, -0.006)])[generator.integers(0, 2, n)]
    spread = np.where(generator.random(n)[:, None] < 0.67, 0.0015, 0.012)
    points = np.clip(near + generator.normal(0, spread, (n, 2)), -0.024, 0.017) + np.array(CENTRE)
    hours = np.sort(generator.integers(0, weeks * 168, n))
    when = (FROM + hours.astype("timedelta64[h]")).astype("datetime64[m]")
    kinds = np.array(["Break and Enter", "Assault"])[generator.integers(0, 2, n)]
    lines = ["date,lat,lon,category"]
    for (lon, lat), at, kind in zip(points, when, kinds, strict=True):
        lines.append(f"{str(at).replace('T', ' ')},{lat:.6f},{lon:.6f},{kind}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def areas_geojson(path: Path) -> Path:
    """Nine square areas with residents and renters, covering the town."""
    features = []
    for number in range(9):
        w, s = CENTRE[0] - 0.025 + 0.015 * (number % 3), CENTRE[1] - 0.025 + 0.015 * (number // 3)
        ring = [[w, s], [w + 0.015, s], [w + 0.015, s + 0.015], [w, s + 0.015], [w, s]]
        features.append(
            {
                "type": "Feature",
                "properties": {"name": f"Area {number + 1}", "population": 4000, "renters": 400 * (number + 1)},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path
