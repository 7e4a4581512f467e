"""Rows: what entries say, by key, each under a MAC and checked against the newest entry of its subject.

Absence never permits: a row that is missing, altered or older than its subject's newest entry is an IntegrityError.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, literal, select

from peelian.errors import InputError, IntegrityError, OfficeShut, sentence
from peelian.kernel.log.topics import topic_of
from peelian.kernel.model.case_search import CaseSearch
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.projection import ALL_WARRANTS, project
from peelian.storage.case_rows import terms_of, whole
from peelian.storage.database import Database
from peelian.storage.schema import ENTRIES, ROWS, SUBJECT, SUMMED, TOLD_BY

AT_ONCE = 2_000
MOST_AHEAD = 20  # rows
_SPELL = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_KIND: Mapping[str, str] = {"first": "ASKED", "published": "PUBLISHED"}  # what an order of cases is the entry of
_END = 1 << 62  # above any entry


class RowsInAct:
    """Answers `projection.Written` within an act: rows are read once, and written together."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database, self._key = database, key
        self._changed: dict[tuple[str, str], dict[str, Any]] = {}
        self._more = dict.fromkeys(SUMMED.values(), 0)  # what the head's sums of hashes grew by

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """The row with this key, as the act has it."""
        if (table, key) in self._changed:
            return self._changed[table, key]
        return self._database.once(row_named(self._key, table, key), lambda: self._found(table, key))

    def _found(self, table: str, key: str) -> Mapping[str, Any] | None:
        with self._database.reading() as connection:
            return row_of(connection, self._key, table, key)

    def look_ahead(self, connection: Connection, entries: Iterable[Entry]) -> None:
        """Read together what will be asked for when these entries are added, as far as it can be told: what is missed
        is read when it is asked for. O(entries)."""
        asked = _Asked(self._database, self._key)
        for entry in entries:
            if topic := topic_of(str(entry["kind"])):
                asked.row("chains", topic)
            project(0, entry, asked)
            if len(asked.unknown) > MOST_AHEAD:
                return
        wanted = sorted(asked.unknown)
        if not wanted:
            return
        keys = {f"key{n}": key for n, (_, key) in enumerate(wanted)}
        found = list(connection.execute(_rows_beside(tuple(table for table, _ in wanted)), keys).one())
        known: dict[Hashable, Mapping[str, Any] | None] = {}
        for table, key in wanted:
            names = ROWS[table].c.keys()
            row, found = dict(zip(names, found, strict=False)), found[len(names) :]
            known[row_named(self._key, table, key)] = (
                verified_row(self._key, table, row) if row["key"] is not None else None
            )
        self._database.knows(known)

    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        """Keep a row in place of what has its key."""
        if table in SUMMED:
            was = self.row(table, key)
            self._more[SUMMED[table]] += _hash_of(table, key, row) - (
                _hash_of(table, key, was) if was is not None else 0
            )
        self._changed[table, key] = dict(row)

    def write(self, connection: Connection) -> dict[Hashable, Mapping[str, Any]]:
        """Write what changed, and say what; the head says what hashes of rows come to."""
        if any(self._more.values()) and (head := self.row("head", "log")) is not None:
            sums = {column: _spelled(_read(head, column) + more) for column, more in self._more.items()}
            self._changed["head", "log"] = {**head, **sums}
        by_table: dict[str, list[dict[str, Any]]] = {}
        for (table, key), row in self._changed.items():
            whole = {"key": key, **row}
            by_table.setdefault(table, []).append({**whole, "mac": mac_of(self._key, table, whole)})
        for table, rows in by_table.items():
            self._database.upsert(connection, ROWS[table], rows)
        written = {row_named(self._key, table, key): row for (table, key), row in self._changed.items()}
        self._changed.clear()
        self._more = dict.fromkeys(SUMMED.values(), 0)
        return {**written}


