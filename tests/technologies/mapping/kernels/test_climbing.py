"""Steps climb, jumps go further, and neither leaves the bounds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.technologies.mapping.kernels.background import Scales
from peelian.technologies.mapping.kernels.climbing import FASTEST, State, _jump, climb
from peelian.technologies.mapping.kernels.continuous import fit_continuous
from peelian.technologies.mapping.kernels.process import MOST_THETA, OMEGAS, SIGMAS, Parameters

TOWN = Town(incidents=3000, side_metres=10_000.0, days=365.0, seed=5)


def test_steps_climb_from_a_poor_start_to_where_the_good_one_ends() -> None:
    town, extent = simulate(TOWN)
    good = fit_continuous(town, extent)
    poor = State(Parameters(0.8, 2.0, 600.0), good.scales, np.full(len(town.days), 0.5, np.float32))
    fits = [climb(town, extent, poor._replace(share=poor.share.copy()), (k, 0.0)) for k in (1, 3, 9, 81)]
    assert all(later.log_likelihood >= earlier.log_likelihood for earlier, later in pairwise(fits))
    assert fits[-1].parameters == pytest.approx(good.parameters, rel=0.05)


def states(thetas: tuple[float, float, float]) -> list[State]:
    return [State(Parameters(theta, 0.1, 100.0), Scales(400.0), np.full(5, 1 - theta, np.float32)) for theta in thetas]


def test_a_jump_lands_where_shrinking_steps_would_end() -> None:
    odds = np.array([0.0, 0.8, 1.2])  # steps in log odds that halve: 0.8, 0.4, … sum to 1.6
    jumped, pace = _jump(states(tuple((1 / (1 + np.exp(-odds))).tolist())))
    assert pace == pytest.approx(2.0)
    assert jumped.now.theta == pytest.approx(1 / (1 + np.exp(-1.6)))
    assert ((jumped.share >= 0) & (jumped.share <= 1)).all()


def test_a_wild_jump_stays_within_bounds() -> None:
    jumped, pace = _jump(states((0.5, 0.9, 0.989)))
    assert pace <= FASTEST and 0 <= jumped.now.theta <= MOST_THETA
    assert OMEGAS[0] <= jumped.now.omega <= OMEGAS[1] and SIGMAS[0] <= jumped.now.sigma_metres <= SIGMAS[1]


def test_nothing_jumps_from_zero_or_from_a_standstill() -> None:
    for still in (states((0.3, 0.3, 0.3)), states((0.1, 0.0, 0.0))):
        assert _jump(still)[0] is still[-1]


def test_no_more_steps_than_allowed() -> None:
    town, extent = simulate(TOWN)
    poor = State(Parameters(0.8, 2.0, 600.0), Scales(400.0), np.full(len(town.days), 0.5, np.float32))
    for most in range(1, 8):
        assert climb(town, extent, poor, (most, 0.0)).iterations == most
