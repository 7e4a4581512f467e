"""Descriptions of a change: their formulas, and where they have nothing to say."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.before_after import relative_difference, synthetic_weights, weighted_displacement


def test_a_difference_in_differences_takes_out_what_changed_elsewhere():
    found = relative_difference((100, 50), (1000, 500))
    assert found.value == pytest.approx(1)
    assert found.low < 1 < found.high


@pytest.mark.parametrize("pair", [(0.0, 5.0), (5.0, 0.0)])
def test_a_count_of_nothing_has_no_ratio(pair):
    assert not np.isfinite(relative_difference(pair, (10, 10)).value)


def test_displacement_adds_what_came_nearby():
    alone = weighted_displacement((30, 10), (30, 30))
    assert weighted_displacement((30, 10), (30, 30), (20, 35), (20, 20)).value == alone.value + 15


def test_synthetic_weights_find_the_areas_that_a_course_was_made_of():
    generator = np.random.default_rng(1)
    donors = generator.uniform(1, 9, (6, 40))
    made = 0.7 * donors[2] + 0.3 * donors[4]
    weights = synthetic_weights(made, donors)
    assert weights.sum() == pytest.approx(1)
    assert weights == pytest.approx([0, 0, 0.7, 0, 0.3, 0], abs=1e-4)
