"""Incidents counted by half cell and day or week: what a dataset in partitions gives to models of cells and days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, Reason, Refused, sentence
from peelian.kernel.model.capability import Dataset, Note, Scalar
from peelian.kernel.model.counts import Bins, CellCounts, missing
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.places import ALL_REPORTED

POINT_CELLS = 20.0  # metres: admission snaps points to 10 m, so a half cell of 10 m is the point itself
MOST_BY_DAY = 20_000_000  # rows: counts by day of more would not fit; a year of them by week is a seventh at most
MOST_COUNTS = 60_000_000  # what a run holds in memory, whatever the rows
LEAST_COUNTED = 10_000  # incidents: fewer are admitted whole, where single rows show whether they trace a person
OF_ROWS = frozenset({"self_exciting", "self_exciting_grid"})  # one incident follows another within metres and hours

BY_DAY = "The dataset is in partitions. Incidents were counted by half cell and day. Their hours were not used."
BY_WEEK = (
    "The dataset is in partitions. Incidents were counted by half cell and week. Each counts on the last day of its "
    "week, so that up to six days before a forecast are not used."
)
BY_POINT = "The dataset is in partitions. Incidents were counted by point and day. Their hours were not used."
NEEDS_ROWS = "This use needs single incidents, and the dataset is in partitions: %(what)s"
HOURS, EXCITATION = "shifts need the hour of each incident", "the model %(model)s needs the order of single incidents"
DIVIDE = "Ask without shifts and without self-exciting models, or admit fewer years or one town as a single file."
FEW = "Not enough data: %(n)d incidents of this category, %(least)d needed in a dataset in partitions"
TOO_MANY = "the %(n)d counts are too many to hold in memory (at most %(most)d)"
TOO_LARGE = "the %(n)d incidents are too many to count by point and day (at most %(most)d)"
SENTENCES = frozenset({BY_DAY, BY_WEEK, BY_POINT})
NO_AREAS = "a dataset in partitions has no points from which to draw the ground of a back-test"


def refuse_rows(dataset: Dataset, *, shifts: Collection[str] = (), models: Iterable[str] = ()) -> None:
    """Refused where a use of a dataset in partitions asks for what only single incidents tell."""
    if dataset.counts is None:
        return
    faults = [sentence(HOURS)] if shifts else []
    faults += [sentence(EXCITATION, model=name) for name in dict.fromkeys(models) if name in OF_ROWS]
    if faults:
        raise Refused(
            [
                Reason(rule="the_data_may_be_used", says=sentence(NEEDS_ROWS, what=what), remedy=DIVIDE)
                for what in faults
            ]
        )


def by_points(dataset: Dataset) -> tuple[Dataset, tuple[Note, ...]]:
    """The same as `by_counts`, by point and day: an audit by area counts each incident where a row would lie.

    InputError where the dataset has more rows than counts by day can hold. O(rows).
    """
    if dataset.counts is None:
        return dataset, ()
    if (n := _rows(dataset)) > MOST_BY_DAY:
        accepted = "a dataset of fewer years or one region"
        raise InputError(sentence(TOO_LARGE, n=n, most=MOST_BY_DAY), accepted=accepted)
    made, _ = by_counts(dataset, {"cell_metres": POINT_CELLS, "window_days": 7})
    return made, (Note(text=BY_POINT, kind="caveat"),)


def by_counts(dataset: Dataset, params: Mapping[str, Scalar]) -> tuple[Dataset, tuple[Note, ...]]:
    """The dataset with a table of counts in the shape of single incidents, each row standing for `n` of them.

    Where the dataset has a table of rows it stays as it is. `params`: cell_metres, window_days and `begins`, the ISO
    day with which a window begins ("": the day after the recording). O(counts).
    """
    if dataset.counts is None:
        return dataset, ()
    bins = _bins(dataset, params)
    found = dataset.counts(bins)
    lags = {_lag_fact(name): lag_days_of(found.lags, name) for name in (ALL_REPORTED, *CATEGORIES)}
    facts = {**dataset.facts, **lags}
    if len(found.counts) > MOST_COUNTS:
        accepted = "larger cells, or a dataset of fewer years or one region"
        raise InputError(sentence(TOO_MANY, n=len(found.counts), most=MOST_COUNTS), accepted=accepted)
    note = Note(text=BY_DAY if bins.days == 1 else BY_WEEK, kind="caveat")
    return replace(dataset, table=_as_incidents(found), facts=facts, counts=None), (note,)


def lag_told(dataset: Dataset, category: str) -> int:
    """The 95th percentile of the reporting lag of counted incidents in whole days, -1 where it is not known."""
    return int(dataset.facts.get(_lag_fact(category), -1))


def lag_days_of(lags: Table, category: str) -> int:
    """The 95th percentile of the lag (whole days, rounded up), -1 where under half the incidents have one.

    As `numpy.quantile` of single rows gives it, by linear interpolation. O(lags).

    >>> from peelian.measure.table import Kind, table
    >>> columns = {"category": (Kind.CATEGORY, ["theft"] * 3), "hours": (Kind.PERSONAL, np.array([0, 24, 72]))}
    >>> lag_days_of(table("lags", columns | {"n": (Kind.PERSONAL, np.array([90, 6, 4]))}), "theft")
    1
    """
    hours, n = np.asarray(lags["hours"]), np.asarray(lags["n"])
    of = np.asarray([_counts_as(word, category) for word in lags.column("category").coded().words], dtype=bool)
    chosen = of[lags.column("category").coded().codes] if len(hours) else np.zeros(0, bool)
    known = chosen & ~missing(hours)
    if not bool(known.any()) or int(n[known].sum()) < 0.5 * int(n[chosen].sum()):
        return -1
    order = np.argsort(hours[known], kind="stable")
    values, upto = hours[known][order].astype(np.float64), np.cumsum(n[known][order])
    at = 0.95 * (int(upto[-1]) - 1)
    low, high = (values[np.searchsorted(upto, whole, side="right")] for whole in (np.floor(at), np.ceil(at)))
    return int(np.ceil(max(float(low + (high - low) * (at - np.floor(at))), 0.0) / 24))


def refuse_few_counted(n: int) -> None:
    """NotEnoughData where counted incidents are so few that only single rows show whether they trace a person."""
    if n < LEAST_COUNTED:
        accepted = "a wider category, or a smaller file that is admitted whole"
        raise NotEnoughData(sentence(FEW, n=n, least=LEAST_COUNTED), accepted=accepted)


def _counts_as(word: str, category: str) -> bool:
    return word not in DISCOVERED if category == ALL_REPORTED else word == category


def _lag_fact(category: str) -> str:
    return f"lag_days_{category}"


def _bins(dataset: Dataset, params: Mapping[str, Scalar]) -> Bins:
    """By day, or by week above `MOST_BY_DAY` rows: weeks that begin where windows do."""
    size = float(params["cell_metres"])
    if _rows(dataset) <= MOST_BY_DAY:
        return Bins(cell_metres=size)
    if int(params["window_days"]) % 7:
        accepted = "window_days of whole weeks: 7, 14, 21 or 28"
        raise InputError("so many incidents are counted by week", column="window_days", accepted=accepted)
    begins, to_day = str(params.get("begins", "")), str(dataset.facts.get("to_day", ""))
    day = hour_of(begins, "first_origin") / 24 if begins else hour_of(to_day, "to_day") / 24 + 1
    return Bins(cell_metres=size, days=7, begins=int(day) % 7)


def _rows(dataset: Dataset) -> int:
    """How many rows the partitions have; 0 where it is not known."""
    return 0 if dataset.partitions is None else sum(one.rows for one in dataset.partitions.listed)


def _as_incidents(found: CellCounts) -> Table:
    """Counts as rows of the shape "incidents": each at the middle of its half cell, or the point that a half cell of
    10 m is, with the number it stands for."""
    counts, metres = found.counts, found.bins.metres
    inside = 0.0 if found.bins.cell_metres == POINT_CELLS else 0.5
    places = {
        f"{axis}_metres": (
            Kind.PERSONAL,
            np.where(missing(counts[key]), np.nan, (counts[key].astype(np.float64) + inside) * metres),
        )
        for axis, key in (("east", "col"), ("north", "row"))
    }
    times = {name: (Kind.TIME, _times(counts[name])) for name in ("start_hour", "end_hour", "known_hour")}
    n = {"n": (Kind.COUNT, counts["n"])}
    made = table("incidents", times | places | n)
    return replace(made, columns=(counts.column("category"), *made.columns))


def _times(hours: NDArray[Any]) -> NDArray[Any]:
    made = hours.astype(np.int64).view("datetime64[h]")
    made[missing(hours)] = np.datetime64("NaT")
    return made
