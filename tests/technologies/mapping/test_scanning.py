"""The scan as a case: it names what stands out, says when nothing does, and keeps places inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Context, Dataset
from peelian.measure.table import Table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.scanning import SCAN, ScanParams
from peelian.technologies.mapping.scanning import NOTHING, STANDS_OUT, plan_of, run, scan_example, what_may_be_public

CONTEXT = Context(seed=1, progress=lambda says, share: None)
EXAMPLE = scan_example()
PARAMS: ScanParams = EXAMPLE.params


def outbreak() -> Dataset:
    """The made-up town with forty more incidents around one corner in its last two weeks."""
    dataset = example.incidents()
    chance = np.random.default_rng(0)
    last = dataset.table["start_hour"].max()
    columns = []
    for column in dataset.table.columns:
        again = column.values[:40].copy()
        if column.name in ("start_hour", "end_hour"):
            again = last - chance.integers(0, 13 * 24, 40).astype("timedelta64[h]")
        if column.name in ("east_metres", "north_metres"):
            again = 3_700 + chance.uniform(-200, 200, 40)
        columns.append(replace(column, values=np.concatenate([column.values, again])))
    return replace(dataset, table=Table(name="incidents", columns=tuple(columns)))


def test_an_outbreak_stands_out_where_and_when_it_is() -> None:
    findings = run(PARAMS, {**EXAMPLE.datasets, "incidents": outbreak()}, CONTEXT)
    table = findings.table("clusters")
    assert STANDS_OUT in {note.text for note in findings.notes} and findings.facts["clusters"] >= 1
    assert table["area"][0] == "District 9" and table["p"][0] == 0.01 and table["ratio"][0] > 2
    assert str(table["to_day"][0]) == "2019-12-29"


def test_where_nothing_stands_out_it_says_so() -> None:
    findings = run(PARAMS, EXAMPLE.datasets, CONTEXT)
    assert NOTHING in {note.text for note in findings.notes} and findings.facts["clusters"] == 0


def test_the_public_sees_no_place() -> None:
    assert what_may_be_public(run(PARAMS, EXAMPLE.datasets, CONTEXT)).tables == ()


def test_radii_rise_from_one_cell_to_the_largest() -> None:
    assert plan_of(ScanParams(cell_metres=250, radius_metres=1000), 0).radii_metres == (0, 250, 500, 750, 1000)
    assert plan_of(ScanParams(cell_metres=250, radius_metres=0), 0).radii_metres == (0,)
    many = plan_of(ScanParams(cell_metres=100, radius_metres=4000), 0).radii_metres
    assert len(many) <= 8 and many[0] == 0 and many[-1] == 4000


@pytest.mark.parametrize(
    "wrong",
    [
        {"longest": 9},
        {"periods": 1},
        {"radius_metres": -1},
        {"simulations": 3},
        {"cell_metres": 100, "radius_metres": 9_000},
    ],
)
def test_parameters_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        SCAN.asks.check(replace(PARAMS, **wrong))
