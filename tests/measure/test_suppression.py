"""No small count can be read or worked out: an attacker tries it on a thousand tables, on zooms and on releases."""

from __future__ import annotations

import numpy as np
import pytest
from differencing import random_table, recovered
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.optimize import milp

from peelian.errors import InputError, Withheld
from peelian.measure.suppression import HIGH, LOW, MEDIUM, Sum, ranges, shown_cells, small, two_way, with_margins

Ints = NDArray[np.int64]


def test_no_small_count_of_three_hundred_random_tables_is_recovered() -> None:
    rng = np.random.default_rng(20260302)
    cases, thresholds = [], []
    for _ in range(300):
        counts, sums = random_table(rng)
        threshold = int(rng.choice([LOW, MEDIUM, HIGH]))
        cases.append((counts, sums, shown_cells(counts, sums, threshold=threshold)))
        thresholds.append(threshold)
        assert not (small(counts, threshold) & cases[-1][2]).any()
    n, narrowed = recovered(cases, thresholds)
    assert n > 1200
    assert narrowed == 0


def test_hiding_only_the_small_counts_does_not_stop_the_same_attacker() -> None:
    rng = np.random.default_rng(1)
    tables = [random_table(rng) for _ in range(100)]
    n, narrowed = recovered([(c, s, ~small(c, LOW)) for c, s in tables], [LOW] * 100)
    assert narrowed > n / 2


@given(arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(0, 30)))
@settings(max_examples=60, deadline=None)
def test_no_small_count_of_any_table_isrecovered(counts: Ints) -> None:
    flat, sums = with_margins(counts), two_way(*counts.shape)
    mask = shown_cells(flat, sums, threshold=LOW)
    assert recovered([(flat, sums, mask)], [LOW])[1] == 0
    low, high = ranges(flat, sums, mask)
    hidden = small(flat, LOW)
    assert (low[hidden] <= 0).all() and (high[hidden] >= LOW).all()
    assert (low[mask] == flat[mask]).all() and (high[mask] == flat[mask]).all()
    assert (low <= flat + 1e-9).all() and (flat <= high + 1e-9).all()


def test_one_small_cell_costs_three_others() -> None:
    counts = np.array([[5, 100, 100], [100, 60, 100], [100, 100, 100]])
    mask = shown_cells(with_margins(counts), two_way(3, 3), threshold=LOW).reshape(4, 4)
    assert (~mask).sum() == 4 and not mask[0, 0] and mask[-1].all() and mask[:, -1].all()
    assert mask[2, 2]


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    counts = np.array([[0, 11], [400, 0]])
    assert shown_cells(with_margins(counts), two_way(2, 2), threshold=LOW).all()


def test_small_totals_are_hidden_too() -> None:
    flat, sums = with_margins(np.array([[1, 2], [3, 1]])), two_way(2, 2)
    mask = shown_cells(flat, sums, threshold=LOW)
    assert not mask.any()
    assert recovered([(flat, sums, mask)], [LOW]) == (9, 0)


def _zoomed(rng: np.random.Generator) -> tuple[Ints, tuple[Sum, ...]]:
    """Cells of a 4 x 4 grid, the four blocks of 2 x 2, and the total; each by two categories and their sum."""
    base = rng.negative_binomial(1, 0.05, size=(16, 2))
    blocks = [[4 * (2 * i + a) + 2 * j + b for a in (0, 1) for b in (0, 1)] for i in (0, 1) for j in (0, 1)]
    levels = np.vstack([base, [base[block].sum(axis=0) for block in blocks], base.sum(axis=0)])
    counts = np.column_stack([levels, levels.sum(axis=1)])
    sums = [Sum(total=3 * row + 2, parts=(3 * row, 3 * row + 1)) for row in range(21)]
    for column in range(3):
        for at, block in enumerate(blocks):
            sums.append(Sum(total=3 * (16 + at) + column, parts=tuple(3 * cell + column for cell in block)))
        sums.append(Sum(total=60 + column, parts=tuple(3 * (16 + at) + column for at in range(4))))
    return counts.ravel(), tuple(sums)


def test_zoom_levels_do_not_give_one_another_away() -> None:
    rng = np.random.default_rng(3)
    tables = [_zoomed(rng) for _ in range(12)]
    cases = [(c, s, shown_cells(c, s, threshold=LOW)) for c, s in tables]
    n, narrowed = recovered(cases, [LOW] * 12)
    assert n > 100 and narrowed == 0
    assert all(mask[-1] for _, _, mask in cases)  # the grand total is never needed


