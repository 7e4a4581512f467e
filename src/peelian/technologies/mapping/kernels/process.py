"""The continuous self-exciting process as nouns: incidents, extent, parameters with their bounds, a fit.

λ(t, x) = μ(x) + Σ_{t_i < t} θ ω e^{-ω (t - t_i)} N(x - x_i; σ²). θ is the mean number of further incidents that one
incident is followed by, 1/ω their mean delay, σ their spread along one axis. Mohler, Short, Brantingham, Schoenberg &
Tita 2011 (JASA 106).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.technologies.mapping.kernels.background import Scales
from peelian.technologies.mapping.kernels.lattice import Floats, Lattice, Singles, positions
from peelian.technologies.mapping.kernels.state_grid import Events, Kernel, stencil

LEAST_EVENTS = 30
OMEGAS = (1 / 365.0, 24.0)  # per day: mean delays outside a year and an hour are another season or the same call
SIGMAS = (30.0, 2000.0)  # recorded places are rounded to an address, a block or a junction
MOST_THETA = 0.99  # at 1 a town would never calm down again


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

    @property
    def days(self) -> float:
        """How long recording lasted."""
        return self.until_day - self.from_day


class Parameters(NamedTuple):
    """θ (mean followers of one incident), ω per day, σ in metres."""

    theta: float
    omega: float
    sigma_metres: float


def bounded(theta: float, omega: float, sigma_metres: float) -> Parameters:
    """Parameters moved inside their bounds."""
    return Parameters(
        min(max(theta, 0.0), MOST_THETA),
        min(max(omega, OMEGAS[0]), OMEGAS[1]),
        min(max(sigma_metres, SIGMAS[0]), SIGMAS[1]),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContinuousFit:
    """A fitted process: parameters, the background's scales, each event's background probability.

    `log_likelihood` is per m² and day, of the last pass. θ is not cause and effect: clusters that the background is
    too smooth to follow look like followers, so a wider bandwidth gives a larger θ. `pace` is how many plain steps one
    jump was worth: how slowly the climb converges.
    """

    parameters: Parameters
    scales: Scales
    lattice: Lattice
    extent: Extent
    share: Singles
    log_likelihood: float
    iterations: int
    converged: bool
    pace: float


def bin_for(sigma_metres: float) -> float:
    """The bin (m) that resolves σ with 1.5 to 3 bins: 50 m for the 120 m that near repeats usually span.

    >>> bin_for(120.0), bin_for(60.0), bin_for(400.0)
    (50.0, 25.0, 200.0)
    """
    return float(max(25.0, 50.0 * 2.0 ** np.floor(np.log2(sigma_metres / 75.0))))


def kernel_of(now: Parameters, lattice: Lattice) -> Kernel:
    """The parameters as the pass wants them."""
    return Kernel(now.theta * now.omega, now.omega, stencil(now.sigma_metres, lattice.bin_metres))


def events_on(points: Points, extent: Extent, lattice: Lattice) -> Events:
    """Incidents as the pass reads them. O(n)."""
    return Events(
        points.days - extent.from_day,
        positions(points.east, points.north, lattice),
        points.weight.astype(np.float32),
    )


def must_be_fittable(points: Points, extent: Extent) -> None:
    """Raise InputError or NotEnoughData where no process can be fitted."""
    n = len(points.days)
    if n < LEAST_EVENTS:
        raise NotEnoughData(sentence("Not enough data: %(n)d incidents, %(least)d needed", n=n, least=LEAST_EVENTS))
    if not all(bool(np.isfinite(part).all()) for part in points):
        raise InputError("day, location or weight is not a number")
    if bool(np.any(np.diff(points.days) < 0)):
        raise InputError("incidents not in time order")
    if points.days[0] < extent.from_day or points.days[-1] > extent.until_day or extent.days <= 0:
        raise InputError("incident outside the recording period")
