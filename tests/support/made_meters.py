"""Made meters and counters that count on: what they truly gained, what they told, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sensing import a_sensor

from peelian.errors import InputError
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.turnstile import Turnstile
from peelian.technologies.sensors.windows import Gathering, close, gather

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
HOMES, LEAP = 120, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One day of a meter: its kind, true gains between its readings, and the totals that it told."""

    what: str
    gains: tuple[float, ...]
    totals: tuple[float, ...]


def meter(seed: int) -> Meter:
    """A day of quarters of an hour: a meter of 120 homes, a gate or a lane. It may begin anew, be replaced by one that
    has counted already, go past its last digit, or tremble. One that stands a little higher than the meter before it
    is left out: nothing in the numbers tells it from a surge."""
    rng = np.random.default_rng([48, seed])
    what = ("energy", "people", "vehicles")[seed % 3]
    daily = 1.2 + np.sin(2 * np.pi * (np.arange(96) - 30) / 96)
    gains = daily * (rng.gamma(20, 1.0, 96) if what == "energy" else rng.poisson(60, 96))
    gains = np.round(gains, 1) if what == "energy" else np.round(gains)
    size = float(rng.choice([10.0**5, 10.0**6, 2.0**16]))
    fault = seed % 5
    total = size - gains.sum() * rng.uniform(0.1, 0.9) if fault == 3 else rng.uniform(0.05, 0.7) * size
    at = int(rng.integers(10, 86))
    total, told = round(total, 1) if what == "energy" else round(total), []
    for n, gained in enumerate([0.0, *gains.tolist()]):
        total += gained
        if fault == 1 and n == at:
            total = gained  # it began anew
        if fault == 2 and n == at:
            other = float(round(rng.uniform(0.01, 0.5) * size))  # another meter was mounted
            total = other if not total < other < total + LEAP else float(round(total / 3))
        if fault == 3:
            total %= size
        shake = -round(abs(rng.normal(0, 0.5)), 1) if fault == 4 and rng.random() < 0.1 and what == "energy" else 0.0
        told.append(max(0.0, total + shake))
    return Meter(what=what, gains=tuple(gains.tolist()), totals=tuple(told))


def published(made: Meter) -> float:
    """What the windows of that day add up to."""
    name, sensor = "total_kwh" if made.what == "energy" else "total", a_sensor(homes=HOMES)
    turnstile, into = Turnstile(), Gathering()
    for n, total in enumerate(made.totals):
        time = BEGAN + timedelta(minutes=15 * n)
        reading = Reading(sensor=sensor.id, time=time, what=made.what, values={name: total})
        try:
            gather(into, turnstile.turned((reading,), sensor))
        except InputError:
            continue  # refused, and told
    windows = close(into, BEGAN + timedelta(days=2), stopping=True)
    return sum(one.kwh if made.what == "energy" else one.count for one in windows)


def published_as_amounts(seeds: Iterable[int]) -> int:
    """Of how many made meters more was published than they truly gained, beyond what trembling can add: a total, or a
    part of one."""
    found = 0
    for seed in seeds:
        made = meter(seed)
        most = max(made.gains)
        found += int(published(made) > sum(made.gains) + most)
    return found
