"""Forecasts and back-tests from counts agree with those from single rows, and refuse what only rows can tell."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import counting
import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData, Refused
from peelian.integrations.incident_counts import Engine
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings
from peelian.kernel.model.counts import MISSING
from peelian.measure.table import Column, Kind, Table, table
from peelian.technologies.mapping import (
    advising,
    backtest,
    counted,
    evaluation,
    example,
    forecast,
    ground,
    hotspots,
    scanning,
    scoring,
    sealing,
    stressing,
    trends,
)
from peelian.technologies.mapping import counting as counting_by_area
from peelian.technologies.mapping.declarations.scoring import ScoreParams
from peelian.technologies.mapping.incidents import incidents_of
from peelian.technologies.mapping.sealed_forecasts import read_sealed

pytest.importorskip("ibis", reason="the extra `scale` is not installed")

CELLS_AND_DAYS = ("uniform", "long_run", "moving")
OTHERS = ("density", "decayed", "prospective")
TOLERANCE = 0.006  # bits per incident, where a model looks at distances and ages within a cell and a day
CRITERIA = {AuthorizationKind.ACCEPTANCE_CRITERIA: {"min_hit_rate_5": 0.1}}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    from peelian.integrations.count_engines import duckdb_engine

    with duckdb_engine() as made:
        yield made


def reported(n: int = 18_000) -> Dataset:
    """The example with two categories, intervals over several days, reports that come late, and rows to leave out."""
    made, rng = example.incidents(n=n), np.random.default_rng(11)
    columns: dict[str, Any] = {column.name: column.values.copy() for column in made.table.columns}
    columns["category"][rng.random(n) < 0.1] = "assault"
    columns["end_hour"] = columns["start_hour"] + rng.choice(
        [0, 0, 0, 3, 40, 900], n, p=[0.3, 0.3, 0.2, 0.1, 0.09, 0.01]
    )
    columns["known_hour"] = columns["end_hour"] + rng.geometric(1 / 30, n)
    columns["known_hour"][rng.random(n) < 0.1] = np.datetime64("NaT")
    columns["east_metres"][5], columns["east_metres"][9] = np.nan, 900_000.0
    columns["start_hour"][7] = columns["end_hour"][7] = np.datetime64("1999-01-01", "h")
    kinds = {column.name: column.kind for column in made.table.columns}
    return replace(made, table=table("incidents", {name: (kinds[name], values) for name, values in columns.items()}))


def backtested(incidents: Dataset, **changed: Any) -> Findings:
    """A back-test of models of cells and days and of others, on four grids."""
    models = (*CELLS_AND_DAYS, *OTHERS)
    params = replace(backtest.proof_example().params, shifts=(), shift="all", offsets=4, models=models, origins=6)
    datasets = {"incidents": incidents, "areas": example.areas()}
    context = Context(seed=1, progress=lambda says, share: None, authorizations=CRITERIA)
    return backtest.run(replace(params, **changed), datasets, context)


def bits(found: Findings) -> dict[str, float]:
    return {row["model"]: row["bits"] for row in found.table("scores").records()}


def test_a_back_test_of_counts_agrees_with_that_of_rows(engine: Engine) -> None:
    """Same incidents, same cells, same days: equal bits where a model knows no more, near ones elsewhere."""
    rows = reported()
    by_rows, by_counts = backtested(rows), backtested(counting.in_partitions(rows, engine))
    first, second = bits(by_rows), bits(by_counts)
    for model in CELLS_AND_DAYS:
        assert second[model] == pytest.approx(first[model], abs=1e-12)
    for model in OTHERS:
        assert second[model] == pytest.approx(first[model], abs=TOLERANCE)
    assert any(first[model] != second[model] for model in OTHERS)  # else the tolerance would say nothing
    for name in ("n", "embargo_days", "first_day", "until_day", "cells", "regions"):
        assert by_counts.facts[name] == by_rows.facts[name], name
    told = {note.text: note.values for note in by_counts.notes}
    for note in by_rows.notes:
        if note.text in told and "n" in note.values:
            assert told[note.text]["n"] == note.values["n"], note.text
    assert counted.BY_DAY in told


def test_by_week_windows_hold_the_same_incidents(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weeks begin where windows do; what lies in a window is the same, and models know no more than by day."""
    rows = reported()
    rows = replace(rows, table=rows.table.take(np.flatnonzero(rows.table["end_hour"] == rows.table["start_hour"])))
    by_rows = backtested(rows, first_origin="2019-09-04", origins=8)
    monkeypatch.setattr(counted, "MOST_BY_DAY", -1)
    by_week = backtested(counting.in_partitions(rows, engine), first_origin="2019-09-04", origins=8)
    assert by_week.facts["n"] == by_rows.facts["n"]
    assert counted.BY_WEEK in {note.text for note in by_week.notes}
    for model in CELLS_AND_DAYS:  # an embargo of some days leaves the week it touches out
        assert bits(by_week)[model] == pytest.approx(bits(by_rows)[model], abs=0.02)
    with pytest.raises(InputError, match="counted by week"):
        backtested(counting.in_partitions(rows, engine), window_days=10)


