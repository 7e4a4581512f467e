"""The door in: recognises a file by its header, reads only the declared columns, and hands them to the conversion."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peelian.adapters.readers_csv import Read, csv_parts, head_of
from peelian.adapters.readers_dialect import SPOKEN, Dialect, plain_name
from peelian.adapters.readers_join import joined_columns
from peelian.adapters.readers_json import Document, document, document_table
from peelian.adapters.readers_parquet import parquet_header, parquet_parts
from peelian.adapters.readers_sources import Limits, Source, shown, sources
from peelian.adapters.readers_text import joined_parts, wanted
from peelian.errors import InputError
from peelian.governance.capability import Admitted, Dropped, Format, Note
from peelian.measure.table import Table

Progress = Callable[[str, float], None]
MOST_DESCRIPTION = 1 << 20
AUTO, ON_BAD_ROW, DESCRIPTION, DEMOGRAPHICS = "auto", "on_bad_row", "description", "demographics"
ENCODED = "The file is written in %(encoding)s."
GUESSED = "Columns were taken by their names: %(columns)s."
RAGGED = "The row has more or fewer values than the header has columns."


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file shows before it is read: its tables, the kind of file, and the names of its columns."""

    sources: tuple[Source, ...]
    kind: str  # csv, parquet, geojson, json
    names: tuple[str, ...]
    dialect: Dialect | None = None
    document: Document | None = None


def header_of(path: Path, limits: Limits | None = None) -> Header:
    """Open the file at `path` far enough to know its kind and its column names."""
    limits = limits or Limits()
    found = sources(path, limits)
    first = found[0]
    if {source.kind for source in found} != {first.kind}:
        raise InputError("the archive holds files of several kinds", file=shown(path.name), accepted="only CSV files")
    if first.kind == "parquet":
        return Header(sources=found, kind="parquet", names=parquet_header(first, limits))
    if first.kind == "json":
        if len(found) > 1:
            raise InputError("the archive holds several JSON files", file=shown(path.name), accepted="one JSON file")
        whole = document(first, limits)
        return Header(sources=found, kind=whole.kind, names=whole.header, document=whole)
    how = head_of(first, limits)
    return Header(sources=found, kind="csv", names=how.header, dialect=how)


def recognise(
    path: Path, formats: Sequence[Format], options: Mapping[str, str] | None = None, *, limits: Limits | None = None
) -> Format:
    """The format of the file at `path`, by its header: every required column is there, the most specific format wins.

    InputError: none fits (says which formats it resembles and what they lack), or two fit equally well.
    """
    return _recognised(header_of(path, limits), formats, _resolved(options or {}))


def read_text(path: Path, columns: Iterable[str], *, limits: Limits | None = None) -> Table:
    """The named columns of the file at `path` as one text table (kind PERSONAL, "" for missing) and COUNT `row`.

    Names are compared without case and surrounding blanks; a missing one is an InputError. O(bytes).
    """
    limits = limits or Limits()
    header = header_of(path, limits)
    plain = Format(
        id="text",
        title="text",
        shape="text",
        required=frozenset(columns),
        columns=frozenset(columns),
        convert=_never,
        kinds=("csv", "parquet", "geojson", "json"),
    )
    _refuse_missing(plain, header)
    read = Read(drop_bad=False, limits=limits, said={})
    return joined_parts(list(_parts(header, plain, {}, read)))


def admitted(
    path: Path,
    format: str,
    formats: Sequence[Format],
    options: Mapping[str, str],
    progress: Progress = lambda says, share: None,
) -> tuple[str, Admitted]:
    """Read the file at `path` through the format with id `format` ("auto": by its header) and convert it.

    Returns the format's id and what it converted to, with every dropped row counted. Options are the format's own and
    `on_bad_row`: "stop" (default) or "drop". InputError names file, row and column and never a value.
    """
    limits = Limits()
    name = shown(Path(path).name)
    options = _resolved(options)
    with _in_file(name):
        header = header_of(Path(path), limits)
        chosen = _chosen(format, formats, header, options)
        given = _options(chosen, header, options)
        said: dict[str, Any] = {"encoding": header.dialect.encoding if header.dialect else "utf-8", "file": name}
        read = Read(
            drop_bad=given.get(ON_BAD_ROW) == "drop",
            limits=limits,
            said=said,
            progress=_share(header, progress),
        )
        parts = _parts(header, chosen, given, read)
        with _in_part(said):
            # the conversion runs while the file is read: a bad row ends both
            taken = chosen.stream(parts, given) if chosen.stream else chosen.convert(joined_parts(list(parts)), given)
        progress("reading", 1.0)
        return chosen.id, _with_what_the_reader_saw(taken, said, guessed=bool(chosen.pick))


