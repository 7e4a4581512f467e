"""Proves that a score lies at or above an edge if and only if its bin does, whatever the scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.faces.measure.histogram import Bins, bins_for

FLOATS = st.floats(-1e12, 1e12, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(FLOATS, min_size=1, max_size=60), st.sampled_from([3, 64, 1000]))
def test_edges_are_exact(values, most):
    scores = np.array(values)
    bins = bins_for(scores, most)
    assert len(bins) <= max(most, 2)
    assert (np.diff(bins.edges) > 0).all()
    probes = np.unique(np.concatenate([scores, bins.edges, np.nextafter(bins.edges[1:], -np.inf)]))
    by_search = np.maximum(np.searchsorted(bins.edges, probes, side="right") - 1, 0)
    np.testing.assert_array_equal(bins.of(probes), by_search)


def test_even_bins_hold_whole_scores_apart():
    scores = np.arange(0, 4000, dtype=np.float64)
    bins = bins_for(scores)
    assert bins.scale > 0
    assert len(np.unique(bins.of(scores))) == 4000


def test_scores_a_few_floats_apart_keep_exact_edges():
    scores = np.array([1.0, np.nextafter(1.0, 2), np.nextafter(np.nextafter(1.0, 2), 2)])
    bins = bins_for(scores)
    assert bins.of(scores).tolist() == (np.searchsorted(bins.edges, scores, side="right") - 1).tolist()
    assert len(set(bins.of(scores).tolist())) == 3


def test_an_outlier_does_not_crowd_all_others_into_one_bin():
    rng = np.random.default_rng(0)
    scores = np.append(rng.random(50_000), 1e30)
    bins = bins_for(scores)
    assert bins.scale == 0
    assert len(np.unique(bins.of(scores))) > 40_000


def test_a_threshold_between_edges_goes_to_the_stricter_one():
    bins = Bins(edges=np.array([0.0, 1.0, 2.0]))
    assert bins.at_or_above(1.0) == (1, 1.0)
    assert bins.at_or_above(1.5) == (2, 2.0)
    assert bins.at_or_above(2.5) == (3, np.inf)
    assert bins.at_or_above(-3.0) == (0, -np.inf)


def test_one_value_is_one_bin_and_none_is_refused():
    assert len(bins_for(np.array([2.0, 2.0]))) == 1
    with pytest.raises(InputError, match="no score to bin"):
        bins_for(np.array([]))
