"""Made-up positions of people and taxis, to prove that files of them are refused: nobody's real ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KINDS = ("worker", "night", "shifts", "home", "taxi")
TOWN_METRES = 12_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Whose positions, for how many days, one each `minutes`, and which part of them is `kept` (at random)."""

    kind: str = "worker"
    days: int = 30
    minutes: float = 15.0
    kept: float = 1.0
    people: int = 1
    jitter_metres: float = 15.0  # error of a phone's position, standard deviation
    snap_metres: float = 10.0
    seed: int = 0


def positions(device: Device) -> tuple[Floats, Floats, Floats]:
    """Hours since the first midnight, metres east and north: float64[positions], in random order.

    >>> hour, east, north = positions(Device(days=2, minutes=60))
    >>> len(hour), float(hour.min()) >= 0, float(hour.max()) < 48
    (48, True, True)
    """
    chance = np.random.default_rng(device.seed)
    parts = [_taxi(device, chance) if device.kind == "taxi" else _person(device, chance) for _ in range(device.people)]
    hour, east, north = np.concatenate(parts, axis=1)
    kept = chance.permutation(len(hour))[: max(round(device.kept * len(hour)), 1)]
    moved = chance.normal(0, device.jitter_metres, (2, len(kept)))
    snap = device.snap_metres
    east, north = (np.round((axis[kept] + move) / snap) * snap for axis, move in zip((east, north), moved, strict=True))
    return hour[kept], east, north


def _hours(device: Device, chance: np.random.Generator) -> Floats:
    step = device.minutes / 60
    return np.arange(chance.uniform(0, step), device.days * 24, step)


def _person(device: Device, chance: np.random.Generator) -> Floats:
    """Home, work 1 to 12 km away, a few errands, and the ways between them: float64[3, positions]."""
    home = chance.uniform(0, TOWN_METRES, 2)
    angle, far = chance.uniform(0, 2 * np.pi), chance.uniform(800, 12_000)
    work = home + far * np.array([np.cos(angle), np.sin(angle)])
    errands = home + chance.normal(0, 2_500, (int(chance.integers(4, 13)), 2))
    often = chance.dirichlet(np.ones(len(errands)))
    leaves, returns = (21.0, 29.5) if device.kind == "night" else (8.0, 17.0)
    free = chance.permutation(7)[:2] if device.kind == "shifts" else np.array([5, 6])
    stays: list[tuple[float, float, NDArray[np.float64]]] = [(-12.0, 0.1, home)]
    for day in range(device.days):
        now = 24.0 * day
        if device.kind != "home" and day % 7 not in free:
            start, end = now + leaves + chance.normal(0, 0.7), now + returns + chance.normal(0, 0.7)
            stays.append((start, end, work))
            now = end + 0.6
            out = int(device.kind != "night" and chance.random() < 0.4)
        else:
            now, out = now + chance.uniform(9, 13), int(chance.integers(0, 4))
        for _ in range(out):
            end = now + chance.uniform(0.4, 2.5)
            stays.append((now, end, errands[chance.choice(len(errands), p=often)]))
            now = end + 0.5
        stays.append((now, now + 0.5, home))
    return _along(_hours(device, chance), sorted(stays, key=lambda stay: stay[0]))


def _along(hour: Floats, stays: list[tuple[float, float, NDArray[np.float64]]]) -> Floats:
    """Where one is at each hour: at a place until half an hour before the next stay, then on the way to it."""
    starts = np.array([start for start, _, _ in stays])
    places = np.stack([place for _, _, place in stays])
    now = np.clip(np.searchsorted(starts, hour, side="right") - 1, 0, None)
    after = np.minimum(now + 1, len(stays) - 1)
    left = np.maximum(starts[after] - hour, 0.0)
    way = np.where(after > now, np.clip(1 - left / 0.5, 0, 1), 0.0)[:, None]
    at = places[now] * (1 - way) + places[after] * way
    return np.stack([hour, at[:, 0], at[:, 1]])


def _taxi(device: Device, chance: np.random.Generator) -> Floats:
    """A shift of 8 to 13 hours a day; each stop lies near the last or at one of three stands."""
    hour = _hours(device, chance)
    begins, long = chance.uniform(5, 16), chance.uniform(8, 13)
    hour = hour[(hour - begins) % 24 < long]
    home = chance.uniform(0, TOWN_METRES, 2)
    stands = home + chance.normal(0, 3_000, (3, 2))
    at, until, here = np.empty((2, len(hour))), -1.0, home
    for k, now in enumerate(hour.tolist()):
        if now >= until:
            angle = chance.uniform(0, 2 * np.pi)
            drive = chance.exponential(3_000) * np.array([np.cos(angle), np.sin(angle)])
            here = stands[chance.integers(3)] if chance.random() < 0.25 else np.clip(here + drive, -6_000, 18_000)
            until = now + chance.uniform(0.15, 0.6)
        at[:, k] = here
    return np.concatenate([hour[None], at])
