"""Rivals: they learn what is there to be learnt, and are judged on people they have not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.measure.rates import delong
from peelian.technologies.risk.measure.rivals import (
    FOLDS,
    REPEATS,
    Joint,
    best_pair,
    compared,
    cross_fitted,
    folds,
    logistic,
    rule_list,
    ruled,
)


@pytest.fixture
def joint() -> Joint:
    """Two features that matter and one that does not; a score that knows only the first."""
    rng = np.random.default_rng(4)
    a, b, c = np.array([(i >> 2 & 1, i >> 1 & 1, i & 1) for i in range(8)]).T
    p = 0.2 + 0.3 * a + 0.3 * b
    n = np.full(8, 500)
    events = rng.binomial(n, p)
    people = np.stack([n - events, events], axis=1)
    return Joint(score=a.astype(float), features=np.array([a, b, c]), people=people, ordered=(False,) * 3)


def test_every_person_is_tested_once_in_a_partition_and_never_by_a_model_that_knows_them(joint: Joint) -> None:
    made = list(folds(joint, 1))
    assert len(made) == FOLDS * REPEATS
    assert all((learn.people + judge.people == joint.people).all() for learn, judge in made)
    assert (sum(judge.people for _, judge in made[:FOLDS]) == joint.people).all()


def test_the_best_pair_is_the_one_that_matters(joint: Joint) -> None:
    assert best_pair(joint) == (0, 1)


def test_a_logistic_on_both_features_beats_the_score_that_knows_one(joint: Joint) -> None:
    found = cross_fitted(joint, lambda learn: logistic(learn, (0, 1)), 1)
    assert found.difference > 0.03 and found.n == joint.people.sum()
    assert found.difference / np.sqrt(found.difference_variance) > 3


def test_a_model_that_learns_noise_by_heart_gains_nothing_on_people_it_has_not_seen() -> None:
    rng = np.random.default_rng(2)
    codes = np.arange(400)
    events = rng.binomial(10, 0.4, size=400)
    people = np.stack([10 - events, events], axis=1)
    noise = Joint(score=rng.random(400), features=np.stack([codes, codes]), people=people, ordered=(False, False))
    fit = lambda learn: (learn.people[:, 1] + 0.5) / (learn.people.sum(axis=1) + 1)  # noqa: E731
    assert compared(noise, fit(noise)).area > 0.58
    found = cross_fitted(noise, fit, 1)
    assert abs(found.area - 0.5) < 2.6 * np.sqrt(found.variance)


def test_the_spread_of_a_cross_fitted_difference_is_that_of_new_people() -> None:
    """Cohorts are drawn again and again: the printed standard error is their spread."""
    rng = np.random.default_rng(5)
    a, b = np.indices((3, 3)).reshape(2, -1)
    p = 0.2 + 0.15 * a + 0.1 * b
    found = []
    for seed in range(120):
        n = rng.multinomial(1500, np.full(9, 1 / 9))
        events = rng.binomial(n, p)
        people = np.stack([n - events, events], axis=1)
        joint = Joint(score=a.astype(float), features=np.array([a, b]), people=people, ordered=(True, True))
        found.append(cross_fitted(joint, lambda learn: logistic(learn, (0, 1)), seed))
    spread = np.std([one.difference for one in found])
    assert 0.8 < np.sqrt(np.mean([one.difference_variance for one in found])) / spread < 1.25


def test_the_instrument_against_itself_differs_by_nothing(joint: Joint) -> None:
    found = compared(joint, joint.score)
    area = delong([joint.people[joint.score == s, 1].sum() for s in (0, 1)],
                  [joint.people[joint.score == s, 0].sum() for s in (0, 1)])  # fmt: skip
    assert found.area == pytest.approx(float(area.value))
    assert found.variance == pytest.approx(float(area.variance), rel=1e-9)
    assert found.difference == 0
    assert found.difference_variance == 0


def test_a_rule_list_has_at_most_three_lines_and_its_last_is_otherwise(joint: Joint) -> None:
    lines = rule_list(joint)
    assert len(lines) == 3
    assert lines[-1].feature == -1
    assert {line.feature for line in lines[:2]} <= {0, 1}, "the features that matter"
    promised = ruled(joint, lines)
    assert len(set(promised.tolist())) == 3
    assert not np.isnan(promised).any()


def test_ordered_levels_make_rules_of_at_least_and_at_most() -> None:
    """Everybody with three or more had the event: one rule says so, where single levels would need two."""
    codes = np.arange(5)
    people = np.array([[100, 0], [100, 0], [100, 0], [0, 100], [0, 100]])
    for ordered, expected in ((True, (3, 4)), (False, (3, 3))):
        lines = rule_list(Joint(score=codes * 1.0, features=codes[None], people=people, ordered=(ordered,)))
        assert (lines[0].low, lines[0].high) == expected and lines[0].events == lines[0].n


def test_too_few_people_for_a_condition_make_a_shorter_list() -> None:
    joint = Joint(
        score=np.array([0.0, 1.0]), features=np.array([[0, 1]]), people=np.array([[10, 5], [5, 6]]), ordered=(False,)
    )
    assert len(rule_list(joint)) == 1


def test_nobody_is_on_both_sides_where_some_person_has_several_assessments(joint: Joint) -> None:
    repeated = replace(joint, fold=np.arange(8))
    for learn, judge in folds(repeated, 1):
        sides = [set(repeated.fold[part.people.sum(axis=1) > 0].tolist()) for part in (learn, judge)]
        assert not sides[0] & sides[1] and sides[0] | sides[1] == set(range(8))


def test_a_model_that_learns_persons_by_heart_gains_nothing() -> None:
    """Every feature level is one person, who does the same again and again."""
    rng = np.random.default_rng(7)
    codes, outcome = np.arange(200), rng.integers(0, 2, 200)
    people = np.stack([20 * (1 - outcome), 20 * outcome], axis=1)
    by_heart = lambda learn: (learn.people[:, 1] + 0.5) / (learn.people.sum(axis=1) + 1)  # noqa: E731
    rows = Joint(score=rng.random(200), features=codes[None], people=people, ordered=(False,))
    assert cross_fitted(rows, by_heart, 1).area > 0.99
    found = cross_fitted(replace(rows, fold=codes % 50), by_heart, 1)
    assert found.area == 0.5
