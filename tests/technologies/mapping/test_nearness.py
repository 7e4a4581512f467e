"""The near-repeat test as a case: it says what it found, or that there is nothing, and keeps small counts inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Column, Table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.nearness import KNOX, KnoxParams
from peelian.technologies.mapping.incidents import incidents_of
from peelian.technologies.mapping.nearness import FOUND, NOTHING, STRONGEST, one_each, plan_of, run, what_may_be_public

PARAMS = KnoxParams(category=example.CATEGORY, permutations=319)
CONTEXT = Context(seed=1, progress=lambda says, share: None)


def repeated() -> Dataset:
    """The made-up town with every tenth incident followed by another at the same place, two days later."""
    dataset = example.incidents(1500)
    columns = []
    for column in dataset.table.columns:
        again = column.values[::10].copy()
        if column.name in ("start_hour", "end_hour"):
            again = again + np.timedelta64(48, "h")
        columns.append(replace(column, values=np.concatenate([column.values, again])))
    return replace(dataset, table=Table(name="incidents", columns=tuple(columns)))


def found(dataset: Dataset, params: KnoxParams = PARAMS) -> Findings:
    return run(params, {"incidents": dataset}, CONTEXT)


def test_repeats_are_found_and_named_by_distance_and_delay() -> None:
    findings = found(repeated())
    said = {note.text: note.values for note in findings.notes}
    assert FOUND in said and findings.facts["repeats"] is True
    assert said[STRONGEST]["from_days"] == 0.0 and said[STRONGEST]["to_metres"] == 0.1


def test_where_nothing_repeats_it_says_so() -> None:
    findings = found(example.incidents())
    assert NOTHING in {note.text for note in findings.notes}
    assert findings.facts["repeats"] is False


def test_the_public_sees_ratios_but_no_counts_of_pairs() -> None:
    public = what_may_be_public(found(repeated()))
    assert "pairs" not in public.tables[0] and "ratio" in public.tables[0]
    assert STRONGEST not in {note.text for note in public.notes}


def test_an_interval_stands_at_its_middle_day() -> None:
    dataset = example.incidents(200)
    columns = tuple(
        replace(column, values=column.values + np.timedelta64(96, "h")) if column.name == "end_hour" else column
        for column in dataset.table.columns
    )
    spread = replace(dataset, table=Table(name="incidents", columns=columns))
    for one in (dataset, spread):
        east, _, days = one_each(incidents_of(one, example.CATEGORY))
        assert len(east) == 200
    plain = one_each(incidents_of(dataset, example.CATEGORY))[2]
    assert days - plain == pytest.approx(np.full(200, 2.0), abs=1.0)


def test_bands_begin_with_the_same_place() -> None:
    plan = plan_of(KnoxParams(band_metres=100, bands=2, band_days=14, delays=2), 3)
    assert plan.bands_metres == (0.0, 0.1, 100.0, 200.0) and plan.bands_days == (0.0, 14.0, 28.0) and plan.seed == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"bands": 0},
        {"band_days": 0},
        {"permutations": 5},
        {"permutations": 318},
        {"category": "witchcraft"},
        {"train_from": "soon"},
    ],
)
def test_parameters_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        KNOX.asks.check(replace(PARAMS, **wrong))


def test_too_few_incidents_are_named() -> None:
    with pytest.raises(NotEnoughData, match="20 needed"):
        found(example.incidents(10))


def test_the_table_says_what_it_tested() -> None:
    table = found(example.incidents(300)).tables[0]
    assert isinstance(table.columns[0], Column) and len(table) == 16
    assert (table["p"] > 0).all() and (table["p_holm"] >= table["p"]).all()
