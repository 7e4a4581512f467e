"""Proves what a threshold costs in use."""

from __future__ import annotations

import math

import pytest

from peelian.technologies.faces.measure.price import NO_PRICE, Operation, fpir_from_fmr, price

USE = Operation(searches_per_day=200, gallery=1000, mated_share=0.25)


def test_false_alerts_grow_with_the_gallery():
    assert fpir_from_fmr(1e-4, 1000) == pytest.approx(1 - (1 - 1e-4) ** 1000)
    assert fpir_from_fmr(1e-4, 10_000) > fpir_from_fmr(1e-4, 1000)
    assert fpir_from_fmr(0.0, 10_000) == 0
    assert fpir_from_fmr(1.0, 5) == 1
    assert math.isnan(fpir_from_fmr(float("nan"), 5))


def test_searches_with_a_candidate_are_hits_and_false_alerts():
    made = price(USE, fpir=0.1, fnir=0.2, basis="measured")
    assert made.false_alerts_per_day == pytest.approx(20)
    assert made.searches_with_candidate == pytest.approx(0.25 * (1 - 0.2 * 0.9) + 0.75 * 0.1)


def test_what_is_not_known_stays_unknown():
    made = price(USE, fpir=float("nan"), fnir=0.2, basis="measured")
    assert made.basis == NO_PRICE
    assert math.isnan(made.false_alerts_per_day)
    assert not math.isnan(
        price(
            Operation(searches_per_day=1, gallery=1, mated_share=0), fpir=0.1, fnir=math.nan, basis="x"
        ).searches_with_candidate
    )
