"""How often printed 95 % intervals hold the truth when subjects differ: dyadic ones do, Wilson's do not.

300 subjects, each compared with each, false match rate 1e-3. A subject's own tendency enters every comparison it is
in; its weight is such that Wilson's interval covers about 85 %, as in the page's simulation. The full simulation with
2,000 repetitions is in benchmarks/audits_faces.py; this one is smaller, with a seed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from peelian.measure.rates import wilson
from peelian.technologies.faces.measure.errors import FMR, gathered, spread, trial_counts
from peelian.technologies.faces.measure.rates import Bars, Counted, rates_at
from peelian.technologies.faces.measure.scores import Cells, Scores
from peelian.technologies.faces.measure.thresholds import GIVEN, Threshold

SUBJECTS, TRUE, SHARE, REPEATS = 300, 1e-3, 0.18, 400


@pytest.fixture(scope="module")
def intervals() -> np.ndarray:
    """(repetition, (dyadic low, high, Wilson low, high))."""
    first, second = (side.astype(np.int32) for side in np.triu_indices(SUBJECTS, 1))
    cells, n = Cells(groups=()), len(first)
    cell = np.where(np.arange(n + 1) < n, cells.pair(-1, -1), cells.genuine(-1)).astype(np.int16)
    probe, ref = np.append(first, 0).astype(np.int32), np.append(second, 0).astype(np.int32)
    threshold = Threshold(policy="operational 1", value=float(norm.isf(TRUE)), set_on=GIVEN)
    rng = np.random.default_rng(20)
    found = []
    for _ in range(REPEATS):
        own = rng.standard_normal(SUBJECTS)
        score = np.sqrt(SHARE / 2) * (own[first] + own[second]) + np.sqrt(1 - SHARE) * rng.standard_normal(n)
        scores = Scores(
            score=np.append(score, 9.0),
            genuine=np.arange(n + 1) == n,
            failed=np.zeros(n + 1, dtype=np.bool_),
            probe=probe,
            ref=ref,
            group_of=np.full(SUBJECTS, -1, dtype=np.int16),
            cell=cell,
            cells=cells,
        )
        errors, trials = gathered(scores, [threshold.value]).at(threshold.value), trial_counts(scores)
        rates = rates_at(
            Counted.of(threshold, errors, trials, spread(errors, trials, scores), scores), Bars(fmr=0.01, fnmr=0.1)
        )
        one = next(r.estimate for r in rates if r.measure == FMR)
        assert one.method == "dyadic"
        found.append((one.low, one.high, *(float(x) for x in wilson(one.errors, one.n))))
    return np.array(found)


def test_printed_intervals_cover_92_to_97_percent(intervals: np.ndarray) -> None:
    held = (intervals[:, 0] <= TRUE) & (intervals[:, 1] >= TRUE)
    assert 0.92 <= held.mean() <= 0.97


def test_wilson_s_interval_would_be_too_narrow(intervals: np.ndarray) -> None:
    held = (intervals[:, 2] <= TRUE) & (intervals[:, 3] >= TRUE)
    assert held.mean() < 0.90
