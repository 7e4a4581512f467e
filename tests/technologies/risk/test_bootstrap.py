"""The bootstrap on counts: it is the bootstrap on rows, it repeats itself, and it survives an absent group."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.measure.table import Table
from peelian.technologies.risk.measure import bootstrap
from peelian.technologies.risk.measure.bootstrap import RATES, bounds, drawn
from peelian.technologies.risk.measure.counts import counted, nodes_of


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(bootstrap).failed == 0


def test_drawing_counts_is_drawing_rows(make_tally) -> None:
    tally = make_tally([(1, 0, 60), (1, 1, 20), (2, 0, 30), (2, 1, 50)])
    counts = counted(tally)
    draws = drawn(counts, nodes_of(counts), replicates=4000, seed=1)
    rng = np.random.default_rng(2)
    score, outcome = np.repeat([1, 1, 2, 2], [60, 20, 30, 50]), np.repeat([0, 1, 0, 1], [60, 20, 30, 50])
    rows = rng.integers(0, 160, size=(4000, 160))
    high, happened = score[rows] == 2, outcome[rows] == 1
    fpr = (high & ~happened).sum(1) / (~happened).sum(1)
    mine = draws.rates[0, 0, RATES.index("fpr")]
    assert mine.mean() == pytest.approx(fpr.mean(), abs=0.004)
    assert mine.std() == pytest.approx(fpr.std(), rel=0.06)


def test_the_same_seed_gives_the_same_draws_however_they_are_cut_up(race: Table, monkeypatch) -> None:
    counts = counted(race, ("race",))
    nodes = nodes_of(counts)
    first = drawn(counts, nodes, replicates=60, seed=5)
    monkeypatch.setattr(bootstrap, "CHUNK_CELLS", 1_000)
    again = drawn(counts, nodes, replicates=60, seed=5)
    assert np.array_equal(first.area, again.area, equal_nan=True)
    assert not np.array_equal(first.area, drawn(counts, nodes, replicates=60, seed=6).area, equal_nan=True)


def test_a_group_that_replicates_lose_is_nan_there_and_nowhere_else(make_tally) -> None:
    rows = [(1, 0, 50, "a"), (2, 1, 50, "a"), (1, 1, 20, "a"), (2, 0, 20, "a"), (1, 0, 1, "b")]
    counts = counted(make_tally(rows, axes=("g",)), ("g",))
    draws = drawn(counts, nodes_of(counts), replicates=300, seed=1)
    lost = np.isnan(draws.mean_others[2])
    assert 0.2 < lost.mean() < 0.6
    assert np.isfinite(draws.area[0]).all()
    low, high = bounds(draws.mean_others)
    assert np.isnan(low[2])
    assert low[1] < high[1]
