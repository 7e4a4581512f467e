"""The shape "incidents": what every format of incidents converts to, put together part by part."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted
from peelian.measure.categories import CATEGORIES, DISCOVERED, OTHER_REPORTED
from peelian.measure.coded import Coded, in_order
from peelian.measure.persons import are_homes, are_names
from peelian.measure.projection import Projection
from peelian.measure.table import Column, Kind, Table, text_column
from peelian.technologies.mapping.formats.drops import AFTER, BEFORE, Drops, Ints, drops_for
from peelian.technologies.mapping.formats.reach import centre_of, metres, within_reach
from peelian.technologies.mapping.formats.whens import Hours
from peelian.technologies.mapping.formats.zones import zone_named
from peelian.technologies.mapping.traces import notes_of_traces, refuse_traces

Floats = NDArray[np.float64]
MOST_UNKNOWN = 200
FEW_UNKNOWN = 20  # from here on, codes that hardly ever repeat are no codes
AHEAD = 3  # parts that are converted while those before them are added up
FEW_AREAS, MOST_AREAS = 500, 4_000  # a list of areas is short; one that is not may be addresses
NEVER = np.datetime64("NaT", "h")
SIGNS, SIGNED = "signs", "signed"
OPTIONS: Mapping[str, str] = {
    "centre": "longitude,latitude of the town centre (use the same for every dataset)",
    "reach_km": "maximum distance from the centre in km (default 100)",
    "from_day": "first day to keep, such as 2014-01-01",
    "to_day": "last day to keep, such as 2021-12-31",
    SIGNS: "signed, where a second person signs past the signs of a trace",
}
UNKNOWN_CATEGORY = "%(n)d incidents have %(words)d unlisted codes and count as other reported incidents."
DISCOVERED_CATEGORY = "%(n)d incidents were found by police. They cannot train a forecast without a recorded decision."
MONTHS_ONLY = "Dates are months only. This file cannot answer questions about days or hours."
AREAS_LEFT_OUT = "%(n)d different areas are too many. The area column was left empty."
PEOPLE_LEFT_OUT = "The area column looks like names of people or addresses. It was left empty."
NO_ROWS = "at least one incident with a date and a location"
NO_HOUR = "%(n)d incidents have no exact hour. Each is spread over its time interval."


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
    code: Coded
    start: Hours
    end: Hours
    known: Hours
    lon: Floats
    lat: Floats
    area: Coded

    def take(self, kept: NDArray[np.bool_]) -> Part:
        """The rows in `kept`."""
        if bool(kept.all()):
            return self
        arrays = {name: getattr(self, name)[kept] for name in Part.__dataclass_fields__ if name not in ("code", "area")}
        return Part(**arrays, **{name: getattr(self, name).take(kept) for name in ("code", "area")})


def words_of(text: Table, column: str, otherwise: str = "") -> Coded:
    """A column's words, `otherwise` in each row where there is no such column."""
    return text.column(column).coded() if column in text else Coded([otherwise], np.zeros(len(text), np.int32))


ReadPart = Callable[[Table, Mapping[str, str], Drops], Part]


class _Numbered(dict[str, int]):
    """Words in the order they were first seen; a word's number is found or given on the way."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number

    def of(self, values: Coded) -> NDArray[np.int32]:
        """The number of the word in each row."""
        words, codes = in_order(*values)
        return np.array([self[word] for word in words], dtype=np.int32)[codes]


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
    10 m), area, hour_known. InputError with row and column where something cannot be read, and with numbers
    where the rows are the trace of persons or devices. O(rows log rows).
    """
    zone_named(town.zone)
    drops = drops_for(options.get("on_bad_row", "stop"))
    sums = _Sums()
    for part, dropped in converted(parts, read, options):
        drops.add(dropped)
        _add(sums, part, general)
    n = sum(len(rows) for rows in sums.rows)
    if n == 0:
        raise NotEnoughData(
            nothing_left(drops),
            accepted=NO_ROWS,
        )
    return _assembled(sums, town, general, options, drops)


def streamed(
    read: ReadPart, town: Town, general: Mapping[str, str]
) -> Callable[[Iterable[Table], Mapping[str, str]], Admitted]:
    """The conversion of a format whose parts `read` reads, as `incidents` says."""
    return lambda parts, options: incidents(parts, read, town, general, options)


def nothing_left(drops: Drops) -> str:
    says = sentence("no rows left, %(n)d dropped", n=drops.total())
    for most in drops.listed()[:3]:
        says = sentence("%(what)s; %(n)d: %(why)s", what=says, n=most.n, why=sentence(most.why))
    return says


