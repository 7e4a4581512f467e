"""Attempts to learn of a household from exact counts by the areas of two maps, or three, of a technology added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from two_maps import (
    BARE,
    HERE,
    LOCATED,
    adopt,
    counts_of,
    few,
    publish,
    publish_rows,
    rows_of,
    scattered,
    shown,
    squares,
    town,
)

from peelian.errors import Withheld
from peelian.kernel.disclosure.label_checks import propose_withdrawal
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.findings import LEFT_OUT
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.records.label_register import adopted
from peelian.measure.geographies import on_map
from peelian.measure.table import table

WARDS = squares("Ward", 1_000, 4)
TOWN = shapely.box(0, 0, 4_000, 4_000)
POINTS = scattered(TOWN, 3_000)
Shapes = Mapping[str, Any]


def beats(**cells: Any) -> dict[str, Any]:
    """The wards under other names, some of them with another outline."""
    return {name.replace("Ward", "Beat"): cells.get(name.replace("Ward ", "w"), shape) for name, shape in WARDS.items()}


def house(ward: str, side: float = 60.0, at: int = 0) -> Any:
    """The ground about one record of a ward."""
    inside = [one for one in POINTS if WARDS[ward].buffer(-200).contains(one)]
    return inside[at].buffer(side / 2, cap_style="square")


def minus(ward: str, gone: Any) -> Any:
    return shapely.difference(WARDS[ward], gone)


H1, H2, H6 = house("Ward 1"), house("Ward 2"), house("Ward 6")
W = WARDS
SECOND: dict[str, Shapes] = {
    "nested": beats(w1=minus("Ward 1", H1)),
    "nested in every area": beats(**{f"w{k}": minus(f"Ward {k}", house(f"Ward {k}")) for k in range(1, 17)}),
    "a house given to the neighbour": beats(w1=minus("Ward 1", H1), w2=shapely.union(W["Ward 2"], H1)),
    "two houses swapped": beats(
        w1=shapely.union(minus("Ward 1", H1), H2), w2=shapely.union(minus("Ward 2", H2), H1)
    ),
    "houses in a ring of three": beats(
        w1=shapely.union(minus("Ward 1", H1), H6),
        w2=shapely.union(minus("Ward 2", H2), H1),
        w6=shapely.union(minus("Ward 6", H6), H2),
    ),
    "a moved edge": beats(w1=shapely.box(0, 0, 970, 1_000), w2=shapely.box(970, 0, 2_000, 1_000)),
    "an edge moved at the town's end": beats(w1=shapely.box(30, 0, 1_000, 1_000)),
    "a corner cut off": beats(w6=shapely.difference(W["Ward 6"], shapely.box(1_000, 1_000, 1_090, 1_090))),
    "the town but one house": {"Town": shapely.difference(TOWN, H6)},
    "half of the town and a house": {"West": shapely.union(shapely.box(0, 0, 2_000, 4_000), house("Ward 12"))},
    "two wards but a house": {"Pair": shapely.difference(shapely.union(W["Ward 1"], W["Ward 2"]), H1)},
    "many parts, one of them a house more": {
        "Parts": shapely.union_all([W["Ward 1"], W["Ward 3"], house("Ward 11", 120)])
    },
    "a hole about a house": {"Ring": shapely.difference(W["Ward 6"].buffer(-100, join_style="mitre"), H6),
                             "Core": shapely.difference(W["Ward 6"], W["Ward 6"].buffer(-100, join_style="mitre"))},
    "a comb of strips": beats(
        w1=shapely.difference(W["Ward 1"], shapely.box(0, 0, 55, 600)),
        w2=shapely.difference(W["Ward 2"], shapely.box(1_945, 0, 2_000, 500)),
    ),
}  # fmt: skip


def after_wards(second: Shapes, *, points: Any = POINTS, **how: Any) -> tuple[Desk, dict[str, int], dict[str, int]]:
    """What is public of the wards, then of a second map: none of it where it is withheld."""
    made = town()
    adopt(made, WARDS)
    adopt(made, second)
    wards = shown(publish(made, WARDS, points, **how))
    try:
        return made, wards, shown(publish(made, second, points, **how))
    except Withheld as held:
        assert held.reasons[0].rule in ("maps_of_one_subject_stay_two", "differences_stay_inside")
        return made, wards, {}


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
def test_a_second_map_whose_difference_is_a_house(second: Shapes) -> None:
    shapes = {**WARDS, **second}
    assert few(WARDS, counts_of(second, POINTS), shapes, POINTS), "the attempt tells of a few, were it published"
    _, wards, public = after_wards(second)
    assert len(wards) == 16
    assert not few(wards, public, shapes, POINTS)


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
def test_nothing_of_a_second_map_is_public_where_nobody_says_where_records_lie(second: Shapes) -> None:
    _, wards, public = after_wards(second, capability=BARE)
    assert len(wards) == 16
    assert not few(wards, public, {**WARDS, **second}, POINTS)
    alike = {name for name, shape in second.items() if any(shape.equals(one) for one in W.values())}
    assert set(public) <= alike or public == wards, "those of before, or the release of before"


GIVEN_AWAY = SECOND["a house given to the neighbour"]


@pytest.mark.parametrize("second", [GIVEN_AWAY, SECOND["two houses swapped"]], ids=["given", "swapped"])
def test_a_left_out_area_does_not_follow_from_a_total_in_a_sentence(second: Shapes) -> None:
    _, _, public = after_wards(second, deepest=1)
    hidden = set(second) - set(public)
    assert len(hidden) != 1, "its count would be the total less the rest"
    rest = shapely.union_all([second[name] for name in hidden]) if hidden else shapely.Point()
    assert not few(WARDS, ["hidden"] if hidden else [], {**WARDS, "hidden": rest}, POINTS)


def test_an_honest_second_map_is_published_whole_or_nearly() -> None:
    second = squares("Beat", 800, 5)
    _, _, public = after_wards(second)
    assert len(public) == 25 and public == counts_of(second, POINTS)


def test_what_is_left_out_is_named_in_the_publication() -> None:
    made = town()
    adopt(made, WARDS)
    adopt(made, GIVEN_AWAY)
    publish(made, WARDS, POINTS)
    public = publish(made, GIVEN_AWAY, POINTS)
    (said,) = (note for note in public.notes if note.text == LEFT_OUT)
    gone = sorted(set(GIVEN_AWAY) - set(shown(public)))
    assert gone and set(gone) <= {"Beat 1", "Beat 2"}
    assert dict(said.values) == {"n": len(gone), "areas": ", ".join(gone), "k": 11, "each": "\n".join(gone)}


def test_where_records_lie_is_never_public_though_the_technology_calls_it_so() -> None:
    made = town()
    adopt(made, WARDS)
    assert [one.name for one in publish(made, WARDS, POINTS).tables] == ["by_area"]


def test_a_third_map_of_a_subject_stays_inside() -> None:
    made, _, _ = after_wards(squares("Beat", 800, 5))
    zones = squares("Zone", 1_300, 3)
    adopt(made, zones)
    with pytest.raises(Withheld, match="maps published before"):
        publish(made, zones, POINTS)


@pytest.mark.parametrize("joins", [("Ward 1", "Beat 3"), ("Ward 6", "Beat 13")])
def test_the_union_of_an_area_of_each_map_stays_inside(joins: tuple[str, str]) -> None:
    """A and B are public; A ∪ B would tell A ∩ B."""
    second = squares("Beat", 800, 5)
    made, _, _ = after_wards(second)
    both = {"Both": shapely.union_all([{**WARDS, **second}[name] for name in joins])}
    adopt(made, both)
    with pytest.raises(Withheld, match="Both"):
        publish(made, both, POINTS)


def test_unions_of_a_maps_areas_are_of_that_map() -> None:
    second = squares("Beat", 800, 5)
    made, _, _ = after_wards(second)
    halves = {"West": shapely.box(0, 0, 2_000, 4_000), "East": shapely.box(2_000, 0, 4_000, 4_000)}
    adopt(made, halves)
    assert shown(publish(made, halves, POINTS)) == counts_of(halves, POINTS)


@pytest.mark.parametrize(("more", "public"), [(0, True), (1, False), (10, False), (11, True)])
def test_a_union_that_tells_what_came_since_waits(more: int, public: bool) -> None:
    """The sum of two wards a week later, less their counts before, would be the week's few."""
    made = town()
    adopt(made, WARDS)
    publish(made, WARDS, POINTS)
    west = {"West": shapely.box(0, 0, 2_000, 4_000), "East": shapely.box(2_000, 0, 4_000, 4_000)}
    adopt(made, west)
    late = scattered(shapely.box(100, 100, 900, 900), more, seed=5) if more else np.zeros(0, dtype=object)
    many = scattered(west["East"], 60, seed=6)
    found = shown(publish(made, west, np.concatenate([POINTS, late, many])))
    assert ("West" in found) is public and "East" in found


