"""Fits the continuous self-exciting process by expectation and maximisation, accelerated by jumps.

Veen & Schoenberg 2008 (JASA 103), corrected for what happens after the last day; jumps after Varadhan & Roland 2008.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from peelian.measure.sums import inner
from peelian.technologies.mapping.kernels.background import Scales, base_rate, scales_of
from peelian.technologies.mapping.kernels.lattice import Floats, Lattice, Singles, lattice_over
from peelian.technologies.mapping.kernels.process import (
    MOST_THETA,
    ContinuousFit,
    Extent,
    Parameters,
    Points,
    bin_for,
    bounded,
    events_on,
    kernel_of,
)
from peelian.technologies.mapping.kernels.state_grid import Events, Sums, sweep, variance_metres2

FASTEST = 100.0


class State(NamedTuple):
    """Where a climb stands: parameters, the background's scales, each event's background probability (float32[n])."""

    now: Parameters
    scales: Scales
    share: Singles


class _Step(NamedTuple):
    """One step's outcome: the state after it, and the log-likelihood of the state before it."""

    after: State
    score: float


def climb(points: Points, extent: Extent, state: State, limits: tuple[int, float], pace: float = 0.0) -> ContinuousFit:
    """Steps of expectation and maximisation, three at a time with a jump between the second and the third.

    The jump follows the direction of the last two steps (SQUAREM; Varadhan & Roland 2008) and is taken back where it
    lowers the likelihood. How far it goes (`pace`) tells how far the end still is: steps alone get short long before.
    `pace` is 0 where no climb has measured it yet.
    """
    most, tolerance = limits
    trail, scores, done, steps, known = [state], [-np.inf], False, 0, pace > 0
    ground = _ground(points, extent, state.now, None)
    while not done and steps < most:
        origin = trail[-1]
        if len(trail) == 3:
            origin, pace = _jump(trail)
        ground = _ground(points, extent, origin.now, ground)
        step = _step(origin, ground, extent)
        steps += 1
        if len(trail) == 3 and step.score < scores[-1] - 1.0 - 1e-7 * abs(scores[-1]):  # too far: back to plain steps
            trail = trail[-1:]
            continue
        known = known or len(trail) == 3
        trail = [*trail, step.after] if len(trail) < 3 else [origin, step.after]
        scores.append(step.score)
        done = known and _moved(origin.now, step.after.now) * pace <= tolerance
    last = trail[-1]
    return ContinuousFit(
        parameters=last.now,
        scales=last.scales,
        lattice=ground.lattice,
        extent=extent,
        share=last.share,
        log_likelihood=scores[-1],
        iterations=steps,
        converged=done,
        pace=pace,
    )


class _Ground(NamedTuple):
    """The incidents on the lattice that σ needs now."""

    events: Events
    lattice: Lattice


def _ground(points: Points, extent: Extent, now: Parameters, before: _Ground | None) -> _Ground:
    """The same ground while its bins resolve σ, else a new one."""
    if before is not None and 1.1 <= now.sigma_metres / before.lattice.bin_metres <= 4.0:
        return before
    lattice = lattice_over(extent[:4], bin_for(now.sigma_metres))
    return _Ground(events_on(points, extent, lattice), lattice)


def _step(state: State, ground: _Ground, extent: Extent) -> _Step:
    """One pass over the incidents and the parameters it leads to. O(n × width + bins)."""
    now, scales, share = state
    events, lattice = ground
    fresh = share.copy()
    weights = fresh * events.weight
    base, better = base_rate(events.spots, weights, lattice, (scales, extent.days))
    sums = sweep(events, base, kernel_of(now, lattice), lattice, fresh)
    within, beyond = _left(events, extent, now.omega)
    expected = float(np.sum(weights, dtype=np.float64)) + now.theta * within
    per_m2 = 2 * float(np.log(lattice.bin_metres)) * float(np.sum(events.weight, dtype=np.float64))
    after = _maximise(sums, now, (within, beyond), lattice)
    return _Step(State(after, better, fresh), sums.log_rate - per_m2 - expected)


def _jump(trail: list[State]) -> tuple[State, float]:
    """Three states in a row to one further on, and the pace: how many steps the jump is worth."""
    start, one, two = trail
    places = np.array([_unbounded(state.now) for state in trail])
    first, turn = places[1] - places[0], places[2] - 2 * places[1] + places[0]
    length = float(np.linalg.norm(turn))
    pace = float(np.clip(np.linalg.norm(first) / length, 1.0, FASTEST)) if length > 0 else 1.0
    if pace <= 1.0 or min(state.now.theta for state in trail) <= 1e-6:
        return two, pace
    now = _back(places[0] + 2 * pace * first + pace**2 * turn)
    share = start.share + np.float32(2 * pace) * (one.share - start.share)
    share += np.float32(pace**2) * (two.share - one.share - one.share + start.share)
    parts = np.array([state.scales[1:] for state in trail])
    ahead = parts[0] + 2 * pace * (parts[1] - parts[0]) + pace**2 * (parts[2] - 2 * parts[1] + parts[0])
    return State(now, scales_of(two.scales.bandwidth_metres, ahead), np.clip(share, 0.0, 1.0, out=share)), pace


def _unbounded(now: Parameters) -> tuple[float, float, float]:
    theta = min(max(now.theta, 1e-9), MOST_THETA)
    return float(np.log(theta / (1 - theta))), float(np.log(now.omega)), float(np.log(now.sigma_metres))


def _back(place: Floats) -> Parameters:
    theta = 1 / (1 + float(np.exp(-np.clip(place[0], -30, 30))))
    return bounded(theta, float(np.exp(np.clip(place[1], -10, 10))), float(np.exp(np.clip(place[2], 0, 10))))


def _left(events: Events, extent: Extent, omega: float) -> tuple[float, float]:
    """Σ (1 - e^{-ωu}) and Σ u e^{-ωu} over events, u the days from the event to the end of recording."""
    until = extent.days - events.days
    gone = np.exp(-omega * until)
    weight = events.weight.astype(np.float64)
    return float(weight.sum()) - inner(weight, gone), inner(weight, until * gone)


def _maximise(sums: Sums, now: Parameters, left: tuple[float, float], lattice: Lattice) -> Parameters:
    """The parameters under which the expected labels are likeliest, within bounds."""
    within, beyond = left
    if sums.triggered <= 1e-9 * max(within, 1.0):
        return Parameters(0.0, now.omega, now.sigma_metres)
    theta = min(sums.triggered / max(within, 1e-9), MOST_THETA)
    omega = sums.triggered / (sums.days + theta * beyond)
    return bounded(theta, omega, float(np.sqrt(max(variance_metres2(sums, lattice.bin_metres), 0.0))))


def _moved(before: Parameters, after: Parameters) -> float:
    """The largest change of a parameter, as a share of itself; θ below 0.01 counts as 0.01."""
    floor = Parameters(0.01, 1e-9, 1e-9)
    return max(abs(b - a) / max(b, low) for a, b, low in zip(before, after, floor, strict=True))
