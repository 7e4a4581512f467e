"""Rivals: they learn what is there to be learnt, and are judged on people they have not seen."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.rates import delong
from peelian.technologies.risk.rivals import Joint, best_pair, compared, halves, logistic, rule_list, ruled


@pytest.fixture
def joint() -> Joint:
    """Two features that matter and one that does not; a score that knows only the first."""
    rng = np.random.default_rng(4)
    a, b, c = np.array([(i >> 2 & 1, i >> 1 & 1, i & 1) for i in range(8)]).T
    p = 0.2 + 0.3 * a + 0.3 * b
    n = np.full(8, 500)
    events = rng.binomial(n, p)
    return Joint(score=a.astype(float), features=np.array([a, b, c]), people=np.stack([n - events, events], axis=1))


def test_halves_share_nobody_and_lose_nobody(joint: Joint) -> None:
    first, second = halves(joint, 1)
    assert (first.people + second.people == joint.people).all()
    assert 0.4 < first.people.sum() / joint.people.sum() < 0.6


def test_the_best_pair_is_the_one_that_matters(joint: Joint) -> None:
    assert best_pair(joint) == (0, 1)


def test_a_logistic_on_both_features_beats_the_score_that_knows_one(joint: Joint) -> None:
    learn, judge = halves(joint, 1)
    found = compared(judge, logistic(learn, (0, 1)))
    assert found.difference > 0.03
    assert found.difference / np.sqrt(found.difference_variance) > 3


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
    assert lines[0].events / lines[0].n > lines[1].events / lines[1].n > lines[2].events / lines[2].n
    promised = ruled(joint, lines)
    assert len(set(promised.tolist())) == 3
    assert not np.isnan(promised).any()


def test_too_few_people_for_a_condition_make_a_shorter_list() -> None:
    joint = Joint(score=np.array([0.0, 1.0]), features=np.array([[0, 1]]), people=np.array([[10, 5], [5, 6]]))
    assert len(rule_list(joint)) == 1
