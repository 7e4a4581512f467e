"""When incidents happen: the town's 168 hours of the week, and the shares of its shifts in every cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Dataset, Note
from peelian.measure.sums import inner
from peelian.technologies.mapping.declarations.shifts import Shift
from peelian.technologies.mapping.formats.zones import clock_hours
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.shares import shrunk

WEEK = 168
MONDAY = 72  # hour 0 since 1970 began a Thursday: with three days more, hours of the week count from Monday 00:00
LONGEST_HOURS = 23  # an interval of a whole day or more says nothing about the hour
LEAST_TIMED = 200
TUNED_HOURS = 26 * WEEK  # the newest half year chooses how far a neighbourhood's own hours count
TRIED = ((0.0, 0.0), *((metres, n) for metres in (250.0, 500.0, 1_000.0) for n in (10.0, 30.0, 100.0)))
TIMED = "Shifts rest on %(n)d of %(all)d incidents. The others have no known hour and are left out."
NO_MIDNIGHT = "Far more incidents are dated 00:00 than the hours beside it. It is taken as unknown and left out."
SENTENCES = frozenset({TIMED, NO_MIDNIGHT})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Times:
    """Incidents by the hour: a row is one hour, an interval stands in each of its hours (aoristic, Ratcliffe 2002).

    `no_midnight`: 00:00 means "unknown" in this record, and that hour is left out of all shares. `zone`: IANA name.
    """

    by_hour: Incidents
    no_midnight: bool
    zone: str
    notes: tuple[Note, ...]

    def clock(self, window: Window) -> Floats:
        """How long each hour of a window lasts: 1, or 0 or 2 where the clocks change, 0 where it is left out."""
        lasts = clock_hours(window.start_hour, window.hours, self.zone)
        return np.where((window.each_hour() % 24 == 0) & self.no_midnight, 0.0, lasts)


def times_of(incidents: Incidents, dataset: Dataset) -> Times:
    """The incidents whose hour is known to within less than a day. O(hours of all intervals).

    InputError where the file has months only; NotEnoughData below 200 such incidents.
    """
    if bool(dataset.facts.get("months_only", False)):
        raise InputError("dates are months only: no shifts", column="shifts", accepted="a file with times of day")
    row, first, part = np.unique(incidents.row, return_index=True, return_inverse=True)
    start, end = (dataset.table[name][row].astype("datetime64[h]").astype(np.int64) for name in _ENDS)
    hours, weight = end - start + 1, np.bincount(part, weights=incidents.weight)
    exact = hours == 1
    no_midnight = _heaped(np.bincount(start[exact] % 24, minlength=24))
    kept = np.flatnonzero((hours <= LONGEST_HOURS) & ~(exact & (start % 24 == 0) & no_midnight))
    if len(kept) < LEAST_TIMED:
        says = sentence(
            "Not enough data: %(n)d incidents with a known hour, %(needed)d needed", n=len(kept), needed=200
        )
        raise NotEnoughData(says, column="shifts", accepted="a file with times of day, or no shifts")
    notes = [Note(text=TIMED, values={"n": len(kept), "all": len(row)}, kind="caveat")] if len(kept) < len(row) else []
    notes += [Note(text=NO_MIDNIGHT, kind="caveat")] if no_midnight else []
    whole = np.repeat(kept, hours[kept])
    step = np.arange(len(whole)) - np.repeat(np.cumsum(hours[kept]) - hours[kept], hours[kept])
    hour = (start[whole] + step).astype(np.float64)
    spread = replace(incidents.take(first[whole]), hour=hour, weight=(weight / hours)[whole], n=len(kept))
    order = np.argsort(hour, kind="stable")
    inside = (hour[order] >= incidents.from_hour) & (hour[order] < incidents.until_hour)
    zone = str(dataset.facts.get("zone", "")) or "UTC"
    return Times(by_hour=spread.take(order[inside]), no_midnight=no_midnight, zone=zone, notes=tuple(notes))


def sums(where: NDArray[np.signedinteger[Any]], weight: Floats, size: int) -> Floats:
    """Weights summed by number: float64[size]."""
    return np.bincount(where, weights=weight, minlength=size).astype(np.float64, copy=False)


def hour_of_week(hour: Floats) -> NDArray[np.intp]:
    """0 for Monday 00:00 to 167 for Sunday 23:00."""
    return (np.asarray(hour).astype(np.intp) + MONDAY) % WEEK


def shift_of(shifts: tuple[Shift, ...], hour: Floats) -> NDArray[np.intp]:
    """The number of the shift that each hour belongs to. O(hours)."""
    of_hour = np.concatenate([np.full(shift.hours, k) for k, shift in enumerate(shifts)])
    return of_hour[(np.asarray(hour).astype(np.intp) - shifts[0].start) % 24]


def week_profile(history: History, times: Times) -> Floats:
    """Incidents per hour in each hour of the week over the mean of all: float64[168], from Monday 00:00.

    Hours of the day and days of the week are shrunk to alike, the 168 hours to their product, each as far as its
    counts allow (empirical Bayes, `shares.shrunk`). Counts are per hour that the clocks showed. O(rows + hours).
    """
    span = Window(start_hour=history.from_hour, hours=history.hours)
    there = sums(hour_of_week(span.each_hour()), times.clock(span), WEEK)
    counts = sums(hour_of_week(history.hour), history.weight, WEEK)
    by_day, by_hour = (
        _rates(counts.reshape(7, 24).sum(axis=k), there.reshape(7, 24).sum(axis=k), np.ones((7, 24)[1 - k]))
        for k in (1, 0)
    )
    if times.no_midnight:
        by_hour[0] = (by_hour[1] + by_hour[23]) / 2
    return _rates(counts, there, np.outer(by_day, by_hour).ravel())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShiftShares:
    """How a window's incidents divide among the shifts: `rate` is the town's profile (float64[168]), `odds` how many
    times as likely each shift is in a cell as in the town (float64[shifts, cells]).

    Incidents within about `metres` make the odds; where there are `strength` of them, they and the town weigh alike.
    0, 0: every cell has the town's hours.
    """

    shifts: tuple[Shift, ...]
    times: Times
    rate: Floats
    odds: Floats
    metres: float
    strength: float

    def town(self, window: Window, rate: Floats) -> Floats:
        """The shares by a profile, all ones for hours that are alike: float64[shifts]. O(hours)."""
        hour = window.each_hour()
        by_hour = self.times.clock(window) * rate[hour_of_week(hour)]
        made = sums(shift_of(self.shifts, hour), by_hour, len(self.shifts))
        return np.asarray(made / made.sum())

    def cells(self, window: Window) -> Floats:
        """The shares in each cell, which sum to 1 there: float64[shifts, cells]. O(hours + shifts x cells)."""
        made = self.town(window, self.rate)[:, None] * self.odds
        return np.asarray(made / made.sum(axis=0))


def shift_shares(history: History, times: Times, shifts: tuple[Shift, ...], start: ShiftShares | None) -> ShiftShares:
    """Fit to a history by the hour. How far a neighbourhood's own hours count makes the newest half year likeliest, or
    is taken over from `start`. O(rows + shifts x cells), ten times where it is chosen.
    """
    metres, strength = (start.metres, start.strength) if start else _chosen(history, shifts)
    odds, rate = _odds(history, shifts, metres, strength), week_profile(history, times)
    return ShiftShares(shifts=shifts, times=times, rate=rate, odds=odds, metres=metres, strength=strength)


def _chosen(history: History, shifts: tuple[Shift, ...]) -> tuple[float, float]:
    cut = history.until_hour - TUNED_HOURS
    past, then = history.before(cut), history.between(cut, history.until_hour)
    if past.total < LEAST_TIMED:
        return 0.0, 0.0
    number = shift_of(shifts, then.hour)
    return max(TRIED, key=lambda how: inner(then.weight, np.log(_odds(past, shifts, *how)[number, then.cell])))


def _odds(history: History, shifts: tuple[Shift, ...], metres: float, strength: float) -> Floats:
    """Counts around a cell fall off as a Gaussian of `metres`, its own count in full."""
    grid, number = history.grid, shift_of(shifts, history.hour)
    if not strength:
        return np.ones((len(shifts), len(grid)))
    sigma = metres / grid.cell_metres
    each = [sums(history.cell, history.weight * (number == k), len(grid)) for k in range(len(shifts))]
    near = [scipy.ndimage.gaussian_filter(grid.raster(count), sigma, mode="constant") for count in each]
    around = np.stack([grid.cells(plane) for plane in near]) * 2 * np.pi * sigma**2
    town = np.array([[float(count.sum()) + 0.5] for count in each])
    return np.asarray((around * town.sum() / town + strength) / (around.sum(axis=0) + strength))


def _rates(counts: Floats, there: Floats, like: Floats) -> Floats:
    """Counts over the hours there were, shrunk to the pattern `like`; mean 1. Where there was no hour: the pattern."""
    prior = like * there / inner(like, there)
    rate = np.divide(shrunk(counts, prior)[0], prior, out=np.ones(len(prior)), where=prior > 0) * like
    return np.asarray(rate / rate.mean())


def _heaped(at: NDArray[np.int64]) -> bool:
    """Whether 00:00 stands for an unknown time: over twice as many as in the hours beside it, beyond chance."""
    beside = (at[23] + at[1]) / 2
    return bool(at[0] > 2 * beside + 4 * np.sqrt(beside + 1))


_ENDS = ("start_hour", "end_hour")