def test_an_attacker_who_knows_that_counts_are_whole_gets_no_further() -> None:
    counts, sums = _zoomed(np.random.default_rng(5))
    mask = shown_cells(counts, sums, threshold=LOW)
    matrix = np.zeros((len(sums), len(counts)))
    for row, each in enumerate(sums):
        matrix[row, each.total] = 1
        matrix[row, list(each.parts)] = -1
    bounds = (np.where(mask, counts, 0), np.where(mask, counts, 10**6))
    for cell in np.flatnonzero(small(counts, LOW))[:8]:
        aim = np.eye(len(counts))[cell]
        least, most = (
            sign * milp(sign * aim, constraints=(matrix, 0, 0), bounds=bounds, integrality=np.ones(len(counts))).fun
            for sign in (1, -1)
        )
        assert least <= 1e-6 and most >= LOW - 1e-6


def test_an_earlier_release_is_reckoned_with() -> None:
    """Last month's cells are public; this month's are theirs and what was added; neither may give the added away."""
    rng = np.random.default_rng(7)
    for _ in range(20):
        before = rng.integers(60, 200, size=(3, 3))
        added = rng.integers(0, 40, size=(3, 3))
        one, two, new = (with_margins(each) for each in (before, before + added, added))
        sums = [
            *(Sum(total=s.total + k, parts=tuple(p + k for p in s.parts)) for k in (0, 16, 32) for s in two_way(3, 3)),
            *(Sum(total=16 + k, parts=(k, 32 + k)) for k in range(16)),
        ]
        counts = np.concatenate([one, two, new])
        public = np.arange(48) < 16
        mask = shown_cells(counts, sums, threshold=LOW, public=public)
        assert mask[:16].all()
        assert recovered([(counts, tuple(sums), mask)], [LOW])[1] == 0
        assert not mask[16:32][small(new, LOW)].any()  # the new total less the old one would be the small count


def test_what_is_public_and_cannot_be_protected_is_withheld() -> None:
    flat, sums = with_margins(np.array([[5, 100], [100, 100]])), two_way(2, 2)
    with pytest.raises(Withheld, match="small"):
        shown_cells(flat, sums, threshold=LOW, public=np.eye(9, dtype=bool)[0])  # the small count itself is public
    row = np.zeros(9, bool)
    row[[1, 2]] = True  # its neighbour and its row's total are
    with pytest.raises(Withheld, match="could be derived"):
        shown_cells(flat, sums, threshold=LOW, public=row)
    row[2] = False
    mask = shown_cells(flat, sums, threshold=LOW, public=row)  # the total is not yet: it can be hidden
    assert recovered([(flat, sums, mask)], [LOW])[1] == 0


def test_the_attack_finds_what_counting_every_table_finds() -> None:
    counts = np.array([[2, 1, 4], [3, 0, 2]])
    flat, sums = with_margins(counts), two_way(2, 3)
    mask = np.ones(12, bool)
    mask[[0, 1, 4, 5]] = False
    fitting = [
        (a, b, c, d)
        for a in range(20)
        for b in range(20)
        for c in range(20)
        for d in range(20)
        if (a + b, c + d, a + c, b + d) == (3, 3, 5, 1)
    ]
    low, high = ranges(flat, sums, mask)
    assert low[[0, 1, 4, 5]].tolist() == np.min(fitting, axis=0).tolist()
    assert high[[0, 1, 4, 5]].tolist() == np.max(fitting, axis=0).tolist()


def test_what_has_no_bound_is_without_bound() -> None:
    low, high = ranges(np.array([5]), (), np.array([False]))
    assert (low[0], high[0]) == (0, np.inf)


@pytest.mark.parametrize(
    ("counts", "threshold", "says"),
    [
        ([1, 2, 4, 1, 2, 3], 11, "not the sum"),
        ([-1, 2, 1, -1, 2, 1], 11, "no counts"),
        ([1.0, 2.0, 3.0, 1.0, 2.0, 3.0], 11, "no counts"),
        ([1, 2, 3, 1, 2, 3], 1, "threshold"),
    ],
)
def test_bad_tables_are_refused(counts: list[float], threshold: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        shown_cells(np.array(counts), two_way(1, 2), threshold=threshold)
    with pytest.raises(InputError, match="no counts"):
        shown_cells(np.array([1, 2, 3, 1, 2, 3]), two_way(1, 2), threshold=11, public=np.zeros(5, bool))


def test_the_same_table_is_hidden_the_same_way() -> None:
    counts, sums = random_table(np.random.default_rng(11))
    first = shown_cells(counts, sums, threshold=LOW)
    assert all((shown_cells(counts, sums, threshold=LOW) == first).all() for _ in range(3))


def test_the_thresholds_are_those_of_the_published_guide() -> None:
    """IPC Ontario 2025: 11, 15 and 20 at low, medium and high invasiveness. Everything else asks for these names."""
    assert (LOW, MEDIUM, HIGH) == (11, 15, 20)
