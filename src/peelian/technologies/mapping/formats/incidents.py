"""The shape "incidents": what every format of incidents converts to, put together part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData
from peelian.governance.capability import Admitted, Note, Scalar
from peelian.measure.categories import CATEGORIES, DISCOVERED, OTHER_REPORTED
from peelian.measure.projection import Projection
from peelian.measure.table import Column, Kind, Table, Values
from peelian.technologies.mapping.formats.drops import AFTER, BEFORE, FAR_AWAY, Drops, Ints, drops_for
from peelian.technologies.mapping.formats.whens import Hours
from peelian.technologies.mapping.formats.zones import zone_named

Floats = NDArray[np.float64]
SNAP_METRES = 10.0
REACH_KM = 100.0
MOST_WORDS = 1_000
MOST_UNKNOWN = 200
NEVER = np.datetime64("NaT", "h")
OPTIONS: Mapping[str, str] = {
    "centre": "longitude,latitude of the town's centre, so that several datasets lie on one map",
    "reach_km": "how far from the centre a place may lie, in kilometres (100)",
    "from_day": "keep only incidents from this day on (2014-01-01)",
    "to_day": "keep only incidents up to this day (2021-12-31)",
}
UNKNOWN_CATEGORY = (
    "%(n)d incidents carry %(words)d codes that are not on the list; they count as other reported incidents."
)
DISCOVERED_CATEGORY = (
    "%(n)d incidents are of kinds that police themselves discover; they are no training data unless a recorded "
    "decision admits them."
)
MONTHS_ONLY = "The times are months only: no question about days or hours can be answered from this file."
NO_HOUR = "%(n)d incidents have no exact hour; they are spread over the interval in which they lie."


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What a format knows beforehand about the town whose records it reads."""

    zone: str
    source: str
    attribution: str
    stray_points: bool = False  # documented quirk: a few points lie far away and are dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of one part of a file, kept ones only; arrays of one length. `code` is the category as the file calls it."""

    row: Ints
    code: Values
    start: Hours
    end: Hours
    known: Hours
    lon: Floats
    lat: Floats
    area: Values

    def take(self, kept: NDArray[np.bool_]) -> Part:
        """The rows in `kept`."""
        if bool(kept.all()):
            return self
        return Part(**{name: getattr(self, name)[kept] for name in Part.__dataclass_fields__})


ReadPart = Callable[[Table, Mapping[str, str], Drops], Part]


