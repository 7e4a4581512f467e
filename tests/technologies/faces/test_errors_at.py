"""Proves that errors are counted exactly, ties included, and that the dyadic variance is its defining double sum."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.technologies.faces.measure.errors import gathered, spread, trial_counts
from peelian.technologies.faces.measure.scores import Cells, Scores


def drawn(seed: int, subjects: int = 9, rows: int = 120, groups: int = 2) -> Scores:
    """Comparisons with ties, repeated pairs, failures, and subjects outside every group."""
    rng = np.random.default_rng(seed)
    probe, ref = rng.integers(0, subjects, (2, rows)).astype(np.int32)
    group_of = (np.arange(subjects) % (groups + 1) - 1).astype(np.int16)
    cells = Cells(groups=tuple("abc"[:groups]))
    genuine, failed = probe == ref, rng.random(rows) < 0.1
    own = np.where(group_of[probe] < 0, groups, group_of[probe]) + cells.impostor_cells
    return Scores(
        score=np.where(failed, np.nan, rng.integers(0, 6, rows) + 2.0 * genuine),
        genuine=genuine,
        failed=failed,
        probe=probe,
        ref=ref,
        group_of=group_of,
        cell=np.where(genuine, own, cells.pairs()[group_of[probe], group_of[ref]]).astype(np.int16),
        cells=cells,
    )


def dyadic(pairs: list[tuple[int, int]], errors: list[bool]) -> float:
    """The variance by definition: products of residuals over every two comparisons that share a subject."""
    n, p = len(pairs), sum(errors) / len(pairs)
    residual = [e - p for e in errors]
    total = sum(
        residual[i] * residual[j] for i, j in itertools.product(range(n), repeat=2) if set(pairs[i]) & set(pairs[j])
    )
    return total / n**2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 7))
def test_counts_and_variances_are_those_of_a_double_loop(seed, threshold):
    scores = drawn(seed)
    trials = trial_counts(scores)
    errors = gathered(scores, [0.0, float(threshold), 9.0]).at(float(threshold))
    made = spread(errors, trials, scores)
    probe, ref = scores.named()
    match = scores.score >= threshold
    wrong = np.where(scores.genuine, ~match & ~scores.failed, match)
    np.testing.assert_array_equal(errors.by_cell, np.bincount(scores.cell[wrong], minlength=scores.cells.size))

    def of(rows):
        pairs = list(zip(probe[rows].tolist(), ref[rows].tolist(), strict=True))
        return dyadic(pairs, match[rows].tolist()) if pairs else np.nan

    impostor = ~scores.genuine & ~scores.failed
    np.testing.assert_allclose(made.fmr_all, of(impostor), atol=1e-12)
    within = impostor & np.isin(scores.cell, scores.cells.within())
    np.testing.assert_allclose(made.fmr_within, of(within), atol=1e-12)
    for _, _, cell in scores.cells.named_pairs():
        np.testing.assert_allclose(made.fmr[cell], of(impostor & (scores.cell == cell)), atol=1e-12)


def test_a_genuine_comparison_that_failed_is_an_error_of_its_subject():
    scores = drawn(3, subjects=4, rows=400)
    trials = trial_counts(scores)
    made = spread(gathered(scores, [5.0]).at(5.0), trials, scores)
    probe = scores.named()[0]
    own = scores.genuine
    wrong = (scores.failed | (scores.score < 5.0))[own]
    n, p = int(own.sum()), float(wrong.mean())
    sums = [float((wrong - p)[probe[own] == i].sum()) for i in range(4)]
    assert made.fnmr_all == pytest.approx(sum(s * s for s in sums) / n**2 * 4 / 3)


def test_subjects_that_never_recur_are_noticed():
    scores = drawn(1, subjects=9)
    assert not spread(gathered(scores, [3.0]).at(3.0), trial_counts(scores), scores).single_all
    apart = scores.take(np.zeros(len(scores), dtype=np.bool_))
    assert spread(gathered(apart, [3.0]).at(3.0), trial_counts(apart), apart).single_all
