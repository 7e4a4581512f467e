"""Proves the record judged at once is judged exactly as hour by hour, gaps and all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from peelian.technologies.crowd import counters, counting, example
from peelian.technologies.crowd.counters import RULE


def uneven(seed: int) -> np.ndarray:
    """Sixteen weeks with rises, falls and gaps."""
    rng = np.random.default_rng(seed)
    counts = example.hourly(16, 300.0, seed).astype(np.float64)
    for at in rng.integers(9 * 168, len(counts) - 4, 12):
        counts[at : at + 3] *= rng.choice([2.5, 5.0])
    counts = np.round(counts)
    counts[rng.random(len(counts)) < 0.08] = np.nan
    counts[1_500:1_560] = np.nan
    for at in rng.integers(9 * 168, len(counts) - 4, 12):
        counts[at : at + 3] = np.round(0.1 * counts[at : at + 3])
    return counts


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_ways_agree_on_every_hour(seed: int) -> None:
    counts = uneven(seed)
    found = counting.judged(counts)
    state, raised = counters.NEW, {False: [], True: []}
    for hour, count in enumerate(counts.tolist()):
        if math.isnan(count):
            continue
        state, expected, changes = counters.step(RULE, state, hour, count)
        assert (expected is not None) == bool(found.known[hour])
        if expected is not None:
            told = [1_000 * one for one in (expected.log, expected.least, expected.scale)]
            assert told == pytest.approx([found.expected[hour], found.least[hour], found.scale[hour]], abs=1e-6)
        for change in (one for one in changes if one.change.raised):
            raised[change.fall].append(hour)
    for fall, hours in raised.items():
        assert hours and hours == counting.raised(found, counts, fall=fall).tolist()


def test_calm_and_hot_exclude_each_other() -> None:
    counts = example.hourly(14, 300.0, 9).astype(np.float64)
    found = counting.judged(counts)
    for times in (0.2, 1.0, 3.0, 9.0):
        for fall in (False, True):
            hot, calm = (judge(found, times * counts, fall=fall) for judge in (counting.hot, counting.calm))
            assert not (hot & calm).any()
