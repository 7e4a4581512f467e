"""Starting values for the self-exciting process: nine starts, then the bandwidth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.mapping.kernels.background import FLAT, Scales
from peelian.technologies.mapping.kernels.climbing import State, climb
from peelian.technologies.mapping.kernels.process import ContinuousFit, Extent, Parameters, Points

STARTS = tuple((delay, sigma) for delay in (2.0, 10.0, 45.0) for sigma in (60.0, 150.0, 400.0))
START_THETA = 0.2
START_EVENTS = 10_000
TILE_METRES = 2000.0
BANDWIDTH_STEP = 1.3
WIDEST_METRES = 6000.0
SETTLING_STEPS = 6
SMOOTHER = 1.25
LITTLE_THETA = 0.02


def best_start(points: Points, extent: Extent, scales: Scales) -> State:
    """Three steps from each of nine starts on the incidents of whole tiles of town; then the bandwidth beside them.

    Whole tiles keep followers with what they follow, where a sample of incidents would thin them out. Where a part of
    town is likelier without followers, all of it is asked: what follows is lost in a few dense tiles, whose background
    alone can be as narrow as it likes, and stands out in millions of incidents.
    """
    chosen = some_tiles(points)
    some = Points(*(part[chosen] for part in points))
    tried = [
        _few_steps(some, extent, (Parameters(START_THETA, 1 / delay, sigma), scales), 3) for delay, sigma in STARTS
    ]
    best = max(tried, key=lambda fit: fit.log_likelihood)
    (now, widths), excited = _settle_bandwidth(some, extent, best), best.parameters
    start = _start(points, now, widths)
    if len(chosen) == len(points.days) or now.theta > LITTLE_THETA or excited.theta <= LITTLE_THETA:
        return start
    both = (start, _start(points, excited, widths))
    tried = [climb(points, extent, state, (SETTLING_STEPS, 0.0)) for state in both]
    likelier = max(tried, key=lambda fit: fit.log_likelihood)
    return State(likelier.parameters, likelier.scales, likelier.share)


def some_tiles(points: Points) -> NDArray[np.intp]:
    """The rows of as many 2 km tiles as it takes to hold 10,000 incidents, in a fixed scattered order of tiles."""
    if len(points.days) <= START_EVENTS:
        return np.arange(len(points.days))
    col, row = (np.floor(part / TILE_METRES).astype(np.int64) for part in (points.east, points.north))
    tile = col * 100_003 + row
    names, member, size = np.unique(tile, return_inverse=True, return_counts=True)
    order = np.argsort((names * 2_654_435_761) % 4_294_967_291, kind="stable")
    needed = int(np.searchsorted(np.cumsum(size[order]), START_EVENTS)) + 1
    wanted = np.zeros(len(names), dtype=bool)
    wanted[order[:needed]] = True
    return np.flatnonzero(wanted[member])


def _few_steps(points: Points, extent: Extent, start: tuple[Parameters, Scales], steps: int) -> ContinuousFit:
    """A few steps from a start; one that follows nothing (θ = 0) stays so, and only its scales settle."""
    return climb(points, extent, _start(points, *start), (steps, 0.0))


def _start(points: Points, now: Parameters, scales: Scales) -> State:
    """The state in which every incident is background with the same probability."""
    return State(now, scales, np.full(len(points.days), 1 - now.theta, dtype=np.float32))


def _settle_bandwidth(points: Points, extent: Extent, start: ContinuousFit) -> tuple[Parameters, Scales]:
    """Narrow or widen the background while the whole model, each incident left out of its own background, gains.

    The background alone prefers a bandwidth that is too wide for the pair: what it smooths away looks like followers.
    Beside excitation it stays smoother by a quarter, for two kernels of one width cannot be told apart; without any it
    may be as narrow as it likes, and where that alone is likelier the fit goes on from there.
    """
    now = start.parameters if start.parameters.theta > 0.01 else start.parameters._replace(theta=START_THETA)
    stirred = _best_width(points, extent, (now, start.scales), SMOOTHER)
    calm = _best_width(points, extent, (now._replace(theta=0.0), start.scales), 0.0)
    if calm.log_likelihood >= stirred.log_likelihood:
        return stirred.parameters._replace(theta=LITTLE_THETA), calm.scales
    return stirred.parameters, stirred.scales


def _best_width(points: Points, extent: Extent, start: tuple[Parameters, Scales], smoother: float) -> ContinuousFit:
    """The likeliest of neighbouring bandwidths, step by step down and up, and of none (an even background)."""
    now, scales = start
    widest = min(WIDEST_METRES, max(extent.east - extent.west, extent.north - extent.south) / 4)
    size = max(min(scales.bandwidth_metres, widest), smoother * now.sigma_metres)
    best = _few_steps(points, extent, (now, scales._replace(bandwidth_metres=size)), 2 * SETTLING_STEPS)
    narrowest = smoother * best.parameters.sigma_metres
    for factor in (1 / BANDWIDTH_STEP, BANDWIDTH_STEP):
        least = max(narrowest, 2 * best.lattice.bin_metres)
        while least <= (size := best.scales.bandwidth_metres * factor) <= WIDEST_METRES:
            following = best.scales._replace(bandwidth_metres=size)
            tried = _few_steps(points, extent, (best.parameters, following), SETTLING_STEPS)
            if tried.log_likelihood <= best.log_likelihood:
                break
            best = tried
    flat = _few_steps(points, extent, (best.parameters, Scales(FLAT)), SETTLING_STEPS)
    return flat if flat.log_likelihood >= best.log_likelihood else best
