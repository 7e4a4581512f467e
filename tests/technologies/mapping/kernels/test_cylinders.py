"""Cylinders hold what lies in them, and the quick search for the best one finds the best of all."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.kernels.cylinders import (
    _running,
    best_loop,
    disk_loop,
    disk_sums,
    disks,
    ratios,
    runs,
    simulated_maxima,
)

RADII = (0.0, 1.0, 1.5, 2.0)


def test_sums_are_those_of_the_cells_whose_middle_lies_in_the_disk() -> None:
    cube = np.random.default_rng(0).integers(0, 5, (4, 6, 7)).astype(float)
    spans = runs(4, 3, prospective=False)
    made = disk_sums(cube, spans, disks(RADII))
    rows, cols = np.mgrid[0:6, 0:7]
    for s, (a, b) in enumerate(spans):
        for k, radius in enumerate(RADII):
            for row, col in ((0, 0), (3, 3), (5, 6), (2, 6)):
                inside = (rows - row) ** 2 + (cols - col) ** 2 <= radius**2 + 1e-9
                assert made[s, k, row, col] == pytest.approx(cube[a:b, inside].sum())


def test_compiled_and_plain_disk_loops_agree() -> None:
    cube = np.random.default_rng(1).uniform(size=(2, 4, 5))
    spans, widths = runs(2, 2, prospective=True), disks(RADII)
    plain = np.zeros((len(spans), len(widths), 4, 5))
    disk_loop(_running(cube), spans, widths, plain)
    assert np.allclose(plain, disk_sums(cube, spans, widths))


def test_a_prospective_scan_looks_only_at_runs_that_reach_today() -> None:
    assert runs(5, 3, prospective=True).tolist() == [[4, 5], [3, 5], [2, 5]]
    assert len(runs(5, 3, prospective=False)) == 1 + 2 + 3 + 3 + 3


def test_the_quick_search_finds_the_largest_ratio() -> None:
    chance = np.random.default_rng(2)
    for _ in range(20):
        expected = chance.gamma(2.0, 1.0, (2, 2, 4, 4))
        cases = chance.poisson(expected).astype(float)
        total = float(cases.sum()) + 50
        best = np.zeros(5)
        best_loop(cases, expected, total, best)
        every = ratios(cases, expected, total)
        assert best[0] == pytest.approx(every.max())
        assert every[tuple(best[1:].astype(int))] == pytest.approx(every.max())


def test_a_ratio_is_kulldorffs() -> None:
    made = ratios(np.array([10.0, 2.0, 20.0]), np.array([4.0, 4.0, 4.0]), 20.0)
    assert made[0] == pytest.approx(10 * np.log(10 / 4) + 10 * np.log(10 / 16))
    assert made[1] == 0.0  # fewer than expected is no excess
    assert made[2] == pytest.approx(20 * np.log(5))


def test_simulations_come_from_the_seed_alone() -> None:
    base = np.random.default_rng(3).gamma(1.0, 1.0, (3, 5, 5))
    layout = (runs(3, 3, prospective=True), disks((0.0, 1.0)))
    expected = disk_sums(base, *layout) * 100 / base.sum()
    one = simulated_maxima(base, expected, layout, 100, (20, 5))
    assert np.array_equal(one, simulated_maxima(base, expected, layout, 100, (20, 5)))
    assert one.min() >= 0 and len(np.unique(one)) > 10
