"""Trends as a case: a usual week is called usual, a busy area is named with many areas allowed for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.technologies.mapping.declarations.trends import TRENDS, TrendParams
from peelian.technologies.mapping.trends import AREAS_UNUSUAL, ARITHMETIC, NO_AREA, TOWN, TOWN_USUAL, run

GIVEN = ARITHMETIC.example()


def found(incidents: Dataset | None = None, **changes: object) -> Findings:
    datasets = {**GIVEN.datasets, "incidents": incidents or GIVEN.datasets["incidents"]}
    return run(replace(GIVEN.params, **changes), datasets, Context(seed=1, progress=lambda says, share: None))


def busy() -> Dataset:
    """The example's incidents; in the last fortnight those of the first district count four times."""
    dataset = GIVEN.datasets["incidents"]
    table = dataset.table
    there = (np.asarray(table["east_metres"]) < 1_500) & (np.asarray(table["north_metres"]) < 1_500)
    late = np.asarray(table["start_hour"]) >= np.datetime64("2019-12-16", "h")
    rows = np.sort(np.concatenate([np.arange(len(table)), np.repeat(np.flatnonzero(there & late), 3)]))
    return replace(dataset, table=table.take(rows))


def test_a_usual_fortnight_is_called_usual():
    texts = {note.text for note in found().notes}
    assert {TOWN_USUAL, NO_AREA} <= texts


def test_a_busy_area_is_found_and_stands_first():
    findings = found(busy())
    note = next(note for note in findings.notes if note.text == AREAS_UNUSUAL)
    assert (note.values["n"], note.values["more"]) == (1, 1)
    first = findings.table("trends").records()[0]
    assert first["area"] == "District 1"
    assert first["p"] <= first["p_adjusted"] <= 0.05


def test_areas_add_up_to_the_town():
    findings = found()
    town = next(note for note in findings.notes if note.text == TOWN).values["count"]
    assert findings.table("trends")["count"].sum() == pytest.approx(town)
    assert findings.table("trend_course")["count"][-1] == pytest.approx(town)


def test_the_public_sees_no_count_of_an_area_and_no_small_one_of_the_town():
    assert ARITHMETIC.public(found()).tables == ()
    few = replace(GIVEN.datasets["incidents"], table=GIVEN.datasets["incidents"].table.take(np.arange(0, 3_000, 25)))
    assert TOWN not in {note.text for note in ARITHMETIC.public(found(few)).notes}


def test_too_few_periods_are_told():
    with pytest.raises(NotEnoughData, match="26 needed"):
        found(period_days=60)


@pytest.mark.parametrize("changed", [{"period_days": 0}, {"category": "witchcraft"}, {"train_from": "May"}])
def test_what_cannot_be_asked_is_an_input_error(changed):
    with pytest.raises(InputError):
        TRENDS.asks.check(replace(TrendParams(), **changed))