def summary(taken: Admitted) -> tuple[str, ...]:
    """What was kept, dropped and said, one plain English line each.

    The lines of `dropped` carry how many rows, why, and the first of them.
    """
    lines = [f"{len(taken.table):,} rows kept"]
    lines += [f"{drop.n:,} rows dropped: {drop.why} (first: row {drop.first_row:,})" for drop in taken.dropped]
    lines += [note.text % dict(note.values) for note in taken.notes]
    return tuple(lines)


def _chosen(format: str, formats: Sequence[Format], header: Header, options: Mapping[str, str]) -> Format:
    if format == AUTO:
        return _recognised(header, formats, options)
    for known in formats:
        if known.id == format:
            if header.kind not in known.kinds:
                raise InputError(f"the format {format} is never {header.kind}", accepted=" or ".join(known.kinds))
            _refuse_missing(known, header)
            return known
    raise InputError("there is no such format", accepted=", ".join([AUTO, *(known.id for known in formats)]))


def _recognised(header: Header, formats: Sequence[Format], options: Mapping[str, str]) -> Format:
    names = {plain_name(name) for name in header.names}
    able = [f for f in formats if header.kind in f.kinds and set(options) <= {*f.options, ON_BAD_ROW}]
    fitting = [f for f in able if f.required and {plain_name(c) for c in f.required} <= names]
    if fitting:
        fitting.sort(key=lambda f: -len(f.required))
        best = [f for f in fitting if len(f.required) == len(fitting[0].required)]
        if len(best) > 1:
            raise InputError(
                "the header fits more than one format", row=1, accepted="one named: " + ", ".join(f.id for f in best)
            )
        return best[0]
    guessers = [f for f in able if not f.required and f.pick]
    faults = []
    for guesser in guessers:
        try:
            assert guesser.pick is not None  # noqa: S101 - filtered above
            guesser.pick(header.names, options)
        except InputError as fault:
            faults.append(fault)
        else:
            return guesser
    raise InputError(
        "the header fits no known format" + _resemblance(header, formats),
        row=1,
        accepted="; ".join([f.accepted for f in faults if f.accepted][:2]) or ", ".join(f.id for f in formats),
    )


def _resemblance(header: Header, formats: Sequence[Format]) -> str:
    """Which formats the header resembles and what they lack, for the message."""
    names = {plain_name(name) for name in header.names}
    near = []
    for known in formats:
        need = {plain_name(c) for c in known.required}
        if need and len(need & names) * 3 >= len(need):
            near.append((len(need - names), known.id, sorted(need - names)))
    near.sort(key=lambda item: (item[0], item[1]))
    if not near:
        return ""
    return "; it resembles " + " and ".join(f"{id} without {', '.join(lacks)}" for _, id, lacks in near[:2])


def _refuse_missing(known: Format, header: Header) -> None:
    names = {plain_name(name) for name in header.names}
    lacking = sorted(c for c in known.required if plain_name(c) not in names)
    if lacking:
        raise InputError(
            f"the format {known.id} needs columns that are not there: {', '.join(lacking)}",
            row=1,
            column=lacking[0],
            accepted=", ".join(sorted(known.required)),
        )


def _resolved(options: Mapping[str, str]) -> dict[str, str]:
    """The options with a description's text in place of its path."""
    given = dict(options)
    if DESCRIPTION in given:
        (source, *_) = sources(Path(given[DESCRIPTION]), Limits())
        with source.open() as stream:
            content = stream.read(MOST_DESCRIPTION + 1)
        if len(content) > MOST_DESCRIPTION:
            raise InputError("the description is too long", file=source.name, accepted="at most 1 MiB of TOML")
        given[DESCRIPTION] = content.decode("utf-8-sig", errors="replace")
    return given


