"""Incidents of a study: where and when, read from a GeoDataFrame of points."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Dataset
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table
from peelian.operations.outside_uses import entered
from peelian.places.lengths import day_after
from peelian.places.research import RESEARCH, library
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.formats.places import uninhabited
from peelian.technologies.mapping.formats.reach import centre_of, metres
from peelian.technologies.mapping.incidents import Incidents as Prepared
from peelian.technologies.mapping.incidents import incidents_in, incidents_of, with_others
from peelian.technologies.mapping.traces import refuse_traces

Floats = NDArray[np.float64]
Hours = NDArray[np.datetime64]
COLUMNS = ("lon", "lat", "start", "end", "known", "label")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidents:
    """Incidents as arrays of one length: longitude and latitude (WGS 84), hours of civil time, labels of categories.

    `end` is when an incident had ended at the latest (an interval is divided among its days), `known` when it became
    known (NaT: unknown); a forecast of the past sees only what was known then. The arrays cannot be written to.
    `whole` are the incidents of all categories that these were chosen from: models learn from them too, and they bound
    the ground, as in an office.
    InputError where all rows or those of one label are the trace of a person or vehicle: of whatever rows are left.
    """

    lon: Floats
    lat: Floats
    start: Hours
    end: Hours
    known: Hours
    label: NDArray[Any]
    zone: str = ""
    whole: Incidents | None = None

    def __post_init__(self) -> None:
        for name in COLUMNS:
            kept = np.array(getattr(self, name))  # a copy: what was tested is what is used
            kept.flags.writeable = False
            object.__setattr__(self, name, kept)
        if len(self):
            start, label = self.start.astype("datetime64[h]"), [str(one) for one in self.label.tolist()]
            hours = np.where(np.isnat(start), np.nan, start.astype(np.int64).astype(np.float64))
            number = {word: k for k, word in enumerate(dict.fromkeys(label))}
            code = np.array([number[word] for word in label])
            refuse_traces(hours, self.centre().to_metres(self.lon, self.lat), list(number), code)

    def __len__(self) -> int:
        return len(self.lon)

    def __repr__(self) -> str:
        return f"<Incidents: n={len(self)}, {self.first_day} to {self.last_day}; {RESEARCH}>"

    @property
    def first_day(self) -> str:
        """The ISO day of the first incident."""
        return str(self.start.min().astype("datetime64[D]"))

    @property
    def last_day(self) -> str:
        """The ISO day of the last incident."""
        return str(self.end.max().astype("datetime64[D]"))

    @classmethod
    def from_frame(
        cls, frame: Any, *, time: str, until: str | None = None, known: str | None = None, category: str | None = None
    ) -> Incidents:
        """Incidents from a GeoDataFrame of points: the names of its columns. The index is not read. O(rows).

        `time`, `until` and `known` are columns of dates or times, naive (the town's clock) or all of one time zone
        (its wall clock is kept). InputError: no CRS, geometries that are no points or are missing, times that are
        missing or naive and aware mixed, an end before its start, or rows that are the trace of a person or vehicle.
        """
        entered("mapping")
        lon, lat = _points(frame)
        start, zone = _times(frame, time)
        end = _times(frame, until)[0] if until else start
        if bool((end < start).any()):
            raise _wrong("ends before it starts", frame, int(np.argmax(end < start)), until or time)
        seen = _times(frame, known, gaps=True)[0] if known else np.full(len(frame), np.datetime64("NaT", "h"))
        label = np.asarray(_column(frame, category).astype(str)) if category else np.full(len(frame), "")
        return cls(lon=lon, lat=lat, start=start, end=end, known=seen, label=label.astype(object), zone=zone)

    def only(self, label: str) -> Incidents:
        """The incidents of one category, the others beside them. InputError names none: a label may hold anything."""
        kept = np.flatnonzero(self.label == label)
        if not len(kept):
            raise InputError("no incident of this category", column="category", accepted="a label of the frame")
        return replace(self._taken(kept), whole=self.whole or self)

    def until(self, day: str) -> Incidents:
        """The incidents that began on an ISO day or before. NotEnoughData where none did."""
        kept = np.flatnonzero(self.start < np.datetime64(day_after(day)))
        if not len(kept):
            raise NotEnoughData("Not enough data: no incident before the window", accepted="a later day")
        return replace(self._taken(kept), whole=self.whole.until(day) if self.whole else None)

    def _taken(self, kept: NDArray[np.intp]) -> Incidents:
        return replace(self, **{name: getattr(self, name)[kept] for name in COLUMNS})

    def centre(self) -> Projection:
        """The flat map about the median of all categories, on which lengths and areas are true; as at admission."""
        every = self.whole or self
        return centre_of(every.lon, every.lat, {})

    def reported(self) -> Incidents:
        """These and all that people report: what bounds the ground. O(n)."""
        every = self.whole or self
        kept = ~np.isin(every.label, list(DISCOVERED)) | np.isin(every.label, np.unique(self.label.astype(str)))
        return every._taken(np.flatnonzero(kept))

    def prepared(self, projection: Projection, *, exact: bool = False) -> Prepared:
        """As models take them: strays left out, intervals divided, the reporting lag applied, the other categories
        beside the chosen one. Points are snapped to 10 m as at admission; `exact` leaves them. O(n log n)."""
        if self.whole is None:
            return incidents_of(self._dataset(projection, exact=exact), ALL_REPORTED)
        dataset, own = self.whole._dataset(projection, exact=exact), str(self.label[0])
        every = self.whole.label.astype(str)
        rows = {str(label): np.flatnonzero(every == label) for label in np.unique(every)}
        found = incidents_of(dataset, own) if own in CATEGORIES else incidents_in(dataset, rows[own], own)
        others = []
        for label in sorted(rows, key=[*CATEGORIES, *(word for word in rows if word not in CATEGORIES)].index):
            if label != own and label not in DISCOVERED:
                with suppress(NotEnoughData):  # none of them has a place and a time
                    others.append(incidents_in(dataset, rows[label], label))
        return with_others(found, others, own=own not in DISCOVERED)

    def _dataset(self, projection: Projection, *, exact: bool) -> Dataset:
        to_metres = projection.to_metres(self.lon, self.lat) if exact else metres(self.lon, self.lat, projection)
        words = np.where(np.isin(self.label, list(CATEGORIES)), self.label, "")  # discovered ones stay known as such
        columns = {
            "category": (Kind.CATEGORY, words.astype(object)),
            "start_hour": (Kind.TIME, self.start),
            "end_hour": (Kind.TIME, self.end),
            "known_hour": (Kind.TIME, self.known),
            "east_metres": (Kind.PERSONAL, to_metres[0]),
            "north_metres": (Kind.PERSONAL, to_metres[1]),
        }
        facts = {"from_day": self.first_day, "to_day": self.last_day}
        return Dataset(id="frame", format="frame", digest="", table=table("incidents", columns), facts=facts)


def digest_of(incidents: Incidents) -> str:
    """SHA-256 of the places and times, of the chosen category and of those beside it."""
    made = hashlib.sha256()
    for one in (incidents, *((incidents.whole,) if incidents.whole else ())):
        for column in (one.lon, one.lat, one.start.astype(np.int64), one.end.astype(np.int64)):
            made.update(np.ascontiguousarray(column).tobytes())
    return made.hexdigest()


def _points(frame: Any) -> tuple[Floats, Floats]:
    library("geopandas")
    if not hasattr(frame, "geometry") or not hasattr(frame, "to_crs"):
        raise InputError("not a GeoDataFrame", accepted="a GeoDataFrame of points with a CRS")
    if frame.crs is None:
        raise InputError("the frame states no CRS", accepted="frame.set_crs(…) with the system of its coordinates")
    if not len(frame):
        raise NotEnoughData("Not enough data: the frame is empty")
    missing = np.asarray(frame.geometry.isna() | frame.geometry.is_empty)
    if missing.any():
        raise _wrong("a geometry is missing", frame, int(np.argmax(missing)), "geometry")
    other = np.asarray(frame.geometry.geom_type != "Point")
    if other.any():
        raise _wrong("not a point", frame, int(np.argmax(other)), "geometry")
    degrees = frame.geometry.to_crs("EPSG:4326")
    lon, lat = np.asarray(degrees.x, dtype=np.float64), np.asarray(degrees.y, dtype=np.float64)
    off = ~(np.isfinite(lon) & np.isfinite(lat))
    if off.any():
        raise _wrong("a place outside the CRS", frame, int(np.argmax(off)), "geometry")
    empty = uninhabited(lat)
    if empty.any():
        says = "no town lies at this latitude (points are longitude, latitude)"
        raise _wrong(says, frame, int(np.argmax(empty)), "geometry")
    return lon, lat


def _column(frame: Any, name: str) -> Any:
    if name not in frame.columns:
        raise InputError("no such column", column=str(name)[:60], accepted="the name of a column of the frame")
    return frame[name]


def _times(frame: Any, name: str, *, gaps: bool = False) -> tuple[Hours, str]:
    """The hours of a column and its zone. A column of objects holds naive times or times of one zone, never both."""
    pandas = library("pandas")
    values = _column(frame, name)
    if values.dtype == object:
        aware = [getattr(value, "tzinfo", None) is not None for value in values]
        if any(aware) and not all(aware):
            raise _wrong("naive and aware times mixed", frame, aware.index(not aware[0]), name)
        try:
            values = pandas.to_datetime(values)
        except (ValueError, TypeError):
            raise InputError("not dates or times", column=name[:60], accepted="pandas.to_datetime(…) first") from None
    if not pandas.api.types.is_datetime64_any_dtype(values):
        raise InputError("not dates or times", column=name[:60], accepted="pandas.to_datetime(…) first")
    zone = str(values.dt.tz or "")
    empty = np.asarray(values.isna())
    if empty.any() and not gaps:
        raise _wrong("a time is missing", frame, int(np.argmax(empty)), name)
    return np.asarray(values.dt.tz_localize(None), dtype="datetime64[h]"), zone


def _wrong(says: str, frame: Any, row: int, column: str) -> InputError:
    accepted = sentence("leave such rows out first (frame has %(n)d rows)", n=len(frame))
    return InputError(says, row=row + 1, column=str(column)[:60], accepted=accepted)


def must_be_incidents(given: object) -> None:
    """InputError for what is no `Incidents`: only their rows were checked."""
    if not isinstance(given, Incidents):
        accepted = "Incidents: places.read_incidents(file), or Incidents.from_frame(frame)"
        raise InputError("not incidents", column="incidents", accepted=accepted)
