"""Missing outcomes: their share per group, bounds for everyone, and small numbers kept back."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.table import Kind, Table
from peelian.technologies.risk.audit.followup import missing_outcomes
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan

ROWS = [
    *[(s, o, 100, g) for g in "ab" for s in (1, 2) for o in (0, 1)],
    *[(1, 0, 50, "a"), (2, 0, 40, "a"), (1, 0, 30, "b"), (2, 0, 20, "b")],
]
KNOWN = [1] * 8 + [0] * 4


def test_shares_and_bounds_are_those_of_the_counts(make_tally, with_column) -> None:
    tally = with_column(make_tally(ROWS, axes=("g",)), "outcome_known", Kind.COUNT, KNOWN)
    found = study(tally, Plan(cut=2))
    assert found.counts.n == 800
    (rate,), bounds = missing_outcomes(tally, found)
    assert rate.people[0].tolist() == [140, 90, 50]
    assert rate.people[1].tolist() == [940, 490, 450]
    by_name = {figure.metric: figure for figure in bounds}
    base = by_name["base_rate_bounds"]
    assert (base.low[0], base.value[0], base.high[0]) == pytest.approx((400 / 940, 0.5, 540 / 940))
    ppv = by_name["ppv_bounds"]
    assert ppv.low[0] < ppv.value[0] < ppv.high[0]


def test_a_handful_of_missing_outcomes_is_kept_back_with_what_would_give_it_away(make_tally, with_column) -> None:
    rows = [*ROWS[:8], (1, 0, 4, "a"), (2, 0, 0, "a"), (1, 0, 60, "b"), (2, 0, 50, "b")]
    tally = with_column(make_tally(rows, axes=("g",)), "outcome_known", Kind.COUNT, KNOWN)
    (rate,), _ = missing_outcomes(tally, study(tally, Plan(cut=2)))
    assert rate.open_.tolist() == [True, False, False]


def test_nothing_is_said_where_every_outcome_is_known(race: Table) -> None:
    assert missing_outcomes(race, study(race, Plan(cut=5))) == ([], [])


def test_the_audit_leaves_the_unknown_out_of_its_rates(make_tally, with_column, run_audit) -> None:
    tally = with_column(make_tally(ROWS, axes=("g",)), "outcome_known", Kind.COUNT, KNOWN)
    rates = run_audit(tally).table("rates")
    base = rates["value"][(rates["metric"] == "base_rate") & (rates["axis"] == "everyone")]
    assert base.tolist() == [0.5]
    assert np.isin("missing_outcome", rates["metric"])
