"""Header of a file: its tables, their kind and their column names, before anything else is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.errors import InputError, sentence
from peelian.intake.csv_reader import head_of
from peelian.intake.dialect import Dialect, plain_name
from peelian.intake.json_reader import Document, document
from peelian.intake.sources import Given, Limits, Source, shown_name, sources
from peelian.kernel.model.formats import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHead:
    """One table of the file: where its bytes come from, its columns' names, and how it is written.

    `shape` is the column of shapes of a GeoParquet file, `crs` the coordinate system that a file states ("": degrees).
    """

    source: Source
    names: tuple[str, ...]
    dialect: Dialect | None = None
    document: Document | None = None
    shape: str = ""
    crs: str = ""

    @property
    def plain(self) -> frozenset[str]:
        return frozenset(plain_name(name) for name in self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The kind of a file (csv, columns, parquet, geojson, json) and its tables: several in a zip archive, else one."""

    name: str
    kind: str
    tables: tuple[TableHead, ...]

    @property
    def bytes(self) -> int:
        """How many bytes its tables take on disk."""
        return sum(table.source.size for table in self.tables)


def header_of(path: Given, limits: Limits, *, bare: bool = False) -> Header:
    """Open the file at `path` far enough to know its kind and its columns' names. O(tables); JSON is read whole.

    `bare`: it is text without a header, whose columns are called 1, 2, …
    """
    found = sources(path, limits)
    name = shown_name(path.name)
    kinds = {source.kind for source in found}
    if len(kinds) > 1 or (len(found) > 1 and kinds != {"csv"}):
        raise InputError("archive holds files of several kinds", file=name, accepted="only CSV files")
    if found[0].kind == "parquet":
        from peelian.intake.parquet_reader import parquet_header, parquet_shape  # heavy: only for such a file

        shape, crs = parquet_shape(found[0], limits)
        head = TableHead(source=found[0], names=parquet_header(found[0], limits), shape=shape, crs=crs)
        return Header(name=name, kind="parquet", tables=(head,))
    if found[0].kind == "json":
        whole = document(found[0], limits)
        head = TableHead(source=found[0], names=whole.header, document=whole, crs=whole.crs)
        return Header(name=name, kind=whole.kind, tables=(head,))
    dialects = [head_of(source, limits, bare=bare) for source in found]
    tables = [TableHead(source=s, names=d.header, dialect=d) for s, d in zip(found, dialects, strict=True)]
    return Header(name=name, kind="columns" if bare else "csv", tables=tuple(tables))


def places(chosen: Format, table: TableHead, options: Mapping[str, str]) -> dict[str, int]:
    """The format's own name of each column → its position in this table; InputError for a missing or doubled one."""
    plain = [plain_name(name) for name in table.names]
    if chosen.pick:
        columns = dict(chosen.pick(table.names, options))
    else:
        refuse_missing(chosen, table)
        columns = {column: column for column in chosen.columns}
    found = {}
    for own, column in sorted(columns.items()):
        key = plain_name(column)
        if plain.count(key) > 1:
            raise InputError("two columns with this name", row=1, column=column, accepted="different names")
        if key in plain:
            found[own] = plain.index(key)
    return found


def refuse_missing(known: Format, table: TableHead) -> None:
    """InputError that names the required columns which are not there."""
    lacking = sorted(c for c in known.required if plain_name(c) not in table.plain)
    if lacking:
        says = sentence(
            "format %(format)s needs missing columns: %(columns)s", format=known.id, columns=", ".join(lacking)
        )
        raise InputError(says, row=1, column=lacking[0], accepted=", ".join(sorted(known.required)))
