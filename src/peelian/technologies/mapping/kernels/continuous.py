"""The continuous self-exciting process: fitted cold or warm, and what it expects from a day on."""

from __future__ import annotations

import numpy as np

from peelian.technologies.mapping.kernels.background import Scales, base_rate, held_out_bandwidth, plane_of
from peelian.technologies.mapping.kernels.climbing import State, climb
from peelian.technologies.mapping.kernels.compiled import refuse_slow
from peelian.technologies.mapping.kernels.lattice import Floats, lattice_over
from peelian.technologies.mapping.kernels.process import (
    ContinuousFit,
    Extent,
    Parameters,
    Points,
    events_on,
    must_be_fittable,
)
from peelian.technologies.mapping.kernels.starting import best_start
from peelian.technologies.mapping.kernels.state_grid import excitation

MOST_STEPS, WARM_STEPS = 100, 3


def fit_continuous(
    points: Points,
    extent: Extent,
    *,
    start: ContinuousFit | None = None,
    iterations: int | None = None,
    tolerance: float = 5e-3,
) -> ContinuousFit:
    """Fit by EM until every parameter is about `tolerance` of itself from where it will end, or for `iterations`.

    O(iterations × (n × width + bins)). With `start` (a fit of the same incidents without the newest) it goes on from
    there, and one more day takes at most three steps; `converged` tells whether more would be needed. Cold, the
    bandwidth is chosen on held-out incidents and the best of nine starts is taken, so that there is no setting to
    guess; all parameters stay within plain bounds.
    """
    must_be_fittable(points, extent)
    refuse_slow(400.0 * len(points.days), "the self-exciting process")
    if start is None:
        lattice = lattice_over(extent[:4], 50.0)
        events = events_on(points, extent, lattice)
        pace, most = 0.0, MOST_STEPS
        begin = best_start(points, extent, Scales(held_out_bandwidth(events, lattice)))
    else:
        scales, now, pace = start.scales, start.parameters, start.pace
        share = np.full(len(points.days), 1 - now.theta, dtype=np.float32)
        share[: len(start.share)] = start.share[: len(share)]
        most = WARM_STEPS if len(start.share) > 0.9 * len(share) else MOST_STEPS
        begin = State(now, scales, share)
    return climb(points, extent, begin, (iterations or most, tolerance), pace)


def intensity_parts(points: Points, fit: ContinuousFit, day: float) -> tuple[Floats, Floats]:
    """Background and excitation at `day` (after the last incident), each per bin and day: float64[rows, cols]."""
    events = events_on(points, fit.extent, fit.lattice)
    weights = fit.share * events.weight
    base, _ = base_rate(events.spots, weights, fit.lattice, (fit.scales, fit.extent.days))
    theta, omega, sigma = fit.parameters
    recent = excitation(events, (theta * omega, omega, sigma), fit.lattice, day - fit.extent.from_day)
    return plane_of(base, fit.lattice), recent


def expected_parts(
    parts: tuple[Floats, Floats], now: Parameters, days: float, lead: float = 0.0
) -> tuple[Floats, Floats]:
    """Expected counts per bin in `days` days that begin `lead` days from now: from the background, from excitation.

    Followers of followers are counted too: the mean excitation of an exponential kernel decays with ω (1 - θ) and
    rises towards μ θ / (1 - θ) (Hawkes 1971), here bin by bin. `parts` is what `intensity_parts` gave.
    """
    background, recent = parts
    slow = now.omega * (1 - now.theta)
    gone, span = np.exp(-slow * lead), -np.expm1(-slow * days) / slow
    level = background * now.theta / (1 - now.theta)
    return background * days, level * days + (recent - level) * gone * span
