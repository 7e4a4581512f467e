"""The town is its areas, or else the ground near incidents, said; month-only data and impossible wishes are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from wandering import Device, positions

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import AuthorizationKind, Dataset
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.mapping import ground
from peelian.technologies.mapping.example import CATEGORY, areas, incidents
from peelian.technologies.mapping.ground import town_of

PARAMS = {"category": CATEGORY, "cell_metres": 250, "window_days": 7, "offsets": 1, "train_from": ""}


def with_column(dataset: Dataset, name: str, values: Any) -> Dataset:
    columns = tuple(replace(c, values=values) if c.name == name else c for c in dataset.table.columns)
    made: tuple[Column, ...] = columns
    return replace(dataset, table=Table(name=dataset.table.name, columns=made))


def test_areas_bound_the_town() -> None:
    town = town_of({"incidents": incidents(), "areas": areas()}, {}, PARAMS)
    assert town.areas is not None and town.grid.total_km2 == pytest.approx(20.25, rel=1e-3)
    assert ground.COVERED in {note.text for note in town.notes}
    assert len(town_of({"incidents": incidents(), "areas": areas()}, {}, {**PARAMS, "offsets": 4}).grids) == 4


def test_without_areas_the_ground_is_drawn_and_said() -> None:
    town = town_of({"incidents": incidents()}, {}, PARAMS)
    assert town.areas is None and 20 < town.grid.total_km2 < 40
    note = next(n for n in town.notes if n.text == ground.DRAWN)
    assert note.kind == "caveat" and note.values["metres"] == 500


def test_a_proof_without_areas_is_held_on_the_ground_that_incidents_enclose() -> None:
    wide, judged = (town_of({"incidents": incidents()}, {}, PARAMS, proof=proof) for proof in (False, True))
    assert judged.grid.total_km2 < 20.25 < wide.grid.total_km2, "the made-up town has 20.25 square kilometres"
    note = next(n for n in judged.notes if n.text == ground.ENCLOSED)
    assert note.kind == "caveat" and 0 < note.values["missed"] < 0.1 * note.values["n"]
    areas_given = town_of({"incidents": incidents(), "areas": areas()}, {}, PARAMS, proof=True)
    assert areas_given.grid.total_km2 == pytest.approx(20.25, rel=1e-3)


def test_a_proof_needs_places_to_compare_and_ground_that_is_enclosed() -> None:
    here = with_column(incidents(), "east_metres", np.full(3000, 40.0))
    line = {"incidents": here}
    with pytest.raises(NotEnoughData, match="only 0 of 3,000 incidents lie inside"):
        town_of(line, {}, PARAMS, proof=True)
    point = {"incidents": with_column(here, "north_metres", np.full(3000, 40.0))}
    for more in ({}, {"areas": areas()}):
        with pytest.raises(NotEnoughData, match="one point"):
            town_of(point | more, {}, PARAMS, proof=True)
    east, north = (np.asarray(incidents().table[name]) % 200 + 20 for name in ("east_metres", "north_metres"))
    cell = {"incidents": with_column(with_column(incidents(), "east_metres", east), "north_metres", north)}
    with pytest.raises(NotEnoughData, match="in one cell of 250 m"):
        town_of(cell, {}, PARAMS, proof=True)
    with pytest.raises(InputError, match=r"look like the trace.*100% lie within 150 m of 2 places"):
        town_of(cell, {}, PARAMS)


def test_what_a_later_beginning_leaves_is_tested_for_traces_again() -> None:
    """Pings behind years of real incidents pass for them at intake; asked for alone they are refused."""
    many = incidents().table
    hour, east, north = positions(Device(days=40, minutes=60, seed=2))
    late = many["start_hour"] >= np.datetime64("2019-11-15", "h")
    times = np.array(many["start_hour"])
    times[late] = np.datetime64("2019-11-15", "h") + hour[: late.sum()].astype("timedelta64[h]")
    points = {name: np.array(many[name]) for name in ("east_metres", "north_metres")}
    for name, axis in (("east_metres", east), ("north_metres", north)):
        points[name][late] = np.round(axis[: late.sum()] / 4, -1)
    mixed = incidents()
    for name, values in {"start_hour": times, "end_hour": times, **points}.items():
        mixed = with_column(mixed, name, values)
    assert town_of({"incidents": mixed}, {}, PARAMS).incidents.n > 2900
    with pytest.raises(InputError, match="look like the trace"):
        town_of({"incidents": mixed}, {}, {**PARAMS, "train_from": "2019-11-15"})


def test_a_stray_point_does_not_make_a_country() -> None:
    east = np.array(incidents().table["east_metres"])
    east[5] = 4_000_000.0
    assert town_of({"incidents": with_column(incidents(), "east_metres", east)}, {}, PARAMS).grid.total_km2 < 40


def test_the_history_may_begin_later() -> None:
    late = town_of({"incidents": incidents()}, {}, {**PARAMS, "train_from": "2019-01-01"})
    assert late.incidents.n < 2000


def test_months_only_needs_windows_of_a_month() -> None:
    monthly = replace(incidents(), facts={**incidents().facts, "months_only": True})
    with pytest.raises(InputError, match="months only: a window of 7 days"):
        town_of({"incidents": monthly}, {}, PARAMS)
    assert town_of({"incidents": monthly}, {}, {**PARAMS, "window_days": 28}).incidents.n == 3000


def test_areas_of_another_town_are_refused() -> None:
    moved = with_column(incidents(), "east_metres", incidents().table["east_metres"] + 30_000.0)
    with pytest.raises(InputError, match=r"^areas: 3,000 of 3,000 incidents lie outside"):
        town_of({"incidents": moved, "areas": areas()}, {}, PARAMS)


def test_discovered_offences_need_to_know_where_police_were() -> None:
    drugs = with_column(incidents(), "category", np.full(3_000, "drugs", dtype=object))
    leave = {AuthorizationKind.DISCOVERED_OFFENCES: {}}
    with pytest.raises(InputError, match="patrol hours"):
        town_of({"incidents": drugs, "areas": areas()}, leave, {**PARAMS, "category": "drugs"})
    known = areas()
    hours = Column(name="patrol_hours", kind=Kind.COUNT, values=np.arange(1, 10) * 100)
    known = replace(known, table=Table(name="areas", columns=(*known.table.columns, hours)))
    town = town_of({"incidents": drugs, "areas": known}, leave, {**PARAMS, "category": "drugs"})
    assert np.ptp(town.incidents.weight) > 0 and ground.WEIGHED in {note.text for note in town.notes}


@pytest.mark.parametrize("proof", [False, True])
def test_a_town_that_lies_from_west_to_east_is_no_town_that_lies_from_south_to_north(proof: bool) -> None:
    east, north = (np.asarray(incidents().table[name]) for name in ("east_metres", "north_metres"))
    middle = float(np.median(north))
    long = with_column(incidents(), "east_metres", (east - np.median(east)) * 4)
    long = with_column(long, "north_metres", (north - middle) / 2)
    town = town_of({"incidents": long}, {}, PARAMS, proof=proof)
    found = town.incidents
    inside = float(np.mean(town.grid.locate(found.east, found.north) >= 0))
    swapped = float(np.mean(town.grid.locate(found.north, found.east) >= 0))
    assert inside > 0.9 and swapped < 0.6, "east is east: the ground covers what happened, not its mirror image"
    assert np.ptp(found.east) > 6 * np.ptp(found.north)


def test_a_dozen_places_enclose_no_ground_and_areas_are_asked_for() -> None:
    corner = np.random.default_rng(7).integers(0, 12, 3000)
    twelve = with_column(incidents(), "east_metres", 100.0 + 1_400 * (corner % 4))
    twelve = with_column(twelve, "north_metres", 100.0 + 1_900 * (corner // 4))
    with pytest.raises(NotEnoughData, match="of 3,000 incidents lie inside the ground") as refused:
        town_of({"incidents": twelve}, {}, PARAMS, proof=True)
    assert "areas" in refused.value.accepted
