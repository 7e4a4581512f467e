"""Offences that police themselves discover are in no feature of another category's forecast, to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset
from peelian.measure.categories import DISCOVERED
from peelian.measure.table import table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.forecast import FORECAST, ForecastParams

EXAMPLE = FORECAST.arithmetic().example()
REPORTED = ("break_and_enter", "theft", "robbery")
PATROLLED = sorted(DISCOVERED)


def mixed(found: int, seed: int) -> Dataset:
    """The made-up town in three reported categories, and `found` discovered offences strewn among its rows."""
    chance, base = np.random.default_rng(seed), example.incidents()
    whole = base.table
    n = len(whole["category"])
    words = np.array(REPORTED, dtype=object)[np.arange(n) % 3]
    copied = chance.integers(0, n, found)
    hours = np.sort(chance.integers(0, example.WEEKS * 7 * 24, found)).astype("timedelta64[h]")
    when = np.datetime64(example.FROM_DAY, "h") + hours
    moved: dict[str, Any] = {
        "category": np.array(PATROLLED, dtype=object)[chance.integers(0, len(PATROLLED), found)],
        "start_hour": when,
        "end_hour": when,
        "east_metres": chance.uniform(-3_000, 9_000, found),
        "north_metres": chance.uniform(-3_000, 9_000, found),
    }
    order = np.argsort(np.concatenate([np.arange(n), chance.integers(0, n, found)]), kind="stable")
    columns = {
        column.name: (
            column.kind,
            np.concatenate(
                [
                    words if column.name == "category" else column.values,
                    moved.get(column.name, np.asarray(column.values)[copied]),
                ]
            )[order],
        )
        for column in whole.columns
    }
    return replace(base, table=table("incidents", columns))


def forecast(model: str, datasets: Mapping[str, Dataset]) -> list[list[float]]:
    """Every figure of every cell, and of the reasons."""
    params = replace(EXAMPLE.params, model=model, category="break_and_enter")
    assert isinstance(params, ForecastParams)
    report = {**EXAMPLE.authorizations[AuthorizationKind.ACCURACY_REPORT], "model": model}
    context = Context(
        seed=1, progress=lambda says, share: None, authorizations={AuthorizationKind.ACCURACY_REPORT: report}
    )
    found = FORECAST.arithmetic().run(params, datasets, context)
    numbers = ("expected", "low", "high", "long_run")
    everywhere, advice = found.table("forecast"), found.table("advice")
    reasons = ("background", "recent", "all_reported", "recent_n", "nearby_n")
    return [everywhere[name].tolist() for name in numbers] + [advice[name].tolist() for name in reasons]


@cache
def without_them(model: str) -> list[list[float]]:
    town = {"areas": EXAMPLE.datasets["areas"]}
    return forecast(model, {"incidents": mixed(0, 0), **town})


@pytest.mark.parametrize("model", ["decayed", "stack", "boosted"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.integers(1, 900), seed=st.integers(0, 99))
def test_no_discovered_offence_changes_a_bit_of_a_forecast(model: str, found: int, seed: int) -> None:
    if model == "boosted":
        pytest.importorskip("lightgbm")
    town = {"areas": EXAMPLE.datasets["areas"]}
    assert forecast(model, {"incidents": mixed(found, seed), **town}) == without_them(model)


def test_the_other_reported_categories_do_change_it() -> None:
    """The test above would hold of models that look at nothing but the category itself."""
    base, only = mixed(0, 1), mixed(0, 1).table
    alone = replace(base, table=only.take(np.asarray(only["category"]) == "break_and_enter"))
    town = {"areas": EXAMPLE.datasets["areas"]}
    whole, part = (forecast("decayed", {"incidents": data, **town}) for data in (base, alone))
    assert whole[0] != part[0] and whole[3] == part[3], "the long-run average is of the category itself"
    assert any(whole[6]) and not any(part[6])
