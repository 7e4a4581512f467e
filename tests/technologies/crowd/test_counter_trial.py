"""Proves the trial of counters on real months of Auckland tells New Year's Eve, and holds to bars fixed before."""

from __future__ import annotations

import dataclasses

import pytest
from auckland import auckland_counts

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings, Scalar
from peelian.technologies.crowd.declarations.counter_trial import COUNTER_TRIAL, CounterTrialParams

EXAMPLE = COUNTER_TRIAL.arithmetic().example()
CRITERIA: dict[str, Scalar] = {"max_false_per_sensor_day": 0.2, "min_recall": 0.6}


def run(params: CounterTrialParams, datasets: dict[str, Dataset], bars: dict[str, Scalar]) -> Findings:
    context = Context(
        seed=3, progress=lambda says, share: None, authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars}
    )
    return COUNTER_TRIAL.arithmetic().run(params, datasets, context)


@pytest.fixture(scope="module")
def auckland() -> dict[str, Dataset]:
    return {"counts": auckland_counts()}


def test_new_years_eve_is_told_by_most_counters_and_quiet_weeks_are_quiet(auckland: dict[str, Dataset]) -> None:
    found = run(CounterTrialParams(events=("2023-12-31",)), auckland, {**CRITERIA, "min_event_share": 17 / 21})
    event = next(iter(found.table("events").rows()))
    assert event[1] == "rise" and event[2] == 21 and event[3] >= 17
    assert found.facts["criteria_met"] and found.facts["recall"] > 0.75


def test_falls_are_counted_apart_and_christmas_is_a_closure(auckland: dict[str, Dataset]) -> None:
    criteria = {"max_false_per_sensor_day": 0.2, "min_fall_recall": 0.3}
    found = run(CounterTrialParams(closures=("2023-12-25",)), auckland, criteria)
    (event,) = found.table("events").records()
    assert event["direction"] == "fall" and event["raised"] >= 10
    ways = {row["direction"]: row["alarms"] for row in found.table("directions").records()}
    (all_alarms,) = found.table("false_alarms").records()
    assert ways["rise"] > 0 and ways["fall"] > 0 and ways["rise"] + ways["fall"] == all_alarms["alarms"]
    assert found.facts["criteria_met"] and 0.3 < found.facts["fall_recall"] < 0.9


def test_criteria_that_ask_for_events_need_them_named() -> None:
    with pytest.raises(InputError, match="none is named"):
        run(EXAMPLE.params, dict(EXAMPLE.datasets), {"min_event_share": 0.5})


def test_bars_decide_whether_a_report_may_be_earned() -> None:
    assert COUNTER_TRIAL.grants is not None and COUNTER_TRIAL.grants.serves == "crowd.counters"
    assert COUNTER_TRIAL.grants.may(run(EXAMPLE.params, dict(EXAMPLE.datasets), CRITERIA))
    missed = run(EXAMPLE.params, dict(EXAMPLE.datasets), {**CRITERIA, "min_sensor_days": 10_000})
    assert not COUNTER_TRIAL.grants.may(missed)


@pytest.mark.parametrize(
    "change",
    [
        {"ratio": 1.0},
        {"hours": 0},
        {"rises": 3},
        {"events": ("new year",)},
        {"events": ("2024-02-30",)},
        {"closures": ("25.12.",)},
    ],
)
def test_params_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        COUNTER_TRIAL.asks.check(dataclasses.replace(EXAMPLE.params, **change))
