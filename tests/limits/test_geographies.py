"""Attempts to have a household counted as an area: by its outline, a part, a lane, or ground taken from another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from desk import Desk, desk
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.disclosure.label_checks import must_be_known, on_counted_ground, propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.records.label_register import adopted
from peelian.measure.geographies import flat_map, on_map, wkt_of
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table
from peelian.operations.vocabularies import read_vocabulary

HERE = Projection(centre_lon=-79.4, centre_lat=43.7)
HOUSE = shapely.box(900, 0, 915, 12)


def ground(*boxes: tuple[float, float, float, float] | Any) -> str:
    """Boxes (metres west, south, east, north) or shapes as one outline in WKT."""
    shapes = [shapely.box(*one) if isinstance(one, tuple) else one for one in boxes]
    parts = [part for shape in shapes for part in shapely.get_parts(shape)]
    return wkt_of(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts), HERE)


def area(outline: str, label: str = "Pond Park", **more: Any) -> Label:
    return Label(label=label, ground=outline, **(more or {"function": "park"}))


@pytest.fixture
def town() -> Desk:
    return desk()


def propose(town: Desk, *labels: Label) -> str:
    areas = Vocabulary(kind=LabelKind.AREA, source="a hostile town", labels=labels)
    return propose_vocabulary(town.kernel, town.people["custodian"], areas, words="one two three")


def adopt(town: Desk, *labels: Label) -> list[Label]:
    """The labels as the register has them once two people adopted them."""
    proposal = propose(town, *labels)
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], proposal)
    (*_, record) = adopted(town.kernel).vocabularies.values()
    return list(record.labels)


def holds(label: Label, point: tuple[float, float]) -> bool:
    """Whether a point (metres) lies on the ground that counts."""
    return bool(shapely.intersects_xy(on_map(shapely.from_wkt([label.ground]), HERE)[0], *point))


TOO_SMALL = {
    "a house by itself": ground(HOUSE),
    "a trail of 51 by 51 m": ground((0, 0, 51, 51)),
    "a square just too small": ground((0, 0, 99, 100)),
    "a lane of 12 m": ground((0, 0, 12, 3_000)),
    "a hair 1 m wide": ground((0, 0, 1, 20_000)),
    "twenty houses in one multipolygon": ground(*((40.0 * k, 0.0, 40.0 * k + 15, 12.0) for k in range(20))),
    "two halves that only together are enough": ground((0, 0, 70, 100), (400, 0, 470, 100)),
    "houses on a string": ground(
        shapely.union_all([shapely.box(0, 5, 1_000, 6), *(shapely.box(90 * k, 0, 90 * k + 20, 20) for k in range(11))])
    ),
}


@pytest.mark.parametrize("outline", TOO_SMALL.values(), ids=TOO_SMALL)
def test_public_ground_that_is_no_public_ground(town: Desk, outline: str) -> None:
    with pytest.raises(InputError, match="row 1, column outline: no part of the area is large enough") as error:
        propose(town, area(outline))
    assert "10,000 m²" in error.value.accepted and "20 homes" in error.value.accepted
    assert not adopted(town.kernel).vocabularies


@pytest.mark.parametrize(("homes", "fits"), [(0, False), (19, False), (20, True)])
def test_a_tower_holds_twenty_homes_or_is_no_area(town: Desk, homes: int, fits: bool) -> None:
    tower = area(ground((0, 0, 60, 60)), people=100, homes=homes or 1)
    if fits:
        assert adopt(town, tower)[0].ground == tower.ground
    else:
        with pytest.raises(InputError, match="large enough"):
            propose(town, tower)


PONDS = {
    "a pond and a house (the attempt)": (ground((0, 0, 300, 300), HOUSE), (905, 5)),
    "a pond and a house by its shore, on a path": (
        ground(shapely.union_all([shapely.box(0, 0, 300, 300), shapely.box(300, 5, 900, 7), HOUSE])), (905, 5),
    ),
    "a pond and a plot of 60 by 60 m": (ground((0, 0, 300, 300), (900, 0, 960, 60)), (930, 30)),
    "a pond and a plot 30 m away": (ground((0, 0, 300, 300), (330, 0, 390, 60)), (360, 30)),
    "a pond and a lane to a house": (
        ground(shapely.union_all([shapely.box(0, 0, 300, 300), shapely.box(300, 5, 600, 35)])), (590, 20),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("outline", "home"), PONDS.values(), ids=PONDS)
def test_a_house_beside_a_pond_is_left_out_and_said(town: Desk, outline: str, home: tuple[float, float]) -> None:
    (kept,) = adopt(town, area(outline))
    assert not holds(kept, home) and holds(kept, (150, 150))
    assert kept.given == outline != kept.ground


def test_a_house_is_left_out_of_two_hundred_homes_elsewhere(town: Desk) -> None:
    (kept,) = adopt(town, area(ground((0, 0, 500, 500), HOUSE), people=480, homes=200))
    assert not holds(kept, (905, 5)) and holds(kept, (250, 250))


def test_what_a_file_counts_is_the_ground_that_was_adopted(town: Desk) -> None:
    outline = ground((0, 0, 300, 300), HOUSE)
    (kept,) = adopt(town, area(outline))
    file = Admitted(
        table=table("areas", {"area": (Kind.PLACE, ["Pond Park"]), "outline": (Kind.OUTLINE, [outline])}), facts={}
    )
    must_be_known(town.kernel, file, frozenset())
    assert on_counted_ground(town.kernel, file).table["outline"].tolist() == [kept.ground]


NO_OUTLINES = {
    "crosses itself": ("POLYGON ((0 40, 1 41, 1 40, 0 41, 0 40))", "crosses itself"),
    "parts that overlap": (
        "MULTIPOLYGON (((0 40, 1 40, 1 41, 0 41, 0 40)), ((0 40, 1 40, 1 40.5, 0 40.5, 0 40)))", "crosses itself",
    ),
    "a line": ("LINESTRING (0 40, 1 41)", "not a polygon"),
    "nothing": ("POLYGON EMPTY", "not a polygon"),
    "no text of an outline": ("12 Main Street", "not a polygon"),
    "metres, not degrees": ("POLYGON ((630000 4833000, 631000 4833000, 631000 4834000, 630000 4833000))", "on Earth"),
    "no number": ("POLYGON ((nan 40, 1 41, 1 40, nan 40))", "outline"),
    "half of the Earth": ("POLYGON ((-80 0, 80 0, 80 60, -80 60, -80 0))", "too far apart"),
}  # fmt: skip


@pytest.mark.parametrize(("outline", "says"), NO_OUTLINES.values(), ids=NO_OUTLINES)
def test_what_is_no_outline_is_told(town: Desk, outline: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        propose(town, area(outline))
    assert error.value.column == "outline" and error.value.accepted and "Main" not in str(error.value)


def test_an_area_by_name_alone_is_none(town: Desk) -> None:
    with pytest.raises(InputError, match="row 1, column outline: area without an outline"):
        propose(town, Label(label="Riverdale", people=5_000))


PAIRS = {
    "nested": ((0, 0, 500, 500), (0, 0, 500, 480)),
    "the same but one house": ((0, 0, 500, 500), (0, 0, 485, 500)),
    "overlapping": ((0, 0, 500, 500), (480, 0, 900, 500)),
    "twice": ((0, 0, 500, 500), (0, 0, 500, 500)),
}


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_two_areas_of_a_list_whose_difference_is_a_home(town: Desk, one: Any, other: Any) -> None:
    with pytest.raises(InputError, match="row 2, column outline: area overlaps the area of row 1"):
        propose(town, area(ground(one), "North", people=500), area(ground(other), "South", people=500))


def test_two_areas_of_two_lists_do_not_come_in_one_file(town: Desk) -> None:
    one, other = ground((0, 0, 500, 500)), ground((0, 0, 500, 480))
    adopt(town, area(one, "North", people=500))
    adopt(town, area(other, "South", people=500))
    columns = {"area": (Kind.PLACE, ["North", "South"]), "outline": (Kind.OUTLINE, [one, other])}
    with pytest.raises(InputError, match="row 2, column outline: area overlaps"):
        must_be_known(town.kernel, Admitted(table=table("areas", columns), facts={}), frozenset())


def test_neighbours_drawn_by_hand_are_adopted(town: Desk) -> None:
    """Borders that miss one another by a few metres are no overlap."""
    labels = [area(ground((500 * k - 4.0, 0, 500 * k + 500, 500)), f"Ward {k}", people=500) for k in range(6)]
    assert len(adopt(town, *labels)) == 6


def test_an_outline_that_rounding_made_cross_itself_is_adopted(town: Desk) -> None:
    """As one of Toronto's neighbourhoods does once its corners are spelled to 0.1 m."""
    spike = "-79.395 43.71, -79.395001 43.710001, -79.395 43.710001, -79.395001 43.71"
    outline = f"POLYGON ((-79.4 43.7, -79.39 43.7, -79.39 43.71, {spike}, -79.4 43.71, -79.4 43.7))"
    assert not shapely.from_wkt(outline).is_valid
    assert adopt(town, area(outline, "North", people=500))[0].ground


