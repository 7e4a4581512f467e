"""Floors: what of a ground counts, and which cells of it are refused, with an office and without one."""

from __future__ import annotations

import pytest
import shapely

from peelian.errors import InputError
from peelian.places import floors
from peelian.places.floors import OFFICE_FLOORS, RESEARCH_FLOORS, counted_ground

BLOCK = shapely.box(0, 0, 600, 600)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEELIAN_OFFICE", "anywhere")


def test_floors_follow_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    assert floors.floors() is RESEARCH_FLOORS and RESEARCH_FLOORS.metres == 50
    monkeypatch.setenv("PEELIAN_OFFICE", "anywhere")
    assert floors.floors() is OFFICE_FLOORS and (OFFICE_FLOORS.metres, OFFICE_FLOORS.cells) == (100, 25)
    assert OFFICE_FLOORS.ground_metres == 250_000


def test_without_an_office_all_ground_counts() -> None:
    parts = shapely.union_all([BLOCK, shapely.box(900, 0, 910, 10)])
    assert counted_ground(parts) is parts


@pytest.mark.parametrize(
    ("part", "counts"),
    [
        (shapely.box(900, 0, 910, 10), False),  # a house
        (shapely.box(900, 0, 999, 99), False),  # 99 m by 99 m
        (shapely.box(900, 0, 1_001, 101), True),
        (shapely.box(900, 0, 949, 3_000), False),  # nowhere 50 m wide
    ],
)
def test_a_part_counts_from_a_cell_on(named: None, part: shapely.Polygon, counts: bool) -> None:
    made = counted_ground(shapely.union_all([BLOCK, part]))
    assert made.area == pytest.approx(BLOCK.area + (part.area if counts else 0))


def test_the_end_of_a_lane_is_no_ground(named: None) -> None:
    lane = shapely.union_all([BLOCK, shapely.box(600, 300, 900, 303), shapely.box(900, 290, 920, 310)])
    made = counted_ground(lane)
    assert made.covers(BLOCK.buffer(-1)) and made.bounds[2] == pytest.approx(650, abs=1), "50 m of the lane"
    with pytest.raises(InputError, match="too small"):
        counted_ground(shapely.box(0, 0, 3_000, 40))