def test_a_forecast_of_counts_agrees_with_that_of_rows(engine: Engine) -> None:
    rows = example.incidents(n=12_000)
    given = forecast.advice_example()
    params = replace(given.params, shifts=(), shift="all", model="long_run")
    context = Context(seed=1, progress=lambda says, share: None, authorizations=given.authorizations)
    made = [
        forecast.run(params, {"incidents": one, "areas": example.areas()}, context).table("forecast")
        for one in (rows, counting.in_partitions(rows, engine, pieces=2))
    ]
    assert made[1]["place"].tolist() == made[0]["place"].tolist()
    assert made[1]["expected"] == pytest.approx(made[0]["expected"], rel=1e-12)


def test_a_forecast_without_areas_draws_the_same_ground(engine: Engine) -> None:
    """Ground within reach is whole squares of 250 m: half cells of 125 m tell them exactly."""
    rows = example.incidents(n=12_000)
    asked = {"category": example.CATEGORY, "cell_metres": 250, "offsets": 1, "window_days": 7, "train_from": ""}
    towns = [ground.town_of({"incidents": one}, {}, asked) for one in (rows, counting.in_partitions(rows, engine))]
    assert towns[0].grid.ids().tolist() == towns[1].grid.ids().tolist()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"shifts": example.SHIFTS}, "hour of each incident"),
        ({"models": ("self_exciting",)}, "order of single incidents"),
        ({"model": "self_exciting_grid"}, "order of single incidents"),
    ],
)
def test_what_needs_single_rows_is_refused(engine: Engine, changed: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        backtested(counting.in_partitions(reported(200), engine), **changed)
    assert "single file" in refused.value.reasons[0].remedy


def test_a_proof_without_areas_and_a_small_category_are_refused(engine: Engine) -> None:
    given = counting.in_partitions(reported(), engine)
    asked = {"category": "assault", "cell_metres": 250, "offsets": 4, "window_days": 7, "train_from": ""}
    with pytest.raises(InputError, match="no points from which to draw the ground"):
        ground.town_of({"incidents": given}, {}, asked, proof=True)
    with pytest.raises(NotEnoughData, match="10,000 needed in a dataset in partitions"):
        ground.town_of({"incidents": given, "areas": example.areas()}, {}, asked, proof=True)


def test_too_many_counts_are_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "MOST_COUNTS", 100)
    with pytest.raises(InputError, match="counts are too many"):
        backtested(counting.in_partitions(reported(500), engine))


def test_advice_under_limits_reads_counts_too(engine: Engine) -> None:
    found = advising.ARITHMETIC.example()
    rows = example.incidents(n=12_000)
    context = Context(seed=1, progress=lambda says, share: None, authorizations=found.authorizations)
    made = [
        advising.run(replace(found.params, model="long_run"), {**found.datasets, "incidents": one}, context)
        for one in (rows, counting.in_partitions(rows, engine))
    ]
    assert made[1].facts["expected_free"] == pytest.approx(made[0].facts["expected_free"], rel=1e-12)


def audited(module: Any, incidents: Dataset, **changed: Any) -> Findings:
    """What an audit finds of its own example with these incidents."""
    given = module.ARITHMETIC.example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=given.authorizations)
    return module.run(replace(given.params, **changed), {**given.datasets, "incidents": incidents}, context)


def equal(one: Table, other: Table) -> None:
    assert one.names == other.names
    for column in one.columns:
        theirs = other[column.name]
        if column.values.dtype.kind == "f":
            assert theirs == pytest.approx(column.values, rel=1e-9, abs=1e-9, nan_ok=True), column.name
        else:
            assert theirs.tolist() == column.values.tolist(), column.name


def snapped(dataset: Dataset) -> Dataset:
    """Points as admission snaps them: to 10 m."""
    of = {column.name: column for column in dataset.table.columns}
    for name in ("east_metres", "north_metres"):
        of[name] = replace(of[name], values=np.round(of[name].values / 10) * 10)
    return replace(dataset, table=replace(dataset.table, columns=tuple(of.values())))


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (evaluation, counted.BY_POINT),
        (trends, counted.BY_POINT),
        (stressing, counted.BY_POINT),
        (counting_by_area, counted.BY_POINT),
        (hotspots, counted.BY_DAY),
        (scanning, counted.BY_DAY),
    ],
)
def test_an_audit_of_counts_finds_what_that_of_rows_finds(engine: Engine, module: Any, says: str) -> None:
    """Every table and every fact: each incident lies in the same area or cell, and in the same period."""
    rows = snapped(reported())
    by_rows, by_counts = audited(module, rows), audited(module, counting.in_partitions(rows, engine))
    assert [one.name for one in by_counts.tables] == [one.name for one in by_rows.tables]
    for one, other in zip(by_rows.tables, by_counts.tables, strict=True):
        equal(one, other)
    assert by_counts.facts == pytest.approx(by_rows.facts)
    assert says in {note.text for note in by_counts.notes} <= module.ARITHMETIC.messages
    assert says not in {note.text for note in by_rows.notes}


