"""Tables as a capability declares them: what each is called, and of each column the title, kind, unit and precision.

What builds a table, shows it, writes its header and lists it in the inventory reads it here. Loads without numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from peelian.errors import MISSING
from peelian.measure.table import Kind, Table, Values
from peelian.measure.table import table as made_of
from peelian.pictures.panels import Column, Say
from peelian.pictures.words import amount as amount_said
from peelian.pictures.words import whole

NAMES_ROWS = frozenset({Kind.PLACE, Kind.TIME, Kind.CATEGORY, Kind.GROUP, Kind.LEVEL, Kind.AGE_BAND, Kind.GENDER})
"""Kinds of the columns that a table's rows are named by."""
NUMBERS: Mapping[Kind, str] = {Kind.COUNT: "int64", Kind.RATE: "float64", Kind.AMOUNT: "float64"}
"""Kinds of columns of numbers, and how numpy keeps them."""
_PLAIN: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its kind, its title (a message id), the unit of its numbers, and how many decimals are shown."""

    kind: Kind
    title: str
    unit: str = ""  # of a count, "people" unless it counts something else: small counts of people do not leave
    decimals: int | None = None  # None: as many as the number needs
    percent: bool = False  # a share from 0 to 1, which people read in percent
    words: Mapping[str, str] = field(default_factory=dict)  # a value → what people call it (message ids)

    def cell(self, say: Say, value: Any) -> str:
        """A value as people read it; a dash where there is none."""
        if self.kind is Kind.COUNT:
            return whole(say, value)
        if self.kind in NUMBERS:
            return amount_said(say, value, percent=self.percent, decimals=self.decimals)
        text = str(value)
        if text in ("", "NaT"):
            return MISSING
        return say(self.words.get(text, text)) if self.kind is Kind.LEVEL or text in self.words else text


def place(title: str) -> TableColumn:
    """A cell of the grid, or an area that the town adopted."""
    return TableColumn(Kind.PLACE, title)


def time(title: str) -> TableColumn:
    """Whole hours or days."""
    return TableColumn(Kind.TIME, title)


def group(title: str, words: Mapping[str, str] = _PLAIN) -> TableColumn:
    """An audit label, or a word of the capability's own."""
    return TableColumn(Kind.GROUP, title, words=words)


def category(title: str, words: Mapping[str, str] = _PLAIN) -> TableColumn:
    """A word of the published list, or of the capability's own."""
    return TableColumn(Kind.CATEGORY, title, words=words)


def level(title: str, words: Mapping[str, str] = _PLAIN) -> TableColumn:
    """A word of the capability's own."""
    return TableColumn(Kind.LEVEL, title, words=words)


def count(title: str, unit: str = "") -> TableColumn:
    """Whole numbers from 0; without a unit they count people or records, of which small numbers do not leave."""
    return TableColumn(Kind.COUNT, title, unit)


def rate(title: str, decimals: int | None = None, *, unit: str = "", percent: bool = True) -> TableColumn:
    """A share of the column `NAME_n`, else of `n`, or what happened by one of these (then not in percent)."""
    return TableColumn(Kind.RATE, title, unit, decimals, percent)


def amount(title: str, unit: str = "", decimals: int | None = None, *, percent: bool = False) -> TableColumn:
    """A real number that is neither."""
    return TableColumn(Kind.AMOUNT, title, unit, decimals, percent)


def claimed(per: str = "people") -> Mapping[str, TableColumn]:
    """What a decided claim adds to its row: its word (`peelian.measure.claims.WORDS`), and how many more would tell.

    The row's `lo` and `hi` are the interval that decides it.
    """
    return {"claim": level("Finding"), "more": count("More needed to tell", per)}


def digest(title: str) -> TableColumn:
    """64 hexadecimal digits."""
    return TableColumn(Kind.DIGEST, title)


@dataclass(frozen=True, kw_only=True)
class Emit:
    """A table a capability may return, column by column; anything else is stopped at the door.

    `by`, `whole` and `once` say how a release is compared with earlier ones (`kernel/disclosure/editions`).
    """

    table: str
    title: str  # what people call it: a message id, in small letters as it stands in a list
    columns: Mapping[str, TableColumn]
    optional: frozenset[str] = frozenset()
    by: tuple[str, ...] = ()  # columns that name a row; (): the words and times it begins with
    whole: str = ""  # the label, in the columns that name groups, of the row that counts everybody
    once: str = ""  # for amounts of homes, published once a place and day: the column that tells of how many areas
    shares: Mapping[str, str] = field(default_factory=dict)  # columns of amounts that are shares of people, and their n
    located: str = ""  # for exact counts by area: the table, never public, that tells in which square (`place`, of
    # 100 m and more) how many records of each row lie, so that a second map is judged (`kernel/disclosure/map_layers`)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kind of each column."""
        return {name: column.kind for name, column in self.columns.items()}

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name a row."""
        return self.by or tuple(takewhile(lambda name: self.columns[name].kind in NAMES_ROWS, self.columns))

    def of(self, values: Mapping[str, Sequence[Any] | Values]) -> Table:
        """The table from its columns' values; a declared column that is optional may be left out. O(cells).

        >>> wells = Emit(table="wells", title="wells", columns={"area": place("Area"), "n": count("Wells", "wells")})
        >>> wells.of({"n": [3], "area": ["North"]})["n"].dtype.name
        'int64'
        """
        import numpy as np

        made, units = {}, {}
        for name, column in self.columns.items():
            if name in self.optional and name not in values:
                continue
            given = values[name]
            kind = NUMBERS.get(column.kind, None if column.kind is Kind.TIME else object)
            made[name] = (column.kind, np.asarray(given, dtype=kind))
            units[name] = column.unit
        return made_of(self.table, made, **units)

    def of_rows(self, rows: Iterable[Mapping[str, Any]]) -> Table:
        """The table from its rows; an amount that a row lacks is nan, all else must be there. O(cells)."""
        lines, lacks = list(rows), float("nan")
        amounts = {name for name, column in self.columns.items() if column.kind in (Kind.AMOUNT, Kind.RATE)}
        return self.of(
            {
                name: [line.get(name, lacks) if name in amounts else line[name] for line in lines]
                for name in self.columns
            }
        )

    def shown(self, say: Say, *names: str) -> list[Column]:
        """These columns for a page, as declared."""
        return [self.column(say, name) for name in names or self.columns]

    def column(self, say: Say, name: str, cell: Callable[[Any], str] | None = None) -> Column:
        """One column for a page: what `cell` says of a row, else its value as declared."""
        told = self.columns[name]

        def plain(row: Any) -> str:
            return told.cell(say, row[name]) if name in row else MISSING

        return Column(say(told.title), cell or plain, told.kind in NUMBERS)
