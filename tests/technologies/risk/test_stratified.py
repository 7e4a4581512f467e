"""At equal score: a group with higher scores does not differ by that alone, and intervals contain the truth."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.risk.measure.stratified import at_equal_score


def test_a_group_with_other_scores_and_the_same_shares_does_not_differ() -> None:
    group, rest = np.array([[10.0, 10.0], [10.0, 90.0]]), np.array([[200.0, 200.0], [4.0, 36.0]])
    found = at_equal_score(group, group + rest)
    assert float(found.ratio) == pytest.approx(1) and float(found.z) == pytest.approx(0)


def test_a_group_that_nothing_tells_apart_is_not_tested() -> None:
    everyone = np.array([[10.0, 0.0]])
    assert float(at_equal_score(everyone, everyone).z) == 0


@pytest.mark.parametrize("share", [0.15, 0.45])
def test_intervals_hold_the_true_ratio(share: float) -> None:
    rng = np.random.default_rng(8)
    n, part, true = np.array([400, 400, 400]), np.array([80, 120, 40]), 1.4
    base = share * np.array([0.7, 1.0, 1.3])
    held = 0
    for _ in range(1_000):
        mine, others = rng.binomial(part, true * base), rng.binomial(n - part, base)
        group = np.stack([part - mine, mine], axis=1).astype(float)
        found = at_equal_score(group, np.stack([n - mine - others, mine + others], axis=1).astype(float))
        whole = (part * true * base).sum() / (part * (part * true * base + (n - part) * base) / n).sum()
        low, high = found.interval()
        held += low <= whole <= high
    assert 0.93 <= held / 1_000 <= 0.99


def test_a_person_who_is_there_ten_times_tells_as_much_as_once() -> None:
    rng = np.random.default_rng(4)
    score, event, mine = rng.integers(0, 3, 500), rng.random(500) < 0.4, rng.random(500) < 0.3
    each = np.zeros((500, 2, 3, 2))
    each[np.arange(500), 0, score, event.astype(int)] = 1
    each[:, 1] = each[:, 0] * mine[:, None, None]
    once = at_equal_score(each[:, 1].sum(axis=0), each[:, 0].sum(axis=0))
    many = at_equal_score(10 * each[:, 1].sum(axis=0), 10 * each[:, 0].sum(axis=0), (10 * each[:, 1], 10 * each[:, 0]))
    rows = at_equal_score(10 * each[:, 1].sum(axis=0), 10 * each[:, 0].sum(axis=0))
    assert float(many.ratio) == pytest.approx(float(once.ratio))
    assert float(many.error) == pytest.approx(float(once.error), rel=0.08)
    assert float(rows.error) == pytest.approx(float(once.error) / np.sqrt(10), rel=0.01)
    assert float(many.groups) == min((mine & event).sum(), (mine & ~event).sum())
    assert many.interval()[0] < once.ratio < many.interval()[1]
