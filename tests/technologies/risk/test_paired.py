"""Paired differences: signs, exact ties, and the error of expected shares that were estimated from the same people."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.risk.measure.paired import (
    Difference,
    Promise,
    area_difference,
    promise_difference,
    rate_difference,
    tango,
)


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


def repeated(people: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two scores, outcomes and replicate groups of assessments that are alike within persons."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    own = rng.normal(size=people)[person]
    first, second = (np.round(own + rng.normal(size=people)[person] + rng.normal(size=len(person))) for _ in range(2))
    outcome = (own + rng.normal(size=len(person)) > 0).astype(float)
    return first, second, np.stack([1 - outcome, outcome], axis=1), person % 50


def differences(
    first: np.ndarray, second: np.ndarray, people: np.ndarray, mine: np.ndarray, fold: np.ndarray | None
) -> tuple[Difference, ...]:
    levels = [np.unique(score, return_inverse=True)[1] for score in (first, second)]
    promises = []
    for level in levels:
        n, events = (np.bincount(level, weights=part) for part in (people.sum(axis=1), people[:, 1]))
        promises.append(Promise(share=(events / np.maximum(n, 1))[level], level=level))
    return (
        area_difference(first, second, people, fold),
        rate_difference(first >= 1, second >= 1, people[:, 0], fold),
        promise_difference(promises[0], promises[1], people, mine, fold),
    )


def test_the_error_by_persons_is_that_of_figures_recomputed_without_each_group() -> None:
    first, second, people, fold = repeated(120, 12, 3)
    of = first, second, people, np.arange(len(first)) % 3 > 0
    found, independent = differences(*of, fold), differences(*of, None)
    left = [differences(*(part[fold != f] for part in of), None) for f in range(50)]
    for one, without, alone in zip(found, zip(*left, strict=True), independent, strict=True):
        exact = np.sqrt(sum((other.value - one.value) ** 2 for other in without) * 49 / 50)
        assert one.error == pytest.approx(exact, rel=0.06) and 48 <= one.groups <= 50
        assert one.value == pytest.approx(alone.value)
    assert found[0].error > 1.3 * independent[0].error


def test_scores_of_which_nobody_is_discordant_are_as_uncertain_as_there_are_groups() -> None:
    high, n, fold = np.array([True, False]), np.array([400.0, 400.0]), np.array([0, 1])
    found = rate_difference(high, high, n, fold)
    assert (found.low, found.high) == tango(0, 0, 2) and np.isnan(found.p)
