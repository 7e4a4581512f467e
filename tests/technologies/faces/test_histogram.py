"""Proves that a histogram counts what the raw scores count, survives its table, and forgets who was compared."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.table import NEVER_LEAVES, Kind, table
from peelian.technologies.faces.declared import HISTOGRAM
from peelian.technologies.faces.example import example_tables, small_scores
from peelian.technologies.faces.measure.histogram import Bins, from_tables, tallied, to_table
from peelian.technologies.faces.measure.scores import built, oriented


def counted_by_hand(scores, threshold):
    match = scores.score >= threshold
    return np.bincount(scores.cell[match & ~scores.failed], minlength=scores.cells.size)


def test_matches_are_exact_at_every_edge():
    people = example_tables(80)
    scores = oriented(built([people[0]], people[1], by=("sex", "group"), least=11), "auto")
    histogram = tallied(scores)
    for edge in histogram.bins.edges[::9000].tolist():
        matches, used = histogram.matches(edge)
        assert used in (edge, -np.inf)
        np.testing.assert_array_equal(matches, counted_by_hand(scores, edge))


def test_a_threshold_off_the_edges_is_moved_and_said_so():
    scores = small_scores()
    coarse = tallied(scores, Bins(edges=np.array([-9.0, 0.0, 2.0])))
    matches, used = coarse.matches(1.1)
    assert used == 2.0
    np.testing.assert_array_equal(matches, counted_by_hand(scores, 2.0))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_table_gives_the_histogram_back_in_either_direction(sign):
    scores, people = example_tables(60)
    turned = table(
        "face_scores", {c.name: (c.kind, sign * c.values if c.name == "score" else c.values) for c in scores.columns}
    )
    raw = oriented(built([turned], people, by=("sex",), least=11), "auto")
    assert raw.distance == (sign < 0)
    histogram = tallied(raw)
    kept = to_table(histogram)
    assert not {c.kind for c in kept.columns} & NEVER_LEAVES
    back = from_tables([kept], "auto")
    assert back.distance == raw.distance
    for edge in back.bins.edges[::50].tolist():
        np.testing.assert_array_equal(back.matches(edge)[0], histogram.matches(edge)[0])
    with pytest.raises(InputError, match="opposite direction"):
        from_tables([kept], "distance" if sign > 0 else "similarity")


def test_one_class_only_is_not_enough():
    made = table(
        HISTOGRAM,
        {"genuine": (Kind.COUNT, [1, 1]), "score": (Kind.AMOUNT, [0.5, 0.7]), "n": (Kind.COUNT, [3, 4])},
    )
    with pytest.raises(NotEnoughData, match="no impostor"):
        from_tables([made], "auto")
