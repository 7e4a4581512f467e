"""Near-repeat test and scan: their p values are even where there is nothing to find.

Before the scan knew that its baseline is an estimate, .11 of towns without any cluster had p <= .05.
"""

from __future__ import annotations

import numpy as np
import scipy.stats
from sizes import size

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.diagnostics.knox import KnoxPlan, knox
from peelian.technologies.mapping.diagnostics.scan import ScanPlan, scan
from peelian.technologies.mapping.history import history

TOWNS = 200
GRID = square_grid(cell_metres=500.0, rows=12, cols=12)


def near_repeats(seed: int) -> float:
    """The p of the nearest band: places gather, days do not."""
    generator, n = np.random.default_rng(seed), 300
    corners = generator.uniform(0, 5_000, (12, 2))
    gathered = corners[generator.integers(0, 12, n)] + generator.normal(0, 150, (n, 2))
    places = np.where(generator.random(n)[:, None] < 0.5, gathered, generator.uniform(0, 5_000, (n, 2)))
    days = np.floor(generator.uniform(0, 365, n))
    plan = KnoxPlan(
        bands_metres=(0.0, 200.0, 400.0), bands_days=(0.0, 7.0, 14.0), permutations=size(39, 199), seed=seed
    )
    return float(knox((places[:, 0], places[:, 1]), days, plan).p[0, 0])


def clusters(seed: int) -> float:
    """The p of the largest cluster of a town whose cells differ and do not change."""
    generator = np.random.default_rng(seed)
    share = generator.gamma(0.5, 1, len(GRID))
    n = generator.poisson(100 * 104)
    cell = generator.choice(len(GRID), n, p=share / share.sum())
    hour = np.sort(generator.uniform(0, 104 * 168, n))
    east, north = GRID.centres()
    past = history(GRID, (hour, east[cell], north[cell]), from_hour=0.0, until_hour=104 * 168.0)
    return scan(past, ScanPlan(simulations=size(39, 99), seed=seed, radii_metres=(0.0, 500.0, 1000.0)))[0].p


def test_a_near_repeat_is_seen_by_chance_as_often_as_its_p_says() -> None:
    found = np.array([near_repeats(seed) for seed in range(TOWNS)])
    assert np.mean(found <= 0.05) <= 0.09  # 200 towns: a standard error of .015
    assert scipy.stats.kstest(found, "uniform").pvalue > 0.001


def test_a_cluster_is_seen_by_chance_as_often_as_its_p_says() -> None:
    found = np.array([clusters(seed) for seed in range(TOWNS)])
    assert np.mean(found <= 0.05) <= 0.09
    assert scipy.stats.kstest(found, "uniform").pvalue > 0.001
