"""Proves the equal error rate against a search over every threshold, and that few errors give none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.errors import trial_counts
from peelian.technologies.faces.measure.histogram import cells_of, equal_error_rate, tallied
from peelian.technologies.faces.measure.scores import built, oriented


@pytest.fixture(scope="module")
def scores():
    comparisons, people = example_tables(360)
    return oriented(built([comparisons], people, by=("sex",), least=11), "auto")


@pytest.mark.parametrize("group", ["all", "female", "male"])
def test_it_is_where_both_rates_cross(scores, group):
    histogram, failed = tallied(scores), trial_counts(scores).failed
    impostor, genuine = cells_of(histogram, group)
    other = np.sort(scores.score[np.isin(scores.cell, impostor)])
    own, lost = scores.score[np.isin(scores.cell, genuine) & ~scores.failed], int(failed[genuine].sum())
    steps = np.unique(np.append(own, other[-5000:]))
    rates = [((other >= t).mean(), ((own < t).sum() + lost) / (len(own) + lost)) for t in steps]
    fmr, fnmr = min(rates, key=lambda pair: abs(pair[0] - pair[1]))
    found = equal_error_rate(histogram, group, failed)
    assert found == pytest.approx((fmr + fnmr) / 2, rel=0.03)


def test_ten_errors_or_fewer_give_none(scores):
    few = scores.take(np.arange(len(scores)) % 60 == 0)
    assert math.isnan(equal_error_rate(tallied(few), "male", None))
