"""Proves that the two-way bootstrap reweights as its definition says and never turns out narrower by design."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.errors import gathered, overall_interval, replicated, spread, trial_counts
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.measure.uncertainty import logit_interval


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(160)
    return oriented(built([comparisons], people, by=("sex",), least=11), "auto")


def at(scores, threshold):
    return gathered(scores, [threshold]).at(threshold), trial_counts(scores)


def test_a_replicate_is_the_doubly_weighted_rate(scores):
    errors, trials = at(scores, 1.5)
    made = replicated(errors, trials, scores, replicates=3, seed=9)
    rng = np.random.default_rng(9)
    probe, ref = scores.named()
    impostor, match = ~scores.genuine, scores.score >= 1.5
    for k in range(3):
        weight = np.bincount(rng.integers(0, 160, 160), minlength=160)
        both = weight[probe] * weight[ref]
        exact = both[impostor & match].sum() / both[impostor].sum()
        assert made[k] == pytest.approx(exact, rel=0.02), "to first order in the weights"


def test_it_is_wider_than_the_dyadic_interval(scores):
    errors, trials = at(scores, 2.0)
    n, k = int((~scores.genuine).sum()), int(errors.impostor.sum())
    low, high = logit_interval(k, n, spread(errors, trials, scores).fmr_all)
    wide = overall_interval(errors, trials, scores, replicates=120, seed=4)
    assert wide[1] - wide[0] > 0.9 * (high - low)
    assert wide[0] < k / n < wide[1]


def test_none_are_drawn_where_none_can_be(scores):
    errors, trials = at(scores, 2.0)
    assert np.isnan(overall_interval(errors, trials, scores, replicates=0, seed=1)).all()
