"""Proves the figures both trials share: rates with intervals, bars that the unknown never meets, strict criteria."""

from __future__ import annotations

import math

import pytest

from peelian.errors import InputError
from peelian.kernel.model.criteria import Criterion
from peelian.technologies.crowd.trials import (
    NONE_SET,
    Injected,
    all_met,
    check_criteria,
    outcomes,
    per_day,
    trial_tables,
    verdict,
)

CRITERIA = (Criterion(word="min_share", title="least"), Criterion(word="max_share", title="most"))


def test_what_is_unknown_meets_no_bar() -> None:
    found = outcomes({"min_share": 0.5, "max_share": 1}, CRITERIA, {"min_share": math.nan, "max_share": math.nan})
    assert [one.met for one in found] == [False, False]
    assert [
        one.met for one in outcomes({"min_share": 0.5, "max_share": 1}, CRITERIA, {"min_share": 0.5, "max_share": 1.0})
    ] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "criteria", [{"period": 1}, {"min_share": "much"}, {"other": 1}, {"period": 2, "min_share": 1}]
)
def test_criteria_that_bind_nothing_are_refused(criteria: dict[str, int | str]) -> None:
    with pytest.raises(InputError):
        check_criteria(criteria, CRITERIA, {"period": 1})


def test_where_nobody_set_criteria_nothing_is_met_or_missed() -> None:
    check_criteria({}, CRITERIA, {"period": 1})
    assert verdict(()).text == NONE_SET and not all_met(())


def test_no_alarm_in_a_day_is_no_proof_of_none() -> None:
    rate, low, high = per_day(0, 1.0)
    assert (rate, low) == (0.0, 0.0) and high == pytest.approx(3.689, abs=1e-3)


def test_every_rate_stands_with_its_n() -> None:
    found = Injected(word="rise", n=20, delays=(60.0, 80.0, 70.0))
    tables = {t.name: t for t in trial_tables(2, 10.0, [found, Injected(word="none", n=20, delays=())], ())}
    assert tables["injected"]["found"].tolist() == [0.15, 0.0] and tables["injected"].column("found").n == "n"
    assert tables["injected"]["median_delay_seconds"][0] == 70 and math.isnan(
        tables["injected"]["median_delay_seconds"][1]
    )
    assert tables["false_alarms"]["per_day"].tolist() == [0.2] and tables["false_alarms"].column("per_day").n == "n"
