"""Where the fit of the self-exciting process starts, so that it cannot fail: nine starts, then the bandwidth."""

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


def best_start(points: Points, extent: Extent, scales: Scales) -> tuple[Parameters, Scales]:
    """Three steps from each of nine starts on the incidents of whole tiles of town; then the bandwidth beside them.

    Whole tiles keep followers with what they follow, where a sample of incidents would thin them out.
    """
    chosen = some_tiles(points)
    some = Points(*(part[chosen] for part in points))
    tried = [
        _few_steps(some, extent, (Parameters(START_THETA, 1 / delay, sigma), scales), 3) for delay, sigma in STARTS
    ]
    best = max(tried, key=lambda fit: fit.log_likelihood)
    return _settle_bandwidth(some, extent, best)


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
    now, scales = start
    now = now if now.theta > 0.01 else now._replace(theta=START_THETA)
    share = np.full(len(points.days), 1 - now.theta, dtype=np.float32)
    return climb(points, extent, State(now, scales, share), (steps, 0.0))


def _settle_bandwidth(points: Points, extent: Extent, start: ContinuousFit) -> tuple[Parameters, Scales]:
    """Narrow or widen the background while the whole model, each incident left out of its own background, gains.

    The background alone prefers a bandwidth that is too wide for the pair: what it smooths away looks like followers.
    """
    size = min(start.scales.bandwidth_metres, max(extent.east - extent.west, extent.north - extent.south) / 4)
    best = _few_steps(points, extent, (start.parameters, start.scales._replace(bandwidth_metres=size)), SETTLING_STEPS)
    for factor in (1 / BANDWIDTH_STEP, BANDWIDTH_STEP):
        while 2 * best.lattice.bin_metres <= (size := best.scales.bandwidth_metres * factor) <= WIDEST_METRES:
            tried = _few_steps(
                points, extent, (best.parameters, best.scales._replace(bandwidth_metres=size)), SETTLING_STEPS
            )
            if tried.log_likelihood <= best.log_likelihood:
                break
            best = tried
    flat = _few_steps(points, extent, (best.parameters, Scales(FLAT)), SETTLING_STEPS)
    chosen = flat if flat.log_likelihood >= best.log_likelihood else best
    return chosen.parameters, chosen.scales