class _Asked:
    """Answers `projection.Written` with what the act knows, and notes what it does not."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database, self._key = database, key
        self._put: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.unknown: set[tuple[str, str]] = set()

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        if (table, key) in self._put:
            return self._put[table, key]
        is_known, known = self._database.recalled(row_named(self._key, table, key))
        if not is_known:
            self.unknown.add((table, key))
        row: Mapping[str, Any] | None = known
        return row

    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        self._put[table, key] = row


class StoredRows:
    """Answers `ports.Rows`: rows for whoever asks, each checked."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database, self._key = database, key

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """The row with this key; None where the log never told of it. IntegrityError where it was hidden, altered or
        set back. O(1)."""
        return self._database.once(("checked", self._key, table, key), lambda: self._row(table, key))

    def _row(self, table: str, key: str) -> Mapping[str, Any] | None:
        with self._database.snapshot() as connection:
            found = (newest_row_of if table in SUBJECT else row_of)(connection, self._key, table, key)
            self._database.knows({row_named(self._key, table, key): found})
            if table in SUMMED:
                must_be_all(connection, self._key, SUMMED[table])
            elif table == "warrants":
                _must_be_every_use(connection, self._key)
            elif table == "sessions" and found is not None:
                _must_be_gapless(connection, self._key, found["last"])
            return found

    def several(self, table: str, keys: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """The rows with these keys, without those the log never told of; errors as for `row`, of tables that are not
        summed. O(keys), two queries for 2,000 of them."""
        if table in SUMMED or table not in SUBJECT:
            raise InputError(f"several rows of {table}", accepted="a table whose rows have a subject")
        found: dict[str, Mapping[str, Any]] = {}
        for some in _some(keys):
            with self._database.snapshot() as connection:
                rows = connection.execute(_rows(table), {"wanted": some}).mappings().all()
                here = {str(row["key"]): verified_row(self._key, table, dict(row)) for row in rows}
                subject = ENTRIES.c[SUBJECT[table]]
                for has_row, those in ((True, list(here)), (False, [key for key in some if key not in here])):
                    told = _newest_entry(table, has_row).where(subject.in_(those))
                    newest = connection.execute(told.add_columns(subject).group_by(subject)).all() if those else []
                    for index, key in newest:
                        _must_be_newest(table, int(index), here.get(key))
            found |= here
        return found

    def page(
        self,
        table: str,
        *,
        order: str,
        before: int | None = None,
        after: int | None = None,
        most: int = 50,
        search: CaseSearch | None = None,
        state: str = "",
    ) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Rows with their keys, the highest `order` (a column of numbers) first, from below `before`; or the lowest
        first, from above `after`. `search` and `state` are of cases. IntegrityError where a case is missing on a page
        of all. O(most), and what the search costs."""
        columns = ROWS[table].c
        at = columns[order]
        wanted = [at >= 0, *([columns.state == state] if state else [])]
        wanted += [*([at < before] if before is not None else []), *([at > after] if after is not None else [])]
        wanted += terms_of(search) if search else []
        way = at.desc() if after is None else at.asc()
        query = select(columns.key).where(*wanted).order_by(way).limit(most)
        with self._database.snapshot() as connection:
            keys, rows = list(connection.scalars(query)), dict[str, Any]()
            for some in _some(keys):  # else a database might go through all rows in their order
                read = connection.execute(_rows(table), {"wanted": some}).mappings()
                rows |= {str(row["key"]): row for row in read}
            found = [rows[key] for key in keys]
            if table == "cases" and order in _KIND and not state and search in (None, CaseSearch()):
                numbers = [int(row[order]) for row in found]
                ended = len(numbers) == most
                end = _END if before is None else before
                span = (numbers[-1] if ended else 0, end)
                if after is not None:
                    span = (after + 1, numbers[-1] + 1 if ended else end)
                _must_be_every_case(connection, order, numbers, span)
        return [(str(row["key"]), verified_row(self._key, table, dict(row))) for row in found]

    def all(self, table: str, *, order: str = "key", **like: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every row of a table with its key. O(rows)."""
        columns = ROWS[table].c
        query = select(ROWS[table]).where(*(columns[name] == value for name, value in like.items()))
        with self._database.snapshot() as connection:
            found = connection.execute(query.order_by(columns[order])).mappings().all()
            if table in SUMMED:
                must_be_all(connection, self._key, SUMMED[table], {} if like else {table: found})
        for row in found:
            yield str(row["key"]), verified_row(self._key, table, dict(row))

    def count(self, table: str, **like: str) -> int:
        """How many rows there are."""
        columns = ROWS[table].c
        wanted = [columns[name] == value for name, value in like.items()]
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
                    yield after, verified_row(self._key, table, row)
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


def _some(keys: Collection[str]) -> Iterator[list[str]]:
    """Keys, as many at once as a statement takes."""
    whole = list(keys)
    yield from (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))


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
    found = connection.execute(_row(table), {"wanted": key}).mappings().first()
    return verified_row(secret, table, dict(found)) if found is not None else None


