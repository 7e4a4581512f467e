"""Intake of a file: recognise it, read the declared columns only, convert them by its format."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from peelian.errors import InputError, sentence
from peelian.intake.allowance import Allowance, Meter, metered
from peelian.intake.csv_reader import Read, csv_parts
from peelian.intake.dialect import SPOKEN
from peelian.intake.header import Header, TableHead, header_of, places, refuse_missing
from peelian.intake.join import joined_columns
from peelian.intake.json_reader import document_table
from peelian.intake.recognise import ON_BAD_ROW, chosen_format, those_that_fit
from peelian.intake.sources import Given, Limits, shown_name, sources
from peelian.intake.text_table import joined_parts, wanted
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import HEAD, Admitted, Dropped, Emit, Format
from peelian.measure.table import Table

Progress = Callable[[str, float], None]
DESCRIPTION, MOST_DESCRIPTION = "description", 1 << 20
READING = "Reading"
ENCODED = "File encoding: %(encoding)s."
GUESSED = "Columns recognized by name: %(columns)s."
LEFT_OUT = "%(n)d files in the archive have other columns and were left out."
RAGGED = "Number of values differs from the header"
MESSAGES = frozenset({ENCODED, GUESSED, HEAD, LEFT_OUT, RAGGED, READING})


def read_text(path: Path, columns: Iterable[str], *, limits: Limits | None = None) -> Table:
    """The named columns of the file at `path` as one text table (kind PERSONAL, "" for missing) and COUNT `row`.

    Names are compared without case and surrounding blanks; a missing one is an InputError. O(bytes).
    """
    limits = limits or Limits()
    names = frozenset(columns)
    plain = Format(
        id="text",
        title="text",
        shape="text",
        required=names,
        columns=names,
        convert=_never,
        kinds=("csv", "parquet", "geojson", "json"),
    )
    with _in_file(shown_name(path.name)), metered(shown_name(path.name), Allowance()) as meter:
        header = header_of(path, limits)
        for table in header.tables:
            refuse_missing(plain, table)
        read = Read(drop_bad=False, limits=limits, said={})
        return joined_parts(list(_checked(_parts(header, plain, {}, read), meter)))


def admitted(
    path: Given,
    format: str,
    formats: Sequence[Format],
    options: Mapping[str, str],
    progress: Progress = lambda says, share: None,
    *,
    allowance: Allowance | None = None,
    emit: Emit | None = None,
    most_rows: int = 0,
) -> tuple[str, Admitted]:
    """Read the file at `path` through the format with id `format` ("auto": by its header) and convert it.

    Returns the format's id and what it converted to, with every dropped row counted. Options are the format's own and
    `on_bad_row`: "stop" (default) or "drop". Nothing is kept of a file that cannot be read whole. InputError names
    file, row and column and never a value. O(bytes); text is held a few MiB at a time where the format streams. What
    takes more memory or processor time than `allowance` is an InputError, too. With `emit`, where the format
    has parts (`Format.parted`), each is handed over when it was converted, and memory does not grow with the file.
    With `most_rows`, of such a format only about so many rows are read, from the first one on; a note says so.
    """
    with metered(shown_name(path.name), allowance or Allowance()) as meter:
        return _admitted(path, format, formats, options, (progress, meter, emit, most_rows))


def _admitted(
    path: Given,
    format: str,
    formats: Sequence[Format],
    options: Mapping[str, str],
    how: tuple[Progress, Meter, Emit | None, int],
) -> tuple[str, Admitted]:
    (progress, meter, emit, most), limits = how, Limits()
    with _in_file(shown_name(path.name)):
        given = _resolved(options)
        bare = any(known.id == format and known.kinds == ("columns",) for known in formats)
        header = header_of(path, limits, bare=bare)
        chosen = chosen_format(format, header, formats, given)
        given = _options(chosen, header, given)
        header, left_out = those_that_fit(header, chosen, given)
    dialect = header.tables[0].dialect
    said: dict[str, Any] = {"encoding": dialect.encoding if dialect else "utf-8", "left_out": left_out}
    read = Read(drop_bad=given[ON_BAD_ROW] == "drop", limits=limits, said=said, progress=_share(header, progress))
    with _in_part(header, said), contextlib.closing(_parts(header, chosen, given, read)) as made:
        parts = _checked(made, meter)
        if most and chosen.parted is not None:
            parts = _head(parts, most, said)
        taken = _converted(chosen, parts, given, emit)
    progress(READING, 1.0)
    return chosen.id, _with_what_the_reader_saw(taken, said, guessed=bool(chosen.pick))


def _converted(chosen: Format, parts: Iterable[Table], options: Mapping[str, str], emit: Emit | None) -> Admitted:
    if emit is not None and chosen.parted is not None:
        return chosen.parted.convert(parts, options, emit)
    return chosen.stream(parts, options) if chosen.stream else chosen.convert(joined_parts(list(parts)), options)


def summary(taken: Admitted) -> tuple[str, ...]:
    """What was kept, what was dropped and why, and what there is to say about it: one plain English line each."""
    lines = [f"{len(taken.table):,} rows kept"]
    lines += [f"{drop.n:,} rows dropped, the first in row {drop.first_row:,}: {drop.why}" for drop in taken.dropped]
    lines += [note.text % dict(note.values) for note in taken.notes]
    return tuple(lines)


def _checked(parts: Iterable[Table], meter: Meter) -> Iterator[Table]:
    """The same parts, as long as the intake stays within its allowance."""
    for part in parts:
        meter.check()
        yield part


def _head(parts: Iterator[Table], most: int, said: dict[str, Any]) -> Iterator[Table]:
    """The first parts, until they have `most` rows; `said` holds how many that were, where others follow."""
    n = 0
    for part in parts:
        if n >= most:
            said["head"] = n
            return
        n += len(part)
        yield part


def _resolved(options: Mapping[str, str]) -> dict[str, str]:
    """The options with a description's text in place of its path."""
    given = dict(options)
    if DESCRIPTION in given:
        (source, *_) = sources(Path(given[DESCRIPTION]), Limits())
        with contextlib.closing(source.open()) as stream:
            content = stream.read(MOST_DESCRIPTION + 1)
        if len(content) > MOST_DESCRIPTION:
            raise InputError("description too long", file=source.name, accepted="at most 1 MiB of TOML")
        given[DESCRIPTION] = content.decode("utf-8-sig", errors="replace")
    return given


