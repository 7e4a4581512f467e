"""Proves FPIR, FNIR, TPIR and CMC on lists whose answers are known, and that CMC never stands alone."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.table import Kind, table
from peelian.technologies.faces.declared import CANDIDATES, MATES
from peelian.technologies.faces.measure.searches import (
    FNIR,
    FPIR,
    TPIR,
    gathered_searches,
    grouped,
    halved,
    hit_rates,
    returned,
    share_at,
)


def lists(rows, *, ranked=True):
    """Rows (search, candidate, rank, score)."""
    columns = {
        "search": (Kind.PSEUDONYM, np.array([r[0] for r in rows])),
        "candidate": (Kind.PSEUDONYM, np.array([r[1] for r in rows])),
        "score": (Kind.AMOUNT, np.array([r[3] for r in rows], dtype=float)),
    }
    if ranked:
        columns["rank"] = (Kind.COUNT, np.array([r[2] for r in rows]))
    return table(CANDIDATES, columns)


def mates(pairs):
    return table(
        MATES,
        {
            "search": (Kind.PSEUDONYM, np.array([a for a, _ in pairs])),
            "mate": (Kind.PSEUDONYM, np.array([b or -1 for _, b in pairs])),
            "mated": (Kind.COUNT, np.array([int(bool(b)) for _, b in pairs])),
        },
    )


ROWS = [
    (1, 11, 1, 0.9),
    (1, 12, 2, 0.4),
    (2, 13, 1, 0.7),
    (2, 12, 2, 0.6),
    (3, 14, 1, 0.5),
    (4, 15, 1, 0.8),
    (4, 11, 2, 0.1),
]
TRUE = [(1, 11), (2, 12), (3, None), (4, None), (5, 16)]


@pytest.mark.parametrize("ranked", [True, False])
def test_shares_of_lists_whose_answer_is_known(ranked):
    made = gathered_searches(lists(ROWS, ranked=ranked), mates(TRUE), direction="auto", gallery=50)
    assert (len(made), int(made.mated.sum()), set(made.gallery.tolist())) == (5, 3, {50})
    assert share_at(made, FPIR, 0.6, rank=20).rate == 1 / 2
    assert share_at(made, FNIR, 0.6, rank=20).rate == 1 / 3, "search 5 returned nobody"
    assert share_at(made, FNIR, 0.6, rank=1).rate == 2 / 3, "search 2 has its mate at rank 2"
    assert share_at(made, TPIR, 0.6, rank=1).rate == pytest.approx(1 / 3)
    assert returned(made, 0.6) == (3, 5)
    assert [round(e.rate, 3) for e in hit_rates(made, most=2)] == [0.333, 0.667]


def test_distances_are_told_by_the_ranks_and_by_the_mates():
    turned = [(a, b, r, 1 - s) for a, b, r, s in ROWS]
    mated = turned[:2]
    assert gathered_searches(lists(mated, ranked=False), mates(TRUE), direction="auto", gallery=0).distance
    for ranked, direction in ((True, "auto"), (False, "distance")):
        made = gathered_searches(lists(turned, ranked=ranked), mates(TRUE), direction=direction, gallery=0)
        assert made.distance
        assert share_at(made, FPIR, -0.4, rank=20).rate == 1 / 2
    with pytest.raises(InputError, match="run as a distance"):
        gathered_searches(lists(turned), mates(TRUE), direction="similarity", gallery=0)


def test_ranks_and_scores_that_disagree_are_refused():
    rows = [(1, 1, 1, 0.9), (1, 2, 2, 0.5), (2, 3, 1, 0.2), (2, 4, 2, 0.8)]
    with pytest.raises(InputError, match="ranks and scores disagree"):
        gathered_searches(lists(rows), mates(TRUE), direction="auto", gallery=0)


def test_without_mates_nothing_can_be_said():
    with pytest.raises(InputError, match="no mates given"):
        gathered_searches(lists(ROWS), None, direction="auto", gallery=0)


def test_hit_rates_are_never_shown_without_searches_of_strangers():
    made = gathered_searches(lists(ROWS[:4]), mates(TRUE[:2]), direction="auto", gallery=0)
    with pytest.raises(NotEnoughData, match="FPIR unknown"):
        hit_rates(made)


def test_halves_have_no_subject_in_common_and_small_groups_are_closed():
    rows = [(i, 1000 + i, 1, 0.5) for i in range(60)]
    made = gathered_searches(lists(rows), mates([(0, 1000)]), direction="auto", gallery=0)
    first, second = halved(made, seed=2)
    assert not set(first.subject.tolist()) & set(second.subject.tolist())
    assert len(first) + len(second) == 60
    labels = {i: ("big" if i < 40 else "small") if i < 45 else "" for i in range(60)}
    named = grouped(made, labels, 11)
    assert named.groups == ()
    assert grouped(made, {i: "ab"[i % 2] for i in range(60)}, 11).groups == ("a", "b")


def test_a_zero_miss_rate_is_a_hit_rate_of_at_least():
    rows = [(i, 100 + i, 1, 0.9) for i in range(40)]
    made = gathered_searches(lists(rows), mates([(i, 100 + i) for i in range(40)]), direction="auto", gallery=0)
    one = share_at(made, TPIR, 0.5, rank=1)
    assert (one.bound, one.rate, one.low) == ("at least", 1.0, 1 - 3 / 40)
