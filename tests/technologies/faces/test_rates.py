"""Proves which rates stand at a threshold, what they are made of, and that no group's rate is bare of its n."""

from __future__ import annotations

import math

import numpy as np
import pytest

from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.errors import COMPARED, FAR, FMR, FNMR, FRR, gathered, spread, trial_counts
from peelian.technologies.faces.measure.rates import NO_VERDICT, Bars, Counted, rates_at
from peelian.technologies.faces.measure.scores import WITHIN, built, oriented
from peelian.technologies.faces.measure.thresholds import GIVEN, OWN_GROUP, Threshold

BARS = Bars(fmr=0.02, fnmr=0.05)


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(120)
    return oriented(built([comparisons], people, by=("sex",), least=11), "auto")


def at(scores, threshold):
    errors, trials = gathered(scores, [threshold.value]).at(threshold.value), trial_counts(scores)
    return rates_at(Counted.of(threshold, errors, trials, spread(errors, trials, scores), scores), BARS)


def test_every_measure_is_there_once_per_cell(scores):
    rows = at(scores, Threshold(policy="operational 1", value=2.0, set_on=GIVEN))
    named = [(r.measure, r.group, r.other_group) for r in rows]
    assert len(set(named)) == len(named)
    pairs = [(g, h) for m, g, h in named if m == FMR]
    assert pairs == [
        ("all", "all"),
        (WITHIN, WITHIN),
        ("female", "female"),
        ("female", "male"),
        ("male", "male"),
    ]
    assert [g for m, g, _ in named if m == FNMR] == ["all", "female", "male"]
    assert {m for m, *_ in named} == {FMR, FNMR, COMPARED, FAR, FRR}


def test_parts_add_up_and_failures_count_as_non_matches(scores):
    rows = at(scores, Threshold(policy="operational 1", value=2.0, set_on=GIVEN))
    by = {(r.measure, r.group, r.other_group): r.estimate for r in rows}
    assert sum(by[(FMR, g, h)].errors for g, h in (("female",) * 2, ("female", "male"), ("male",) * 2)) == (
        by[(FMR, "all", "all")].errors
    )
    assert by[(FMR, WITHIN, WITHIN)].n == by[(FMR, "female", "female")].n + by[(FMR, "male", "male")].n
    failed = int(scores.failed.sum())
    assert by[(FNMR, "all", "all")].n - by[(COMPARED, "all", "all")].n == failed > 0
    assert by[(FNMR, "all", "all")].errors - by[(COMPARED, "all", "all")].errors == failed
    assert by[(FRR, "all", "all")] == by[(FNMR, "all", "all")]


def test_verdicts_are_for_groups_only(scores):
    rows = at(scores, Threshold(policy="operational 1", value=2.0, set_on=GIVEN))
    judged = [(r.measure, r.group) for r in rows if r.verdict != NO_VERDICT]
    assert judged == [(FMR, "female"), (FMR, "male"), (FNMR, "female"), (FNMR, "male")]


def test_a_group_s_own_threshold_says_nothing_about_others(scores):
    rows = at(scores, Threshold(policy=OWN_GROUP, value=2.0, set_on=GIVEN, group=1))
    assert [(r.measure, r.group) for r in rows] == [(FMR, "male"), (FNMR, "male")]


def test_an_absent_group_has_no_rate(scores):
    gone = scores.take(np.asarray(scores.cell != scores.cells.pair(0, 0)))
    rows = at(gone, Threshold(policy="operational 1", value=2.0, set_on=GIVEN))
    one = next(r for r in rows if (r.measure, r.group, r.other_group) == (FMR, "female", "female"))
    assert one.estimate.n == 0
    assert math.isnan(one.estimate.rate)
    assert one.verdict == "undetermined"
