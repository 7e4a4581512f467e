"""When as well as where: the level of a forecast, its part in one shift, and how well shifts were forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Dataset, Note, Scalar
from peelian.measure.folds import Fold
from peelian.measure.grid import Grid
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.mapping import hour_profile
from peelian.technologies.mapping.comparison import ratio, regions_of
from peelian.technologies.mapping.declarations.models import BASELINE
from peelian.technologies.mapping.declarations.shifts import HOURS, SHIFTS, Shift, shifts_of
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.hour_profile import WEEK, ShiftShares, Times, shift_of, shift_shares, sums, times_of
from peelian.technologies.mapping.incidents import Incidents, recorded
from peelian.technologies.mapping.level import level_factor
from peelian.technologies.mapping.models.base import Forecast, Window, forecast_from
from peelian.technologies.mapping.tally import squares_of

WHOLE_LEVEL = frozenset({"uniform", BASELINE})  # their level is that of the whole recording
ONE_SHIFT = "All counts are for one shift: %(start)02d:00 to %(end)02d:00. It belongs to the day on which it begins."
OWN_HOURS = (
    "The shifts of a cell follow incidents within about %(metres)d m and the town's hours of the week. Both weigh "
    "alike where there are %(n)d such incidents."
)
GAIN = (
    "Hours of the week against alike hours: %(bits).3f bits per incident for the shift, given the place (95%% interval "
    "%(low).3f to %(high).3f). With the bits of the places they make those of places and shifts."
)
GAIN_ALONE = (
    "Hours of the week against alike hours: %(bits).3f bits per incident for the shift, given the place. Incidents lie "
    "in too few regions for an interval. With the bits of the places they make those of places and shifts."
)
ALIKE = np.ones(WEEK)
SENTENCES = frozenset({ONE_SHIFT, OWN_HOURS, GAIN, GAIN_ALONE, *hour_profile.SENTENCES})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class When:
    """What one run knows of when: its shifts, the number of the one asked for (None: all), and incidents by the hour.

    Without shifts only the level is forecast. `scored`: expected counts are of incidents whose hour is recorded,
    because only those can be scored by shift.
    """

    shifts: tuple[Shift, ...] = ()
    number: int | None = None
    times: Times | None = None
    scored: bool = False
    _latest: dict[str, tuple[Any, Any]] = field(default_factory=dict, init=False, repr=False)

    @property
    def begins(self) -> float:
        """The hour at which a day begins: that of the first shift."""
        return float(self.shifts[0].start) if self.shifts else 0.0

    def outcomes(self, incidents: Incidents) -> Incidents:
        """What is scored: the incidents of the shift asked for, by the hour, or all `incidents`. O(rows)."""
        if self.times is None or self.number is None:
            return incidents
        found = self.times.by_hour
        return found.take(shift_of(self.shifts, found.hour) == self.number)

    def forecast(self, model: str, made: Forecast, history: History, window: Window) -> Forecast:
        """A model's forecast at the level of the season and, where one is asked for, of one shift. O(cells)."""
        factor = self.factor(model, history, window)
        return forecast_from(made.expected * factor, made.shape) if np.any(factor != 1) else made

    def factor(self, model: str, history: History, window: Window) -> Floats:
        """What multiplies a model's expected counts: one number, or one per cell."""
        moment = (history.until_hour, window.start_hour, history.grid.shift)
        level = 1.0 if model in WHOLE_LEVEL else self._once("level", moment, lambda: level_factor(history, window))
        if self.times is None or self.number is None:
            return np.asarray(level)
        past = self._past(self.times, history)
        known = past.total / history.total if self.scored else 1.0
        return np.asarray(level * known * self.shares(self.times, history).cells(window)[self.number])

    def shares(self, times: Times, history: History) -> ShiftShares:
        """The shares of the shifts by what was known with `history`: tuned once, fitted once for each origin."""
        past = self._past(times, history)
        first = self._once("first", 0, lambda: shift_shares(past, times, self.shifts, None))
        made: ShiftShares = self._once("shares", past, lambda: shift_shares(past, times, self.shifts, first))
        return made

    def tuned(self, history: History) -> When:
        """The same, the shares' settings tuned on the first origin's `history` (`Recorded.known_at`) beforehand."""
        if self.times is not None and self.number is not None:
            self.shares(self.times, history)
        return self

    def _past(self, times: Times, history: History) -> History:
        grid, until = history.grid, history.until_hour + times.by_hour.embargo_hours
        known = self._once("recorded", grid.shift, lambda: recorded(times.by_hour, grid))
        past: History = self._once("past", (until, grid.shift), lambda: known.known_at(until))
        return past

    def _once(self, what: str, key: object, make: Callable[[], Any]) -> Any:
        """What `make` makes, kept until it is asked for by another key: all models of one origin share it."""
        if what not in self._latest or self._latest[what][0] != key:
            self._latest[what] = (key, make())
        return self._latest[what][1]


def when_of(shifts: tuple[str, ...], shift: str, incidents: Incidents, dataset: Dataset, *, scored: bool) -> When:
    """What a run knows of when; InputError or NotEnoughData where shifts are asked for and hours are not known."""
    made = shifts_of(shifts)
    number = next((k for k, one in enumerate(made) if one.name == shift), None)
    return When(shifts=made, number=number, times=times_of(incidents, dataset) if made else None, scored=scored)


