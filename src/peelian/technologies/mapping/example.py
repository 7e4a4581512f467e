"""A small made-up town: two and a half years of incidents in nine districts, for examples and tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Dataset, Scalar
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table

CATEGORY = "break_and_enter"
SHIFTS = ("day:07-15", "evening:15-23", "night:23-07")
CENTRE: Mapping[str, float] = {"centre_lon": 10.0, "centre_lat": 50.0}
FROM_DAY, WEEKS = "2018-01-01", 104
SIDE_METRES = 4_500.0  # nine districts of 1.5 km
DISTRICT_METRES, STREET_METRES = 1_500.0, 150.0
CORNERS = ((1_150.0, 1_150.0), (3_400.0, 2_600.0), (2_200.0, 3_900.0))  # where incidents gather


def incidents(n: int = 3_000, seed: int = 7) -> Dataset:
    """`n` incidents, two in three near one of three corners, the rest anywhere: shape "incidents"."""
    generator = np.random.default_rng(seed)
    corner = generator.integers(0, len(CORNERS), n)
    near = np.array(CORNERS)[corner] + generator.normal(0, 160.0, (n, 2))
    anywhere = generator.uniform(0, SIDE_METRES, (n, 2))
    points = np.where((generator.random(n) < 2 / 3)[:, None], near, anywhere)
    points = np.round(np.clip(points, 20, SIDE_METRES - 20), -1)
    start = np.datetime64(FROM_DAY, "h")
    hours = np.sort(generator.integers(0, WEEKS * 7 * 24, n))
    when = start + hours.astype("timedelta64[h]")
    return Dataset(
        id="example-incidents",
        format="example",
        digest="1" * 64,
        table=table(
            "incidents",
            {
                "category": (Kind.CATEGORY, np.full(n, CATEGORY, dtype=object)),
                "start_hour": (Kind.TIME, when),
                "end_hour": (Kind.TIME, when),
                "known_hour": (Kind.TIME, np.full(n, np.datetime64("NaT", "h"))),
                "east_metres": (Kind.PERSONAL, points[:, 0]),
                "north_metres": (Kind.PERSONAL, points[:, 1]),
                "area": (Kind.PLACE, np.full(n, "", dtype=object)),
                "hour_known": (Kind.COUNT, np.ones(n, dtype=np.int64)),
            },
        ),
        facts={**CENTRE, **_days(), "zone": "Europe/Berlin", "n": n, "months_only": False, "source": "made up"},
    )


def areas() -> Dataset:
    """Nine square districts with residents of two groups: shape "areas"."""
    projection = Projection(**CENTRE)
    corners = [(col * DISTRICT_METRES, row * DISTRICT_METRES) for row in range(3) for col in range(3)]
    residents = np.array([4_200, 3_100, 2_800, 5_200, 6_000, 3_900, 2_500, 3_300, 2_900])
    newcomers = np.array([2_400, 900, 500, 1_500, 2_600, 1_900, 300, 1_200, 600])
    return Dataset(
        id="example-areas",
        format="example",
        digest="2" * 64,
        table=table(
            "areas",
            {
                "area": (Kind.PLACE, [f"District {k + 1}" for k in range(9)]),
                "outline": (Kind.OUTLINE, [_square(projection, east, north) for east, north in corners]),
                "population": (Kind.COUNT, residents),
                "group_newcomers": (Kind.COUNT, newcomers),
                "group_long_settled": (Kind.COUNT, residents - newcomers),
            },
        ),
        facts={**CENTRE, "groups": "newcomers,long_settled"},
    )


def streets() -> Dataset:
    """A lattice of streets 150 m apart over the town: shape "streets"."""
    projection = Projection(**CENTRE)
    steps = np.arange(0.0, SIDE_METRES + 1, STREET_METRES)
    lines = [_line(projection, steps, np.full_like(steps, at)) for at in steps.tolist()]
    lines += [_line(projection, np.full_like(steps, at), steps) for at in steps.tolist()]
    return Dataset(
        id="example-streets",
        format="example",
        digest="3" * 64,
        table=table("streets", {"line": (Kind.OUTLINE, np.array(lines, dtype=object))}),
        facts={**CENTRE, "n": len(lines)},
    )


def _line(projection: Projection, east: NDArray[np.float64], north: NDArray[np.float64]) -> str:
    lon, lat = projection.to_degrees(east, north)
    points = ", ".join(f"{a:.7f} {b:.7f}" for a, b in zip(lon.tolist(), lat.tolist(), strict=True))
    return f"LINESTRING ({points})"


def _square(projection: Projection, east: float, north: float) -> str:
    """A district's outline as WKT in degrees, its sides cut into pieces so that they stay straight on the flat map."""
    x = east + DISTRICT_METRES * np.array([0, 1, 1, 0, 0])
    y = north + DISTRICT_METRES * np.array([0, 0, 1, 1, 0])
    lon, lat = projection.to_degrees(x, y)
    ring = ", ".join(f"{a:.9f} {b:.9f}" for a, b in zip(lon.tolist(), lat.tolist(), strict=True))
    return f"POLYGON (({ring}))"


def _days() -> dict[str, Scalar]:
    last = np.datetime64(FROM_DAY, "D") + np.timedelta64(WEEKS * 7 - 1, "D")
    return {"from_day": FROM_DAY, "to_day": str(last)}
