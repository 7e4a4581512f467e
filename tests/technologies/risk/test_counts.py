"""The count table: counting, levels, cuts, directions, weights and bad scores."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, NotEnoughData
from peelian.measure.table import Kind, Table
from peelian.technologies.risk.measure import counts as module
from peelian.technologies.risk.measure.counts import (
    axes_of,
    banded,
    counted,
    cut_place,
    each_once,
    level_edges,
    natural_cut,
    nodes_of,
)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_nodes_are_everyone_each_group_and_each_crossed_group(crossed: Table) -> None:
    counts = counted(crossed, axes_of(crossed))
    nodes = nodes_of(counts)
    assert counts.n == 7214
    assert len(counts.codes) == 34
    assert [len(nodes.where(axis)) for axis in ("everyone", "race", "sex", "age_cat", "crossed")] == [1, 6, 2, 3, 34]
    size = nodes.of(counts.people.sum(axis=(1, 2)))
    assert all(size[nodes.where(axis)].sum() == 7214 for axis in ("race", "sex", "age_cat", "crossed"))


def test_an_instrument_that_counts_down_is_read_downwards(make_tally) -> None:
    up = counted(make_tally([(1, 0, 5), (2, 0, 3), (3, 1, 4)]))
    down = counted(make_tally([(3, 0, 5), (2, 0, 3), (1, 1, 4)]), sign=-1)
    assert up.people.tolist() == down.people.tolist()
    assert cut_place(down, 2) == cut_place(up, 2)
    assert (down.sign * down.scores).tolist() == [3, 2, 1]


@pytest.mark.parametrize("cut", [0.5, 1.0, 4.0])
def test_a_cut_that_nobody_or_everybody_passes_is_refused_with_the_range(make_tally, cut: float) -> None:
    counts = counted(make_tally([(1, 0, 5), (2, 1, 5), (3, 1, 5)]))
    with pytest.raises(InputError, match="2 to 3"):
        cut_place(counts, cut)


def test_the_natural_cut_is_reached_by_as_many_as_had_the_outcome(race: Table) -> None:
    assert natural_cut(counted(race)) == 5


def test_many_scores_become_bands_and_cuts_stay_exact(make_tally) -> None:
    score = np.linspace(0, 1, 9001)
    tally = make_tally([(s, int(i % 2), 1) for i, s in enumerate(score.tolist())])
    counts = counted(tally, edges=[0.333])
    assert len(counts.scores) <= module.MOST_SCORES + 1
    place = cut_place(counts, 0.333)
    assert counts.people[0, place:].sum() == (score >= 0.333).sum()
    assert 10 <= len(level_edges(counts, [place])) <= 12


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_refused_with_its_row(make_tally, bad: float) -> None:
    with pytest.raises(InputError, match="row 2"):
        counted(make_tally([(1, 0, 5), (bad, 1, 5)]))


def test_nobody_with_a_known_outcome_is_not_enough(make_tally) -> None:
    tally = make_tally([(1, 0, 5)], extra={"outcome_known": (Kind.COUNT, np.array([0]))})
    with pytest.raises(NotEnoughData):
        counted(tally)


def test_equal_weights_change_nothing_and_unequal_ones_shrink_the_effective_number(make_tally) -> None:
    def weighted(w: list[float]) -> np.ndarray:
        n, weights = np.array([50, 50]), np.array(w)
        extra = {
            "weight": (Kind.AMOUNT, n * weights),
            "weight_squares": (Kind.AMOUNT, n * weights**2),
        }
        return counted(make_tally([(1, 0, 50), (2, 1, 50)], extra=extra)).effective

    assert weighted([3.0, 3.0]).sum() == pytest.approx(100)
    assert weighted([1.0, 3.0]).sum() == pytest.approx(80)
    assert weighted([1.0, 3.0])[0, 1, 1] == pytest.approx(60)


def test_too_many_crossed_groups_are_refused(make_tally) -> None:
    rows = [(i % 3, i % 2, 1, f"a{i // 30}", f"b{i % 30}") for i in range(900)]
    with pytest.raises(InputError, match="crossed"):
        nodes_of(counted(make_tally(rows, axes=("a", "b")), ("a", "b")))


@given(st.lists(st.integers(0, 30), min_size=2, max_size=15), st.integers(1, 14))
def test_bands_hold_at_least_ten_or_nobody_or_all_of_their_side(sizes: list[int], cut: int) -> None:
    cut = min(cut, len(sizes) - 1)
    starts = banded(np.array(sizes), 10, cut)
    assert starts[0] and starts[cut]
    for side in (slice(0, cut), slice(cut, None)):
        part, begins = np.array(sizes[side]), np.flatnonzero(starts[side])
        held = np.add.reduceat(part, begins)
        assert len(held) == 1 or bool((held >= 10).all())


@given(st.lists(st.integers(0, 40)), st.sampled_from([41, 2**62]))
def test_values_are_found_once_with_their_first_rows_however_large_they_may_be(values: list[int], size: int) -> None:
    given_values = np.array(values, dtype=np.int64)
    first, place = each_once(given_values, size)
    assert given_values[first].tolist() == sorted(set(values))
    assert first.tolist() == [values.index(value) for value in sorted(set(values))]
    assert given_values[first][place].tolist() == values
