"""The counter detector on past records: false alarms, detection rates and event nights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Dataset
from peelian.technologies.crowd import counting
from peelian.technologies.crowd.counters import RULE
from peelian.technologies.crowd.counting import Judged
from peelian.technologies.crowd.trials import Injected

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Progress = Callable[[str, float], None]

EVENT_FROM_HOUR, EVENT_HOURS = 18, 12  # an event's night: from 18:00 of its day to 6:00
JUDGING = "Judging hourly counts"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """Counters side by side: `counts` is float64[sensors, hours] with NaN where nothing was counted."""

    sensors: tuple[str, ...]
    first_hour: int  # hours of local time since 1970
    counts: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """The record as the detector saw it: per counter its judged hours and the hours at which alarms were raised."""

    judged: tuple[Judged, ...]
    raised: tuple[Ints, ...]
    event: Flags  # hours of events

    @property
    def days(self) -> Floats:
        """Sensor-days judged outside events, per counter."""
        return np.array([float((one.known & ~self.event).sum()) / 24 for one in self.judged])

    @property
    def false(self) -> Ints:
        """Alarms outside events, per counter."""
        return np.array([int((~self.event[at]).sum()) for at in self.raised], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event night: counters judged, and counters with an alarm."""

    day: str
    sensors: int
    raised: int

    @property
    def share(self) -> float:
        """The share of counters with an alarm; NaN where none was judged."""
        return self.raised / self.sensors if self.sensors else float("nan")


def record_of(dataset: Dataset) -> Record:
    """The counters of a dataset side by side. O(rows log rows)."""
    names, member = np.unique(np.asarray(dataset.table["area"], dtype=str), return_inverse=True)
    hour = dataset.table["hour"].astype("datetime64[h]").astype(np.int64)
    first = int(hour.min())
    counts = np.full((len(names), int(hour.max()) - first + 1), np.nan)
    counts[member, hour - first] = dataset.table["count"]
    return Record(sensors=tuple(names.tolist()), first_hour=first, counts=counts)


def seen(record: Record, events: Sequence[str], progress: Progress = lambda says, share: None) -> Seen:
    """The detector over every counter. NotEnoughData where nothing could be judged. O(sensors · hours · weeks)."""
    judged, raised = [], []
    for number, counts in enumerate(record.counts):
        progress(JUDGING, number / len(record.counts))
        one = counting.judged(counts)
        judged.append(one)
        raised.append(counting.raised(one, counts))
    if not any(one.known.any() for one in judged):
        hours = record.counts.shape[1]
        says = sentence(
            "only %(n).0f days of counts, %(least)d needed to learn the usual pattern",
            n=hours / 24,
            least=(RULE.least_weeks + 4) * 7,
        )
        raise NotEnoughData(says, accepted="a longer record")
    event = np.zeros(record.counts.shape[1], dtype=np.bool_)
    for day in events:
        event[_night(record, day)] = True
    return Seen(judged=tuple(judged), raised=tuple(raised), event=event)


def found_rises(record: Record, found: Seen, shape: tuple[float, int, float], n: int, seed: int) -> Injected:
    """`n` rises added at random hours: counts times `ratio` for `hours`, where at least `least` persons are expected.

    The delay runs from the beginning of the first hour; a count is known when its hour is over. The first hours of a
    rise are taken to leave the detector's own day as it was: they hardly move a median of 24. O(sensors · hours).
    """
    ratio, hours, least = shape
    told: list[tuple[Ints, Ints]] = []
    for one, counts in zip(found.judged, record.counts, strict=True):
        with np.errstate(invalid="ignore"):
            able = np.flatnonzero(one.known & (one.expected_counts >= least) & ~found.event)
        able = able[able < len(counts) - hours]
        hot = counting.hot(one, np.round(ratio * counts))
        after = np.stack([hot[able + k] for k in range(hours)], axis=1)
        told.append((able, np.where(after.any(axis=1), after.argmax(axis=1) + 1, 0)))
    delays = np.concatenate([delay for _, delay in told])
    if len(delays) < 20:
        says = sentence("only %(n)d hours have that many persons expected, 20 needed", n=len(delays))
        raise NotEnoughData(says, accepted="a smaller least_expected")
    chosen = delays[np.random.default_rng(seed).choice(len(delays), n, replace=n > len(delays))]
    return Injected(word="rise", n=n, delays=tuple((3_600.0 * chosen[chosen > 0]).tolist()))


def nights(record: Record, found: Seen, events: Sequence[str]) -> tuple[Event, ...]:
    """Counters with an alarm on each event night."""
    made = []
    for day in events:
        hours = _night(record, day)
        known = [i for i, one in enumerate(found.judged) if one.known[hours].any()]
        raised = sum(bool(counting.hot(found.judged[i], record.counts[i])[hours].any()) for i in known)
        made.append(Event(day=day, sensors=len(known), raised=raised))
    return tuple(made)


def by_hour(record: Record, found: Seen) -> Mapping[str, Floats]:
    """By hour of the day over all counters: false alarms, and the mean count and mean expected count of an hour."""
    hour = (record.first_hour + np.arange(record.counts.shape[1])) % 24
    alarms = np.zeros(24)
    counted, expected, n = (np.zeros(24) for _ in range(3))
    for one, raised, counts in zip(found.judged, found.raised, record.counts, strict=True):
        outside = raised[~found.event[raised]]
        alarms += np.bincount(hour[outside], minlength=24)
        known = np.flatnonzero(one.known)
        counted += np.bincount(hour[known], weights=counts[known], minlength=24)
        expected += np.bincount(hour[known], weights=one.expected_counts[known], minlength=24)
        n += np.bincount(hour[known], minlength=24)
    n = np.maximum(n, 1)
    return {"alarms": alarms, "counted": counted / n, "expected": expected / n}


def _night(record: Record, day: str) -> slice:
    first = int(np.datetime64(day, "h").astype(np.int64)) + EVENT_FROM_HOUR - record.first_hour
    return slice(max(first, 0), max(first + EVENT_HOURS, 0))
