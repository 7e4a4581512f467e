"""Paired differences: signs, exact ties, and the error of expected shares that were estimated from the same people."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.risk.paired import Promise, promise_difference, rate_difference, tango


def test_second_minus_first_and_its_interval_are_of_one_sign() -> None:
    first, second = np.array([1, 0, 1, 0], dtype=bool), np.array([0, 1, 1, 0], dtype=bool)
    found = rate_difference(first, second, np.array([5.0, 40, 20, 135]))
    assert (found.first, found.second) == (0.125, 0.3) and 0 < found.low < found.value < found.high
    assert found.p < 0.001 and rate_difference(first, second, np.array([7.0, 7, 3, 83])).p == 1


def test_no_discordant_person_still_leaves_doubt() -> None:
    low, high = tango(0, 0, 50)
    assert low < 0 < high and high == pytest.approx(-low)


def test_probabilities_are_compared_as_paired_means() -> None:
    rng = np.random.default_rng(2)
    people = np.stack([np.ones(300), np.zeros(300)], axis=1)
    first, second = rng.random(300), rng.random(300)
    mine = np.arange(300) < 200
    found = promise_difference(Promise(share=first), Promise(share=second), people, mine)
    gap = (second - first)[mine]
    assert found.value == pytest.approx(gap.mean())
    assert found.error == pytest.approx(np.sqrt((gap**2).sum() - gap.sum() ** 2 / 300) / 200)


def test_the_error_of_estimated_promises_is_that_of_repeated_samples() -> None:
    """Two noisy copies of one risk, both graded by what happened to everyone: the group's expected shares differ."""
    rng = np.random.default_rng(5)
    values, errors = [], []
    for _ in range(400):
        risk, mine = rng.random(800), rng.random(800) < 0.3
        outcome = (rng.random(800) < risk).astype(int)
        levels = [np.clip(((risk + rng.normal(size=800) * 0.2) * 5).astype(int), 0, 4) for _ in range(2)]
        promises = []
        for level in levels:
            n = np.bincount(level, minlength=5)
            share = np.bincount(level, weights=outcome, minlength=5) / np.maximum(n, 1)
            promises.append(Promise(share=share[level], level=level))
        found = promise_difference(*promises, np.stack([1 - outcome, outcome], axis=1).astype(float), mine)
        values.append(found.value)
        errors.append(found.error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)
