"""How one kind of file becomes one shape of dataset: a declaration and a pure conversion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.model.capability import Note
from peelian.kernel.model.vocabulary import Scalar
from peelian.measure.table import Table


def _no_table(text: Table, options: Mapping[str, str]) -> Admitted:
    """The conversion of a format that converts no table, because it keeps objects whole."""
    raise InputError("files of this format are kept whole, not read as a table", accepted="`peelian footage keep`")


Emit = Callable[[Table], None]
SIGN = "sign"  # kind of a note: what the file may be instead of what it is said to be
SIGNED_PAST = "signed_past"  # fact of an admission: the proposal by which two people took it in spite of its signs
HEAD = "Only the first %(n)d rows were read so far. The whole file is checked when it is imported."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """How files of any size are converted: part by part, so that they can be sealed by month and region.

    `convert(parts, options, emit)` hands over each converted part and returns what there is to say of all of them; its
    table has the labels (`area`) that stay, and `row`, the first row of each. Parts have points in metres and belong to
    the month of their first TIME column. `must_hold` gets the rows of consecutive months, about half a million, and
    raises InputError where they may not come in.
    """

    convert: Callable[[Iterable[Table], Mapping[str, str], Emit], Admitted]
    must_hold: Callable[[Table], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How one kind of file becomes one shape of dataset: a declaration and a pure conversion.

    `columns` are the only columns the door in reads; `required` must all be there for the header to be recognised
    (compared without case and surrounding blanks). `convert(text, options)` gets a Table of text columns (kind
    PERSONAL, arrays of str, "" for missing, plus COUNT `row`: the row in the file, header = 1); returns what is kept.
    """

    id: str  # "toronto-mci"
    title: str
    shape: str  # what it converts to: "incidents", "areas", "tally"…
    required: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    convert: Callable[[Table, Mapping[str, str]], Admitted] = _no_table
    options: Mapping[str, str] = field(default_factory=dict)  # option name → what it means
    kinds: tuple[str, ...] = ("csv", "parquet")
    # file kinds the reader may offer it: csv, parquet, geojson, json; or columns: text without a header, whose columns
    # are called 1, 2, … and whose first row is row 1; such a format is never guessed, it must be named
    packed: frozenset[str] = frozenset()  # columns that may arrive as fixed-width UTF-8 bytes (numpy "S"): dates
    numbers: frozenset[str] = frozenset()  # columns that may arrive as float64 (NaN for missing): coordinates
    pick: Callable[[tuple[str, ...], Mapping[str, str]], Mapping[str, str]] | None = None
    # for a format whose columns the header and the options name: the format's own name → the header's name
    stream: Callable[[Iterable[Table], Mapping[str, str]], Admitted] | None = None
    # for large files, instead of `convert`: parts arrive one by one, so that text never lies in memory as a whole
    parted: Parted | None = None  # for files of any size, of points in metres; None: not larger than memory
    inspect: Callable[[BinaryIO, Mapping[str, str]], Admitted] | None = None
    # for objects kept whole, of kinds ("stream",): looks at a readable, seekable file of the bytes and returns a small
    # description and facts, never content; `kernel.verbs.custody.keep` takes such a file in
    words: frozenset[str] = frozenset()  # labels of its own making, which no register need have
    over: frozenset[str] = frozenset()  # ids of formats that it goes before where a header fits both
    tokens: frozenset[str] = frozenset()  # options that name a person: `inspect` and the facts only see a keyed token
    of_people: bool = False  # files show people: whoever keeps one lists them, or states that they are not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Rows that were not kept: why (a message id), how many, and the first row number as an example."""

    why: str
    n: int
    first_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What a format's conversion returns: the table to seal, facts about it, and what was dropped and why."""

    table: Table
    facts: Mapping[str, Scalar]
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Note, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)  # the format's own name → the file's, of those read
    unread: tuple[str, ...] = ()  # the file's other columns, none of which came in


def looked_at(format: Format, file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """What a format says of an object kept whole; InputError where it cannot be read, OutOfOrder for another format."""
    if format.inspect is None:
        raise OutOfOrder("this format cannot keep whole objects")
    try:
        return format.inspect(file, options)
    except PeelianError:
        raise
    except Exception as error:
        wrong = f"the file cannot be read as {format.id} ({type(error).__name__})"
        raise InputError(wrong, accepted=format.title) from None  # the exception's own message may hold data