def converted(parts: Iterable[Table], read: ReadPart, options: Mapping[str, str]) -> Iterator[tuple[Part, Drops]]:
    """Each part as `read` reads it and what was dropped of it, in order; a fault waits for the parts before it.

    Parts bear the name of the file they come from, and so does a fault in one.
    """

    def one(text: Table) -> tuple[Part, Drops]:
        drops = drops_for(options.get("on_bad_row", "stop"))
        try:
            return _within_days(read(text, options, drops), options, drops), drops
        except InputError as error:  # no local name for what is raised: its frames would keep all that was read
            raise _in_file(error, text.name) from None

    waiting: deque[Future[tuple[Part, Drops]]] = deque()
    faults: list[InputError] = []
    with ThreadPoolExecutor(2, thread_name_prefix="peelian-convert") as pool:
        for text in _until_fault(parts, faults):
            waiting.append(pool.submit(one, text))
            if len(waiting) == AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    if faults:
        raise faults.pop()


def _until_fault(parts: Iterable[Table], faults: list[InputError]) -> Iterator[Table]:
    """The parts before the first that cannot be read, whose fault is put into `faults`."""
    try:
        yield from parts
    except InputError as fault:
        faults.append(fault)


def _in_file(error: InputError, name: str) -> InputError:
    return type(error)(
        error.wrong, accepted=error.accepted, file=error.file or name, row=error.row, column=error.column
    )


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
        says = sentence("option %(option)s is not a date", option=option)
        raise InputError(says, accepted="a date such as 2021-12-31")
    return day


def _add(sums: _Sums, part: Part, general: Mapping[str, str]) -> None:
    sums.rows.append(part.row)
    sums.codes.append(sums.code_numbers.of(part.code))
    sums.areas.append(sums.area_numbers.of(part.area))
    sums.hours.append((part.start, part.end, part.known))
    sums.points.append((part.lon, part.lat))
    unknown = sum(word.casefold() not in general and word not in CATEGORIES for word in sums.code_numbers)
    if unknown > MOST_UNKNOWN:
        raise no_categories(unknown, int(part.row[-1]) if len(part.row) else None)