@pytest.mark.parametrize("gone", [1, 10])
def test_one_area_twice_under_two_names_with_one_home_less(gone: int) -> None:
    """119 of 120, without any difference of outlines."""
    made = town()
    wards, beats = ({f"{name} {k}": W[f"Ward {k}"] for k in (1, 2)} for name in ("Ward", "Beat"))
    adopt(made, wards)
    adopt(made, beats)
    one, other = scattered(W["Ward 1"], 120), scattered(W["Ward 2"], 200)
    assert shown(publish(made, wards, np.concatenate([one, other]))) == {"Ward 1": 120, "Ward 2": 200}
    again = shown(publish(made, beats, np.concatenate([one[gone:], scattered(W["Ward 2"], 260)])))
    assert again == {"Beat 2": 260}


@pytest.mark.parametrize("capability", [LOCATED, BARE])
def test_one_area_twice_under_one_name_with_one_home_less(capability: Any) -> None:
    made = town()
    adopt(made, {"Ward 1": W["Ward 1"]})
    points = scattered(W["Ward 1"], 120)
    both = [shown(publish(made, {"Ward 1": W["Ward 1"]}, some, capability)) for some in (points, points[1:])]
    assert both == [{"Ward 1": 120}, {"Ward 1": 120}]


def test_a_name_that_is_adopted_again_on_other_ground_is_another_area() -> None:
    made = town()
    adopt(made, WARDS)
    wards = shown(publish(made, WARDS, POINTS))
    less = {"Ward 1": shapely.difference(W["Ward 1"], shapely.box(0, 0, 55, 600))}
    adopt(made, less)
    again = rows_of({**WARDS, **less}, np.concatenate([POINTS, scattered(W["Ward 9"], 60, seed=4)]))
    public = shown(publish_rows(made, again, BARE))
    assert public.get("Ward 1", wards["Ward 1"]) == wards["Ward 1"] and public["Ward 9"] == wards["Ward 9"] + 60


