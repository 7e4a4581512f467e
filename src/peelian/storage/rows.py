"""Rows: what entries say, by key, each under a MAC and checked against the newest entry of its subject.

Absence never permits: a row that is missing, altered or older than its subject's newest entry is an IntegrityError.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from peelian.errors import IntegrityError
from peelian.storage.database import Database
from peelian.storage.schema import ENTRIES, ROWS, SUBJECT, TOLD_BY

AT_ONCE = 2_000
_SPELL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class RowsInAct:
    """Answers `projection.Written` within an act: rows are read once, and written at its end or when they are asked
    for."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database, self._key = database, key
        self._changed: dict[tuple[str, str], dict[str, Any]] = {}

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """The row with this key, as the act has it."""
        if (table, key) in self._changed:
            return self._changed[table, key]
        with self._database.reading() as connection:
            return row_of(connection, self._key, table, key)

    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        """Keep a row in place of what has its key."""
        self._changed[table, key] = dict(row)

    def write(self, connection: Connection) -> None:
        by_table: dict[str, list[dict[str, Any]]] = {}
        for (table, key), row in self._changed.items():
            whole = {"key": key, **row}
            by_table.setdefault(table, []).append({**whole, "mac": mac_of(self._key, table, whole)})
        for table, rows in by_table.items():
            self._database.upsert(connection, ROWS[table], rows)
        self._changed.clear()


class StoredRows:
    """Answers `ports.Rows`: rows for whoever asks, each checked."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database, self._key = database, key

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """The row with this key; None where the log never told of it. IntegrityError where it was hidden, altered or
        set back. O(1)."""
        with self._database.snapshot() as connection:
            found = row_of(connection, self._key, table, key)
            if table in SUBJECT:
                must_be_the_newest(connection, table, key, found)
            return found

    def page(
        self, table: str, *, order: str, before: int | None = None, most: int = 50, **like: str
    ) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Rows with their keys, the highest `order` (a column of numbers) first, from below `before`; `like` names
        columns and what they are. O(most)."""
        columns = ROWS[table].c
        wanted = [columns[name] == value for name, value in like.items()]
        wanted += [columns[order] >= 0, *([columns[order] < before] if before is not None else [])]
        query = select(ROWS[table]).where(*wanted).order_by(columns[order].desc()).limit(most)
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().all()
        return [(str(row["key"]), checked(self._key, table, dict(row))) for row in found]

    def all(self, table: str, *, order: str = "key", **like: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every row of a table with its key. O(rows)."""
        columns = ROWS[table].c
        query = select(ROWS[table]).where(*(columns[name] == value for name, value in like.items()))
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(columns[order])).mappings().all()
        for row in found:
            yield str(row["key"]), checked(self._key, table, dict(row))

    def count(self, table: str, *, at_least: str = "", **like: str) -> int:
        """How many rows there are; `at_least`: whose column of this name is 0 or more."""
        columns = ROWS[table].c
        wanted = [columns[name] == value for name, value in like.items()]
        wanted += [columns[at_least] >= 0] if at_least else []
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(ROWS[table]).where(*wanted)) or 0)

    def differences(self, derived: StoredRows, *, repair: bool) -> Iterator[str]:
        """The table and key of each row that is not as the other derived it from the log; `repair`: put it right.
        O(rows), some at a time."""
        for table in ROWS:
            for key, wanted in list(_unlike(self._sorted(table), derived._sorted(table))):
                yield f"{table} {key}"
                if repair:
                    self._put_right(table, key, wanted)

    def _sorted(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row with its key, by key; nothing in one whose MAC is wrong."""
        columns, after = ROWS[table].c, ""
        whole = select(ROWS[table]).order_by(columns.key).limit(AT_ONCE)
        query = whole
        while True:
            with self._database.reading() as connection:
                rows = [dict(row) for row in connection.execute(query).mappings()]
            for row in rows:
                after = str(row["key"])
                try:
                    yield after, checked(self._key, table, row)
                except IntegrityError:
                    yield after, {}
            if len(rows) < AT_ONCE:
                return
            query = whole.where(columns.key > after)

    def _put_right(self, table: str, key: str, row: Mapping[str, Any] | None) -> None:
        with self._database.writing() as connection:
            if row is None:
                connection.execute(ROWS[table].delete().where(ROWS[table].c.key == key))
                return
            whole = {"key": key, **row}
            self._database.upsert(connection, ROWS[table], [{**whole, "mac": mac_of(self._key, table, whole)}])


def _unlike(
    found: Iterator[tuple[str, dict[str, Any]]], wanted: Iterator[tuple[str, dict[str, Any]]]
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Keys whose rows differ, with what is wanted there (None: nothing). Both are sorted. O(rows), flat memory."""
    here, there = next(found, None), next(wanted, None)
    while here is not None or there is not None:
        if here is not None and (there is None or here[0] < there[0]):
            yield here[0], None
            here = next(found, None)
        elif there is not None and (here is None or there[0] < here[0]):
            yield there
            there = next(wanted, None)
        else:
            if there is not None and here != there:
                yield there
            here, there = next(found, None), next(wanted, None)


def row_of(connection: Connection, secret: bytes, table: str, key: str) -> dict[str, Any] | None:
    """The row with this key, its MAC checked."""
    found = connection.execute(ROWS[table].select().where(ROWS[table].c.key == key)).mappings().first()
    return checked(secret, table, dict(found)) if found is not None else None


def must_be_the_newest(connection: Connection, table: str, key: str, row: Mapping[str, Any] | None) -> None:
    """IntegrityError where entries tell of a later state of this row's subject, or of one that has no row."""
    column = ENTRIES.c[SUBJECT[table]]
    wanted = select(func.max(ENTRIES.c.idx)).where(column == key)
    if row is None and table == "cases":  # a watch's case has no row
        wanted = wanted.where(ENTRIES.c.kind == "ASKED")
    if table in TOLD_BY:
        wanted = wanted.where(ENTRIES.c.kind.in_(TOLD_BY[table]))
    newest = connection.scalar(wanted)
    if newest is not None and (row is None or row["last"] != newest):
        raise IntegrityError(
            f"The row of {table} for entry {newest:,} is missing or was set back. Run `peelian doctor --rebuild`, keep "
            "a copy of the database and begin the breach protocol."
        )


def checked(secret: bytes, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row without key and MAC, once its MAC is found right; else IntegrityError."""
    mac = row.pop("mac")
    if not hmac.compare_digest(bytes(mac), mac_of(secret, table, row)):
        raise IntegrityError(
            f"A row of {table} was altered. Run `peelian doctor --rebuild`, keep a copy of the database and begin the "
            "breach protocol."
        )
    row.pop("key")
    return row


def mac_of(secret: bytes, table: str, row: Mapping[str, Any]) -> bytes:
    """The MAC of a row: over its table and every column."""
    return hmac.digest(secret, f"{table} {_SPELL(dict(row))}".encode(), "sha256")
