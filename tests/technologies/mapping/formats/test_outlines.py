"""Outlines: rings closed, small crossings mended, everything else that is no polygon in degrees told for what it is."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.mapping.formats.outlines import MOST_TEXT, outline

SQUARE = [[-79.4, 43.6], [-79.3, 43.6], [-79.3, 43.7], [-79.4, 43.7], [-79.4, 43.6]]


def polygon(*rings: Any, kind: str = "Polygon") -> str:
    return json.dumps({"type": kind, "coordinates": list(rings)})


def test_a_square_with_a_hole_and_many_parts() -> None:
    hole = [[-79.36, 43.64], [-79.34, 43.64], [-79.34, 43.66], [-79.36, 43.64]]
    made = outline(polygon(SQUARE, hole))
    assert not (made.closed or made.repaired or made.thinned)
    assert shapely.from_wkt(made.wkt).area == pytest.approx(0.01 - 0.0002)
    two = outline(polygon([SQUARE], [[[x + 1, y] for x, y in SQUARE]], kind="MultiPolygon"))
    assert shapely.from_wkt(two.wkt).area == pytest.approx(0.02)


def test_open_rings_are_closed_heights_left_out_and_small_crossings_mended() -> None:
    assert outline(polygon(SQUARE[:-1])).closed
    assert outline(polygon([[*point, 99.0] for point in SQUARE])).wkt == outline(polygon(SQUARE)).wkt
    knot = [*SQUARE[:2], [-79.3, 43.65], [-79.3001, 43.6501], [-79.3, 43.6499], *SQUARE[2:]]
    made = outline(polygon(knot))
    assert made.repaired and shapely.from_wkt(made.wkt).is_valid


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a polygon"),
        ("{", "not a polygon"),
        ("[1, 2]", "not a polygon"),
        ('{"type": "Point", "coordinates": [0, 0]}', "not a polygon"),
        ('{"type": "GeometryCollection", "geometries": []}', "not a polygon"),
        ('{"type": "Polygon", "coordinates": []}', "without a ring"),
        ('{"type": "Polygon", "coordinates": null}', "without a ring"),
        ('{"type": "MultiPolygon", "coordinates": [[]]}', "without a ring"),
        (polygon(SQUARE[:2]), "fewer than four points"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0]]), "fewer than four points"),
        (polygon([["a", 1], *SQUARE]), "not a number"),
        (polygon([[math.nan, 1], *SQUARE]), "not a number"),
        (polygon([[True, 1], *SQUARE]), "not a number"),
        (polygon([[1], *SQUARE]), "not a number"),
        (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "crosses itself"),
        (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "without an area|crosses itself"),
        (polygon([[630000, 4833000], [631000, 4833000], [631000, 4834000], [630000, 4833000]]), "metres or feet"),
        (polygon([[43.6, -79.4], [43.6, -79.3], [43.7, -79.3], [43.6, -79.4]]), "swapped"),
        (polygon([[44.6, -63.6], [44.6, -63.5], [44.7, -63.5], [44.6, -63.6]]), "swapped"),
        (polygon([[43.6, -123.4], [43.6, -123.3], [43.7, -123.3], [43.6, -123.4]]), "swapped"),
        (polygon([[200, 10], [201, 10], [201, 11], [200, 10]]), "not on Earth"),
    ],
)
def test_what_is_no_outline_is_told(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        outline(text)
    assert caught.value.column == "geometry"


def test_projected_outlines_are_carried_when_their_code_is_stated() -> None:
    metres = [[630000, 4833000], [631000, 4833000], [631000, 4834000], [630000, 4833000]]
    west, south, east, north = shapely.from_wkt(outline(polygon(metres), "EPSG:26917").wkt).bounds
    assert (round(west, 1), round(south, 1), round(east, 1), round(north, 1)) == (-79.4, 43.6, -79.4, 43.6)
    with pytest.raises(InputError, match="outside the area of EPSG:26917"):
        outline(polygon([[x * 1e4, y * 1e4] for x, y in metres]), "EPSG:26917")


def test_a_coast_of_many_vertices_is_thinned_to_what_the_door_takes() -> None:
    n = 20_000
    ring = [
        [-79 + (1 + 0.001 * math.sin(i)) * math.cos(2 * math.pi * i / n), 43 + math.sin(2 * math.pi * i / n) * 0.5]
        for i in range(n)
    ]
    made = outline(polygon(ring))
    assert made.thinned and len(made.wkt) <= MOST_TEXT
    assert shapely.from_wkt(made.wkt).area == pytest.approx(math.pi * 0.5, rel=0.01)


coordinates = st.lists(
    st.lists(st.floats(-200, 200) | st.integers(-200, 200) | st.none() | st.text(max_size=2), max_size=3), max_size=9
)


@given(rings=st.lists(coordinates, max_size=3), kind=st.sampled_from(["Polygon", "MultiPolygon"]))
def test_any_rings_are_a_valid_outline_or_a_clear_refusal(rings: list[Any], kind: str) -> None:
    parts = rings if kind == "Polygon" else [rings, rings]
    try:
        made = outline(polygon(*parts, kind=kind))
    except InputError as error:
        assert error.column == "geometry"
    else:
        assert made.shape.is_valid and made.shape.area > 0


@given(points=st.lists(st.tuples(st.floats(-179, 179), st.floats(-59, 89)), min_size=3, max_size=12))
def test_any_walk_around_points_is_a_valid_outline_or_a_clear_refusal(points: list[tuple[float, float]]) -> None:
    try:
        made = outline(polygon([list(point) for point in points]))
    except InputError:
        return
    assert made.shape.is_valid and shapely.from_wkt(made.wkt).geom_type in ("Polygon", "MultiPolygon")
