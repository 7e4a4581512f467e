"""Proves what an audit holds: which comparisons each threshold is reported on, prices, and summaries with bounds."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.technologies.faces.audit.audited import audited, audited_histogram, summarised
from peelian.technologies.faces.audit.case import searches_of
from peelian.technologies.faces.audit.declared import AuditParams, HistogramParams
from peelian.technologies.faces.declared import CANDIDATES
from peelian.technologies.faces.example import dataset, example_tables
from peelian.technologies.faces.lists.case import example_candidates
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.measure.histogram import tallied
from peelian.technologies.faces.measure.price import MEASURED_PRICE, MODELLED_PRICE
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.measure.thresholds import GIVEN, HALF, OWN_GROUP, WORST_GROUP
from peelian.technologies.faces.measure.uncertainty import AT_LEAST, NOT_DETERMINABLE


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(360)
    return oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")


@pytest.fixture(scope="module")
def audit(scores):
    return audited(AuditParams(thresholds=(2.4,), limit_fmr=0.02, gallery=100), scores, seed=1)


def test_thresholds_in_use_are_reported_on_everything_and_fitted_ones_on_the_other_half(audit, scores):
    everything = int((~scores.genuine).sum())
    for one in audit.thresholds:
        if one.threshold.policy == OWN_GROUP:
            continue
        n = one.rate(FMR, "all").n
        if one.threshold.set_on == GIVEN:
            assert n == everything
        else:
            assert one.threshold.set_on == HALF
            assert n == 180 * 179 // 2
    assert audit.headline.threshold.policy == "operational 1"


def test_the_worst_group_s_threshold_costs_misses_and_spares_alerts(audit):
    by = {t.threshold.policy: t for t in audit.thresholds}
    first, worst = by["operational 1"], by[WORST_GROUP]
    assert worst.threshold.value > first.threshold.value
    assert worst.price.false_alerts_per_day < first.price.false_alerts_per_day
    assert worst.rate(FNMR, "all").rate > first.rate(FNMR, "all").rate
    group, estimate = first.worst(FMR, audit.groups)
    assert estimate.rate == max(first.rate(FMR, g).rate for g in audit.groups)
    assert group == "male / two"


def test_the_two_way_bootstrap_is_a_cross_check(audit):
    low, high = audit.headline.check
    dyadic = audit.headline.rate(FMR, "all")
    assert low < dyadic.rate < high
    assert high - low > 0.9 * (dyadic.high - dyadic.low)


def test_no_threshold_and_too_little_to_set_one():
    comparisons, people = example_tables(12)
    few = oriented(built([comparisons], people, by=("sex",), least=11), "auto")
    with pytest.raises(NotEnoughData, match="too few impostor comparisons"):
        audited(AuditParams(), few)


def test_a_price_is_measured_where_searches_were_given(scores):
    lists = dataset("x", "peelian-candidates", example_candidates(), {"gallery": 2000})
    assert lists.table.name == CANDIDATES
    searches = searches_of({"candidates": lists}, "similarity")
    made = audited(AuditParams(thresholds=(0.45,), replicates=0), scores, None, searches)
    assert made.headline.price.basis == MEASURED_PRICE
    assert made.headline.price.false_alerts_per_day == pytest.approx(14.0)
    assert audited(AuditParams(thresholds=(2.4,), replicates=0), scores).headline.price.basis == MODELLED_PRICE


def test_a_summary_over_a_group_without_an_error_is_at_least(audit, scores):
    changed = []
    for rate in audit.headline.rates:
        if (rate.measure, rate.group, rate.other_group) == (FMR, "female / one", "female / one"):
            bound = dataclasses.replace(
                rate.estimate, errors=0, rate=0.0, low=0.0, high=3 / rate.estimate.n, bound="at most"
            )
            rate = dataclasses.replace(rate, estimate=bound)
        changed.append(rate)
    one = dataclasses.replace(audit.headline, rates=tuple(changed))
    made = next(s for s in summarised(one, audit.groups) if (s.measure, s.of) == ("max/min", FMR))
    assert made.bound == AT_LEAST
    assert made.value == pytest.approx(audit.headline.rate(FMR, "male / two").rate / (3 / 4005))


def test_a_summary_that_rests_on_six_errors_is_not_given(scores):
    made = audited(AuditParams(thresholds=(2.9,), replicates=0), scores)
    few = [s for s in made.summaries if s.policy == "operational 1" and s.of == FMR]
    assert {s.adequacy for s in few} == {NOT_DETERMINABLE}
    assert all(math.isnan(s.value) for s in few)


def test_a_histogram_gives_the_same_counts_and_no_interval(scores):
    made = audited_histogram(HistogramParams(thresholds=(2.4,)), tallied(scores))
    exact = audited(AuditParams(thresholds=(made.headline.threshold.value,), replicates=0), scores)
    for mine, theirs in zip(made.headline.rates, exact.headline.rates, strict=False):
        if mine.measure == FMR:
            assert mine.estimate.errors == theirs.estimate.errors
            assert np.isnan(mine.estimate.low) or mine.estimate.errors == 0
    with pytest.raises(NotEnoughData, match="cannot be split"):
        audited_histogram(HistogramParams(), tallied(scores))