def _options(chosen: Format, header: Header, options: Mapping[str, str]) -> dict[str, str]:
    """The options as the conversion gets them: with the file's own coordinate system where it states one."""
    given = dict(options)
    unknown = sorted(set(given) - {*chosen.options, ON_BAD_ROW})
    if unknown:
        accepted = ", ".join(sorted({*chosen.options, ON_BAD_ROW}))
        raise InputError(f"the format {chosen.id} has no option {unknown[0]}", accepted=accepted)
    if given.setdefault(ON_BAD_ROW, "stop") not in ("stop", "drop"):
        raise InputError("on_bad_row is neither stop nor drop", accepted="stop, drop")
    if header.document and header.document.crs and "crs" in chosen.options:
        given.setdefault("crs", header.document.crs)
    return given


def _parts(header: Header, chosen: Format, options: Mapping[str, str], read: Read) -> Iterator[Table]:
    """The file's text tables, file by file; `said["file"]` names the file the last one came from."""
    for source in header.sources:
        read.said["file"] = source.name
        names = header.names
        dialect = header.dialect
        if dialect and source is not header.sources[0]:
            dialect = head_of(source, read.limits)
            names = dialect.header
        with _in_file(source.name):
            places = _places(chosen, names, options)
            read.said["columns"] = {own: names[place] for own, place in places.items()}
            if header.document:
                part = document_table(header.document, places)
                yield joined_columns(part, options, read.limits)
            elif dialect:
                yield from csv_parts(source, dialect, wanted(chosen, places), read)
            else:
                yield from parquet_parts(source, names, wanted(chosen, places), read)


def _places(chosen: Format, names: tuple[str, ...], options: Mapping[str, str]) -> dict[str, int]:
    """Where the format's columns stand in this header; InputError for a missing or doubled one."""
    plain = [plain_name(name) for name in names]
    if chosen.pick:
        columns = dict(chosen.pick(names, options))
    else:
        columns = {column: column for column in chosen.columns}
        lacking = sorted(c for c in chosen.required if plain_name(c) not in plain)
        if lacking:
            raise InputError("the column is missing", row=1, column=lacking[0], accepted=", ".join(chosen.required))
    places = {}
    for own, column in sorted(columns.items()):
        key = plain_name(column)
        if plain.count(key) > 1:
            raise InputError("two columns have this name", row=1, column=column, accepted="different names")
        if key in plain:
            places[own] = plain.index(key)
    return places


def _share(header: Header, progress: Progress) -> Callable[[int], None]:
    """Progress as a share of the bytes on disk; for compressed files a guess that never passes 0.95."""
    size = max(sum(source.size for source in header.sources), 1)
    return lambda taken: progress("reading", min(0.95, taken / size))


def _with_what_the_reader_saw(taken: Admitted, said: Mapping[str, Any], *, guessed: bool) -> Admitted:
    dropped, notes = list(taken.dropped), list(taken.notes)
    if said.get("ragged"):
        dropped.append(Dropped(why=RAGGED, n=said["ragged"], first_row=said["ragged_row"]))
    if said["encoding"] != "utf-8":
        notes.append(Note(text=ENCODED, values={"encoding": SPOKEN[said["encoding"]]}, kind="finding"))
    if guessed:
        columns = ", ".join(f"{own} = {name}" for own, name in said["columns"].items() if own != name)
        notes += [Note(text=GUESSED, values={"columns": columns})] if columns else []
    return replace(taken, dropped=tuple(dropped), notes=tuple(notes))


@contextlib.contextmanager
def _in_file(name: str) -> Iterator[None]:
    """Errors raised inside name this file, unless they name one already."""
    try:
        yield
    except InputError as error:
        if error.file:
            raise
        raise type(error)(error.wrong, accepted=error.accepted, file=name, row=error.row, column=error.column) from None


@contextlib.contextmanager
def _in_part(said: Mapping[str, Any]) -> Iterator[None]:
    """As `_in_file`, for the file that the part at hand came from."""
    try:
        yield
    except InputError as error:
        column = said.get("columns", {}).get(error.column, error.column)
        with _in_file(said["file"]):
            raise type(error)(
                error.wrong, accepted=error.accepted, file=error.file, row=error.row, column=column
            ) from None


def _never(text: Table, options: Mapping[str, str]) -> Admitted:
    raise NotImplementedError