def test_a_plan_of_counts_is_that_of_rows(engine: Engine) -> None:
    given = evaluation.PLAN_ARITHMETIC.example()
    rows = snapped(evaluation.until(reported(), given.params.since))
    context = Context(seed=1, progress=lambda says, share: None)
    made = [
        evaluation.run_plan(given.params, {**given.datasets, "incidents": one}, context)
        for one in (rows, counting.in_partitions(rows, engine))
    ]
    assert made[0].facts == made[1].facts and made[0].facts["enough"]


def test_more_rows_than_points_and_days_can_hold_are_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "MOST_BY_DAY", -1)
    with pytest.raises(InputError, match="too many to count by point and day"):
        audited(evaluation, counting.in_partitions(reported(200), engine))


def test_a_seal_of_counts_holds_the_forecasts_of_rows_and_is_scored_alike(engine: Engine) -> None:
    """Sealed and scored on half cells; a recording with another centre cannot be carried to that map."""
    rows = snapped(example.incidents(n=12_000))
    given = sealing.ARITHMETIC.example()
    params = replace(given.params, model="long_run", models=("uniform", "moving"))
    made, bits_of = [], []
    for one in (rows, counting.in_partitions(rows, engine)):
        kept = io.BytesIO()
        context = Context(
            seed=1,
            progress=lambda says, share: None,
            authorizations=given.authorizations,
            make=lambda role, kept=kept: nullcontext(kept),
        )
        sealing.run(params, {"incidents": one, "areas": example.areas()}, context)
        made.append(read_sealed(io.BytesIO(kept.getvalue())))
        datasets = {"sealed": scoring.sealed_example(), "incidents": one}
        bits_of.append(bits(scoring.run(ScoreParams(), datasets, context)))
    assert made[0].models == made[1].models == ("long_run", "uniform", "moving")
    assert made[1].expected[:2] == pytest.approx(made[0].expected[:2], rel=1e-12)
    assert made[1].expected == pytest.approx(made[0].expected, rel=1e-3)
    assert bits_of[1] == pytest.approx(bits_of[0], abs=1e-12)
    moved = replace(counting.in_partitions(rows, engine), facts={**rows.facts, "centre_lon": 10.03})
    with pytest.raises(InputError, match="map with another centre"):
        scoring.run(ScoreParams(), {"sealed": scoring.sealed_example(), "incidents": moved}, context)
    with pytest.raises(Refused, match="order of single incidents"):
        sealing.run(
            replace(params, models=("self_exciting",)), {"incidents": counting.in_partitions(rows, engine)}, context
        )


def test_rows_stay_rows() -> None:
    rows = example.incidents()
    assert counted.by_counts(rows, {}) == (rows, ())
    counted.refuse_rows(rows, shifts=("day",), models=("self_exciting",))


@pytest.mark.parametrize("seed", range(5))
def test_the_lag_is_the_quantile_of_single_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 400))
    hours = rng.geometric(1 / 50, n) - 5
    values, counts = np.unique(hours, return_counts=True)
    columns = {"category": (Kind.CATEGORY, ["theft"] * (len(values) + 1))}
    lags = columns | {"hours": (Kind.PERSONAL, np.append(values, MISSING).astype(np.int32))}
    made = table("lags", lags | {"n": (Kind.PERSONAL, np.append(counts, n // 2))})
    assert counted.lag_days_of(made, "theft") == int(np.ceil(max(float(np.quantile(hours, 0.95)), 0.0) / 24))
    mostly_unknown = table("lags", lags | {"n": (Kind.PERSONAL, np.append(counts, n + 1))})
    assert counted.lag_days_of(mostly_unknown, "theft") == -1
    assert counted.lag_days_of(made, "assault") == -1


def test_weights_count_rows_that_stand_for_several() -> None:
    """A table with `n` is the same as its rows repeated: who is stray, how many are left out, what is divided."""
    made = example.incidents(n=2_000)
    keep = Table(
        name="incidents", columns=(*made.table.columns, Column(name="n", kind=Kind.COUNT, values=np.full(2_000, 3)))
    )
    thrice = replace(made, table=made.table.take(np.repeat(np.arange(2_000), 3)))
    one, other = incidents_of(replace(made, table=keep), example.CATEGORY), incidents_of(thrice, example.CATEGORY)
    assert (one.n, float(one.weight.sum()), one.from_hour) == (other.n, float(other.weight.sum()), other.from_hour)
    assert one.number(one.row[:10]) == 30
