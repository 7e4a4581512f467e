"""Claims: the printed interval decides, a page errs rarely, and small groups are judged exactly."""

from __future__ import annotations

import doctest
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher

from peelian.measure import claims
from peelian.measure.claims import (
    AREA,
    AT_LEAST,
    CANNOT_TELL,
    LARGE,
    LEVEL,
    RULED_OUT,
    SHOWN,
    About,
    Claim,
    Spread,
    around,
    decided,
    needed,
    odds_ratio,
    rate_ratio,
    ratio_of_rates,
    worded,
)
from peelian.measure.multiplicity import holm

FPR, ZERO = About(kind="fpr"), About(kind="gain", none=0.0)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(claims).failed == 0


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60), st.integers(0, 60))
def test_ends_have_their_mid_p_by_scipys_noncentral_hypergeometric(a: int, b: int, c: int, d: int) -> None:
    n, m, events = a + b, c + d, a + c
    if not (n and m and 0 < events < n + m):
        return
    low, high = odds_ratio((a, n), (c, m), 0.02)
    for odds, tail in ((low, "above"), (high, "below")):
        if 0 < odds < math.inf:
            law = nchypergeom_fisher(n + m, n, events, odds)
            p = law.pmf(a) / 2 + (law.sf(a) if tail == "above" else law.cdf(a - 1))
            assert p == pytest.approx(0.01, rel=1e-3)
        else:
            assert a in ((max(0, events - m) if odds == 0 else min(n, events)),)


@given(st.floats(0, 30), st.floats(0.5, 400), st.floats(0, 400), st.floats(0.5, 4_000), st.floats(1e-6, 0.2))
def test_the_interval_excludes_one_exactly_where_p_is_below_its_level(
    k: float, more: float, j: float, rest: float, alpha: float
) -> None:
    claim = ratio_of_rates(FPR, (k, k + more), (j, j + rest), df=30)
    if math.isnan(claim.p) or abs(claim.p - alpha) < 1e-6 * alpha:
        return
    low, high = claim.ends(alpha)
    assert (low > 1 or high < 1) == (claim.p < alpha)


def test_large_counts_go_over_into_the_normal_interval_without_a_step() -> None:
    below, above = (rate_ratio((LARGE + by, 4_000), (2_000, 9_000), 0.01) for by in (-1, 1))
    assert below == pytest.approx(above, rel=0.01)


@pytest.mark.parametrize("size", [1, 30])
def test_the_order_is_weighted_holm(size: int) -> None:
    rng = np.random.default_rng(size)
    for _ in range(50):
        z, weight = rng.normal(0, 3, size), rng.uniform(0.2, 3, size)
        made = [around(replace(ZERO, weight=float(weight[i])), float(z[i]), Spread(error=1.0)) for i in range(size)]
        found = decided(made)
        rejected = holm([claim.p for claim in made], weight) <= LEVEL
        assert [one.low > 0 or one.high < 0 for one in found] == rejected.tolist()


def test_the_first_claim_silences_no_other() -> None:
    nothing = around(About(kind="auc", none=0.5, matters=AREA), 0.5, Spread(error=0.02))
    harm = ratio_of_rates(replace(FPR, weight=0.5), (60, 100), (170, 1_000))
    rest = [ratio_of_rates(replace(FPR, weight=0.5 / 22), (17, 100), (170, 1_000)) for _ in range(22)]
    assert decided([nothing, harm, *rest])[1].shown


def test_390_people_of_a_minority_are_not_silence() -> None:
    (found,) = decided([ratio_of_rates(FPR, (0.68 * 323, 323), (0.17 * 6_000, 6_000))])
    assert found.word == SHOWN
    assert 3.6 < found.low < 4 < found.high < 4.4


def test_a_side_without_errors_is_at_least() -> None:
    (found,) = decided([ratio_of_rates(FPR, (30, 400), (0, 4_000))])
    assert found.word == AT_LEAST
    assert found.low > 30
    assert found.high == math.inf


@pytest.mark.parametrize("counts", [(0, 0, 5, 10), (0, 10, 0, 10), (10, 10, 10, 10), (1, 1, 0, 0)])
def test_where_nothing_varies_nothing_is_told(counts: tuple[float, float, float, float]) -> None:
    (found,) = decided([ratio_of_rates(FPR, counts[:2], counts[2:])])
    assert found.word == CANNOT_TELL


def test_equal_groups_of_the_published_size_rule_a_gap_out() -> None:
    assert worded(*rate_ratio((190, 1_900), (100_000, 1_000_000), 0.04)) == RULED_OUT
    assert worded(*rate_ratio((60, 600), (100_000, 1_000_000), 0.04)) == CANNOT_TELL


def test_the_number_that_tells_tells() -> None:
    rng, told = np.random.default_rng(3), 0
    needs = needed((10, 100), (17_000, 100_000), LEVEL)
    assert needs is not None
    n = 100 + needs.more
    for _ in range(300):
        k, j = rng.binomial(n, 0.17), rng.binomial(100_000, 0.17)
        told += decided([ratio_of_rates(FPR, (k, n), (j, 100_000))])[0].word != CANNOT_TELL
    assert told >= 240


def test_a_page_without_effect_rarely_shows_one() -> None:
    rng, wrong = np.random.default_rng(4), 0
    for _ in range(400):
        sizes = rng.integers(30, 400, 12)
        made: list[Claim] = [
            ratio_of_rates(FPR, (rng.binomial(n, 0.06), n), (rng.binomial(2_000, 0.06), 2_000)) for n in sizes
        ]
        wrong += any(one.shown for one in decided(made))
    assert wrong <= 28  # of 400 at 0.04: 16 expected, 28 three standard errors above
