"""The counter detector on past records: false alarms, detection rates, event nights and closed days."""

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
CLOSED_FROM_HOUR, CLOSED_HOURS = 0, 24  # a closure's day
JUDGING = "Judging hourly counts"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """Counters side by side: `counts` is float64[sensors, hours] with NaN where nothing was counted."""

    sensors: tuple[str, ...]
    first_hour: int  # hours of local time since 1970
    counts: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """The record as the detector saw it: per counter its judged hours and the hours at which alarms were raised.

    `raised` are rises, `fallen` falls.
    """

    judged: tuple[Judged, ...]
    raised: tuple[Ints, ...]
    fallen: tuple[Ints, ...]
    event: Flags  # hours of event nights and closed days

    @property
    def days(self) -> Floats:
        """Sensor-days judged outside events, per counter."""
        return np.array([float((one.known & ~self.event).sum()) / 24 for one in self.judged])

    @property
    def false(self) -> Ints:
        """Alarms of both directions outside events, per counter."""
        return self.false_one_way(fall=False) + self.false_one_way(fall=True)

    def false_one_way(self, *, fall: bool) -> Ints:
        """Rises, or falls, outside events, per counter."""
        told = self.fallen if fall else self.raised
        return np.array([int((~self.event[at]).sum()) for at in told], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event night, or closed day: counters judged, and counters with a rise, or a fall."""

    day: str
    fall: bool
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


def seen(
    record: Record,
    events: Sequence[str],
    closures: Sequence[str] = (),
    progress: Progress = lambda says, share: None,
) -> Seen:
    """The detector over every counter. NotEnoughData where nothing could be judged. O(sensors · hours · weeks)."""
    judged, raised, fallen = [], [], []
    for number, counts in enumerate(record.counts):
        progress(JUDGING, number / len(record.counts))
        one = counting.judged(counts)
        judged.append(one)
        raised.append(counting.raised(one, counts))
        fallen.append(counting.raised(one, counts, fall=True))
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
        event[_hours(record, day, fall=False)] = True
    for day in closures:
        event[_hours(record, day, fall=True)] = True
    return Seen(judged=tuple(judged), raised=tuple(raised), fallen=tuple(fallen), event=event)


def found_changes(
    record: Record, found: Seen, shape: tuple[float, int, float], draw: tuple[int, int], *, fall: bool = False
) -> Injected:
    """Rises added at random hours: counts times `ratio` for `hours`, where at least `least` persons are expected.

    `shape` is (ratio, hours, least), `draw` how many and the seed. A fall divides by `ratio` instead, where somebody
    was counted in each of the hours. The delay runs from the beginning of the first hour; a count is known when its
    hour is over. The first hours of a change are taken to leave the detector's own day as it was: they hardly move a
    median of 24. O(sensors · hours).
    """
    (ratio, hours, least), (n, seed) = shape, draw
    told: list[tuple[Ints, Ints]] = []
    for one, counts in zip(found.judged, record.counts, strict=True):
        with np.errstate(invalid="ignore"):
            able = np.flatnonzero(one.known & (one.expected_counts >= least) & ~found.event)
        able = able[able < len(counts) - hours]
        hot = counting.hot(one, _changed(counts, ratio, fall=fall), fall=fall)
        after = np.stack([hot[able + k] for k in range(hours)], axis=1)
        told.append((able, np.where(after.any(axis=1), after.argmax(axis=1) + 1, 0)))
    delays = np.concatenate([delay for _, delay in told])
    if len(delays) < 20:
        says = sentence("only %(n)d hours have that many persons expected, 20 needed", n=len(delays))
        raise NotEnoughData(says, accepted="a smaller least_expected")
    chosen = delays[np.random.default_rng(seed).choice(len(delays), n, replace=n > len(delays))]
    word = "fall" if fall else "rise"
    return Injected(word=word, n=n, delays=tuple((3_600.0 * chosen[chosen > 0]).tolist()))


def _changed(counts: Floats, ratio: float, *, fall: bool) -> Floats:
    if not fall:
        return np.round(ratio * counts)
    return np.where(counts > 0, np.maximum(np.round(counts / ratio), 1), counts)  # nobody at all is a fault


def nights(record: Record, found: Seen, events: Sequence[str], *, fall: bool = False) -> tuple[Event, ...]:
    """Counters with a rise on each event night, or with a fall on each closed day."""
    made = []
    for day in events:
        hours = _hours(record, day, fall=fall)
        known = [i for i, one in enumerate(found.judged) if one.known[hours].any()]
        raised = sum(bool(counting.hot(found.judged[i], record.counts[i], fall=fall)[hours].any()) for i in known)
        made.append(Event(day=day, fall=fall, sensors=len(known), raised=raised))
    return tuple(made)


def by_hour(record: Record, found: Seen) -> Mapping[str, Floats]:
    """By hour of the day over all counters: false alarms each way, and the mean count and mean expected count."""
    hour = (record.first_hour + np.arange(record.counts.shape[1])) % 24
    rises, falls, counted, expected, n = (np.zeros(24) for _ in range(5))
    for member, (one, counts) in enumerate(zip(found.judged, record.counts, strict=True)):
        for told, at in ((rises, found.raised[member]), (falls, found.fallen[member])):
            told += np.bincount(hour[at[~found.event[at]]], minlength=24)
        known = np.flatnonzero(one.known)
        counted += np.bincount(hour[known], weights=counts[known], minlength=24)
        expected += np.bincount(hour[known], weights=one.expected_counts[known], minlength=24)
        n += np.bincount(hour[known], minlength=24)
    n = np.maximum(n, 1)
    return {"rises": rises, "falls": falls, "counted": counted / n, "expected": expected / n}


def _hours(record: Record, day: str, *, fall: bool) -> slice:
    begins, hours = (CLOSED_FROM_HOUR, CLOSED_HOURS) if fall else (EVENT_FROM_HOUR, EVENT_HOURS)
    first = int(np.datetime64(day, "h").astype(np.int64)) + begins - record.first_hour
    return slice(max(first, 0), max(first + hours, 0))
