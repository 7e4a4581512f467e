"""Proves that the two-way bootstrap reweights as its definition says and never turns out narrower by design."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.faces.bootstrap import replicated
from peelian.technologies.faces.errors_at import gathered, spread
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.scores import built, oriented
from peelian.technologies.faces.trials import counted
from peelian.technologies.faces.uncertainty import logit_interval


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(160)
    return oriented(built([comparisons], people, by=("sex",), least=11), "auto")


def drawn(scores, threshold, replicates=120, seed=4):
    errors, trials = gathered(scores, [threshold]).at(threshold), counted(scores)
    return errors, trials, replicated(errors, trials, scores, replicates=replicates, seed=seed)


def test_a_replicate_is_the_doubly_weighted_rate(scores):
    errors, trials, made = drawn(scores, 1.5, replicates=3, seed=9)
    rng = np.random.default_rng(9)
    probe, ref = scores.named()
    match = scores.score >= 1.5
    impostor = ~scores.genuine
    for k in range(3):
        weight = np.bincount(rng.integers(0, 160, 160), minlength=160)
        both = weight[probe] * weight[ref]
        exact = both[impostor & match].sum() / both[impostor].sum()
        assert made.fmr_all[k] == pytest.approx(exact, rel=0.02), "to first order in the weights"
        own = scores.genuine & (scores.group_of[probe] == 0)
        wrong = own & (scores.failed | ~match)
        assert made.fnmr[k, 0] == pytest.approx(weight[probe[wrong]].sum() / weight[probe[own]].sum())
    assert errors.impostor.any() and trials.made.any()


def test_it_is_wider_than_the_dyadic_interval(scores):
    errors, trials, made = drawn(scores, 2.0)
    n, k = int((~scores.genuine).sum()), int(errors.impostor.sum())
    low, high = logit_interval(k, n, spread(errors, trials, scores).fmr_all)
    wide = made.interval_all()
    assert wide[1] - wide[0] > 0.9 * (high - low)
    assert wide[0] < k / n < wide[1]


def test_summaries_have_intervals_only_where_groups_err_in_most_replicates(scores):
    _, _, made = drawn(scores, 1.0)
    found = made.summaries()
    low, high = found[("max/min", "FMR")]
    assert 1 <= low < high
    assert {of for _, of in found} == {"FMR", "FNMR", "both"}
    _, _, rare = drawn(scores, 4.2)
    assert ("max/min", "FMR") not in rare.summaries()


def test_none_are_drawn_where_none_can_be(scores):
    errors, trials = gathered(scores, [2.0]).at(2.0), counted(scores)
    assert replicated(errors, trials, scores, replicates=0, seed=1) is None
