"""Proves that a comparison stands at equal false match rates, and that its variance is the clustered and dyadic one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import statsmodels.api as sm

from peelian.errors import NotEnoughData
from peelian.technologies.faces.measure.paired import HIGHER, LOWER, compared
from peelian.technologies.faces.measure.scores import Cells, Scores
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE


def two(subjects=60, groups=2, seed=1, gap=0.0, repeats=3, apart=0.0, copies=1):
    """Two matchers' scores; genuine comparisons lie `apart` higher, and each pair is compared `copies` times."""
    rng = np.random.default_rng(seed)
    a, b = (np.tile(side, copies) for side in np.triu_indices(subjects, 1))
    group, own, twice = (
        np.arange(subjects) % groups,
        rng.standard_normal(subjects),
        np.repeat(np.arange(subjects), repeats),
    )
    genuine = np.arange(len(a) + len(twice)) >= len(a)
    probe, ref = np.concatenate([a, twice]).astype(np.int32), np.concatenate([b, twice]).astype(np.int32)
    cells = Cells(groups=tuple(f"g{i}" for i in range(groups)))
    cell = np.where(genuine, group[probe] + cells.impostor_cells, cells.pairs()[group[probe], group[ref]])
    sides = []
    for m in range(2):
        impostor = 0.4 * (own[a] + own[b]) + rng.standard_normal(len(a))
        right = 2.5 + apart + gap * m - 0.5 * own[twice] + rng.standard_normal(len(twice))
        sides.append(
            Scores(
                score=np.concatenate([impostor, right]), genuine=genuine, failed=np.zeros(len(genuine), dtype=np.bool_),
                probe=probe, ref=ref, group_of=group.astype(np.int16), cell=cell.astype(np.int16), cells=cells,
            )
        )  # fmt: skip
    return sides


def test_both_stand_at_the_target():
    found = compared(*two(), 0.05)
    for side in found.operating:
        assert side.fmr == pytest.approx(0.05, abs=1 / side.fmr_n)


def test_the_target_is_the_lowest_with_thirty_errors():
    assert compared(*two(subjects=90)).target == 0.01
    assert compared(*two(subjects=60)).target == 0.1
    with pytest.raises(NotEnoughData):
        compared(*two(subjects=15))
    with pytest.raises(NotEnoughData):
        compared(*two(), 0.001)


def test_misses_alone_have_statsmodels_clustered_variance():
    """Genuine comparisons that fail whatever the threshold leave the slope at 0: plain clusters of subjects."""
    first, second = two(apart=20.0)
    rng, n = np.random.default_rng(3), int(first.genuine.sum())
    easily = np.repeat(rng.random(60) * 0.4, 3)
    for side in (first, second):
        side.failed[side.genuine] = rng.random(n) < easily
    difference = second.failed[second.genuine].astype(float) - first.failed[first.genuine]
    who = first.probe[first.genuine]
    fitted = sm.OLS(difference, np.ones(n)).fit(cov_type="cluster", cov_kwds={"groups": who, "use_correction": False})
    overall = compared(first, second, 0.05).differences[0]
    assert overall.value == pytest.approx(fitted.params[0])
    assert overall.variance == pytest.approx(fitted.bse[0] ** 2)


@pytest.mark.parametrize("copies", [1, 2])
def test_linearization_is_the_jackknife_over_subjects_of_smooth_rates(copies):
    """Of one group, FMR follows the overall one: what is left is the definition summed pair by pair, by hand."""
    first, second = two(subjects=40, copies=copies)
    found = compared(first, second, 0.1)
    (group,) = [d for d in found.differences if (d.measure, d.group) == ("FMR", "g0")]
    rows = ~first.genuine
    x = [s.score[rows] >= o.threshold for s, o in zip((first, second), found.operating, strict=True)]
    a, b = first.probe[rows], first.ref[rows]
    inside = (a % 2 == 0) & (b % 2 == 0)
    slopes = []
    for side in (first, second):
        score, ranked = side.score[rows], np.sort(side.score[rows])
        at = [ranked[len(ranked) - round(share * len(ranked))] for share in (0.05, 0.2)]
        matched = [score >= t for t in at]
        slopes.append((matched[1][inside].mean() - matched[0][inside].mean()) / (matched[1].mean() - matched[0].mean()))
    residual = np.zeros(40)
    for i, j, one, two_, within in zip(a, b, x[0], x[1], inside, strict=True):
        part = -(slopes[1] * (two_ - x[1].mean()) - slopes[0] * (one - x[0].mean())) / len(a)
        if within:
            part += ((float(two_) - float(one)) - group.value) / inside.sum()
        residual[i] += part
        residual[j] += part
    assert group.variance == pytest.approx((residual**2).sum(), rel=1e-9)


def test_thresholds_set_here_make_misses_less_sure():
    first, second = two(apart=0.0)
    overall = compared(first, second, 0.05).differences[0]
    y = [
        (s.score[s.genuine] < o.threshold).astype(float)
        for s, o in zip((first, second), compared(first, second, 0.05).operating, strict=True)
    ]
    fixed = sm.OLS(y[1] - y[0], np.ones(len(y[0]))).fit(
        cov_type="cluster", cov_kwds={"groups": first.probe[first.genuine], "use_correction": False}
    )
    assert overall.variance > fixed.bse[0] ** 2


def test_the_better_matcher_is_named_whichever_comes_first():
    first, second = two(subjects=90, gap=1.2)
    assert compared(first, second, 0.05).differences[0].verdict == LOWER
    assert compared(second, first, 0.05).differences[0].verdict == HIGHER


def test_a_matcher_beside_itself_differs_in_nothing():
    first, _ = two()
    found = compared(first, first, 0.05).differences
    assert [d.verdict for d in found] == [NOT_DETERMINABLE] * len(found)
    assert all(d.value == 0 for d in found)


def test_every_group_is_compared_in_both_rates():
    found = compared(*two(groups=3), 0.05).differences
    expected = {("FNMR", "all"), *itertools.product(("FNMR", "FMR"), ("g0", "g1", "g2"))}
    assert {(d.measure, d.group) for d in found} == expected


def test_ties_keep_the_nearest_rate():
    first, second = two()
    coarse = [
        type(s)(**{f: getattr(s, f) for f in s.__slots__} | {"score": np.round(s.score)}) for s in (first, second)
    ]
    for side in compared(*coarse, 0.05).operating:
        assert 0.01 < side.fmr < 0.2