class _Numbered(dict[str, int]):
    """Words in the order they were first seen; a word's number is found or given on the way."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number

    def of(self, values: Values) -> NDArray[np.int32]:
        """The numbers of `values` (text)."""
        return np.fromiter(map(self.__getitem__, values.tolist()), np.int32, len(values))


@dataclass(slots=True, kw_only=True)
class _Sums:
    """What is kept while parts go by: compact arrays only."""

    rows: list[Ints] = field(default_factory=list)
    codes: list[NDArray[np.int32]] = field(default_factory=list)
    areas: list[NDArray[np.int32]] = field(default_factory=list)
    hours: list[tuple[Hours, Hours, Hours]] = field(default_factory=list)
    points: list[tuple[Floats, Floats]] = field(default_factory=list)
    code_numbers: _Numbered = field(default_factory=_Numbered)
    area_numbers: _Numbered = field(default_factory=_Numbered)


def incidents(
    parts: Iterable[Table], read: ReadPart, town: Town, general: Mapping[str, str], options: Mapping[str, str]
) -> Admitted:
    """The incidents in `parts`, in order. `read` reads one part, `general` maps codes to general categories.

    Columns: category, start_hour, end_hour, known_hour (town's civil time), east_metres, north_metres (snapped to
    10 m), area, hour_known. InputError with row and column where something cannot be read. O(rows).
    """
    zone_named(town.zone)
    drops = drops_for(options.get("on_bad_row", "stop"))
    sums = _Sums()
    for text in parts:
        part = _within_days(read(text, options, drops), options, drops)
        _add(sums, part, general)
    n = sum(len(rows) for rows in sums.rows)
    if n == 0:
        raise NotEnoughData(
            f"no row is left: {drops.total():,} were dropped"
            + "".join(f"; {d.n:,}: {d.why}" for d in drops.listed()[:3]),
            accepted="at least one incident with a date and a place",
        )
    return _assembled(sums, town, general, options, drops)


def _within_days(part: Part, options: Mapping[str, str], drops: Drops) -> Part:
    for name, why in (("from_day", BEFORE), ("to_day", AFTER)):
        if name in options:
            day = _day(options[name], name)
            gone = part.start < day if name == "from_day" else part.start >= day + np.timedelta64(1, "D")
            part = part.take(drops.drop(why, gone, part.row))
    return part


def _day(text: str, option: str) -> Any:
    day: Any = np.datetime64("NaT", "D")
    with suppress(ValueError):
        day = np.datetime64(text, "D")
    if np.isnat(day):
        raise InputError(f"the option {option} is no day", accepted="a day such as 2021-12-31")
    return day


def _add(sums: _Sums, part: Part, general: Mapping[str, str]) -> None:
    sums.rows.append(part.row)
    sums.codes.append(sums.code_numbers.of(part.code))
    sums.areas.append(sums.area_numbers.of(part.area))
    sums.hours.append((part.start, part.end, part.known))
    sums.points.append((part.lon, part.lat))
    unknown = [word for word in sums.code_numbers if word.casefold() not in general and word not in CATEGORIES]
    if len(sums.code_numbers) > MOST_WORDS or len(unknown) > MOST_UNKNOWN:
        raise InputError(
            f"the category holds more than {min(len(sums.code_numbers), MOST_UNKNOWN):,} different unknown texts: "
            "it looks like names or narratives, not categories",
            row=int(part.row[-1]) if len(part.row) else None,
            column="category",
            accepted="a column of offence categories",
        )


def _assembled(
    sums: _Sums, town: Town, general: Mapping[str, str], options: Mapping[str, str], drops: Drops
) -> Admitted:
    rows, codes, areas = np.concatenate(sums.rows), np.concatenate(sums.codes), np.concatenate(sums.areas)
    start, end, known = (np.concatenate([h[i] for h in sums.hours]) for i in range(3))
    lon, lat = (np.concatenate([p[i] for p in sums.points]) for i in range(2))
    sums.points.clear()
    sums.hours.clear()
    centre = centre_of(lon, lat, options)
    near = _near(lon, lat, centre, (rows, town, options, drops))
    if not bool(near.all()):
        codes, areas, start, end, known, lon, lat = (x[near] for x in (codes, areas, start, end, known, lon, lat))
    words = [general.get(code.casefold(), code) for code in sums.code_numbers]
    unknown = np.array([word not in CATEGORIES for word in words], dtype=bool)
    words = [OTHER_REPORTED if strange else word for word, strange in zip(words, unknown.tolist(), strict=True)]
    east, north = _metres(lon, lat, centre)
    exact = start == end
    area_names = np.array([*sums.area_numbers, ""], dtype=object)
    table = Table(
        name="incidents",
        columns=(
            Column(name="category", kind=Kind.CATEGORY, values=np.array([*words, ""], dtype=object).take(codes)),
            Column(name="start_hour", kind=Kind.TIME, values=start),
            Column(name="end_hour", kind=Kind.TIME, values=end),
            Column(name="known_hour", kind=Kind.TIME, values=known),
            Column(name="east_metres", kind=Kind.PERSONAL, values=east, unit="metres"),
            Column(name="north_metres", kind=Kind.PERSONAL, values=north, unit="metres"),
            Column(name="area", kind=Kind.PLACE, values=area_names.take(areas)),
            Column(name="hour_known", kind=Kind.COUNT, values=exact.astype(np.int64)),
        ),
    )
    months_only = bool((~exact).all() and (end - start > np.timedelta64(26 * 24, "h")).all())
    facts: dict[str, Scalar] = {
        "zone": town.zone,
        "centre_lon": centre.centre_lon,
        "centre_lat": centre.centre_lat,
        "from_day": str(start.min().astype("datetime64[D]")),
        "to_day": str(end.max().astype("datetime64[D]")),
        "n": len(table),
        "source": town.source,
        "attribution": town.attribution,
        "months_only": months_only,
    }
    counts = np.bincount(codes, minlength=len(words))
    return Admitted(
        table=table, facts=facts, dropped=drops.listed(), notes=_notes(words, unknown, counts, table, facts)
    )


def _notes(
    words: list[str], unknown: NDArray[np.bool_], counts: Ints, table: Table, facts: Mapping[str, Scalar]
) -> tuple[Note, ...]:
    notes = []
    strange = int(counts[unknown].sum())
    if strange:
        notes.append(Note(text=UNKNOWN_CATEGORY, values={"n": strange, "words": int((counts[unknown] > 0).sum())}))
    found = int(sum(int(n) for word, n in zip(words, counts.tolist(), strict=True) if word in DISCOVERED))
    if found:
        notes.append(Note(text=DISCOVERED_CATEGORY, values={"n": found}, kind="caveat"))
    if facts["months_only"]:
        notes.append(Note(text=MONTHS_ONLY, kind="caveat"))
    elif inexact := int((table["hour_known"] == 0).sum()):
        notes.append(Note(text=NO_HOUR, values={"n": inexact}, kind="caveat"))
    return tuple(notes)


def centre_of(lon: Floats, lat: Floats, options: Mapping[str, str]) -> Projection:
    """The town's centre: the option `centre`, else the median point, rounded to 0.01 degrees."""
    given = options.get("centre")
    if given is None:
        lon_here, lat_here = float(np.median(lon)), float(np.median(lat))
    else:
        try:
            lon_here, lat_here = (float(text) for text in given.split(","))
        except ValueError:
            raise InputError(
                "the option centre is no point", accepted="longitude,latitude such as -79.38,43.70"
            ) from None
    return Projection(centre_lon=round(lon_here, 2), centre_lat=round(lat_here, 2))


