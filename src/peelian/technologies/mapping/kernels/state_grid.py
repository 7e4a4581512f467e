"""One pass of the continuous self-exciting process in O(events × stencil width): the state lives on a lattice.

The excitation of event j is S(j) = Σ_{i earlier} e^{-ω (t_j - t_i)} g(x_j - x_i). Because the kernel factors, S need
not be summed over pairs. Time: the state is kept scaled by e^{ωt}, so it never decays; it is rebased when ωt > 200,
before a double overflows. Space: the Gaussian factors into east and north. An event adds its east profile to its own
row of bins (one line of the stencil); a later event reads the lines above and below it, weighted by its north
profile. So an event costs twice the stencil's width, not its square, and never a sum over other events.

Three planes are carried, for the three sums that re-estimation needs: of the kernel, of kernel × time and of kernel ×
distance². East is exact at the source and binned at the reader, north the reverse; binning adds bin²/12 to the
variance along each axis (Sheppard's correction), which `stencil` gives and `variance_metres2` takes back.
Model: Mohler, Short, Brantingham, Schoenberg & Tita 2011 (JASA 106), with an exponential × Gaussian kernel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy

from peelian.technologies.mapping.kernels.compiled import compiled
from peelian.technologies.mapping.kernels.lattice import Floats, Lattice, Singles, share_out

SUBDIVISIONS = 64  # a place inside its bin is rounded to 1/64 of the bin: 0.8 m at 50 m
REACH_SIGMAS = 4.0  # beyond four standard deviations a Gaussian in the plane holds 0.03 % of its mass
REBASE_AT = 200.0  # e^200 ≈ 7e86: far from overflow, even summed over millions
SHEPPARD = 1.0 / 12.0


class Events(NamedTuple):
    """Events in order of time: days, places in bins (float32[n, 2]: column, row), weights (aoristic: sums to n)."""

    days: Floats
    spots: Singles
    weight: Singles


class Base(NamedTuple):
    """The background: rate per bin and day on blocks of `per` bins; `own` is what one event adds to its own block.

    `flat` is a small even rate that keeps the intensity above zero everywhere.
    """

    rate: Floats
    per: int
    own: float
    flat: float


class Kernel(NamedTuple):
    """The excitation: θω, ω (per day) and the stencil (float64[64, width, 2]: profile, profile × distance²)."""

    theta_omega: float
    omega: float
    table: Floats


class Sums(NamedTuple):
    """What one pass returns: weighted sums over events of P(triggered), × days since, × distance², and log rate."""

    triggered: float
    days: float
    distance2: float
    log_rate: float


def stencil(sigma_metres: float, bin_metres: float) -> Floats:
    """The one-dimensional Gaussian profile on bins for 64 positions inside a bin: float64[64, 2·radius + 1, 2].

    Column 0 sums to 1 over the width; column 1 is column 0 × distance² in bins².

    >>> table = stencil(120.0, 50.0)
    >>> table.shape, bool(np.allclose(table[:, :, 0].sum(axis=1), 1))
    ((64, 21, 2), True)
    """
    spread = np.hypot(sigma_metres / bin_metres, np.sqrt(SHEPPARD))
    radius = int(np.ceil(REACH_SIGMAS * spread))
    inside = (np.arange(SUBDIVISIONS) + 0.5) / SUBDIVISIONS
    away = np.arange(-radius, radius + 1) + 0.5 - inside[:, None]
    profile = np.exp(-0.5 * (away / spread) ** 2)
    profile /= profile.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(np.stack([profile, profile * away**2], axis=-1))


def variance_metres2(sums: Sums, bin_metres: float) -> float:
    """σ² along one axis (m²) that the pass found, with the bins' own variance taken back; may be ≤ 0."""
    return float((sums.distance2 / (2 * sums.triggered) - SHEPPARD) * bin_metres**2)


def sweep(events: Events, base: Base, kernel: Kernel, lattice: Lattice, share: Singles) -> Sums:
    """One pass over all events in order of time. O(n × width + bins); the state is 24 bytes per bin.

    `share` (float32[n]) holds each event's background probability from the pass before and is overwritten with the
    new one. Events at the same instant (dates without hours) do not excite one another.
    """
    radius = kernel.table.shape[1] // 2
    state = np.zeros((lattice.rows + 2 * radius, lattice.cols + 2 * radius, 3))
    days, n = events.days, len(events.days)
    totals, first, start = np.zeros(4), 0, float(days[0]) if n else 0.0
    while first < n:
        last = int(np.searchsorted(days, start + REBASE_AT / kernel.omega, side="right"))
        stretch = Events(days[first:last] - start, events.spots[first:last], events.weight[first:last])
        totals += compiled(sweep_loop)(stretch, base, kernel, state, share[first:last])
        if last < n:
            rebase(state, float(days[last]) - start, kernel.omega)
            start = float(days[last])
        first = last
    return Sums(*totals.tolist())


