"""Schema of an office's database: entries of the log, rows that index them, sealed documents and names.

A row is an index, never an authority: what grants is a signed document whose digest is in the log. Clear columns hold
tokens, digests, enumerations and whole numbers; words are sealed, but for what was released to the public. Rows of the
log carry a MAC under a key that is not in the database, so that an edited, deleted or older row is found where it is
used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, MetaData, Table, Text

VERSION, OLDER = "0002", frozenset({"0001"})  # of `migrations/versions`: the newest, and those that lead to it
METADATA, KEY_METADATA = MetaData(), MetaData()


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=key, nullable=False)


def _text(name: str, *, key: bool = False, absent: bool = False) -> Column[str]:
    kind = Text().with_variant(Text(collation="C"), "postgresql")  # byte order, as SQLite compares
    return Column(name, kind, primary_key=key, nullable=absent)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _table(metadata: MetaData, name: str, *columns: Column[Any] | Index) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True)


FOUND_BY: Mapping[str, str] = {
    "document": "document",
    "case": "of_case",
    "before": "before",
    "dataset": "dataset",
    "object": "object",
    "warrant": "warrant",
    "session": "session",
    "said": "said",  # words that serve once: a signature, the pass of a code, a challenge
}
"""What entries are looked up by: the key of the entry, and the column of the table."""

ENTRIES = _table(
    METADATA,
    "entries",
    Column("idx", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    _text("kind"),
    _text("topic"),  # a part of the state ("" for none); the entries of one are a chain
    _number("previous"),  # the entry before it in its topic; -1 for the first
    *(_text(column, absent=True) for column in FOUND_BY.values()),
    _bytes("spelling"),
    _bytes("mac"),
    Index("entries_topic", "topic", "idx"),
    Index("entries_kind", "kind", "idx"),
    *(Index(f"entries_{column}", column, "idx") for column in FOUND_BY.values()),
)
NODES = _table(METADATA, "nodes", _number("level", key=True), _number("number", key=True), _bytes("hash"))
NOTES = _table(METADATA, "notes", _text("name", key=True), _bytes("note"))

_SEARCHED = ("capability", "unit", "state", "choice", "began", "key")  # what cases are searched by (`case_rows`)
ROWS: Mapping[str, Table] = {
    "head": _table(
        METADATA, "head", _text("key", key=True), _number("size"), _text("began"), _text("latest"), _text("furthest"),
        _text("chains"), _text("counts"), _bytes("mac"),
    ),
    "chains": _table(METADATA, "chains", _text("key", key=True), _number("last"), _number("n"), _bytes("mac")),
    "cases": _table(
        METADATA, "cases", _text("key", key=True), *map(_text, ("capability", "purpose", "by", "unit", "state")),
        *map(_text, ("began", "changed", "choice", "rules")),
        *map(_number, ("first", "n", "refused", "ran", "decided", "published", "last")), _bytes("mac"),
        Index("cases_first", "first", *_SEARCHED, "published"), Index("cases_published", "published", *_SEARCHED),
        Index("cases_state", "state", "first"),
    ),
    "tallies": _table(METADATA, "tallies", _text("key", key=True), _number("n"), _number("last"), _bytes("mac")),
    "years": _table(
        METADATA, "years", _text("key", key=True),
        *map(_number, ("asked", "refused", "run", "decided", "adopted", "published", "last")), _bytes("mac"),
    ),
    "uses": _table(
        METADATA, "uses", _text("key", key=True), _number("asked"), _number("refused"), _number("refusals"),
        _number("decided"), _number("published"), _text("began"), _number("last"), _bytes("mac"),
    ),
    "refusals": _table(
        METADATA, "refusals", _text("key", key=True), _number("n"), _number("last"), _bytes("mac")
    ),
    "sessions": _table(
        METADATA, "sessions", _text("key", key=True), _text("person"), _text("how"), _text("status"), _text("at"),
        _number("last"),
        _bytes("mac"), Index("sessions_status", "status"),
    ),
    "warrants": _table(
        METADATA, "warrants", _text("key", key=True), _number("used"), _number("collected"), _number("last"),
        _bytes("mac"),
    ),
    "proofs": _table(
        METADATA, "proofs", _text("key", key=True), _text("at"), _number("counter"), _number("last"), _bytes("mac")
    ),
    "intakes": _table(
        METADATA, "intakes", _text("key", key=True), _text("status"), _number("begun"), _number("last"), _bytes("mac"),
        Index("intakes_status", "status"),
    ),
}  # fmt: skip
"""Rows that `project` writes, each derived from entries alone, by their key."""

SUBJECT: Mapping[str, str] = {
    "cases": "of_case",
    "sessions": "session",
    "warrants": "warrant",
    "intakes": "dataset",
}
"""Rows whose `last` is the newest entry of their subject, and the column of the entries that names it."""
TOLD_BY: Mapping[str, tuple[str, ...]] = {"intakes": ("KEEPING", "ADMITTED", "DERIVED", "TURNED_AWAY")}
"""The kinds of entries that change such a row, where others name its subject, too."""
SUMMED: Mapping[str, str] = {"chains": "chains", "uses": "counts", "years": "counts", "refusals": "counts"}
"""Tables of few rows that have no one newest entry, and the column of the head that holds the sum of their hashes: so
that none of them is set back while the head is not."""

DOCUMENTS = _table(
    METADATA, "documents", _text("digest", key=True), _text("partition", key=True), _bytes("sealed"),
    Index("documents_partition", "partition"),
)  # fmt: skip
NAMES = _table(
    METADATA, "names", _text("digest", key=True), _text("person"), _bytes("sealed"), Index("names_person", "person")
)
ANSWERS = _table(METADATA, "answers", _text("question", key=True), _text("answer"))
RELEASED = _table(
    METADATA, "released", _text("sensor", key=True), _text("day", key=True), _number("part", key=True), _number("at"),
    *map(_text, ("name", "area", "kind")), Column("value", BigInteger().with_variant(Integer, "sqlite")),
    _number("gap"),
    Index("released_at", "at"),
)  # fmt: skip
"""Counts as they were released, for other programs: `part` is a window of the day, or -1 for the whole day."""
VIEWS: Mapping[str, tuple[str, str]] = {
    "sqlite": (
        "CREATE VIEW released_windows AS SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part >= 0",
        "CREATE VIEW released_days AS SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part = -1",
    ),
    "postgresql": (
        "CREATE VIEW released_windows AS SELECT to_timestamp(at) AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part >= 0",
        "CREATE VIEW released_days AS SELECT to_timestamp(at) AS time, "
        "name, area, sensor, kind, value, gap FROM released WHERE part = -1",
    ),
}
"""What makes the views that other programs read released counts by, in each kind of database."""


def make_views(connection: Connection) -> None:
    """Make them in a new database."""
    for statement in VIEWS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


TICKETS = _table(
    METADATA, "tickets", _text("kind", key=True), _text("key", key=True), _text("body"), _text("at"),
    Index("tickets_at", "kind", "at"),
)  # fmt: skip
TURN, KEY_TURN = (_table(metadata, "turn", _text("name", key=True)) for metadata in (METADATA, KEY_METADATA))
"""One row, which an act on PostgreSQL holds: acts take turns."""
MIGRATED = _table(METADATA, "alembic_version", _text("version_num", key=True))

KEYS = _table(KEY_METADATA, "keys", _text("object", key=True), _bytes("under"), _bytes("wrapped"))
USED = _table(KEY_METADATA, "used", _number("intent", key=True))
LEAVES = _table(KEY_METADATA, "leaves", _number("intent", key=True), _number("leaf", key=True))
HEADS = _table(KEY_METADATA, "heads", _text("name", key=True), _bytes("note"))