def _near(
    lon: Floats, lat: Floats, centre: Projection, cut: tuple[Ints, Town, Mapping[str, str], Drops]
) -> NDArray[np.bool_]:
    """Which points lie within reach of the centre; a stray one must not make millions of empty cells."""
    rows, town, options, drops = cut
    reach = _reach(options)
    east = (lon - centre.centre_lon + 180) % 360 - 180
    east *= 111.32 * np.cos(np.radians(centre.centre_lat))
    apart = np.hypot(east, (lat - centre.centre_lat) * 111.32)
    far = apart > reach
    if not bool(far.any()):
        return ~far
    if float(far.mean()) > 0.5:
        raise InputError(
            f"more than half of the places lie over {reach:,.0f} km from the centre",
            row=int(rows[far.argmax()]),
            accepted="the town's own centre, or a larger reach_km",
        )
    if town.stray_points:
        return drops.drop(FAR_AWAY, far, rows)
    fault = InputError(
        f"the place lies {float(apart[far.argmax()]):,.0f} km from the town's centre",
        accepted=f"places within {reach:,.0f} km (option reach_km), or on_bad_row=drop",
    )
    return drops.unreadable(FAR_AWAY, far, rows, fault)


def _reach(options: Mapping[str, str]) -> float:
    try:
        reach = float(options.get("reach_km", REACH_KM))
    except ValueError:
        reach = float("nan")
    if not 1 <= reach <= 1_000:
        raise InputError("the option reach_km is out of range", accepted="1 to 1000 kilometres")
    return reach


def _metres(lon: Floats, lat: Floats, centre: Projection) -> tuple[Floats, Floats]:
    """Metres from the centre, snapped to 10 m; two threads, since the projection leaves the interpreter."""
    if len(lon) < 100_000:
        pairs = [centre.to_metres(lon, lat)]
    else:
        with ThreadPoolExecutor(2) as pool:
            pairs = list(pool.map(centre.to_metres, np.array_split(lon, 2), np.array_split(lat, 2)))
    east, north = (np.concatenate([pair[i] for pair in pairs]) for i in range(2))
    return np.round(east / SNAP_METRES) * SNAP_METRES, np.round(north / SNAP_METRES) * SNAP_METRES
