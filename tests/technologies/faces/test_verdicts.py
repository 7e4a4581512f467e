"""Proves that a verdict rests on people: look-alikes nobody met, few errors and one person's errors settle nothing."""

from __future__ import annotations

import math

import pytest
from scipy.stats import beta

from peelian.technologies.faces.measure.uncertainty import CLUSTERED, DYADIC, NOT_DETERMINABLE, estimate
from peelian.technologies.faces.measure.verdicts import (
    FAILS,
    MEETS,
    Support,
    bounds,
    clopper_pearson,
    meets_limit,
    rounded_up,
    subjects_needed,
    unseen_share,
)


def fmr(k, subjects, variance=0.0):
    n = subjects * (subjects - 1) // 2
    return estimate(k, n, variance=variance, method=DYADIC, single=False, known=True, subjects=subjects)


def behind(subjects, erring, share=0.0, **more):
    return Support(subjects=subjects, erring=erring, events=share * subjects / 2, units=subjects / 2, **more)


@pytest.mark.parametrize(("k", "n"), [(0, 40), (3, 80), (7, 7), (12, 300)])
def test_clopper_pearson_is_scipy_s(k, n):
    low, high = clopper_pearson(k, n)
    assert low == pytest.approx(beta.ppf(0.05, k, n - k + 1) if k else 0.0)
    assert high == pytest.approx(beta.ppf(0.95, k + 1, n - k) if k < n else 1.0)
    between = clopper_pearson(2.5, 80)[1]
    assert clopper_pearson(2, 80)[1] < between < clopper_pearson(3, 80)[1]
    assert all(math.isnan(value) for value in clopper_pearson(0, 0))


def test_no_false_match_among_80_people_does_not_meet_a_thousandth():
    one = fmr(0, 80)
    assert one.high < 1e-3  # 3/n over 3,160 comparisons would have passed
    verdict = meets_limit(one, behind(80, 0), 1e-3, pairs=True)
    assert verdict.verdict == NOT_DETERMINABLE
    assert verdict.high == pytest.approx(6 / 80, rel=0.05)
    assert 300 < verdict.needed < 400


def test_thirty_errors_over_ten_subjects_are_believed_and_fewer_are_not():
    one = fmr(45, 600)
    assert meets_limit(one, behind(600, 40, one.rate), 1e-3, pairs=True).verdict == MEETS
    assert meets_limit(one, behind(600, 9, one.rate), 1e-3, pairs=True).verdict == NOT_DETERMINABLE
    few = fmr(29, 600)
    assert meets_limit(few, behind(600, 28, few.rate), 1e-3, pairs=True).verdict == NOT_DETERMINABLE
    assert meets_limit(fmr(900, 600), behind(600, 300, 0.005), 1e-3, pairs=True).verdict == FAILS


def test_a_limit_is_exceeded_from_ten_errors_on_ten_people():
    one = fmr(28, 80)  # nine times the limit
    assert meets_limit(one, behind(80, 20, one.rate), 1e-3, pairs=True).verdict == FAILS
    assert meets_limit(one, behind(80, 9, one.rate), 1e-3, pairs=True).verdict == NOT_DETERMINABLE
    nine = fmr(9, 80)
    assert meets_limit(nine, behind(80, 12, nine.rate), 1e-3, pairs=True).verdict == NOT_DETERMINABLE


def test_a_lower_threshold_s_bound_counts_where_it_is_tighter():
    one = fmr(5, 600)
    assert meets_limit(one, behind(600, 5, one.rate, above=8e-4), 1e-3, pairs=True).verdict == MEETS
    assert bounds(one, behind(600, 5, one.rate, above=0.5))[1] < 0.5
    firm = fmr(45, 600)
    assert bounds(firm, behind(600, 40, firm.rate, above=1e-9))[1] == firm.high


def test_fnmr_counts_each_person_once():
    one = estimate(0, 6000, variance=0.0, method=CLUSTERED, single=False, known=True, subjects=60)
    support = Support(subjects=60, events=0.0, units=60)
    assert meets_limit(one, support, 0.05, pairs=False).verdict == MEETS  # 3/60
    assert meets_limit(one, support, 0.02, pairs=False).verdict == NOT_DETERMINABLE
    assert meets_limit(one, support, 0.02, pairs=False).needed == pytest.approx(150, abs=10)


def test_without_subjects_or_trials_nothing_is_determined():
    unknown = estimate(0, 10**7, variance=math.nan, method=DYADIC, single=False, known=False)
    assert meets_limit(unknown, None, 1e-3, pairs=True).verdict == NOT_DETERMINABLE
    none = estimate(0, 0, variance=math.nan, method=DYADIC, single=False, known=True)
    assert meets_limit(none, behind(20, 0), 1e-3, pairs=True).verdict == NOT_DETERMINABLE


def test_no_number_of_subjects_settles_a_rate_at_its_limit():
    one = fmr(45, 300)
    assert subjects_needed(one, behind(300, 40, one.rate), one.rate, pairs=True) == 0
    assert subjects_needed(one, behind(300, 40, one.rate), 2 * one.rate, pairs=True) > 300


def test_what_could_go_unseen_shrinks_with_people():
    assert unseen_share(300) == pytest.approx(3 / 300, rel=0.01)
    assert unseen_share(0) == 1.0
    assert [rounded_up(n) for n in (346.2, 60, 1001)] == [350, 60, 1100]
