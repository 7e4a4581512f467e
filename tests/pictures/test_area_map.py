"""A map of areas: each in the colour of its step, points only where they are inside, the table counts the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from peelian.errors import InputError
from peelian.pictures.area_map import Steps, area_map
from peelian.pictures.panels import Picture
from peelian.pictures.words import english

STEPS = Steps(title="Technologies", names=("None", "1", "2"))
WEST, EAST = shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000, 0, 2_000, 1_000)


def drawn(outlines: list[Any], step: list[int], points: list[tuple[float, float]]) -> Picture:
    at = np.array(points, dtype=np.float64).reshape(-1, 2)
    words = {"points_title": "Sensor", "statement": "Whole areas.", "caption": "By <area>"}
    return area_map(outlines, step, STEPS, points=at, say=english, **words)


def test_an_area_has_the_colour_of_its_step_and_the_table_counts_it() -> None:
    made = drawn([WEST, EAST.union(shapely.box(5_000, 0, 6_000, 500))], [0, 2], [])
    assert made.svg.count("<path") == 4, "two areas, scale bar and arrow"
    for step, areas in ((0, 1), (1, 0), (2, 1)):  # once in the key
        assert made.svg.count(f'fill="{STEPS.colours[step]}"') == 1 + areas
    assert made.twin is not None and made.twin.rows == (("2", "1"), ("1", "0"), ("None", "1"))
    assert "By <area>" not in made.svg and "Whole areas." in made.svg


def test_the_hole_of_an_area_is_left_open() -> None:
    made = drawn([WEST.difference(shapely.box(400, 400, 600, 600))], [1], [])
    (path,) = [part for part in made.svg.split("<path") if "evenodd" in part]
    assert path.count("M") == path.count("Z") == 2


def test_a_point_outside_is_neither_drawn_nor_in_the_key() -> None:
    assert drawn([WEST, EAST], [0, 1], [(500.0, 500.0), (9_000.0, 0.0)]).svg.count("<circle") == 2, "one, and its key"
    assert "<circle" not in drawn([WEST, EAST], [0, 1], [(9_000.0, 0.0)]).svg


def test_no_outline_is_no_map() -> None:
    with pytest.raises(InputError, match="outlines"):
        drawn([], [], [])