def _options(chosen: Format, header: Header, options: Mapping[str, str]) -> dict[str, str]:
    """The options as the conversion gets them: all of them known, with the file's own coordinate system if stated."""
    given = dict(options)
    unknown = sorted(set(given) - {*chosen.options, ON_BAD_ROW})
    if unknown:
        accepted = ", ".join(sorted({*chosen.options, ON_BAD_ROW}))
        says = sentence("format %(format)s has no option %(option)s", format=chosen.id, option=unknown[0])
        raise InputError(says, accepted=accepted)
    if given.setdefault(ON_BAD_ROW, "stop") not in ("stop", "drop"):
        raise InputError("on_bad_row is neither stop nor drop", accepted="stop, drop")
    table = header.tables[0]
    if table.crs and "crs" in chosen.options and (table.document or _reads_shapes(chosen, table, given)):
        given.setdefault("crs", table.crs)
    return given


def _reads_shapes(chosen: Format, table: TableHead, options: Mapping[str, str]) -> bool:
    """Whether a format reads the shapes of a GeoParquet file, and not only columns beside them."""
    return table.names.index(table.shape) in places(chosen, table, options).values()


def _parts(header: Header, chosen: Format, options: Mapping[str, str], read: Read) -> Generator[Table]:
    """The file's text tables, each named after the table of the archive it is of; `said` holds what they are called."""
    for table in header.tables:
        read.said["file"] = table.source.name
        with _in_file(table.source.name):
            found = places(chosen, table, options)
            read.said["header"] = table.names
            read.said["columns"] = {own: table.names[place] for own, place in found.items()}
            read.said.setdefault("tables", {})[table.source.name] = read.said["columns"]
            for part in _table_parts(table, chosen, options, (found, read)):
                yield replace(part, name=table.source.name)
    read.said["file"] = header.name


def _table_parts(
    table: TableHead, chosen: Format, options: Mapping[str, str], how: tuple[dict[str, int], Read]
) -> Iterator[Table]:
    found, read = how
    if table.document:
        yield joined_columns(document_table(table.document, found), options, read.limits)
    elif table.dialect:
        yield from csv_parts(table.source, table.dialect, wanted(chosen, found), read)
    else:
        from peelian.intake.parquet_reader import parquet_parts  # heavy: only for such a file

        yield from parquet_parts(table.source, table.names, wanted(chosen, found), read)


def _share(header: Header, progress: Progress) -> Callable[[int], None]:
    """Progress as a share of the bytes on disk; for compressed files a guess that never passes 0.95."""
    size = max(header.bytes, 1)
    return lambda taken: progress(READING, min(0.95, taken / size))


def _with_what_the_reader_saw(taken: Admitted, said: Mapping[str, Any], *, guessed: bool) -> Admitted:
    dropped, notes = list(taken.dropped), list(taken.notes)
    if said.get("ragged"):
        dropped.append(Dropped(why=RAGGED, n=said["ragged"], first_row=said["ragged_row"]))
    if said["encoding"] != "utf-8":
        notes.append(Note(text=ENCODED, values={"encoding": SPOKEN[said["encoding"]]}))
    if said.get("head"):
        notes.insert(0, Note(text=HEAD, values={"n": said["head"]}, kind="caveat"))
    if said["left_out"]:
        notes.append(Note(text=LEFT_OUT, values={"n": said["left_out"]}))
    columns = ", ".join(f"{own} = {name}" for own, name in said["columns"].items() if own != name)
    if guessed and columns:
        notes.append(Note(text=GUESSED, values={"columns": columns}))
    names = said.get("header", ())
    unread = tuple(name for name in names if name not in said["columns"].values())
    return replace(taken, dropped=tuple(dropped), notes=tuple(notes), columns=dict(said["columns"]), unread=unread)


@contextlib.contextmanager
def _in_file(name: str) -> Iterator[None]:
    """Errors raised inside name this file, unless they name one already."""
    try:
        yield
    except InputError as error:
        if error.file:
            raise
        raise _retold(error, file=name, column=error.column) from None


@contextlib.contextmanager
def _in_part(header: Header, said: Mapping[str, Any]) -> Iterator[None]:
    """Errors raised inside name the table at hand, and its column as the file calls it."""
    try:
        yield
    except InputError as error:
        file = error.file or said.get("file", header.name)
        columns = said.get("tables", {}).get(file) or said.get("columns", {})
        column = columns.get(error.column, error.column)
        raise _retold(error, file=file, column=column) from None


def _retold(error: InputError, *, file: str, column: str) -> InputError:
    return type(error)(error.wrong, accepted=error.accepted, file=file, row=error.row, column=column)


def _never(text: Table, options: Mapping[str, str]) -> Admitted:
    raise AssertionError("text is read here and never converted")
