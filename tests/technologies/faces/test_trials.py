"""Proves that trials are counted as a double loop counts them, by cell, by subject and by pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.faces.formats.shapes import ScoreColumns, admitted_scores
from peelian.technologies.faces.measure.errors import pair_keys, trial_counts
from peelian.technologies.faces.measure.scores import Cells, Scores, built


def some_scores(pairs: list[tuple[int, int]], failed: list[bool], subjects: int, groups: int) -> Scores:
    probe, ref = (np.array([p[side] for p in pairs], dtype=np.int32) for side in (0, 1))
    group_of = (np.arange(subjects) % (groups + 1) - 1).astype(np.int16)
    cells = Cells(groups=tuple("abc"[:groups]))
    genuine = probe == ref
    own = np.where(group_of[probe] < 0, groups, group_of[probe]) + cells.impostor_cells
    return Scores(
        score=np.where(failed, np.nan, 0.0),
        genuine=genuine,
        failed=np.array(failed),
        probe=probe,
        ref=ref,
        group_of=group_of,
        cell=np.where(genuine, own, cells.pairs()[group_of[probe], group_of[ref]]).astype(np.int16),
        cells=cells,
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(0, 3), st.data())
def test_counts_are_those_of_a_double_loop(subjects, groups, data):
    one = st.integers(0, subjects - 1)
    rows = data.draw(st.lists(st.tuples(one, one, st.booleans()), min_size=1, max_size=40))
    scores = some_scores([(a, b) for a, b, _ in rows], [f for _, _, f in rows], subjects, groups)
    made = trial_counts(scores)
    assert made.made.sum() + made.failed.sum() == len(rows)
    impostor = [(a, b) for a, b, failed in rows if a != b and not failed]
    totals = [sum((i in pair) for pair in impostor) for i in range(subjects)]
    assert made.by_subject()[0].sum(axis=1).tolist() == totals
    assert made.by_subject()[1].tolist() == [sum(a == b == i for a, b, _ in rows) for i in range(subjects)]
    unordered = [tuple(sorted(pair)) for pair in impostor]
    repeats = {pair: unordered.count(pair) for pair in unordered}
    if made.pairs is None:
        assert all(n == 1 for n in repeats.values())
    else:
        assert sorted(made.pairs.counts.tolist()) == sorted(repeats.values())
        assert made.pairs.squares.sum() == sum(n * n for n in repeats.values())


def test_pairs_have_one_key_whichever_way_round():
    a, b = np.triu_indices(30, 1)
    keys = pair_keys(a.astype(np.int32), b.astype(np.int32))
    assert (keys == pair_keys(b.astype(np.int32), a.astype(np.int32))).all()
    assert sorted(keys.tolist()) == list(range(30 * 29 // 2))


def test_without_subjects_there_is_nothing_by_subject():
    columns = ScoreColumns(score=np.array([0.1, 0.2]), genuine=np.array([True, False]), failed=np.zeros(2, np.bool_))
    made = trial_counts(built([admitted_scores(columns).table], None, by=("sex",), least=11))
    assert made.made.sum() == 2
    with pytest.raises(InputError, match="no subject pseudonyms"):
        made.by_subject()
