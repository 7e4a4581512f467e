"""Bounds and bins of the self-exciting process."""

from __future__ import annotations

import numpy as np

from peelian.technologies.mapping.kernels.process import (
    MOST_THETA,
    OMEGAS,
    SIGMAS,
    Extent,
    bin_for,
    bounded,
)


def test_bins_follow_sigma_so_that_the_stencil_stays_small() -> None:
    for sigma in np.geomspace(40, 2000, 30):
        assert 1.4 <= sigma / bin_for(float(sigma)) <= 3.1


def test_parameters_are_moved_inside_their_bounds() -> None:
    assert bounded(5.0, 1e9, 1e9) == (MOST_THETA, OMEGAS[1], SIGMAS[1])
    assert bounded(-1.0, 0.0, 0.0) == (0.0, OMEGAS[0], SIGMAS[0])
    assert bounded(0.3, 0.1, 120.0) == (0.3, 0.1, 120.0)


def test_an_extent_knows_its_days() -> None:
    assert Extent(0.0, 0.0, 1.0, 1.0, 3.0, 10.0).days == 7.0
