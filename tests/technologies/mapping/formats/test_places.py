"""Points: nowhere and null island are counted; other projections and swapped axes are told for what they look like."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.formats.drops import NO_PLACE, NULL_ISLAND, drops_for
from peelian.technologies.mapping.formats.places import points

TORONTO = -75.0


def check(
    lon: list[float | str], lat: list[float | str], usual: float | None = TORONTO, on_bad: str = "stop"
) -> tuple[list[bool], list[str]]:
    drops = drops_for(on_bad)
    rows = np.arange(2, 2 + len(lon))
    kind = object if any(isinstance(v, str) for v in [*lon, *lat]) else float
    _, _, kept = points((np.array(lon, dtype=kind), np.array(lat, dtype=kind)), ("long", "lat"), rows, drops, usual)
    return kept.tolist(), [d.why for d in drops.listed()]


def test_missing_places_and_null_island_are_counted() -> None:
    nan = float("nan")
    assert check([-79.4, nan, 0.0], [43.7, 43.7, 0.0]) == ([True, False, False], [NO_PLACE, NULL_ISLAND])
    assert check(["-79,4", ""], ["43,7", "43,7"]) == ([True, False], [NO_PLACE])


@pytest.mark.parametrize(
    ("lon", "lat", "says", "column"),
    [
        (630084.0, 4833438.0, "metres or feet", "long"),
        (-79.4, 4833438.0, "metres or feet", "lat"),
        (43.7, -79.4, "far from the town's time zone", "long"),
        (43.7, -179.4, "look swapped", "lat"),
        (200.0, 43.7, "not on Earth", "long"),
        ("somewhere", "43.7", "not a number", "long"),
    ],
)
def test_what_cannot_be_a_point_in_degrees_is_told_for_what_it_looks_like(
    lon: float | str, lat: float | str, says: str, column: str
) -> None:
    good: tuple[float | str, float | str] = ("-79.4", "43.7") if isinstance(lon, str) else (-79.4, 43.7)
    with pytest.raises(InputError, match=says) as caught:
        check([good[0], lon], [good[1], lat])
    assert (caught.value.row, caught.value.column) == (3, column)
    assert check([good[0], lon], [good[1], lat], on_bad="drop")[0] == [True, False]


@pytest.mark.parametrize("usual", [None, TORONTO])
@pytest.mark.parametrize(
    ("lon", "lat", "says"),
    [
        (43.7, -79.4, "look swapped"),  # Toronto
        (44.6, -63.6, "look swapped"),  # Halifax
        (13.1, 80.3, "look swapped"),  # Chennai
        (-80.0, -79.4, "no town lies"),
        (-75.0, 88.0, "no town lies"),
    ],
)
def test_where_no_town_lies_is_refused_with_and_without_a_zone(
    lon: float, lat: float, says: str, usual: float | None
) -> None:
    if usual is not None and lon > 40:
        says = "far from the town's time zone"
    with pytest.raises(InputError, match=says) as caught:
        check([-75.0, lon], [43.7, lat], usual=usual)
    assert caught.value.row == 3
    assert check([-75.0, lon], [43.7, lat], usual=usual, on_bad="drop")[0] == [True, False]


TOWNS = {
    "Puerto Toro": (-67.08, -55.08),
    "Puerto Williams": (-67.61, -54.93),
    "Ushuaia": (-68.30, -54.80),
    "Longyearbyen": (15.64, 78.22),
    "Ny-Ålesund": (11.93, 78.92),
    "Qaanaaq": (-69.23, 77.47),
    "Grise Fiord": (-82.90, 76.42),
    "Utqiagvik": (-156.79, 71.29),
    "Quito": (-78.52, -0.22),
    "Suva": (178.44, -18.14),
}


@pytest.mark.parametrize("town", TOWNS)
def test_towns_at_the_ends_of_the_inhabited_world_are_read(town: str) -> None:
    lon, lat = TOWNS[town]
    assert check([lon], [lat], usual=None) == ([True], [])


def test_swapped_axes_on_inhabited_latitudes_need_a_zone_to_be_told() -> None:
    assert check([51.5], [-0.1], usual=None) == ([True], [])
