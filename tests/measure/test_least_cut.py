"""The least cut: no signed sum of published cells is about few rows, held against every combination by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.measure.least_cut import ROWS, Overlaps, left_out, overlaps_of, stoer_wagner


def overlaps(rows: list[tuple[int, int, int]], cells: tuple[int, int], ground: float = 1e6) -> Overlaps:
    first, second, n = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Overlaps(first=first, second=second, rows=n, ground=np.full(len(n), ground), cells=cells)


def sums_of_few(found: Overlaps, shown: np.ndarray, keep: np.ndarray) -> int:
    """How many sets of published cells of the two layers differ by 1 to 10 rows: what an attacker would compute."""
    few = 0
    for first in itertools.product((0, 1), repeat=int(shown.sum())):
        for second in itertools.product((0, 1), repeat=int(keep.sum())):
            a, b = np.zeros(len(shown) + 1, int), np.zeros(len(keep) + 1, int)
            a[np.flatnonzero(shown)], b[np.flatnonzero(keep)] = first, second
            apart = a[found.first] != b[found.second]
            few += 0 < int(found.rows[apart].sum()) < ROWS
    return few


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(1, 40)), min_size=1, max_size=12))
def test_no_sum_of_published_cells_is_about_few_rows(rows: list[tuple[int, int, int]]) -> None:
    found = overlaps([one for one in rows if one[:2] != (-1, -1)] or [(0, 0, 5)], (4, 4))
    counts = np.bincount(found.first[found.first >= 0], found.rows[found.first >= 0], 4)
    mine = np.bincount(found.second[found.second >= 0], found.rows[found.second >= 0], 4)
    shown, keep = counts >= ROWS, mine >= ROWS
    gone = left_out(found, shown, ground=0)
    keep[list(gone.cells)] = False
    assert gone.open == 0 and sums_of_few(found, shown, keep) == 0


@pytest.mark.parametrize(("rows", "stays"), [(1, False), (10, False), (11, True)])
def test_ten_rows_of_difference_are_few_and_eleven_are_not(rows: int, stays: bool) -> None:
    found = overlaps([(0, 0, 100), (0, -1, rows)], (1, 1))
    assert (left_out(found, np.array([True])).cells == ()) is stays


@pytest.mark.parametrize(("ground", "stays"), [(9_999.0, False), (10_000.0, True)])
def test_many_rows_from_one_address_are_no_ground(ground: float, stays: bool) -> None:
    found = Overlaps(
        first=np.array([0, 0]), second=np.array([0, -1]), rows=np.array([100, 50]),
        ground=np.array([1e6, ground]), cells=(1, 1),
    )  # fmt: skip
    assert (left_out(found, np.array([True])).cells == ()) is stays


def test_what_was_not_published_before_cannot_be_subtracted() -> None:
    found = overlaps([(0, 0, 100), (0, -1, 3)], (1, 1))
    assert left_out(found, np.array([False])).cells == ()


def test_both_cells_that_tell_the_few_rows_go_and_the_others_stay() -> None:
    found = overlaps([(0, 0, 100), (0, 1, 4), (1, 1, 60), (2, 2, 90)], (3, 3))
    assert left_out(found, np.ones(3, np.bool_)).cells == (0, 1)


def test_rows_are_where_both_layers_have_them() -> None:
    first = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
    second = np.array([shapely.box(0, 0, 150, 100)])
    points = shapely.points([[50, 50], [60, 50], [120, 50], [180, 50], [900, 50]])
    found = overlaps_of(first, second, points)
    rows = dict(zip(zip(found.first.tolist(), found.second.tolist(), strict=True), found.rows.tolist(), strict=True))
    assert rows == {(0, 0): 2, (1, 0): 1, (1, -1): 1, (-1, -1): 1}
    shared = dict(zip(zip(found.first.tolist(), found.second.tolist(), strict=True), found.ground, strict=True))
    assert shared[0, 0] == pytest.approx(10_000) and shared[1, -1] == pytest.approx(5_000)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 7), st.randoms(use_true_random=False))
def test_the_least_cut_is_the_least_of_all_cuts(n: int, chance: object) -> None:
    weights = {
        (a, b): chance.randint(1, 30) for a in range(n) for b in range(a + 1, n) if b == a + 1 or chance.random() < 0.5
    }  # type: ignore[attr-defined]
    graph: dict[int, dict[int, float]] = {node: {} for node in range(n)}
    for (a, b), weight in weights.items():
        graph[a][b] = graph[b][a] = weight
    sides = [{0, *some} for k in range(n - 1) for some in itertools.combinations(range(1, n), k)]
    least = min(sum(w for (a, b), w in weights.items() if (a in side) != (b in side)) for side in sides)
    size, side = stoer_wagner(graph)
    assert size == least == sum(w for (a, b), w in weights.items() if (a in side) != (b in side))
