"""Street segments as a case: the streets of the made-up town where incidents gather, and streets that do not fit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Kind, table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.streets import STREETS, StreetParams
from peelian.technologies.mapping.streets import (
    ARITHMETIC,
    AT_CROSSINGS,
    AT_ONE_POINT,
    CLUSTERED,
    FAR,
    HOLD,
    PARTS,
    run,
)

GIVEN = ARITHMETIC.example()


def found(**datasets: Dataset) -> Findings:
    quiet = Context(seed=3, progress=lambda says, share: None)
    return run(GIVEN.params, {**GIVEN.datasets, **datasets}, quiet)


@cache
def as_given() -> Findings:
    return found()


def streets(lines: list[str]) -> Dataset:
    made = table("streets", {"line": (Kind.OUTLINE, np.array(lines, dtype=object))})
    return replace(example.streets(), table=made)


def test_the_fullest_segments_lie_where_incidents_gather():
    rows = as_given().table("street_segments").records()
    assert [row["count"] for row in rows] == sorted((row["count"] for row in rows), reverse=True)
    for row in rows[:30]:
        _, north, east = (float(part) for part in row["place"].split(":"))
        middle = ((east + 0.5) * 100, (north + 0.5) * 100)
        assert min(np.hypot(middle[0] - a, middle[1] - b) for a, b in example.CORNERS) < 500


def test_it_says_how_few_streets_hold_half_and_that_incidents_cluster():
    half = next(note.values for note in as_given().notes if note.text == HOLD)
    assert (half["share"], half["segments"]) == (50, as_given().table("street_shares")["segments"][1])
    assert half["length"] < 0.5 * half["chance"]
    assert next(note for note in as_given().notes if note.text == CLUSTERED).values["p"] == pytest.approx(0.01)


def test_no_segment_with_few_incidents_is_listed_and_no_place_is_finer_than_100_m():
    listed = as_given().table("street_segments")
    assert min(listed["count"]) >= 5
    assert {str(place).split(":")[0] for place in listed["place"]} == {"100"}


def test_the_public_sees_no_place():
    assert ARITHMETIC.public(as_given()).tables == ()


def test_incidents_far_from_the_streets_are_counted():
    lines = example.streets().table["line"].tolist()
    some = [one for k, one in enumerate(lines) if k % 31 not in (7, 8, 9, 10)]
    assert next(note for note in found(streets=streets(some)).notes if note.text == FAR).values["n"] > 10


def test_incidents_moved_to_crossings_are_told():
    given = example.incidents()
    moved = {name: given.table[name] for name in given.table.names}
    for name in ("east_metres", "north_metres"):
        moved[name] = np.round(np.asarray(moved[name], dtype=float) / 150) * 150
    kinds = {column.name: (column.kind, moved[column.name]) for column in given.table.columns}
    said = {note.text for note in found(incidents=replace(given, table=table("incidents", kinds))).notes}
    assert {AT_CROSSINGS, AT_ONE_POINT} <= said
    assert not {AT_CROSSINGS, AT_ONE_POINT} & {note.text for note in as_given().notes}


def test_streets_in_parts_are_told():
    lines = example.streets().table["line"].tolist()
    note = next(note for note in found(streets=streets(lines[:31])).notes if note.text == PARTS)
    assert note.values["share"] < 10


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["LINESTRING (2 48, 2.01 48)"], "only 0 street segments"),
        (["LINESTRING (10.01 50.01, 10.012 50.01)"], "only 1 street segments"),
        (
            [f"LINESTRING (10.001 {lat}, 10.03 {lat})" for lat in (50.0001, 50.0006, 50.0011)],
            "more than 100 m from every street",
        ),
    ],
    ids=["another-town", "one-short-street", "three-streets"],
)
def test_streets_that_do_not_cover_the_incidents_are_refused(lines, says):
    assert shapely.from_wkt(lines[0]).length
    with pytest.raises(InputError, match=says):
        found(streets=streets(lines))


def test_few_incidents_are_too_few():
    with pytest.raises(NotEnoughData):
        found(incidents=example.incidents(15))


@pytest.mark.parametrize("changed", [{"draws": 19}, {"bandwidth_metres": 20}, {"reach_metres": 9_000}])
def test_what_cannot_be_asked_is_an_input_error(changed):
    with pytest.raises(InputError):
        STREETS.asks.check(replace(StreetParams(), **changed))


def test_a_lane_of_short_segments_is_no_list_of_homes():
    """Every segment that is counted has 100 m, and no two lie beside one another: 12 m of a lane is a house's."""
    lines = example.streets().table["line"].tolist()
    lane = shapely.segmentize(shapely.from_wkt(lines[3]), 1.2e-4)
    at = shapely.get_coordinates(lane)
    pieces = [shapely.to_wkt(shapely.LineString(at[k : k + 2]), rounding_precision=7) for k in range(len(at) - 1)]
    rows = found(streets=streets([*lines, *pieces])).table("street_segments")
    assert min(rows["metres"]) >= 100


def test_streets_of_fewer_than_25_segments_are_refused_with_the_number():
    few = [f"LINESTRING (10.001 {lat}, 10.017 {lat})" for lat in (50.0001, 50.0006)]
    with pytest.raises(InputError) as error:
        found(streets=streets(few))
    assert error.value.accepted == "the streets of this town, at least 25 segments of them"


def test_a_ground_of_less_than_25_cells_is_refused():
    areas = example.areas()
    small = shapely.to_wkt(shapely.box(10.001, 50.001, 10.007, 50.005), rounding_precision=6)
    columns = {c.name: (c.kind, c.values[:1]) for c in areas.table.columns} | {"outline": (Kind.OUTLINE, [small])}
    with pytest.raises(InputError, match="the ground is too small"):
        found(areas=replace(areas, table=table("areas", columns)))
