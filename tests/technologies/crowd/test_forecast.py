"""Proves the forecast tells the next hour and week at each counter, with intervals, and refuses what is no day."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context, Purpose
from peelian.measure.table import NEVER_LEAVES
from peelian.technologies.crowd.declarations.forecast import FORECAST, ForecastParams

EXAMPLE = FORECAST.arithmetic().example()


def test_the_next_hour_and_week_of_each_counter() -> None:
    findings = FORECAST.arithmetic().run(EXAMPLE.params, EXAMPLE.datasets, Context(seed=1, progress=lambda *_: None))
    found = findings.table("counts_ahead")
    end = EXAMPLE.datasets["counts"].table["hour"].max() + np.timedelta64(1, "h")
    for horizon, hours in (("hour", 1), ("week", 168)):
        rows = found["horizon"] == horizon
        assert rows.sum() == 2 * hours
        assert found["hour"][rows].min() == end and found["hour"][rows].max() == end + np.timedelta64(hours - 1, "h")
    order = [found[name] for name in ("low_95", "low_80", "expected", "high_80", "high_95")]
    assert (order[0] <= order[1]).all() and (order[3] <= order[4]).all() and (order[0] >= 0).all()
    assert ((order[0] <= order[2]) & (order[2] <= order[4])).mean() > 0.95
    assert findings.facts["covered_95"] > 0.9


def test_advice_needs_the_town_the_assessment_and_an_adopted_trial() -> None:
    assert FORECAST.asks.purposes == {Purpose.ADVICE}
    assert {need.kind for need in FORECAST.needs} == {
        AuthorizationKind.COUNCIL_APPROVAL,
        AuthorizationKind.IMPACT_ASSESSMENT,
        AuthorizationKind.ACCURACY_REPORT,
    }
    assert not {kind for emit in FORECAST.emits for kind in emit.kinds.values()} & NEVER_LEAVES


@pytest.mark.parametrize("day", ["christmas", "2024-02-30", "2024-1-1", "", "2024-12-25T00", "٢٠٢٤-١٢-٢٥"])
def test_a_holiday_that_is_no_day_is_refused(day: str) -> None:
    FORECAST.asks.check(ForecastParams(holidays=("2024-12-25",)))
    with pytest.raises(InputError):
        FORECAST.asks.check(ForecastParams(holidays=(day,)))


@pytest.mark.parametrize(
    "event",
    [
        "2024-12-31",
        "2024-12-31=",
        "2024-12-31=eve",
        "2024-12-31=2024-12-18",
        "2023-12-31=2024-12-31",
        "2024-12-31=2023-12-31=2022-12-31",
    ],
)
def test_an_event_names_a_day_and_one_at_least_two_weeks_earlier(event: str) -> None:
    good = "2024-12-31=2024-12-17"
    FORECAST.asks.check(ForecastParams(events=(good,)))
    for events in ((event,), (good, good)):
        with pytest.raises(InputError):
            FORECAST.asks.check(ForecastParams(events=events))
