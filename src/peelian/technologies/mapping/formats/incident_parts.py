"""Incidents of a file of any size: each part is converted and handed over, only sums are kept.

What a smaller file settles from all its rows is settled here

- from the first 200,000 rows: the town's centre (where no option gives it), the order of day and month;
- from each part by itself: whether more than half of the points are out of reach;
- from sums, at the end: facts, notes, whether codes are no categories, whether areas are too many or are people;
- from consecutive months of about half a million rows each: whether they are a trace (`must_hold`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.formats import Admitted, Emit, Parted
from peelian.measure.categories import CATEGORIES, OTHER_REPORTED
from peelian.measure.coded import Coded, joined
from peelian.measure.persons import are_homes, are_names
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping.formats.drops import Drops, drops_for
from peelian.technologies.mapping.formats.incidents import (
    FEW_AREAS,
    FEW_UNKNOWN,
    MOST_AREAS,
    MOST_UNKNOWN,
    NO_ROWS,
    Part,
    ReadPart,
    Tally,
    Town,
    all_months,
    converted,
    facts_of,
    incident_table,
    no_categories,
    notes_of,
    nothing_left,
)
from peelian.technologies.mapping.formats.reach import centre_of, metres, within_reach
from peelian.technologies.mapping.formats.zones import zone_named
from peelian.technologies.mapping.traces import refuse_traces

ROWS = 200_000  # of a part that is handed over, at least


def parted(read: ReadPart, town: Town, general: Mapping[str, str]) -> Parted:
    """How a format whose parts `read` reads is converted whatever its size."""
    return parted_by(lambda parts, options, emit: incidents_in_parts(parts, (read, town, general), options, emit))


def parted_by(convert: Callable[[Iterable[Table], Mapping[str, str], Emit], Admitted]) -> Parted:
    """The same for a format that has its own way."""
    return Parted(convert=convert, must_hold=must_be_no_trace)


def must_be_no_trace(rows: Table) -> None:
    """InputError where these incidents are the trace of persons or devices."""
    hour, category = rows["start_hour"].astype(np.int64).astype(np.float64), rows.column("category").coded()
    refuse_traces(hour, (rows["east_metres"], rows["north_metres"]), category.words, category.codes)


def incidents_in_parts(
    parts: Iterable[Table],
    how: tuple[ReadPart, Town, Mapping[str, str]],
    options: Mapping[str, str],
    emit: Emit,
) -> Admitted:
    """As `incidents`, each part handed to `emit`; the table that is returned has the areas that stay. O(rows), and
    memory of a part."""
    read, town, general = how
    zone_named(town.zone)
    drops = drops_for(options.get("on_bad_row", "stop"))
    sums = _Running(town=town, general=general, options=options)
    for part in _slabs(converted(parts, read, options), drops):
        if len(made := sums.add(part, drops)):
            emit(made)
    if not sums.tally.n or sums.centre is None:
        raise NotEnoughData(nothing_left(drops), accepted=NO_ROWS)
    return sums.ended(sums.centre, drops)


@dataclass(slots=True, kw_only=True)
class _Running:
    """What is kept while parts go by: sums, the words of codes in no list, and few areas."""

    town: Town
    general: Mapping[str, str]
    options: Mapping[str, str]
    centre: Projection | None = None
    tally: Tally = field(default_factory=Tally)
    strange: dict[str, int] = field(default_factory=dict)  # code → rows
    areas: dict[str, int] = field(default_factory=dict)  # name → its first row

    def add(self, part: Part, drops: Drops) -> Table:
        """The part as incidents; InputError as for a smaller file."""
        if self.centre is None:
            self.centre = centre_of(part.lon, part.lat, self.options)
        cut = (part.row, drops, self.town.stray_points)
        part = part.take(within_reach((part.lon, part.lat), self.centre, self.options, cut))
        category = self._categories(part)
        made = incident_table(
            category,
            (part.start, part.end, part.known),
            metres(part.lon, part.lat, self.centre),
            self._areas(part),
        )
        if len(part.row):
            self._count(part, category)
        return made

    def ended(self, centre: Projection, drops: Drops) -> Admitted:
        """What there is to say of the whole file."""
        tally = self.tally
        tally.unknown, tally.unknown_words = sum(self.strange.values()), len(self.strange)
        if tally.unknown_words > FEW_UNKNOWN and tally.unknown_words * 2 > tally.unknown:
            raise no_categories(tally.unknown_words, None)
        too_many = len(self.areas) >= max(FEW_AREAS, min(MOST_AREAS, tally.n // 20))
        people = not too_many and (are_names(self.areas) or are_homes(self.areas))
        kept = {} if too_many or people else self.areas
        words = np.array(list(kept), dtype=object)
        rows = np.array(list(kept.values()), dtype=np.int64)
        notes = notes_of(tally, drops, areas=len(self.areas) if too_many else 0, people=people)
        labels = table("incidents", {"area": (Kind.PLACE, words), "row": (Kind.COUNT, rows)})
        return Admitted(table=labels, facts=facts_of(tally, self.town, centre), dropped=drops.listed(), notes=notes)

    def _categories(self, part: Part) -> Coded:
        """The general category of each row; codes in no list are counted."""
        words, codes = part.code
        general = [self.general.get(code.casefold(), code) for code in words]
        for code, word, n in zip(words, general, np.bincount(codes, minlength=len(words)).tolist(), strict=True):
            if word not in CATEGORIES and n:
                self.strange[code] = self.strange.get(code, 0) + n
        if len(self.strange) > MOST_UNKNOWN:
            raise no_categories(len(self.strange), int(part.row[-1]))
        return Coded([word if word in CATEGORIES else OTHER_REPORTED for word in general], codes)

    def _areas(self, part: Part) -> Coded:
        """The area of each row; none where there were too many before."""
        words, codes = part.area
        for word, first in zip(words, part.area.first_rows().tolist(), strict=True):
            if len(self.areas) < MOST_AREAS and first < len(codes):
                self.areas.setdefault(word, int(part.row[first]))
        return Coded([word if word in self.areas else "" for word in words], codes)

    def _count(self, part: Part, category: Coded) -> None:
        tally, (words, codes) = self.tally, category
        tally.first = min(tally.first, part.start.min()) if tally.n else part.start.min()
        tally.last = max(tally.last, part.end.max()) if tally.n else part.end.max()
        tally.n += len(part.row)
        tally.months_only &= all_months(part.start, part.end)
        tally.inexact += int((part.start != part.end).sum())
        for word, n in zip(words, np.bincount(codes, minlength=len(words)).tolist(), strict=True):
            tally.counts[word] = tally.counts.get(word, 0) + n


def _slabs(parts: Iterable[tuple[Part, Drops]], drops: Drops) -> Iterator[Part]:
    """The parts put together to `ROWS` rows or more each; what was dropped of them is counted."""
    held: list[Part] = []
    for part, dropped in parts:
        drops.add(dropped)
        held.append(part)
        if sum(len(one.row) for one in held) >= ROWS:
            yield _together(held)
            held = []
    if any(len(one.row) for one in held):
        yield _together(held)


def _together(parts: list[Part]) -> Part:
    arrays = {
        name: np.concatenate([getattr(one, name) for one in parts])
        for name in ("row", "start", "end", "known", "lon", "lat")
    }
    return Part(**arrays, code=joined([one.code for one in parts]), area=joined([one.area for one in parts]))