def row_named(secret: bytes, table: str, key: str) -> Hashable:
    """What an act remembers a row by, once its MAC was found right under this key."""
    return "row", secret, table, key


@cache
def _row(table: str) -> Any:
    """The statement that finds the row with the key `wanted`."""
    return ROWS[table].select().where(ROWS[table].c.key == bindparam("wanted"))


@cache
def _rows(table: str) -> Any:
    """The statement that finds the rows with the keys `wanted`."""
    return ROWS[table].select().where(ROWS[table].c.key.in_(bindparam("wanted", expanding=True)))


@cache
def _rows_beside(tables: tuple[str, ...]) -> Any:
    """The statement that finds a row of each of these tables, those with the keys `key0`, `key1` … , as one."""
    rows = [ROWS[table].alias() for table in tables]
    beside: Any = select(literal(1).label("one")).subquery()
    for n, one in enumerate(rows):
        beside = beside.outerjoin(one, one.c.key == bindparam(f"key{n}"))
    return select(*rows).select_from(beside)


@cache
def _every_row(table: str) -> Any:
    return ROWS[table].select()


@cache
def _newest_of(table: str, has_row: bool) -> Any:
    """The statement that finds the newest entry that tells of the subject `wanted`."""
    return _newest_entry(table, has_row).where(ENTRIES.c[SUBJECT[table]] == bindparam("wanted"))


@cache
def _newest_entry(table: str, has_row: bool) -> Any:
    """The statement that finds the newest entry that tells of rows of a table; of which subject, is added."""
    statement = select(func.max(ENTRIES.c.idx).label("newest"))
    if not has_row and table == "cases":  # a watch's case has no row
        statement = statement.where(ENTRIES.c.kind == "ASKED")
    return statement.where(ENTRIES.c.kind.in_(TOLD_BY[table])) if table in TOLD_BY else statement


@cache
def _row_and_newest(table: str) -> Any:
    """The statement that finds the row with the key `wanted`, and beside it the newest entry that tells of it."""
    newest, rows = _newest_of(table, True).subquery(), ROWS[table]
    return select(newest.c.newest, rows).select_from(newest.outerjoin(rows, rows.c.key == bindparam("wanted")))


def newest_row_of(connection: Connection, secret: bytes, table: str, key: str) -> dict[str, Any] | None:
    """The row with this key, its MAC checked; IntegrityError where entries tell of a later state of it, or of one where
    it has no row."""
    found = dict(connection.execute(_row_and_newest(table), {"wanted": key}).mappings().one())
    newest = found.pop("newest")
    row = verified_row(secret, table, found) if found["key"] is not None else None
    if row is None and newest is not None:
        newest = connection.scalar(_newest_of(table, False), {"wanted": key})
    _must_be_newest(table, newest, row)
    return row


ROW_DAMAGED = (
    "A row of the database (%(table)s) was altered, is missing or was set back. Keep a copy of the database, then run "
    "`peelian doctor --repair`: it makes the row again from the log."
)
HEAD_DAMAGED = (
    "The head of the log (%(what)s) was altered, is missing or was set back. Keep a copy of the office, then run "
    "`peelian doctor --repair`. If that finds nothing, restore what belongs together from the newest backup."
)
HEADS = frozenset({"head", "chains"})
"""Tables that say where the log and each topic of it end: the head of the log."""


def _tampered(table: str, key: str = "") -> IntegrityError:
    """Rows that do not follow from the log, and what to do then."""
    if table in HEADS:
        return head_damaged(table)
    return IntegrityError(sentence(ROW_DAMAGED, table=table), of=f"row {table} {key}".strip())


def head_damaged(what: str) -> OfficeShut:
    """Nobody can say where the log ends: nothing of it can be trusted."""
    return OfficeShut(sentence(HEAD_DAMAGED, what=what), of="head")


