"""Simulated towns with known truth, for tests, benchmarks and stress tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.mapping.kernels.lattice import Floats
from peelian.technologies.mapping.kernels.process import Extent, Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A square town: side (m), days recorded, incidents expected in all, and how incidents follow one another.

    `even` is the share of background incidents that fall anywhere; the rest fall around `centres` points, each with
    its own weight and a spread of 300 to 1,000 m.
    """

    incidents: int = 10_000
    side_metres: float = 25_000.0
    days: float = 730.0
    theta: float = 0.3
    delay_days: float = 7.0
    sigma_metres: float = 120.0
    even: float = 0.4
    centres: int = 60
    seed: int = 0


def simulate(town: Town) -> tuple[Points, Extent]:
    """Incidents of a self-exciting process by its branching structure, in order of time.

    Generations are drawn one after the other: O(incidents). The same town has the same incidents. Zhuang, Ogata &
    Vere-Jones 2004.

    >>> points, extent = simulate(Town(incidents=1000, seed=3))
    >>> 800 < len(points.days) < 1200, bool((np.diff(points.days) >= 0).all()), extent.until_day
    (True, True, 730.0)
    """
    if not 0 <= town.theta < 1:
        raise InputError("theta out of range", accepted="0 or more, and below 1")
    chance = np.random.default_rng(town.seed)
    first = chance.poisson(town.incidents * (1 - town.theta))
    parents = np.stack([chance.uniform(0, town.days, first), *_places(town, first, chance)])
    found = [parents]
    while parents.shape[1]:
        repeated = np.repeat(parents, chance.poisson(town.theta, parents.shape[1]), axis=1)
        repeated[0] += chance.exponential(town.delay_days, repeated.shape[1])
        repeated[1:] += chance.normal(0, town.sigma_metres, (2, repeated.shape[1]))
        parents = repeated[:, _inside(repeated, town)]
        found.append(parents)
    every = np.concatenate(found, axis=1)
    every = every[:, np.argsort(every[0], kind="stable")]
    side = town.side_metres
    points = Points(every[0].copy(), every[1].copy(), every[2].copy(), np.ones(every.shape[1]))
    return points, Extent(0.0, 0.0, side, side, 0.0, town.days)


SHAPES: Mapping[str, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    "square": lambda x, y: (x < 0.8) & (y < 0.8),
    "disc": lambda x, y: np.hypot(x - 0.5, y - 0.5) < 0.45,
    "corner": lambda x, y: (x < 0.45) | (y < 0.45),
    "strip": lambda x, y: y < 0.15,
}
"""Grounds of different outline within a square of side 1."""


def strewn(shape: str, n: int, *, seed: int, side_metres: float = 10_000.0, days: float = 728.0) -> Points:
    """`n` incidents anywhere on a ground of one of `SHAPES` at any time, in order of time: there is nothing to find.

    >>> points = strewn("strip", 100, seed=1)
    >>> len(points.days), bool((points.north < 1500).all()), bool((points.east > 5000).any())
    (100, True, True)
    """
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 1, (2, 10 * n + 100))
    inside = np.flatnonzero(SHAPES[shape](x, y))[:n]
    days_of = np.sort(chance.uniform(0, days, n))
    return Points(days_of, x[inside] * side_metres, y[inside] * side_metres, np.ones(n))


def _places(town: Town, n: int, chance: np.random.Generator) -> tuple[Floats, Floats]:
    side = town.side_metres
    middle = chance.uniform(0.1 * side, 0.9 * side, (2, max(town.centres, 1)))
    spread = chance.uniform(300, 1000, max(town.centres, 1))
    weight = chance.gamma(1.0, 1.0, max(town.centres, 1))
    which = chance.choice(len(weight), n, p=weight / weight.sum())
    near = middle[:, which] + spread[which] * chance.normal(size=(2, n))
    anywhere = (chance.uniform(size=n) < town.even) | ((near < 0) | (near >= side)).any(axis=0)
    east, north = np.where(anywhere, chance.uniform(0, side, (2, n)), near)
    return east, north


def _inside(drawn: Floats, town: Town) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    place = ((drawn[1:] >= 0) & (drawn[1:] < town.side_metres)).all(axis=0)
    return np.asarray(place & (drawn[0] < town.days))