def _assembled(
    sums: _Sums, town: Town, general: Mapping[str, str], options: Mapping[str, str], drops: Drops
) -> Admitted:
    rows, codes, areas = np.concatenate(sums.rows), np.concatenate(sums.codes), np.concatenate(sums.areas)
    start, end, known = (np.concatenate([h[i] for h in sums.hours]) for i in range(3))
    lon, lat = (np.concatenate([p[i] for p in sums.points]) for i in range(2))
    sums.points.clear()
    sums.hours.clear()
    centre = centre_of(lon, lat, options)
    near = within_reach((lon, lat), centre, options, (rows, drops, town.stray_points))
    if not bool(near.all()):
        codes, areas, start, end, known, lon, lat = (x[near] for x in (codes, areas, start, end, known, lon, lat))
    words, unknown = _general_words(sums.code_numbers, general, codes)
    east, north = metres(lon, lat, centre)
    judged = (start.astype(np.int64).astype(np.float64), (east, north), words, codes)
    signs = notes_of_traces(*judged) if options.get(SIGNS) == SIGNED else ()
    if not signs:
        refuse_traces(*judged)
    exact = start == end
    too_many = len(sums.area_numbers) >= max(FEW_AREAS, min(MOST_AREAS, len(codes) // 20))
    people = not too_many and (are_names(sums.area_numbers) or are_homes(sums.area_numbers))
    area_names = ["" if too_many or people else name for name in sums.area_numbers]
    table = incident_table(Coded(words, codes), (start, end, known), (east, north), Coded(area_names, areas))
    counts = np.bincount(codes, minlength=len(words))
    tally = Tally(
        n=len(table),
        first=start.min(),
        last=end.max(),
        months_only=all_months(start, end),
        inexact=int((~exact).sum()),
        counts={},
        unknown=int(counts[unknown].sum()),
        unknown_words=int((counts[unknown] > 0).sum()),
    )
    for word, n in zip(words, counts.tolist(), strict=True):
        tally.counts[word] = tally.counts.get(word, 0) + n
    notes = notes_of(tally, drops, areas=len(area_names) if too_many else 0, people=people)
    return Admitted(table=table, facts=facts_of(tally, town, centre), dropped=drops.listed(), notes=(*signs, *notes))


@dataclass(slots=True, kw_only=True)
class Tally:
    """What is said of all rows of a file, however many they are."""

    n: int = 0
    first: Any = NEVER  # start hour
    last: Any = NEVER  # end hour
    months_only: bool = True
    inexact: int = 0  # rows without an exact hour
    counts: dict[str, int] = field(default_factory=dict)  # by general category
    unknown: int = 0  # rows of codes in no list
    unknown_words: int = 0


def incident_table(category: Coded, hours: tuple[Hours, Hours, Hours], at: tuple[Floats, Floats], area: Coded) -> Table:
    """The shape "incidents": `hours` are start, end and known, `at` metres east and north."""
    start, end, known = hours
    return Table(
        name="incidents",
        columns=(
            text_column("category", Kind.CATEGORY, category),
            Column(name="start_hour", kind=Kind.TIME, values=start),
            Column(name="end_hour", kind=Kind.TIME, values=end),
            Column(name="known_hour", kind=Kind.TIME, values=known),
            Column(name="east_metres", kind=Kind.PERSONAL, values=at[0], unit="metres"),
            Column(name="north_metres", kind=Kind.PERSONAL, values=at[1], unit="metres"),
            text_column("area", Kind.PLACE, area),
            Column(name="hour_known", kind=Kind.COUNT, values=(start == end).astype(np.int64)),
        ),
    )


def all_months(start: Hours, end: Hours) -> bool:
    """Whether every row says the month at most."""
    return bool((start != end).all() and (end - start > np.timedelta64(26 * 24, "h")).all())


def facts_of(tally: Tally, town: Town, centre: Projection) -> dict[str, Scalar]:
    """What a dataset of incidents says of itself."""
    return {
        "zone": town.zone,
        "centre_lon": centre.centre_lon,
        "centre_lat": centre.centre_lat,
        "from_day": str(tally.first.astype("datetime64[D]")),
        "to_day": str(tally.last.astype("datetime64[D]")),
        "n": tally.n,
        "source": town.source,
        "attribution": town.attribution,
        "months_only": tally.months_only,
        "categories": ",".join(by_frequency(tally.counts)),
    }


def by_frequency(counts: Mapping[str, int]) -> list[str]:
    """The general categories that are there, the most frequent first."""
    return sorted((word for word, n in counts.items() if n), key=lambda word: (-counts[word], word))


def _general_words(
    seen: Mapping[str, int], general: Mapping[str, str], codes: NDArray[np.int32]
) -> tuple[list[str], NDArray[np.bool_]]:
    """The general category of each code seen, and which codes are not known; InputError when they are mostly names."""
    words = [general.get(code.casefold(), code) for code in seen]
    unknown = np.array([word not in CATEGORIES for word in words], dtype=bool)
    counts = np.bincount(codes, minlength=len(words))[unknown]
    distinct = int((counts > 0).sum())
    if distinct > FEW_UNKNOWN and distinct * 2 > int(counts.sum()):
        raise no_categories(distinct, None)
    known = [OTHER_REPORTED if strange else word for word, strange in zip(words, unknown.tolist(), strict=True)]
    return known, unknown


def no_categories(n: int, row: int | None) -> InputError:
    says = sentence("%(n)d different unknown categories look like names or narratives", n=n)
    accepted = "a column of offence categories (local codes need a description)"
    return InputError(says, row=row, column="category", accepted=accepted)


def notes_of(tally: Tally, drops: Drops, *, areas: int, people: bool) -> tuple[Note, ...]:
    """What there is to say of a file; `areas`: how many were too many (0: none), `people`: they look like some."""
    notes = []
    if tally.unknown:
        notes.append(Note(text=UNKNOWN_CATEGORY, values={"n": tally.unknown, "words": tally.unknown_words}))
    if found := sum(n for word, n in tally.counts.items() if word in DISCOVERED):
        notes.append(Note(text=DISCOVERED_CATEGORY, values={"n": found}, kind="caveat"))
    if tally.months_only:
        notes.append(Note(text=MONTHS_ONLY, kind="caveat"))
    elif tally.inexact:
        notes.append(Note(text=NO_HOUR, values={"n": tally.inexact}, kind="caveat"))
    notes += [Note(text=text, kind="caveat") for text in sorted(drops.told)]
    if areas:
        notes.append(Note(text=AREAS_LEFT_OUT, values={"n": areas}, kind="caveat"))
    if people:
        notes.append(Note(text=PEOPLE_LEFT_OUT, kind="caveat"))
    return tuple(notes)