def _must_be_newest(table: str, newest: int | None, row: Mapping[str, Any] | None) -> None:
    if newest is not None and (row is None or row["last"] != newest):
        raise _tampered(table, f"of entry {newest}")


def _must_be_every_case(connection: Connection, order: str, numbers: Sequence[int], span: tuple[int, int]) -> None:
    """IntegrityError where entries of a span tell of other cases than those on a page, whose numbers in its order these
    are. O(those)."""
    lowest, before = span
    if set(connection.scalars(_cases_of(_KIND[order]), {"lowest": lowest, "highest": before - 1})) != set(numbers):
        raise _tampered("cases")


@cache
def _cases_of(kind: str) -> Any:
    """The statement that finds the entries of a kind, from `lowest` to `highest`, that cases have their number by."""
    entry, later, asked = ENTRIES.alias(), ENTRIES.alias(), ENTRIES.alias()
    # by case: SQLite would look "ASKED" up among all kinds, and go through every case for each
    newer = (later.c.of_case == entry.c.of_case, later.c.idx > entry.c.idx, whole(later.c.kind).in_({kind, "ASKED"}))
    begun = (asked.c.of_case == entry.c.of_case, asked.c.idx <= entry.c.idx, whole(asked.c.kind) == "ASKED")
    return select(entry.c.idx).where(
        entry.c.kind == kind,
        entry.c.idx.between(bindparam("lowest"), bindparam("highest")),
        ~exists().where(*newer),  # of a case that was published twice, the newest counts
        exists().where(*begun),  # a watch's case has no row
    )


def must_be_all(
    connection: Connection,
    secret: bytes,
    column: str,
    read: Mapping[str, Sequence[Any]] = MappingProxyType({}),
) -> None:
    """IntegrityError where a row of the tables whose sum this column of the head holds is missing, altered or set back.
    `read`: all rows of a table, where they were read already. O(their rows)."""
    total = 0
    for table in (table for table, of in SUMMED.items() if of == column):
        for row in read.get(table) or connection.execute(_every_row(table)).mappings():
            total += _hash_of(table, str(row["key"]), dict(row))
    if _spelled(total) != _spelled(_read(row_of(connection, secret, "head", "log"), column)):
        raise _tampered(column)


def _must_be_every_use(connection: Connection, secret: bytes) -> None:
    """IntegrityError where all warrants together were used more often than their rows say. O(warrants)."""
    must_be_all(connection, secret, "chains")
    chain, columns = row_of(connection, secret, "chains", ALL_WARRANTS), ROWS["warrants"].c
    used = connection.scalar(select(func.sum(columns.used + columns.collected)))
    if int(used or 0) != (chain["n"] if chain else 0):
        raise _tampered("warrants")


def _must_be_gapless(connection: Connection, secret: bytes, after: int) -> None:
    """IntegrityError where an entry after this one is missing. O(those)."""
    head = row_of(connection, secret, "head", "log")
    there = connection.scalar(select(func.count()).select_from(ENTRIES).where(ENTRIES.c.idx > after))
    if int(there or 0) != (head["size"] if head else 0) - after - 1:
        raise head_damaged("entries")


def _hash_of(table: str, key: str, row: Mapping[str, Any]) -> int:
    """A whole number for what a row says; sums of them tell one set of rows from another."""
    said = {**{name: value for name, value in row.items() if name != "mac"}, "key": key}
    return int.from_bytes(sha256(f"{table} {_SPELL(said)}".encode()).digest(), "big")


def _spelled(total: int) -> str:
    return f"{total % (1 << 256):064x}"


def _read(head: Mapping[str, Any] | None, column: str) -> int:
    return int(str(head[column]) or "0", 16) if head is not None else 0


def verified_row(secret: bytes, table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row without key and MAC, once its MAC is found right; else IntegrityError."""
    mac = row.pop("mac")
    if not hmac.compare_digest(bytes(mac), mac_of(secret, table, row)):
        raise _tampered(table, str(row["key"]))
    row.pop("key")
    return row


def mac_of(secret: bytes, table: str, row: Mapping[str, Any]) -> bytes:
    """The MAC of a row: over its table and every column."""
    return hmac.digest(secret, f"{table} {_SPELL(dict(row))}".encode(), "sha256")
