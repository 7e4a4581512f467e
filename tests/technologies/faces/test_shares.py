"""Proves that verdicts against a limit, sample sizes and the stop number are the exact binomial ones."""

from __future__ import annotations

import pytest
from scipy import stats

from peelian.technologies.faces.measure.shares import (
    SURE,
    against,
    most_errors,
    needed,
    needed_without_error,
    power,
    stop_number,
)


@pytest.mark.parametrize(("k", "n", "limit"), [(0, 100, 0.05), (12, 100, 0.05), (5, 100, 0.05)])
def test_against_a_limit_is_twice_the_smaller_tail(k, n, limit):
    tails = stats.binom.cdf(k, n, limit), stats.binom.sf(k - 1, n, limit)
    assert against(k, n, limit) == pytest.approx(min(1, 2 * min(tails)))


@pytest.mark.parametrize(("n", "limit"), [(50, 0.2), (400, 0.2), (20_000, 0.001), (30, 0.05)])
def test_the_most_errors_that_pass(n, limit):
    most = most_errors(n, limit, SURE)
    assert most == -1 or 2 * stats.binom.cdf(most, n, limit) <= SURE
    assert 2 * stats.binom.cdf(most + 1, n, limit) > SURE


def test_sample_sizes_are_just_enough():
    n = needed_without_error(0.01, SURE)
    assert most_errors(n, 0.01, SURE) == 0 and most_errors(n - 1, 0.01, SURE) == -1
    enough = needed(0.01, SURE)
    assert power(enough, 0.01, SURE) >= 0.8 > power(int(enough * 0.9), 0.01, SURE)
    assert power(enough, 0.01, SURE) == pytest.approx(stats.binom.cdf(most_errors(enough, 0.01, SURE), enough, 0.005))


@pytest.mark.parametrize(("n", "limit"), [(20_000, 0.001), (100, 0.1), (5, 0.5)])
def test_the_stop_number_is_the_first_that_is_rare_at_the_limit(n, limit):
    stop = stop_number(n, limit)
    assert stats.binom.sf(stop - 1, n, limit) <= SURE < stats.binom.sf(stop - 2, n, limit)
