"""Errors at a cut: quadrants and the rates taken over them, spelled out."""

from __future__ import annotations

import doctest

import numpy as np

from peelian.technologies.risk.measure import counts as errors_at
from peelian.technologies.risk.measure.counts import all_quadrants, quadrants, rate, shares

CELLS = np.array([[[30.0, 5.0], [20.0, 15.0], [10.0, 40.0]], [[0.0, 0.0], [0.0, 3.0], [0.0, 1.0]]])


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(errors_at).failed == 0


def test_quadrants_at_one_cut_are_those_of_the_sweep() -> None:
    sweep = all_quadrants(CELLS)
    for place in (1, 2):
        one = quadrants(CELLS, place)
        assert (sweep.false_high[:, place - 1] == one.false_high).all()
        assert (sweep.true_low[:, place - 1] == one.true_low).all()
        assert (one.n == CELLS.sum(axis=(1, 2))).all()


def test_rates_are_what_their_names_say() -> None:
    found = {name: float(rate(share)[0]) for name, share in shares(quadrants(CELLS, 2)).items()}
    assert found["fpr"] == 10 / 60
    assert found["fnr"] == 20 / 60
    assert found["ppv"] == 40 / 50
    assert found["npv"] == 50 / 70
    assert found["base_rate"] == 60 / 120
    assert found["high_share"] == 50 / 120
    assert found["accuracy"] == 90 / 120


def test_a_rate_over_nobody_is_nan() -> None:
    assert np.isnan(rate(shares(quadrants(CELLS, 1))["fpr"])[1])
