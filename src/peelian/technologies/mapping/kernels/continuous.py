"""The continuous self-exciting process (exponential in time × Gaussian in space): fitted by EM, warm or cold.

λ(t, x) = μ(x) + Σ_{t_i < t} θ ω e^{-ω (t - t_i)} N(x - x_i; σ²). θ is the mean number of further incidents that one
incident is followed by, 1/ω their mean delay, σ their spread along one axis. Mohler et al. 2011; expectation and
maximisation after Veen & Schoenberg 2008 (JASA 103), corrected for what happens after the last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from peelian.errors import InputError, NotEnoughData
from peelian.technologies.mapping.kernels.background import FLAT, base_rate, held_out_bandwidth, plane_of
from peelian.technologies.mapping.kernels.compiled import refuse_slow
from peelian.technologies.mapping.kernels.lattice import Floats, Lattice, Singles, lattice_over, positions
from peelian.technologies.mapping.kernels.state_grid import (
    Base,
    Events,
    Kernel,
    Sums,
    excitation,
    stencil,
    sweep,
    variance_metres2,
)

LEAST_EVENTS = 30
LONGEST_DAYS, SHORTEST_DAYS = 365.0, 1.0 / 24.0  # mean delays outside these are another season or the same call
SIGMAS = (10.0, 2000.0)
MOST_THETA = 0.99  # at 1 a town would never calm down again
STARTS = tuple((delay, sigma) for delay in (2.0, 10.0, 45.0) for sigma in (60.0, 150.0, 400.0))
START_THETA = 0.2
START_EVENTS = 10_000
TILE_METRES = 2000.0
BANDWIDTH_STEP = 1.3
WIDEST_METRES = 6000.0
SETTLING_STEPS = 6


class Points(NamedTuple):
    """Incidents in order of time: days (float64), east and north (metres), weights; arrays of one length."""

    days: Floats
    east: Floats
    north: Floats
    weight: Floats


class Extent(NamedTuple):
    """Where and when recording took place: west, south, east, north (metres), from day and until day."""

    west: float
    south: float
    east: float
    north: float
    from_day: float
    until_day: float


class Parameters(NamedTuple):
    """θ (mean followers of one incident), ω per day, σ in metres."""

    theta: float
    omega: float
    sigma_metres: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContinuousFit:
    """A fitted process: parameters, background bandwidth (m, `inf` = flat), each event's background probability.

    `log_likelihood` is per m² and day, of the last pass. θ is not cause and effect: clusters that the background is
    too smooth to follow look like followers, so a wider bandwidth gives a larger θ.
    """

    parameters: Parameters
    bandwidth_metres: float
    lattice: Lattice
    extent: Extent
    share: Singles
    log_likelihood: float
    iterations: int
    converged: bool


def fit_continuous(
    points: Points,
    extent: Extent,
    *,
    start: ContinuousFit | None = None,
    iterations: int = 100,
    tolerance: float = 1e-3,
) -> ContinuousFit:
    """Fit by EM until no parameter moves by more than `tolerance` of itself in one step, or for `iterations`.

    O(iterations × (n × width + bins)). With `start` (a fit of the same incidents without the newest) it goes on from
    there: one more day takes one to three steps. Cold, the bandwidth is chosen on held-out incidents and the best of
    nine starts is taken, so that there is no setting to guess; all parameters stay within plain bounds.
    """
    _check(points, extent)
    refuse_slow(20.0 * len(points.days) * min(iterations, 20), "the self-exciting process")
    if start is None:
        lattice = lattice_over(extent[:4], 50.0)
        events = _events(points, extent, lattice)
        now, bandwidth = _best_start(points, extent, held_out_bandwidth(events, lattice))
        share = np.full(len(points.days), 1 - START_THETA, dtype=np.float32)
    else:
        bandwidth, now = start.bandwidth_metres, start.parameters
        share = np.full(len(points.days), 1 - now.theta, dtype=np.float32)
        share[: len(start.share)] = start.share[: len(share)]
    return _climb(points, extent, _State(now, bandwidth, share), (iterations, tolerance))


class _State(NamedTuple):
    now: Parameters
    bandwidth: float
    share: Singles


def _climb(points: Points, extent: Extent, state: _State, limits: tuple[int, float]) -> ContinuousFit:
    """Expectation and maximisation in turn; the lattice follows σ when it leaves the range its bins resolve."""
    now, bandwidth, share = state
    lattice: Lattice | None = None
    score, done, steps = -np.inf, False, 0
    while not done and steps < limits[0]:
        steps += 1
        if lattice is None or not 1.2 <= now.sigma_metres / lattice.bin_metres <= 4.0:
            lattice = lattice_over(extent[:4], bin_for(now.sigma_metres))
            events = _events(points, extent, lattice)
        base = base_rate(events.spots, share * events.weight, lattice, (bandwidth, _days(extent)))
        sums = sweep(events, base, kernel_of(now, lattice), lattice, share)
        score = _log_likelihood(events, extent, now, (sums, lattice, base))
        after = _maximise(events, extent, now, (sums, lattice))
        done = _moved(now, after) <= limits[1]
        now = after
    if lattice is None:
        raise InputError("a fit needs at least one iteration")
    return ContinuousFit(
        parameters=now,
        bandwidth_metres=bandwidth,
        lattice=lattice,
        extent=extent,
        share=share,
        log_likelihood=score,
        iterations=steps,
        converged=done,
    )


def bin_for(sigma_metres: float) -> float:
    """The bin (m) that resolves σ with 1.5 to 3 bins: 50 m for the 120 m that near repeats usually span.

    >>> bin_for(120.0), bin_for(60.0), bin_for(10.0)
    (50.0, 25.0, 12.5)
    """
    return float(max(12.5, 50.0 * 2.0 ** np.floor(np.log2(sigma_metres / 75.0))))


def kernel_of(now: Parameters, lattice: Lattice) -> Kernel:
    """The parameters as the pass wants them."""
    return Kernel(now.theta * now.omega, now.omega, stencil(now.sigma_metres, lattice.bin_metres))


def intensity_parts(points: Points, fit: ContinuousFit, day: float) -> tuple[Floats, Floats]:
    """Background and excitation at `day` (after the last incident), each per bin and day: float64[rows, cols]."""
    events = _events(points, fit.extent, fit.lattice)
    weights = fit.share * events.weight
    base = base_rate(events.spots, weights, fit.lattice, (fit.bandwidth_metres, _days(fit.extent)))
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


def _check(points: Points, extent: Extent) -> None:
    n = len(points.days)
    if n < LEAST_EVENTS:
        raise NotEnoughData(
            f"{n:,} incidents are too few for a self-exciting process", accepted=f"{LEAST_EVENTS} or more"
        )
    if not all(bool(np.isfinite(part).all()) for part in points):
        raise InputError("a day, a place or a weight of an incident is not a number")
    if bool(np.any(np.diff(points.days) < 0)):
        raise InputError("incidents must be in order of time")
    if points.days[0] < extent.from_day or points.days[-1] > extent.until_day or _days(extent) <= 0:
        raise InputError("an incident lies outside the time of recording")


def _days(extent: Extent) -> float:
    return extent.until_day - extent.from_day


def _events(points: Points, extent: Extent, lattice: Lattice) -> Events:
    return Events(
        points.days - extent.from_day,
        positions(points.east, points.north, lattice),
        points.weight.astype(np.float32),
    )


def _left(events: Events, extent: Extent, omega: float) -> tuple[float, float]:
    """Σ (1 - e^{-ωu}) and Σ u e^{-ωu} over events, u the days from the event to the end of recording."""
    until = _days(extent) - events.days
    gone = np.exp(-omega * until)
    weight = events.weight.astype(np.float64)
    return float(weight.sum() - weight @ gone), float(weight @ (until * gone))


def _maximise(events: Events, extent: Extent, now: Parameters, found: tuple[Sums, Lattice]) -> Parameters:
    """The parameters under which the expected labels are likeliest, within bounds."""
    sums, lattice = found
    if sums.triggered <= 1e-9 * len(events.days):
        return Parameters(0.0, now.omega, now.sigma_metres)
    within, beyond = _left(events, extent, now.omega)
    theta = min(sums.triggered / max(within, 1e-9), MOST_THETA)
    omega = sums.triggered / (sums.days + theta * beyond)
    sigma = np.sqrt(max(variance_metres2(sums, lattice.bin_metres), 0.0))
    return Parameters(
        theta,
        float(np.clip(omega, 1 / LONGEST_DAYS, 1 / SHORTEST_DAYS)),
        float(np.clip(sigma, *SIGMAS)),
    )


def _moved(before: Parameters, after: Parameters) -> float:
    """The largest change of a parameter, as a share of itself; θ below 0.01 counts as 0.01."""
    floor = Parameters(0.01, 1e-9, 1e-9)
    return max(abs(b - a) / max(b, low) for a, b, low in zip(before, after, floor, strict=True))


def _log_likelihood(events: Events, extent: Extent, now: Parameters, found: tuple[Sums, Lattice, Base]) -> float:
    """Σ log λ less what was expected in all, per m² and day, of a pass with the parameters `now`."""
    sums, lattice, base = found
    total = float(np.sum(events.weight, dtype=np.float64))
    calm = _days(extent) * (float(base.rate.sum()) * base.per**2 + base.flat * lattice.bins)
    return (
        sums.log_rate
        - 2 * total * float(np.log(lattice.bin_metres))
        - calm
        - now.theta * _left(events, extent, now.omega)[0]
    )


def _best_start(points: Points, extent: Extent, bandwidth: float) -> tuple[Parameters, float]:
    """Three steps from each of nine starts on the incidents of whole tiles of town; then the bandwidth beside them.

    Whole tiles keep followers with what they follow, where a sample of incidents would thin them out.
    """
    chosen = _some_tiles(points)
    some = Points(*(part[chosen] for part in points))
    tried = [
        _few_steps(some, extent, (Parameters(START_THETA, 1 / delay, sigma), bandwidth), 3) for delay, sigma in STARTS
    ]
    best = max(tried, key=lambda fit: fit.log_likelihood)
    return _settle_bandwidth(some, extent, best)


def _few_steps(points: Points, extent: Extent, start: tuple[Parameters, float], steps: int) -> ContinuousFit:
    now, bandwidth = start
    now = now if now.theta > 0.01 else now._replace(theta=START_THETA)
    share = np.full(len(points.days), 1 - now.theta, dtype=np.float32)
    return _climb(points, extent, _State(now, bandwidth, share), (steps, 0.0))


def _settle_bandwidth(points: Points, extent: Extent, start: ContinuousFit) -> tuple[Parameters, float]:
    """Narrow or widen the background while the whole model, each incident left out of its own background, gains.

    The background alone prefers a bandwidth that is too wide for the pair: what it smooths away looks like followers.
    """
    size = min(start.bandwidth_metres, max(extent.east - extent.west, extent.north - extent.south) / 4)
    best = _few_steps(points, extent, (start.parameters, size), SETTLING_STEPS)
    for factor in (1 / BANDWIDTH_STEP, BANDWIDTH_STEP):
        while 2 * best.lattice.bin_metres <= (size := best.bandwidth_metres * factor) <= WIDEST_METRES:
            tried = _few_steps(points, extent, (best.parameters, size), SETTLING_STEPS)
            if tried.log_likelihood <= best.log_likelihood:
                break
            best = tried
    flat = _few_steps(points, extent, (best.parameters, FLAT), SETTLING_STEPS)
    chosen = flat if flat.log_likelihood >= best.log_likelihood else best
    return chosen.parameters, chosen.bandwidth_metres


def _some_tiles(points: Points) -> Floats | np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The rows of as many 2 km tiles as it takes to hold 10,000 incidents, in a fixed scattered order of tiles."""
    if len(points.days) <= START_EVENTS:
        return np.arange(len(points.days))
    tile = np.floor(points.east / TILE_METRES).astype(np.int64) * 100_003 + np.floor(points.north / TILE_METRES).astype(
        np.int64
    )
    names, member, size = np.unique(tile, return_inverse=True, return_counts=True)
    order = np.argsort((names * 2_654_435_761) % 4_294_967_291, kind="stable")
    needed = int(np.searchsorted(np.cumsum(size[order]), START_EVENTS)) + 1
    wanted = np.zeros(len(names), dtype=bool)
    wanted[order[:needed]] = True
    return np.flatnonzero(wanted[member])
