"""The noise detector on past records: false alarms, and detection of added sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd import meters
from peelian.technologies.crowd.declarations.noise_rules import NoiseRule
from peelian.technologies.crowd.meters import MeterState
from peelian.technologies.crowd.noise import NoiseChange
from peelian.technologies.crowd.trials import Injected

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, float], None]

RISES_DB = (6.0, 10.0)
RISE_SECONDS = 600
SIREN_SECONDS, SIREN_DB = 40, 25.0
BANG_SECONDS, BANG_DB = 2, 35.0
WATCHED_AFTER_SECONDS = 180  # a short sound that raises an alarm does so by then
LISTENING = "Running the detector"
INJECTING = "Adding simulated rises"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """A record: seconds since its first reading in rising order, and levels in dB."""

    second: Ints
    level: Floats
    rule: NoiseRule

    @property
    def days(self) -> float:
        """Sensor-days of readings: gaps do not count."""
        return len(self.second) * self.rule.period_seconds / 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm of the record: the second, its level and figures."""

    second: int
    level: Level
    above_db: float
    level_db: float
    background_db: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """Result of the detector on a record: alarms, faults by kind, states to restart from, levels by hour."""

    raised: tuple[Raised, ...]
    faults: Mapping[str, int]
    states: tuple[tuple[int, MeterState], ...]  # row after which it holds, state
    hour: Ints
    level: Floats  # the median of L90 (of one-minute levels: the level itself) in that hour
    background: Floats


def listened(record: Record, progress: Progress = lambda says, share: None) -> Heard:
    """The detector over the whole record. O(readings)."""
    state, raised = meters.NEW, []
    broken: dict[str, int] = {}
    every = 61 // record.rule.period_seconds  # a minute, and so that moments fall anywhere between two steps
    states: list[tuple[int, MeterState]] = []
    looked: list[tuple[int, float, float]] = []
    for row, (at, level) in enumerate(zip(record.second.tolist(), record.level.tolist(), strict=True)):
        state, change, fault = meters.step(record.rule, state, at, level)
        if change is not None and change.change.raised:
            raised.append(_raised(at, change))
        if fault is not None and not fault.well:
            broken[str(fault.fault)] = broken.get(str(fault.fault), 0) + 1
        if row % every == 0 and state.noise.above is not None:
            states.append((row, state))
            background = state.noise.baseline / 100
            looked.append((at // 3_600, background + state.noise.above / 100, background))
        if row % 20_000 == 0:
            progress(LISTENING, 0.5 * row / len(record.second))
    hour, level_by_hour, background_by_hour = _by_hour(looked)
    return Heard(
        raised=tuple(raised), faults=broken, states=tuple(states),
        hour=hour, level=level_by_hour, background=background_by_hour,
    )  # fmt: skip


def found_rises(record: Record, heard: Heard, n: int, seed: int) -> Iterator[Injected]:
    """`n` added rises of each size for ten minutes, in two ways: a steady sound, or all levels raised.

    The added sound is itself so many dB above the background of that moment and adds its energy, as a crowd's would.
    Lifting every level is harder at the detector's own threshold: where the place is just quieter than usual, 6 dB
    more is not 6 dB above the background. O(n · readings of ten minutes).
    """
    starts = _starts(record, heard, n, seed)
    for lifted, word in ((False, "rise"), (True, "lift")):
        for size in RISES_DB:
            delays = [
                delay
                for start, state in starts
                if (delay := _alarmed(record, state, _changed(record, start, state, size, lifted))) is not None
            ]
            yield Injected(word=f"{word}_{size:.0f}_db", n=len(starts), delays=tuple(delays))


def raised_by_short_sounds(record: Record, heard: Heard, n: int, seed: int) -> Injected:
    """`n` added passing sirens and bangs, in turn. None should raise an alarm. O(n · readings of four minutes)."""
    delays = []
    starts = _starts(record, heard, n, seed + 1)
    for number, (start, state) in enumerate(starts):
        delay = _alarmed(record, state, _with_short_sound(record, start, siren=number % 2 == 0))
        if delay is not None:
            delays.append(delay)
    return Injected(word="short_sounds", n=len(starts), delays=tuple(delays))


def _starts(record: Record, heard: Heard, n: int, seed: int) -> list[tuple[int, MeterState]]:
    """Moments in which the detector knew its background and nothing was open or waiting, drawn by lot."""
    last = len(record.second) - RISE_SECONDS // record.rule.period_seconds
    able = [(row, state) for row, state in heard.states if row < last and not state.noise.holding.since]
    if len(able) < 20:
        says = sentence("background known in only %(n)d minutes of the record, 20 needed", n=len(able))
        accepted = "a longer record. The detector learns for half an hour after each gap of an hour"
        raise NotEnoughData(says, accepted=accepted)
    chosen = np.random.default_rng(seed).choice(len(able), n, replace=n > len(able))
    return [able[int(i)] for i in chosen]


def _changed(record: Record, start: int, state: MeterState, size_db: float, lifted: bool) -> tuple[Ints, Floats]:
    rows = slice(start + 1, start + 1 + RISE_SECONDS // record.rule.period_seconds)
    level = record.level[rows]
    if lifted:
        return record.second[rows], level + size_db
    return record.second[rows], _added(level, state.noise.baseline / 100 + size_db)


def _with_short_sound(record: Record, start: int, *, siren: bool) -> tuple[Ints, Floats]:
    seconds, above = (SIREN_SECONDS, SIREN_DB) if siren else (BANG_SECONDS, BANG_DB)
    rows = slice(start + 1, start + 1 + (seconds + WATCHED_AFTER_SECONDS) // record.rule.period_seconds)
    level = record.level[rows].copy()
    here = float(np.median(level))
    n = max(1, seconds // record.rule.period_seconds)
    shape = 1 - np.abs(np.linspace(-1, 1, n + 2)[1:-1]) if siren else np.ones(n)  # it comes nearer and goes
    n = min(n, len(level))
    level[:n] = _added(level[:n], here + above * shape[:n])
    return record.second[rows], level


def _alarmed(record: Record, state: MeterState, told: tuple[Ints, Floats]) -> float | None:
    """Seconds until an alarm is raised, None where none is."""
    second, level = told
    begun = None
    for at, one in zip(second.tolist(), level.tolist(), strict=True):
        begun = at - record.rule.period_seconds if begun is None else begun
        state, change, _ = meters.step(record.rule, state, at, one)
        if change is not None and change.change.raised:
            return float(at - begun)
    return None


def _added(level: Floats, other: Floats | float) -> Floats:
    """The level of two sounds together: energies add."""
    found: Floats = 10 * np.log10(10 ** (level / 10) + 10 ** (np.asarray(other) / 10))
    return found


def _raised(at: int, change: NoiseChange) -> Raised:
    return Raised(
        second=at,
        level=change.change.level,
        above_db=change.above_db,
        level_db=change.level_db,
        background_db=change.background_db,
    )


def _by_hour(looked: list[tuple[int, float, float]]) -> tuple[Ints, Floats, Floats]:
    hours = np.array([hour for hour, _, _ in looked], dtype=np.int64)
    known = np.unique(hours)
    columns = [np.array([row[k] for row in looked], dtype=np.float64) for k in (1, 2)]
    level, background = (np.array([np.median(c[hours == hour]) for hour in known]) for c in columns)
    return known, level, background
