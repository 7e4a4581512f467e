"""The incidents of one category, prepared for models: strays removed, interval times split, reporting lag applied."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, Reason, Refused, sentence
from peelian.kernel.model.capability import Dataset, Note, Scalar
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.measure.grid import Grid, strays
from peelian.measure.table import Table
from peelian.technologies.mapping.counted import BY_POINT, by_points, lag_told
from peelian.technologies.mapping.days import day_of
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.history import Floats, History, history

LONGEST_INTERVAL_DAYS = 31  # a month; a longer "between … and …" says too little about when
LONGEST_LAG_DAYS = 56  # a "known" time later than this is a correction of the record, not its report
MOST_OUTSIDE, MOST_AT_EDGE = 0.2, 0.5  # more of the incidents than this outside: another town, or too few
QUIET_DAYS = 180  # dates beyond a gap this long, with less than 1 % of the incidents, are slips of the pen

READ = "%(n)d incidents of this category, recorded from %(from_day)s to %(to_day)s."
STARTS_LATE = (
    "No incident of this category is dated before %(first)s, though the file begins on %(began)s. Forecasts rest on "
    "what came since. Check whether it was recorded under another name before."
)
PLACELESS = "%(n)d incidents left out: no location."
FAR_AWAY = "%(n)d incidents left out: far from all others (first in row %(row)d of the dataset)."
FAR_OFF = "%(n)d incidents left out: dates far from all others (first in row %(row)d of the dataset)."
VAGUE = "%(n)d incidents left out: time known only to within more than %(days)d days."
NOT_COVERED = "%(n)d of %(all)d incidents lie outside the areas (first in row %(row)d of the incidents)"
OUTSIDE = "%(n)d incidents left out: outside the boundary (first in row %(row)d of the dataset)."
AT_THE_EDGE = (
    "%(n)d incidents left out: at or beyond the edge of the ground that the incidents enclose (first in "
    "row %(row)d of the dataset)."
)
IN_PARTS = "%(n)d incidents have a time interval of several days. Each is divided among those days."
LATE = (
    "95%% of records became known within %(days)d days. Each forecast used only records known at the time "
    "and none from the last %(days)d days."
)
UNKNOWN_LAG = (
    "The data do not say when records became known. On the day itself, a forecast would have had slightly "
    "fewer records."
)
SILENT = (
    "No incident was recorded for %(days)d days between %(from_day)s and %(to_day)s. If these dates are "
    "right, set a later first day of history."
)
NOT_A_REPORT = "The times at which records became known are too late to be report times. They were not used."
ALL_DISCOVERED = (
    "All %(n)d incidents of this file were found by police. What police find depends on where they look: a forecast "
    "would send them where they already were, and they would find more there"
)
REPORTED_NEEDED = (
    "Give a file with incidents that people report, such as break and enter, assault or vehicle theft. Offences found "
    "by police need a recorded decision, and areas with patrol hours."
)
DISCOVERED_USED = "Police find these offences where they patrol. A forecast would follow patrols, not need."

COUNTED = {
    FAR_AWAY: "%(n)d incidents left out: far from all others.",
    FAR_OFF: "%(n)d incidents left out: dates far from all others.",
    OUTSIDE: "%(n)d incidents left out: outside the boundary.",
    AT_THE_EDGE: "%(n)d incidents left out: at or beyond the edge of the ground that the incidents enclose.",
}
"""What is said of counted incidents, where no row can be named."""
LEFT_OUT = dict.fromkeys(
    (PLACELESS, FAR_AWAY, FAR_OFF, VAGUE, OUTSIDE, AT_THE_EDGE, IN_PARTS, *COUNTED.values()), ("n",)
)
"""Sentences with a number of incidents that no table counts, and its name there."""

SENTENCES = frozenset(
    {
        *COUNTED.values(),
        BY_POINT,
        READ,
        STARTS_LATE,
        PLACELESS,
        FAR_AWAY,
        FAR_OFF,
        VAGUE,
        OUTSIDE,
        AT_THE_EDGE,
        IN_PARTS,
        LATE,
        UNKNOWN_LAG,
        NOT_A_REPORT,
        SILENT,
        DISCOVERED_USED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidents:
    """Rows sorted by hour, arrays of one length; an incident of unknown day stands in several rows (weights sum to 1).

    `ready` is the hour from which the record may be used: when its interval had ended and it was known. `row` is the
    row of the dataset. `n` counts incidents, `counts` those of each row of a dataset of counts. `embargo_hours` is the
    95th percentile of the reporting lag, in whole days, or 0 where it is unknown. `all_reported` are the incidents of
    all reported categories, where there are others.
    """

    hour: Floats
    east: Floats
    north: Floats
    weight: Floats
    ready: Floats
    row: NDArray[np.int64]
    n: int
    from_hour: float
    until_hour: float
    embargo_hours: float = 0.0
    notes: tuple[Note, ...] = ()
    all_reported: Incidents | None = None
    counts: NDArray[np.int64] | None = None

    def number(self, rows: NDArray[np.int64]) -> int:
        """How many incidents these rows of the dataset stand for, each row once. O(n log n)."""
        there = np.unique(rows)
        return len(there) if self.counts is None else int(self.counts[there].sum())

    def take(self, kept: NDArray[Any], note: Note | None = None) -> Incidents:
        """The chosen rows (mask or indices, order kept), with one more note."""
        return replace(
            self,
            hour=self.hour[kept],
            east=self.east[kept],
            north=self.north[kept],
            weight=self.weight[kept],
            ready=self.ready[kept],
            row=self.row[kept],
            notes=(*self.notes, note) if note else self.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recorded:
    """All incidents on one grid, and when each was ready: gives the history as it was known at any hour."""

    history: History
    ready: Floats
    embargo_hours: float
    all_reported: Recorded | None = None

    def known_at(self, hour: float) -> History:
        """What could be used at `hour`: incidents before the embargo, known by then. A view where nothing was late."""
        past = self.history.before(min(hour - self.embargo_hours, self.history.until_hour))
        if self.all_reported is not None:
            others = self.all_reported.known_at(hour).between(past.from_hour, past.until_hour)
            past = replace(past, all_reported=others)
        late = self.ready[: len(past)] > hour
        if not bool(late.any()):
            return past
        kept = np.flatnonzero(~late)
        return replace(
            past,
            cell=past.cell[kept],
            hour=past.hour[kept],
            east=past.east[kept],
            north=past.north[kept],
            weight=past.weight[kept],
        )


def incidents_of(dataset: Dataset, category: str, *, discovered_admitted: bool = False) -> Incidents:
    """The incidents of `category` (a general category, or "all" reported ones) in a dataset of shape "incidents".

    Refused where police themselves discover the category and no recorded decision admits it; NotEnoughData where
    nothing remains. O(n log n).
    """
    table = dataset.table
    counts = np.asarray(table["n"], dtype=np.int64) if "n" in table else None
    rows = np.flatnonzero(_chosen(table, category, discovered_admitted))
    if not len(rows) and category == ALL_REPORTED and len(table):
        raise Refused([_all_found_by_police(len(table) if counts is None else int(counts.sum()))])
    if not len(rows):
        raise NotEnoughData("Not enough data: no incident of this category", accepted="a category in the data")
    return incidents_in(dataset, rows, category)


def incidents_in(dataset: Dataset, rows: NDArray[np.intp], category: str) -> Incidents:
    """The incidents in some rows of a dataset, of which `category` says what they are. O(n log n)."""
    table = dataset.table
    counts = np.asarray(table["n"], dtype=np.int64) if "n" in table else None
    start, end, known = (_hours(table[name][rows]) for name in ("start_hour", "end_hour", "known_hour"))
    lag_hours, lag_note = _lag(_lag_days(end, known) if counts is None else lag_told(dataset, category))
    found = Incidents(
        hour=start,
        east=np.asarray(table["east_metres"][rows], dtype=np.float64),
        north=np.asarray(table["north_metres"][rows], dtype=np.float64),
        weight=np.ones(len(rows)) if counts is None else counts[rows].astype(np.float64),
        ready=end if lag_hours is None else np.fmax(end, known),
        row=rows,
        n=0,
        from_hour=0.0,
        until_hour=0.0,
        embargo_hours=lag_hours or 0.0,
        notes=(lag_note,) if lag_note else (),
        counts=counts,
    )
    found, length = _without_strays(found, end - start)
    found = _in_parts(found, length)
    return _dated(found, dataset, category)


def incidents_at_points(dataset: Dataset, category: str, *, discovered_admitted: bool = False) -> Incidents:
    """`incidents_of`; of a dataset in partitions the same incidents, counted by point and day."""
    counted, told = by_points(dataset)
    found = incidents_of(counted, category, discovered_admitted=discovered_admitted)
    return replace(found, notes=(*told, *found.notes))


def with_all_reported(found: Incidents, dataset: Dataset, category: str) -> Incidents:
    """The incidents of `category` with those of all reported categories, where the dataset has others than this one.

    What police themselves discover is never among them. A record is ready when those of its own category are: after
    that category's embargo, and known. O(n log n).
    """
    column = dataset.table.column("category").coded()
    there = {str(column.words[code]) for code in np.unique(column.codes)} - DISCOVERED
    others = []
    for word in CATEGORIES:
        if word in there - {category} and category != ALL_REPORTED:
            with suppress(NotEnoughData):  # none of them has a place and a time
                others.append(incidents_of(dataset, word))
    return with_others(found, others, own=category in there)


def with_others(found: Incidents, others: list[Incidents], *, own: bool) -> Incidents:
    """The incidents of one category with those of others beside them, and among these its `own` where it is a reported
    one. O(n log n)."""
    if not others:
        return found
    parts = [found, *others] if own else others
    after = [np.nextafter(one.hour + one.embargo_hours, np.inf) for one in parts]
    whole = replace(
        found,
        hour=np.concatenate([one.hour for one in parts]),
        east=np.concatenate([one.east for one in parts]),
        north=np.concatenate([one.north for one in parts]),
        weight=np.concatenate([one.weight for one in parts]),
        row=np.concatenate([one.row for one in parts]),
        ready=np.concatenate([np.maximum(one.ready, known) for one, known in zip(parts, after, strict=True)]),
        n=sum(one.n for one in parts),
        from_hour=min(one.from_hour for one in parts),
        until_hour=max(one.until_hour for one in parts),
        embargo_hours=0.0,
    )
    return replace(found, all_reported=whole.take(np.argsort(whole.hour, kind="stable")))


def recorded(incidents: Incidents, grid: Grid) -> Recorded:
    """All incidents on `grid`; those outside fall away (say how many with `outside`). O(n)."""
    inside = grid.locate(incidents.east, incidents.north) >= 0
    kept = incidents.take(np.flatnonzero(inside))
    past = history(
        grid,
        (kept.hour, kept.east, kept.north),
        weight=kept.weight,
        from_hour=incidents.from_hour,
        until_hour=incidents.until_hour,
    )
    beside = incidents.all_reported
    return Recorded(
        history=past,
        ready=kept.ready,
        embargo_hours=incidents.embargo_hours,
        all_reported=None if beside is None else recorded(beside, grid),
    )


def since(incidents: Incidents, hour: float) -> Incidents:
    """Only the incidents from `hour` on: an older record may say little about today. O(n)."""
    first = int(np.searchsorted(incidents.hour, hour))
    if first >= len(incidents.hour):
        raise NotEnoughData("Not enough data: no incident after train_from", accepted="an earlier train_from")
    kept = incidents.take(np.arange(first, len(incidents.hour)))
    return replace(kept, n=kept.number(kept.row), from_hour=max(hour, incidents.from_hour))


def outside(incidents: Incidents, grid: Grid) -> Note | None:
    """A note on incidents the grid does not cover; InputError where it misses over a fifth, of the file "areas". O(n).

    Of a ground that incidents themselves enclosed it may miss half: those at the edge are outside by its nature.
    """
    missed = incidents.row[grid.locate(incidents.east, incidents.north) < 0]
    if not len(missed):
        return None
    n, first = incidents.number(missed), int(missed.min()) + 1
    if n > (MOST_OUTSIDE if grid.ground is None else MOST_AT_EDGE) * incidents.n:
        raise InputError(
            sentence(NOT_COVERED, n=n, all=incidents.n, row=first),
            file="areas",
            accepted="areas of the same town, with at least four in five incidents inside",
        )
    text = OUTSIDE if grid.ground is None else AT_THE_EDGE
    return _of_rows(incidents, text, {"n": n, "row": first})


def _chosen(table: Table, category: str, discovered_admitted: bool) -> NDArray[np.bool_]:
    """Which rows belong to the category: "all" never includes what police themselves discover."""
    words, codes = table.column("category").coded()
    if category == ALL_REPORTED:
        return np.array([str(word) not in DISCOVERED for word in words], dtype=bool)[codes]
    if category not in CATEGORIES:
        raise InputError("unknown category", accepted=", ".join((ALL_REPORTED, *CATEGORIES)))
    if category in DISCOVERED and not discovered_admitted:
        reason = Reason(
            rule="discovered_offences_are_no_training_data",
            says=sentence(
                "Police find %(category)s where they patrol. A forecast would follow patrols, not need.",
                category=category,
            ),
            remedy="Choose a category that people report, or have a decision on discovered offences recorded.",
        )
        raise Refused([reason])
    return np.array([word == category for word in words], dtype=bool)[codes]


def _all_found_by_police(n: int) -> Reason:
    """Why a file in which police found everything trains nothing, and what would be accepted."""
    return Reason(
        rule="discovered_offences_are_no_training_data",
        says=sentence(ALL_DISCOVERED, n=n),
        remedy=REPORTED_NEEDED,
    )


def _hours(times: NDArray[Any]) -> Floats:
    """Hours since 1970 as float64; nan for NaT."""
    whole = times.astype("datetime64[h]")
    return np.where(np.isnat(whole), np.nan, whole.astype(np.int64).astype(np.float64))


def _lag_days(end: Floats, known: Floats) -> int:
    """The 95th percentile of the reporting lag in whole days, -1 where it is not known of half the incidents."""
    lag = (known - end)[np.isfinite(known)]
    if len(lag) < 0.5 * len(end):
        return -1
    return int(np.ceil(max(float(np.quantile(lag, 0.95)), 0.0) / 24))


def _lag(days: int) -> tuple[float | None, Note | None]:
    """The lag in hours, None where it cannot be known; and a note."""
    if days < 0:
        return None, Note(text=UNKNOWN_LAG, kind="caveat")
    if days > LONGEST_LAG_DAYS:
        return None, Note(text=NOT_A_REPORT, kind="caveat")
    return days * 24.0, Note(text=LATE, values={"days": days})


def _without_strays(found: Incidents, length: Floats) -> tuple[Incidents, Floats]:
    """Take out, and say, what has no place, lies far away, or is dated far off."""
    for test in (_placeless, _far_away, _far_off, _vague):
        bad = test(found, length)
        if bool(bad.any()):
            note = _left_out(test.__name__, found, found.row[bad])
            found, length = found.take(~bad, note), length[~bad]
        if not len(found.hour):
            raise NotEnoughData("Not enough data: no incident of this category has a location and a time")
    return found, length


def _placeless(found: Incidents, length: Floats) -> NDArray[np.bool_]:
    return ~(np.isfinite(found.east) & np.isfinite(found.north))


def _far_away(found: Incidents, length: Floats) -> NDArray[np.bool_]:
    return strays(found.east, found.north, found.weight)


def _far_off(found: Incidents, length: Floats) -> NDArray[np.bool_]:
    """Dates (also none at all) in a run of less than 1 % of the incidents beyond a gap of half a year."""
    order = np.argsort(found.hour, kind="stable")
    gaps = np.diff(found.hour[order]) > QUIET_DAYS * 24
    run = np.concatenate(([0], np.cumsum(gaps)))
    size = np.bincount(run, found.weight[order])
    small = size < 0.01 * float(found.weight.sum())
    small[int(np.argmax(size))] = False
    far = np.empty(len(order), dtype=bool)
    far[order] = small[run]
    return far | ~np.isfinite(found.hour)


def _vague(found: Incidents, length: Floats) -> NDArray[np.bool_]:
    return ~((length >= 0) & (length <= LONGEST_INTERVAL_DAYS * 24))


def _left_out(test: str, found: Incidents, rows: NDArray[np.int64]) -> Note:
    n = found.number(rows)
    if test == "_placeless":
        return Note(text=PLACELESS, values={"n": n}, kind="caveat")
    if test == "_vague":
        return Note(text=VAGUE, values={"n": n, "days": LONGEST_INTERVAL_DAYS}, kind="caveat")
    return _of_rows(found, FAR_AWAY if test == "_far_away" else FAR_OFF, {"n": n, "row": int(rows.min()) + 1})


def _of_rows(found: Incidents, text: str, values: Mapping[str, Scalar]) -> Note:
    """A caveat on some rows; of counted incidents no row is named."""
    if found.counts is None:
        return Note(text=text, values=values, kind="caveat")
    return Note(text=COUNTED[text], values={"n": values["n"]}, kind="caveat")


def _in_parts(found: Incidents, length: Floats) -> Incidents:
    """Interval times split by day: one row per day touched, weighted by its share of the interval (Ratcliffe 2002)."""
    first = np.floor(found.hour / 24)
    last = np.where(length > 0, np.ceil((found.hour + length) / 24) - 1, first)
    parts = (last - first + 1).astype(np.intp)
    several = int(found.weight[parts > 1].sum())
    whole = np.repeat(np.arange(len(parts)), parts)
    day = first[whole] + (np.arange(len(whole)) - np.repeat(np.cumsum(parts) - parts, parts))
    start = np.maximum(found.hour[whole], day * 24)
    stop = np.minimum(found.hour[whole] + length[whole], (day + 1) * 24)
    share = np.where(length[whole] > 0, (stop - start) / np.maximum(length[whole], 1e-9), 1.0)
    middle = np.where(parts[whole] > 1, (start + stop) / 2, found.hour[whole] + length[whole] / 2)
    note = Note(text=IN_PARTS, values={"n": several}) if several else None
    weight, n = found.weight[whole] * share, int(found.weight.sum())
    spread = replace(found.take(whole, note), hour=middle, weight=weight, n=n)
    order = np.argsort(spread.hour, kind="stable")
    return spread.take(order)


def _dated(found: Incidents, dataset: Dataset, category: str) -> Incidents:
    """Add when recording began and ended: the dataset's own days where they agree with its incidents."""
    first, last = np.floor(found.hour[0] / 24) * 24, (np.floor(found.hour[-1] / 24) + 1) * 24
    began, ended = (_day_fact(dataset, name) for name in ("from_day", "to_day"))
    slack = QUIET_DAYS * 24
    if began is not None and first - slack <= began <= first:
        first = began
    if ended is not None and last <= ended + 24 <= last + slack:
        last = ended + 24
    read = Note(text=READ, values={"n": found.n, "from_day": day_of(first), "to_day": day_of(last - 24)})
    extra = [Note(text=DISCOVERED_USED, kind="caveat")] if category in DISCOVERED else []
    if began is not None and began < first - slack:
        late: dict[str, Scalar] = {"first": day_of(first), "began": day_of(began)}
        extra.append(Note(text=STARTS_LATE, values=late, kind="caveat"))
    notes = (read, *extra, *_silence(found.hour), *found.notes)
    return replace(found, from_hour=float(first), until_hour=float(last), notes=notes)


def _silence(hours: Floats) -> tuple[Note, ...]:
    """A note on the longest stretch without incidents where it is over half a year: dates may be wrong. O(n)."""
    if len(hours) < 2:
        return ()
    longest = int(np.argmax(np.diff(hours)))
    before, after = float(hours[longest]), float(hours[longest + 1])
    if after - before <= QUIET_DAYS * 24:
        return ()
    days = int((after - before) // 24)
    silent = Note(
        text=SILENT, values={"from_day": day_of(before), "to_day": day_of(after), "days": days}, kind="caveat"
    )
    return (silent,)


def _day_fact(dataset: Dataset, name: str) -> float | None:
    text = str(dataset.facts.get(name, ""))
    try:
        return float(np.datetime64(text, "D").astype("datetime64[h]").astype(np.int64)) if text else None
    except ValueError:
        return None
