"""The scan finds a planted excess where and when it is, and says so only when chance would seldom do as much."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.diagnostics.scan import ScanPlan, cubes, scan
from peelian.technologies.mapping.history import History, history

GRID = square_grid(cell_metres=250.0, rows=12, cols=12)
YEAR = 52 * 168.0
PLAN = ScanPlan(simulations=99, periods=6, longest=3)


def past(planted: int = 0, seed: int = 0, n: int = 2000) -> History:
    """A year of even incidents; `planted` more in the last two weeks within 300 m of one corner."""
    chance = np.random.default_rng(seed)
    hour = np.concatenate([chance.uniform(0, YEAR, n), chance.uniform(YEAR - 2 * 168, YEAR, planted)])
    east = np.concatenate([chance.uniform(0, 3000, n), 2000 + chance.uniform(-300, 300, planted)])
    north = np.concatenate([chance.uniform(0, 3000, n), 1000 + chance.uniform(-300, 300, planted)])
    return history(GRID, (hour, east, north), until_hour=YEAR, from_hour=0.0)


def test_a_planted_excess_is_found_where_and_when_it_is() -> None:
    best = scan(past(25), PLAN)[0]
    east, north = (float(part[best.cell]) for part in GRID.centres())
    assert abs(east - 2000) <= 375 and abs(north - 1000) <= 375
    assert best.last == 5 and best.first in (3, 4)
    assert best.p == 0.01 and best.observed > 2 * best.expected


def test_no_excess_is_seldom_called_one() -> None:
    p = [clusters[0].p if (clusters := scan(past(0, seed), PLAN)) else 1.0 for seed in range(12)]
    assert sum(value <= 0.05 for value in p) <= 3 and max(p) > 0.2


def test_clusters_do_not_overlap_and_come_in_order() -> None:
    found = scan(past(25), PLAN)
    assert len(found) > 1
    assert [cluster.log_ratio for cluster in found] == sorted((c.log_ratio for c in found), reverse=True)
    east, north = GRID.centres()
    for k, one in enumerate(found):
        for other in found[:k]:
            apart = np.hypot(east[one.cell] - east[other.cell], north[one.cell] - north[other.cell])
            assert apart > one.radius_metres + other.radius_metres or one.last < other.first or other.last < one.first


def test_counts_and_baseline_have_one_total() -> None:
    counts, baseline, rests_on = cubes(past(), PLAN)
    assert rests_on >= 100
    assert counts.shape == baseline.shape == (6, 12, 12)
    assert counts.sum() == pytest.approx(baseline.sum())
    assert baseline.min() > 0


def test_a_retrospective_scan_finds_what_is_over() -> None:
    known = past(25)
    later = history(GRID, (known.hour, known.east, known.north), until_hour=YEAR + 3 * 168, from_hour=0.0)
    plan = ScanPlan(simulations=49, periods=8, longest=2, prospective=False)
    best = scan(later, plan)[0]
    assert best.last == 4 and best.p == 0.02


def test_the_same_seed_gives_the_same_answer() -> None:
    assert scan(past(9), PLAN) == scan(past(9), PLAN)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (ScanPlan(longest=9, periods=8), "periods"),
        (ScanPlan(period_days=0.0), "periods"),
        (ScanPlan(radii_metres=()), "radii"),
        (ScanPlan(radii_metres=(250.0, 0.0)), "radii"),
        (ScanPlan(simulations=0), "simulations"),
    ],
)
def test_bad_plans_are_named(plan: ScanPlan, said: str) -> None:
    with pytest.raises(InputError, match=said):
        scan(past(), plan)


def test_too_few_incidents_are_named() -> None:
    with pytest.raises(NotEnoughData, match="needed"):
        scan(past(n=30), PLAN)