def rebase(state: Floats, days: float, omega: float) -> None:
    """Move the origin of time by `days`: the planes shrink by e^{-ω days}, the time-weighted one moves with it."""
    compiled(rebase_loop)(state, days, float(np.exp(-omega * days)))


def rebase_loop(state: Floats, days: float, shrink: float) -> None:
    """The loop behind `rebase`."""
    for row in range(state.shape[0]):
        for col in range(state.shape[1]):
            if state[row, col, 0] == 0.0:
                continue
            kept = state[row, col, 0] * shrink
            if kept < 1e-150:  # long forgotten: left as it is it would become a slow denormal number
                state[row, col, 0] = state[row, col, 1] = state[row, col, 2] = 0.0
                continue
            state[row, col, 0] = kept
            state[row, col, 1] = state[row, col, 1] * shrink - days * kept
            state[row, col, 2] *= shrink


def sweep_loop(
    events: Events, base: Base, kernel: Kernel, state: Floats, share: Singles
) -> tuple[float, float, float, float]:
    """The loop behind `sweep` between two rebases; `state` is float64[rows + 2·radius, cols + 2·radius, 3]."""
    days, spots, weight = events
    table = kernel.table
    width = table.shape[1]
    radius, n = width // 2, days.shape[0]
    triggered = elapsed = distance2 = log_rate = 0.0
    first = 0
    while first < n:
        now = days[first]
        last = first
        up = np.exp(kernel.omega * now)
        scale = kernel.theta_omega / up
        while last < n and days[last] == now:  # read for all events of this instant before any of them is added
            col, row = int(spots[last, 0]), int(spots[last, 1])
            inside = int((spots[last, 1] - row) * SUBDIVISIONS)
            here = time = away2 = 0.0
            for a in range(width):
                g = table[inside, a, 0]
                line = state[row + a, col + radius, 0]
                here += g * line
                time += g * state[row + a, col + radius, 1]
                away2 += g * state[row + a, col + radius, 2] + table[inside, a, 1] * line
            calm = base.rate[row // base.per, col // base.per] - base.own * share[last] * weight[last]
            rate = max(calm, 0.0) + base.flat + here * scale
            part = weight[last] * scale / rate
            triggered += here * part
            elapsed += (now * here - time) * part
            distance2 += away2 * part
            log_rate += weight[last] * np.log(rate)
            share[last] = 1.0 - here * scale / rate
            last += 1
        for k in range(first, last):
            col, row = int(spots[k, 0]), int(spots[k, 1]) + radius
            inside = int((spots[k, 0] - col) * SUBDIVISIONS)
            add = up * weight[k]
            for b in range(width):
                g = add * table[inside, b, 0]
                state[row, col + b, 0] += g
                state[row, col + b, 1] += g * now
                state[row, col + b, 2] += add * table[inside, b, 1]
        first = last
    return triggered, elapsed, distance2, log_rate


def excitation(events: Events, reach: tuple[float, float, float], lattice: Lattice, day: float) -> Floats:
    """Σ_i θω e^{-ω (day - t_i)} g(x - x_i) per bin and day, after the last event: float64[rows, cols].

    `reach` is (θω, ω, σ in metres). O(n + bins × width). Only the last 40/ω days can matter: the rest has decayed to
    e^-40. Events are shared between bins (which adds 1/6 to the variance in bins²) and the bins are areas (1/12 more).
    """
    theta_omega, omega, sigma = reach
    recent = int(np.searchsorted(events.days, day - 40.0 / omega))
    mass = events.weight[recent:].astype(np.float64) * np.exp(-omega * (day - events.days[recent:])) * theta_omega
    middle = events.spots[recent:].astype(np.float64) - 0.5
    plane = share_out(middle[:, 0], middle[:, 1], mass, (lattice.rows, lattice.cols))
    spread = np.sqrt(max((sigma / lattice.bin_metres) ** 2 - 1 / 6 + SHEPPARD, 0.1))
    away = np.arange(-np.ceil(REACH_SIGMAS * spread), np.ceil(REACH_SIGMAS * spread) + 1)
    profile = np.exp(-0.5 * (away / spread) ** 2)
    for axis in (0, 1):
        plane = scipy.ndimage.convolve1d(plane, profile / profile.sum(), axis=axis, mode="constant")
    return plane