def told_of(when: When, history: History) -> tuple[Note, ...]:
    """What a finding says of its shifts; nothing without."""
    if when.times is None:
        return ()
    shares = when.shares(when.times, history)
    near: dict[str, Scalar] = {"metres": round(shares.metres), "n": round(shares.strength)}
    return (*shift_notes(when), *((Note(text=OWN_HOURS, values=near, kind="caveat"),) if shares.strength else ()))


def shift_notes(when: When) -> tuple[Note, ...]:
    """The shift asked for, and which incidents its hours rest on; nothing without shifts."""
    if when.times is None:
        return ()
    asked = [] if when.number is None else [when.shifts[when.number]]
    one: list[dict[str, Scalar]] = [{"start": s.start, "end": (s.start + s.hours) % 24} for s in asked]
    return (*(Note(text=ONE_SHIFT, values=values) for values in one), *when.times.notes)


def forecast_tables(when: When, history: History, expected: Floats, window: Window) -> tuple[Table, ...]:
    """Expected incidents (float64[cells]) by shift, and the hours of the week; none without shifts. O(cells)."""
    if when.times is None:
        return ()
    shares = when.shares(when.times, history)
    by_shift = shares.cells(window)
    whole = expected if when.number is None else expected / by_shift[when.number]
    even = shares.town(window, ALIKE) * whole.sum()
    return _table(when.shifts, {"expected": (by_shift * whole).sum(axis=1), "even": even}), hours_table(shares.rate)


def expected_by_shift(when: When, history: History, expected: Floats, window: Window) -> Mapping[str, Floats]:
    """Expected incidents (float64[cells]) in each shift by its name, where all shifts were asked for. O(cells)."""
    if when.times is None or when.number is not None:
        return {}
    shares = when.shares(when.times, history).cells(window)
    return {shift.name: expected * shares[k] for k, shift in enumerate(when.shifts)}


def scored_by_shift(
    when: When, folds: Sequence[Fold], ground: tuple[Incidents, Grid]
) -> tuple[tuple[Table, ...], tuple[Note, ...]]:
    """Tables and notes of how well shifts were forecast, given the places where incidents came; none without shifts.

    The log score of the shift given the place, less that of alike hours: with that of the places it makes the score of
    places and shifts. O(rows + windows x cells).
    """
    times, shifts, grid = when.times, when.shifts, ground[1]
    if times is None:
        return (), ()
    known, all_hours, (x, y) = recorded(*ground), recorded(times.by_hour, grid).history, grid.centres()
    squares = squares_of(grid, (x.min(), y.min(), x.max(), y.max()))
    n, gained, total = np.zeros(len(grid)), np.zeros(len(grid)), np.zeros((3, len(shifts)))
    for fold in folds:
        shares = when.shares(times, known.known_at(fold.origin))
        window = Window(start_hour=fold.origin, hours=fold.until - fold.origin)
        made, even, came = shares.cells(window), shares.town(window, ALIKE), all_hours.between(fold.origin, fold.until)
        which = shift_of(shifts, came.hour)
        gain = came.weight * np.log2(made[which, came.cell] / even[which])
        gained += sums(came.cell, gain, len(grid))
        n += sums(came.cell, came.weight, len(grid))
        seen = sums(which, came.weight, len(shifts))
        total += np.stack([(made[:, came.cell] * came.weight).sum(axis=1), even * seen.sum(), seen])
    bits = ratio(regions_of(*squares.shape), squares.sums(gained), squares.sums(n))
    between: dict[str, Scalar] = {"low": bits.low, "high": bits.high} if bits.low == bits.low else {}
    said = Note(text=GAIN if between else GAIN_ALONE, values={"bits": bits.value, **between})
    columns = {"expected": total[0], "even": total[1], "n": np.rint(total[2]).astype(np.int64)}
    told = told_of(when, known.known_at(folds[-1].origin))
    return (_table(shifts, columns), hours_table(shares.rate)), (*told, said)


def with_busiest(when: When, history: History, advice: Table, cells: NDArray[np.intp], window: Window) -> Table:
    """The advice with each cell's busiest shift, where all shifts were asked for."""
    if when.times is None or when.number is not None:
        return advice
    best = when.shares(when.times, history).cells(window)[:, cells].argmax(axis=0)
    names = np.array([when.shifts[k].name for k in best], dtype=object)
    return replace(advice, columns=(*advice.columns, Column(name="shift", kind=Kind.CATEGORY, values=names)))


def hours_table(rate: Floats) -> Table:
    """The town's profile, one row for each hour of the week; day 1 is Monday."""
    day, hour = np.divmod(np.arange(WEEK), 24)
    return HOURS.of({"day": day + 1, "hour": hour, "rate": rate})


def _table(shifts: tuple[Shift, ...], columns: Mapping[str, Any]) -> Table:
    starts = np.array([float(shift.start) for shift in shifts])
    ends = (starts + np.array([float(shift.hours) for shift in shifts])) % 24
    return SHIFTS.of({"shift": [shift.name for shift in shifts], "start": starts, "end": ends, **columns})