def test_a_map_that_was_withdrawn_is_published_all_the_same() -> None:
    made = town()
    adopt(made, WARDS)
    publish(made, WARDS, POINTS)
    (record,) = adopted(made.kernel).vocabularies
    proposal = propose_withdrawal(made.kernel, made.people["custodian"], record, words="out of force now")
    step_up.prove(made.kernel, made.people["board"])
    dual_control.approve(made.kernel, made.people["board"], proposal)
    second = GIVEN_AWAY
    adopt(made, second)
    public = shown(publish(made, second, POINTS))
    assert not few(WARDS, public, {**WARDS, **second}, POINTS)


def test_a_second_map_by_another_capability_of_the_subject() -> None:
    made = town()
    adopt(made, WARDS)
    adopt(made, GIVEN_AWAY)
    publish(made, WARDS, POINTS, LOCATED)
    assert set(shown(publish(made, GIVEN_AWAY, POINTS, BARE))) == set(GIVEN_AWAY) - {"Beat 1", "Beat 2"}


def test_two_maps_in_one_file() -> None:
    """Two lists' areas in one table: 120 homes, and the same but one."""
    made = town()
    whole, but = {"Ward 1": W["Ward 1"]}, {"Beat 1": SECOND["nested"]["Beat 1"]}
    adopt(made, whole)
    adopt(made, but)
    rows = rows_of(whole, POINTS), rows_of(but, POINTS)
    both = together(*rows)
    public = shown(publish_rows(made, both))
    assert len(public) == 1


