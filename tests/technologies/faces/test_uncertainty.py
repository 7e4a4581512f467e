"""Proves what a number of errors may claim: intervals, bounds for zeros, adequacy and verdicts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.measure.rates import wilson
from peelian.technologies.faces.measure.uncertainty import (
    AT_MOST,
    CLUSTERED,
    DYADIC,
    EXACT,
    INDICATIVE,
    MEASURED,
    NOT_DETERMINABLE,
    THREE,
    UNKNOWN,
    WILSON,
    adequacy_of,
    design_effect,
    estimate,
    logit_interval,
    weakest,
)


def made(k, n, variance=1e-9, **how):
    return estimate(k, n, **{"variance": variance, "method": DYADIC, "single": False, "known": True} | how)


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0, 1e-2))
def test_an_interval_holds_its_rate_and_lies_within_0_and_1(k, n, variance):
    k = min(k, n)
    one = made(k, n, variance)
    assert 0 <= one.low <= one.rate <= one.high <= 1 or one.bound == AT_MOST
    assert one.bound != AT_MOST or one.high == min(1.0, 3 / n)


def test_no_error_at_all_is_a_bound_and_not_a_zero():
    one = made(0, 3000)
    assert (one.bound, one.method, one.high, one.substituted) == (AT_MOST, THREE, 0.001, 0.001)
    assert made(3000, 3000).bound == EXACT


def test_wilson_only_where_no_subject_recurs():
    one = made(40, 1000, single=True)
    assert one.method == WILSON
    assert (one.low, one.high) == tuple(float(x) for x in wilson(40, 1000))
    assert made(40, 1000).method == DYADIC
    assert made(40, 1000, method=CLUSTERED).method == CLUSTERED


def test_without_subjects_there_is_no_interval_and_never_more_than_indicative():
    one = made(4000, 100_000, known=False)
    assert math.isnan(one.low)
    assert (one.method, one.adequacy) == (UNKNOWN, INDICATIVE)


def test_a_variance_under_that_of_independent_comparisons_is_not_believed():
    assert logit_interval(40, 1000, -1.0) == logit_interval(40, 1000, 0.04 * 0.96 / 1000)


def test_few_subjects_widen_an_interval_by_student_s_t():
    # scipy.stats.t.ppf(0.975, 10) = 2.2281 and norm.ppf(0.975) = 1.95996, on the log-odds scale.
    def half(subjects):
        low, high = logit_interval(40, 1000, 4e-5, subjects=subjects)
        return math.log(high / (1 - high)) - math.log(low / (1 - low))

    assert half(11) / half(0) == pytest.approx(2.2281 / 1.95996, rel=1e-4)


def test_no_trial_is_no_rate():
    one = made(0, 0)
    assert math.isnan(one.rate)
    assert one.adequacy == NOT_DETERMINABLE


@pytest.mark.parametrize(("k", "word"), [(6, NOT_DETERMINABLE), (10, INDICATIVE), (29, INDICATIVE), (30, MEASURED)])
def test_six_false_positives_determine_nothing(k, word):
    assert adequacy_of(k) == word


def test_the_weakest_word_wins():
    assert weakest([MEASURED, INDICATIVE]) == INDICATIVE
    assert weakest([]) == NOT_DETERMINABLE


def test_the_design_effect_compares_with_independent_comparisons():
    plain = 0.1 * 0.9 / 1000
    assert design_effect(100, 1000, 3 * plain) == pytest.approx(3)
    assert design_effect(100, 1000, plain / 2) == 1
    assert math.isnan(design_effect(0, 1000, plain))
