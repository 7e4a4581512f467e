"""The summary measures on the worked example of the literature: four groups, a forty-fold gap, to 1e-6."""

from __future__ import annotations

import math

import pytest

from peelian.technologies.faces.measure.equity import of_both, of_rates
from peelian.technologies.faces.measure.sample_size import subjects_for, trials_for

FMR, FNMR = [1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]


def test_one_kind_of_error() -> None:
    fmr, fnmr = of_rates(FMR), of_rates(FNMR)
    # By hand: the geometric mean is (1e-5 · 2e-5 · 8e-5 · 4e-4)^(1/4), the mean 1.275e-4.
    assert fmr.max_min == pytest.approx(40, rel=1e-9)
    assert fnmr.max_min == pytest.approx(2, rel=1e-9)
    assert fmr.max_geomean == pytest.approx(4e-4 / (6.4e-18) ** 0.25, rel=1e-9)
    assert round(fmr.max_geomean, 4) == 7.9527
    assert round(fnmr.max_geomean, 4) == 1.4520
    assert fmr.max_mean == pytest.approx(4e-4 / 1.275e-4, rel=1e-9)
    assert round(fmr.max_mean, 3) == 3.137
    # Gini by hand: sum of |x - y| over ordered pairs / (2 n^2 mean) x n / (n - 1).
    apart = sum(abs(x - y) for x in FMR for y in FMR)
    assert fmr.gini == pytest.approx(4 / 3 * apart / (2 * 16 * 1.275e-4), rel=1e-9)
    assert (round(fmr.gini, 4), round(fnmr.gini, 4)) == (0.8039, 0.1930)


def test_both_kinds_of_error() -> None:
    both = of_both(FMR, FNMR)
    assert both["GARBE"] == pytest.approx(0.5 * of_rates(FMR).gini + 0.5 * of_rates(FNMR).gini, abs=1e-12)
    assert round(both["GARBE"], 4) == 0.4985
    assert both["FDR"] == pytest.approx(1 - 0.5 * 3.9e-4 - 0.5 * 0.01, abs=1e-12)
    assert round(both["FDR"], 4) == 0.9948
    assert both["inequity ratio"] == pytest.approx(math.sqrt(40 * 2), rel=1e-9)
    assert round(both["inequity ratio"], 3) == 8.944


def test_the_size_of_a_trial() -> None:
    assert trials_for(1e-4) == 300_000
    assert subjects_for(300_000) == 776