def together(one: Any, other: Any) -> Any:
    return table("mapped", {c.name: (c.kind, np.concatenate([c.values, other[c.name]])) for c in one.columns})


def test_a_tower_of_twenty_homes_is_no_area_beside_its_ward() -> None:
    """3,600 m² may be adopted for its homes; beside the ward its count would be about less than a hectare."""
    made = town()
    tower = {"Tower": shapely.box(400, 400, 460, 460)}
    points = np.concatenate([POINTS, scattered(tower["Tower"], 40, seed=3)])
    adopt(made, WARDS)
    adopt(made, tower, homes=40)
    publish(made, WARDS, points)
    with pytest.raises(Withheld, match="Tower"):
        publish(made, tower, points)


def test_a_redigitised_map_is_the_map_that_was_published() -> None:
    """Drawn anew with 5 m of noise its areas are adopted on the ground of before, and stand as its own."""
    made = town()
    adopt(made, WARDS)
    wards = shown(publish(made, WARDS, POINTS))

    def noisy(at: Any) -> Any:
        return at + 3 * np.sin(np.round(at, 1) * 12.9898)

    drawn = {name.replace("Ward", "Beat"): shapely.transform(one, noisy) for name, one in WARDS.items()}
    adopt(made, drawn)
    on_ground = {name.replace("Ward", "Beat"): one for name, one in WARDS.items()}
    again = shown(publish(made, on_ground, POINTS))
    assert list(again.values()) == list(wards.values())
    assert shown(publish(made, {f"{name}": one for name, one in WARDS.items()}, POINTS)) == wards


@settings(max_examples=6, deadline=None)
@given(shift=st.tuples(st.integers(-120, 120), st.integers(-120, 120)), wide=st.integers(60, 900))
def test_no_moved_or_nested_area_tells_of_a_few(shift: tuple[int, int], wide: int) -> None:
    """Wards moved as a whole by some metres, and a square taken out of each: whatever is public, no difference is of
    1 to 10 records."""
    moved = {
        name.replace("Ward", "Beat"): shapely.difference(
            shapely.affinity.translate(one, *shift),
            shapely.box(*one.centroid.coords[0], *(one.centroid.x + wide / 2, one.centroid.y + wide / 2)),
        )
        for name, one in WARDS.items()
    }
    _, wards, public = after_wards(moved)
    assert not few(wards, public, {**WARDS, **moved}, POINTS)


DATA = files("peelian.technologies.mapping") / "examples" / "toronto"
REAL_WARDS = Path(__file__).parents[1] / "data" / "toronto" / "wards.geojson"


def outlines(text: str, name: str) -> dict[str, Any]:
    """A map of the real town, in metres."""
    found = json.loads(text)["features"]
    shapes = np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in found], dtype=object)
    flat = shapely.make_valid(on_map(shapes, HERE))
    return {str(one["properties"][name]): shape for one, shape in zip(found, flat, strict=True)}


def test_real_wards_are_adopted_and_published_beside_real_neighbourhoods_without_a_fight() -> None:
    """Toronto's 140 neighbourhoods and six of its wards, with 20,000 reported incidents."""
    near = outlines((DATA / "neighbourhoods_140.geojson").read_text("utf-8"), "neighbourhood")
    wards = outlines(REAL_WARDS.read_text("utf-8"), "name")
    made = town()
    adopt(made, near)
    adopt(made, wards)
    assert len(adopted(made.kernel).labels[LabelKind.AREA]) == 146
    read = pq.read_table(str(DATA / "toronto_mci_2014_2021.parquet"), columns=["Lat", "Long"])
    lon, lat = (read[name].to_numpy() for name in ("Long", "Lat"))
    at = np.random.default_rng(7).choice(np.flatnonzero(np.isfinite(lon) & (lat > 40)), 20_000, replace=False)
    points = shapely.points(*HERE.to_metres(lon[at], lat[at]))
    first = shown(publish(made, near, points))
    second = shown(publish(made, wards, points))
    assert len(first) >= 135 and len(second) >= 5
    assert second == {name: n for name, n in counts_of(wards, points).items() if name in second}
