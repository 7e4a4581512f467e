"""Hot spots as a case: found where the made-up town gathers, listed by cell for staff, without places in public."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Findings
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.hotspots import HOTSPOTS, HotSpotParams
from peelian.technologies.mapping.hotspots import ARITHMETIC, BECAME, BLIND, FOUND, NONE, run

GIVEN = ARITHMETIC.example()


@cache
def found(**changes: object) -> Findings:
    params = replace(GIVEN.params, **changes)
    return run(params, GIVEN.datasets, Context(seed=3, progress=lambda says, share: None))


def test_the_corners_where_incidents_gather_are_found_and_listed():
    findings = found(periods=12)
    assert FOUND in {note.text for note in findings.notes}
    rows = findings.table("hot_spots").records()
    assert rows
    for row in rows:
        _, north, east = (float(part) for part in row["place"].split(":"))
        middle = ((east + 0.5) * 250, (north + 0.5) * 250)
        assert min(((middle[0] - a) ** 2 + (middle[1] - b) ** 2) ** 0.5 for a, b in example.CORNERS) < 900


def test_what_became_of_them_is_counted():
    note = next(note for note in found().notes if note.text == BECAME)
    spots = found().table("hot_spots")["spot"].tolist()
    assert note.values["persistent"] == spots.count("persistent")


def test_where_none_is_found_the_page_says_what_could_have_been_found():
    made = ARITHMETIC.example()
    strewn = example.incidents()
    places = np.random.default_rng(5).uniform(20, example.SIDE_METRES - 20, (2, len(strewn.table)))
    spread = {"east_metres": places[0], "north_metres": places[1]}
    columns = [replace(c, values=spread.get(c.name, c.values)) for c in strewn.table.columns]
    incidents = replace(strewn, table=replace(strewn.table, columns=tuple(columns)))
    context = Context(seed=3, progress=lambda says, share: None)
    says = run(made.params, {**made.datasets, "incidents": incidents}, context).notes[0]
    assert says.text == NONE and says.values["times"] in (2, 3, 5) and says.values["n"] > 0
    assert "This test finds only" in NONE and "could find none" in BLIND


def test_the_public_sees_no_place():
    assert ARITHMETIC.public(found()).tables == ()


def test_more_periods_than_the_data_hold_are_told():
    with pytest.raises(NotEnoughData, match="they begin on 2018-01-01"):
        found(periods=60)


@pytest.mark.parametrize("changed", [{"periods": 3}, {"cell_metres": 50}, {"period_days": 0}])
def test_what_cannot_be_asked_is_an_input_error(changed):
    with pytest.raises(InputError):
        HOTSPOTS.asks.check(replace(HotSpotParams(), **changed))