def test_a_redigitised_map_of_the_same_town_is_adopted_as_another_list(town: Desk) -> None:
    for name, pace in (("Ward", 12.9898), ("Beat", 78.233)):
        outlines = [shapely.box(500 * k, 0, 500 * k + 500, 500).segmentize(100) for k in range(6)]
        moved = [shapely.transform(one, lambda at, pace=pace: at + 2 * np.sin(at * pace)) for one in outlines]
        assert len(adopt(town, *(area(ground(one), f"{name} {k}", people=500) for k, one in enumerate(moved)))) == 6


def test_a_redrawn_area_is_counted_on_the_ground_adopted_before(town: Desk) -> None:
    """The strip between two drawings of one border would else be the difference of their counts."""
    (first,) = adopt(town, area(ground((0, 0, 500, 500)), "North", people=500))
    (again,) = adopt(town, area(ground((4, 0, 504, 496)), "Beat 1", people=500))
    (other,) = adopt(town, area(ground((0, 0, 500, 480)), "Beat 2", people=500))
    assert again.ground == first.ground != again.given and other.ground != first.ground


def test_a_file_of_areas_says_homes_functions_and_outlines(town: Desk, tmp_path: Path) -> None:
    pond = json.loads(shapely.to_geojson(shapely.from_wkt(ground((0, 0, 300, 300), HOUSE))))
    feature = {"type": "Feature", "properties": {"label": "Pond Park", "function": "park"}, "geometry": pond}
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    read = read_vocabulary(path, LabelKind.AREA, "by-law 7", town.kernel.technologies, format="auto", options={})
    (kept,) = adopt(town, *read.labels)
    assert kept.function == "park" and not holds(kept, (905, 5))


def test_a_flat_map_is_true_to_a_metre_in_a_thousand() -> None:
    outline = ground((0, 0, 1_000, 1_000))
    _, (shape,) = flat_map([outline])
    assert shape.area == pytest.approx(1e6, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    boxes=st.lists(
        st.tuples(st.integers(1, 400), st.integers(1, 400)).filter(
            lambda box: min(box) < 50 or box[0] * box[1] < 9_900
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_outline_of_small_or_thin_parts_is_an_area(boxes: list[tuple[int, int]]) -> None:
    """Parts thinner than 50 m or under 10,000 m², however many lie 500 m apart: not one counts."""
    town = desk()
    parts = [(500.0 * k, 0.0, 500.0 * k + wide, float(high)) for k, (wide, high) in enumerate(boxes)]
    with pytest.raises(InputError, match="no part of the area is large enough"):
        propose(town, area(ground(*parts)))
    assert not adopted(town.kernel).vocabularies
