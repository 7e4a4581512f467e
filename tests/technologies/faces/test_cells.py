"""Proves that every pair of groups has one cell, and that small groups are closed so that no total gives them away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from peelian.technologies.faces.measure.scores import Cells, coded, large_enough


@given(st.integers(0, 9))
def test_cells_are_numbered_without_gaps_and_pairs_pool_both_directions(size):
    cells = Cells(groups=tuple("abcdefghi"[:size]))
    table = cells.pairs()
    assert (table == table.T).all()
    assert set(table.ravel().tolist()) == set(range(cells.impostor_cells))
    own = [cells.genuine(g) for g in range(-1, size)]
    assert sorted(own) == list(range(cells.impostor_cells, cells.size))
    assert [c for g, h, c in cells.named_pairs() if g == h] == cells.within()


def test_labels_that_are_no_group_are_outside():
    assert coded(["b", "?", "a"], ["a", "b"]).tolist() == [1, -1, 0]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_closed_groups_are_none_or_cannot_be_worked_out(sizes):
    labels = [f"g{i}" for i in range(len(sizes))]
    shown, closed = large_enough(labels, np.array(sizes, dtype=np.int64), 11)
    by = dict(zip(labels, sizes, strict=True))
    assert sorted(shown + closed) == sorted(labels)
    assert all(by[label] >= 11 for label in shown)
    if closed and shown:
        assert len(closed) >= 2
        assert sum(by[label] for label in closed) >= 11
