"""The log as rows of the office's database: appended in the transaction of the act, read by many, signed by one.

Entries are canonical bytes at consecutive indexes. Each carries a MAC and the index of the entry before it in its
topic; the newest of each topic and the size stand in rows of their own. So an entry that was altered, taken away or
put back is found when its part of the state is read. Outsiders check the tree (`log_publisher`).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from peelian.errors import InputError, IntegrityError, OfficeShut, OutOfOrder, sentence
from peelian.kernel.log.entry_schema import encode_entry, known_entry, read_time, time_text
from peelian.kernel.log.merkle import TILE
from peelian.kernel.log.topics import topic_of
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.projection import head_of, project, words_of
from peelian.storage.database import Database
from peelian.storage.row_tree import RowTree, altered
from peelian.storage.rows import RowsInAct, head_damaged, must_be_all, row_named, verified_row
from peelian.storage.schema import ENTRIES, FOUND_BY, ROWS

PAGE = 2_000
MOST_AT_ONCE = 10_000
MOST_REMEMBERED = 20_000  # entries, about 1 kB each
_JITTER = timedelta(seconds=1)  # clocks of processes that append at once may pass one another by that much
MENDED = (
    "Entry %(index)s of the log was altered in the database. It is read as it was published. Keep a copy of the "
    "database, then run `peelian doctor --repair`."
)


ANOTHER_KEY = "keys/token.key does not belong to this log. Restore it from the key folder's own backup."


_HEAD = ROWS["head"]
_NEWEST = select(func.max(ENTRIES.c.idx).label("newest")).subquery()
_SIZE = select(_NEWEST.c.newest, _HEAD).select_from(_NEWEST.outerjoin(_HEAD, _HEAD.c.key == "log"))
"""The newest entry and the head in one statement, which sees one state of the database."""
_ADD = ENTRIES.insert()
_AT = select(ENTRIES).where(ENTRIES.c.idx == bindparam("wanted"))


class LogRows:
    """Answers `ports.Log`. `stopped` says why nothing may be appended ("": it may)."""

    def __init__(self, database: Database, key: bytes, *, stopped: Callable[[], str] = lambda: "") -> None:
        self._database, self._key, self._stopped = database, key, stopped
        self._size_named = ("size", key)
        self.why_stopped = ""
        self._found_right: dict[int, tuple[tuple[Any, ...], Entry]] = {}  # rows as they stood when they were checked
        self.tree = RowTree(database, self.size, self._spelled)
        self.mended: dict[int, bytes] = {}  # entries whose rows are damaged, as they were published
        self.appended = False  # by this process

    def append(self, entry: Entry) -> int:
        """Write `entry` in this act, then return its index; InputError for what a log may not hold."""
        return self.append_all([entry])[0]

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Write up to 10,000 entries, all or none; their indexes. O(entries)."""
        if len(entries) > MOST_AT_ONCE:
            raise InputError(f"{len(entries):,} entries at once", accepted=f"at most {MOST_AT_ONCE:,}")
        for entry in entries:
            encode_entry(entry)
        if not entries:
            return []
        with self._database:
            with self._database.writing() as connection:
                if why := self.why_stopped or self._stopped():
                    raise OfficeShut(f"the log has stopped: {why}", of="log")
                rows = RowsInAct(self._database, self._key)
                rows.look_ahead(connection, entries)
                indexes, written = self._written(connection, rows, self._with_statements(rows, entries))
            self.appended = True
            size = written[row_named(self._key, "head", "log")]["size"]
            self._database.knows({**written, self._size_named: size})
        return [index for index in indexes if index >= 0]

    def copy(self, entries: Sequence[Entry]) -> None:
        """Write entries as they stand in another log, which this one mirrors. O(entries)."""
        if not entries:
            return
        with self._database.writing() as connection:
            rows = RowsInAct(self._database, self._key)
            rows.look_ahead(connection, entries)
            self._written(connection, rows, ((entry, True) for entry in entries))

    def size(self) -> int:
        """How many entries it has; IntegrityError where the newest one is not the head's."""
        return int(self._database.once(self._size_named, lambda: self._head()["size"]))

    def _head(self) -> Mapping[str, Any]:
        """What the head says; IntegrityError where the newest entry is another than it says."""
        with self._database.reading() as connection:
            found = dict(connection.execute(_SIZE).mappings().one())
        newest = found.pop("newest")
        row = verified_row(self._key, "head", found) if found["key"] is not None else None
        head = head_of(row)
        if (newest if newest is not None else -1) != int(head["size"]) - 1:
            raise head_damaged("entries")
        self._database.knows({row_named(self._key, "head", "log"): row})
        return head

    def _head_seen(self) -> Mapping[str, Any]:
        """The same, as this thread saw it when it began to look, where it does (`Database.looking`)."""
        look = self._database.look
        if not look.depth:
            return self._head()
        look.head = look.head or self._head()
        return look.head

    def must_be_under_this_key(self) -> None:
        """IntegrityError that says so where the rows were written under another key; errors as for `size`. O(1)."""
        try:
            self.size()
        except IntegrityError:
            with self._database.reading() as connection:
                row = connection.execute(select(ENTRIES).order_by(ENTRIES.c.idx).limit(1)).mappings().first()
            if row is None:
                raise
            mac = _mac(self._key, 0, str(row["topic"]), int(row["previous"]), bytes(row["spelling"]))
            if not hmac.compare_digest(bytes(row["mac"]), mac):
                raise OfficeShut(ANOTHER_KEY, of="ring") from None
            raise

    def state(self) -> tuple[int, int]:
        """What tells one state of the log from another: how often this process took something back, and the size."""
        size = self.size() if self._database.in_act else int(self._head_seen()["size"])
        return self._database.rolled_back, size

    def looking(self) -> AbstractContextManager[None]:
        """Within it this thread asks once how far the log is; what it writes itself, or meets, counts at once."""
        return self._database.look.looking()

    def head(self) -> Mapping[str, Any]:
        """Size, the times of the first and the newest entry, and the furthest time of any."""
        if not self._database.in_act:
            return self._head_seen()
        return head_of(RowsInAct(self._database, self._key).row("head", "log"))

    def read(self, start: int = 0, kinds: Collection[str] = ()) -> Iterator[tuple[int, Entry]]:
        """Entries from `start` on that were there when reading began, of these kinds (none: all). O(entries read)."""
        if start < 0:
            raise InputError(f"no entry {start:,} in the log", accepted="0 or a later index")
        end, at, page = self.size(), start, 8
        while at < end:
            wanted = [ENTRIES.c.idx >= at, ENTRIES.c.idx < end, *([ENTRIES.c.kind.in_(kinds)] if kinds else [])]
            found = self._found(select(ENTRIES).where(*wanted).order_by(ENTRIES.c.idx).limit(page))
            if not kinds and [index for index, _ in found] != list(range(at, at + len(found))):
                raise altered(at)
            yield from found
            if len(found) < page:
                if not kinds and at + len(found) != end:
                    raise altered(at + len(found))
                return
            at, page = found[-1][0] + 1, min(4 * page, PAGE)

    def page(
        self, most: int, *, before: int, after: int | None = None, kind: str = "", case: str = ""
    ) -> list[tuple[int, Entry]]:
        """At most so many entries, the newest below `before` first; or those just above `after`, newest first, too. Of
        one kind or case, where they are said. O(most)."""
        at = ENTRIES.c.idx
        wanted = [at < before, *([at > after] if after is not None else [])]
        wanted += [*([ENTRIES.c.kind == kind] if kind else []), *([ENTRIES.c.of_case == case] if case else [])]
        found = self._found(select(ENTRIES).where(*wanted).order_by(at.desc() if after is None else at).limit(most))
        indexes = [index for index, _ in found]
        if not kind and not case and indexes and abs(indexes[-1] - indexes[0]) != len(indexes) - 1:
            raise altered(min(indexes))
        return found if after is None else found[::-1]

    def entry(self, index: int) -> Entry:
        """The entry at an index; IntegrityError where there is none below the size. O(1)."""
        return self._database.once(("entry", self._key, index), lambda: self._entry(index), lasting=True)

    def _entry(self, index: int) -> Entry:
        found = self._found(_AT, index)
        return found[0][1] if found else self._mend(index)

    def receipt(self, index: int) -> bytes:
        """OutOfOrder: these rows are published to nobody (`log_publisher`)."""
        raise OutOfOrder("This log is not published: it gives no receipts.")

    def found(self, key: str, value: str) -> list[tuple[int, Entry]]:
        """The entries whose `key` (one of FOUND_BY; else InputError) is `value` with their indexes, in order.
        O(those)."""
        return self._database.once(("found", self._key, key, value), lambda: self._found(_found_by(key), value))

    def found_of(self, key: str, values: Collection[str]) -> list[tuple[int, Entry]]:
        """The entries whose `key` is one of these values, in order. O(those)."""
        whole = sorted(values)
        some = (whole[start : start + PAGE] for start in range(0, len(whole), PAGE))
        found = [self._found(select(ENTRIES).where(_column(key).in_(those))) for those in some]
        return sorted((pair for pairs in found for pair in pairs), key=lambda pair: pair[0])

    def as_it_stands(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Every entry from `start` on, whatever the head says: each is checked, and none may be missing in between."""
        index = start
        while rows := self._page_from(index):
            for row in rows:
                if int(row.idx) != index or (entry := self._decoded(row)) is None:
                    raise altered(index)
                yield index, entry
                index += 1

    def _page_from(self, index: int) -> Sequence[Any]:
        query = select(ENTRIES).where(ENTRIES.c.idx >= index).order_by(ENTRIES.c.idx).limit(PAGE)
        with self._database.reading() as connection:
            return connection.execute(query).all()

    def follow(self, topics: Collection[str], after: int = -1) -> list[tuple[int, Entry]]:
        """Every entry of these topics with an index above `after`, in order: their chains are checked, so that none
        is missing. O(those)."""
        chosen = select(ENTRIES).where(ENTRIES.c.topic.in_(topics), ENTRIES.c.idx > after).order_by(ENTRIES.c.idx)
        with self._database.snapshot() as connection:
            ends = self._database.once(("ends", self._key), lambda: self._ends(connection))
            if all(ends.get(topic, -1) <= after for topic in topics):
                return []
            rows = connection.execute(chosen).all()
            last = {topic: self._last(connection, topic, after) for topic in topics}
        found = [(int(row.idx), self._checked(row)) for row in rows]
        for row in rows:
            if row.previous != last[row.topic] or int(row.idx) in self.mended:
                return self._all_of(topics, ends, after)
            last[row.topic] = int(row.idx)
        return (
            found if all(at == ends.get(topic, -1) for topic, at in last.items()) else self._all_of(topics, ends, after)
        )

    def _all_of(self, topics: Collection[str], ends: Mapping[str, int], after: int) -> list[tuple[int, Entry]]:
        """The same where their chain does not hold: every entry is looked at, whatever its row says of its topic.
        O(entries)."""
        found, last = [], dict.fromkeys(topics, after)
        for index in range(after + 1, max(ends.get(topic, -1) for topic in topics) + 1):
            entry = self._entry(index)
            topic = topic_of(str(entry["kind"]))
            if index <= ends.get(topic, -1) and topic in last:
                last[topic] = index
                found.append((index, entry))
        for topic, index in last.items():
            if index != max(ends.get(topic, -1), after):
                raise altered(index)
        return found

    def _mend(self, index: int) -> Entry:
        """An entry whose row is altered or gone, as outsiders read it under the signed head; IntegrityError where they
        cannot. The fault is remembered until the row is right again."""
        spelling = self._published(index)
        if spelling is None:
            raise altered(index)
        self.mended[index] = spelling
        return known_entry(spelling)

    def faults(self) -> list[IntegrityError]:
        """What is known of entries whose rows are damaged and that are read as they were published. O(those)."""
        for index in list(self.mended):
            self._entry(index)  # the row may be right again
        return [IntegrityError(sentence(MENDED, index=f"{n:,}"), of=f"entry {n}") for n in sorted(self.mended)]

    def differences(self, *, repair: bool) -> Iterator[str]:
        """Each entry whose row was altered ("entries 7"); `repair`: put what was published in its place.
        IntegrityError where it was not published. O(entries)."""
        index, ends = 0, dict[str, int]()
        while rows := self._page_from(index):
            for row in rows:
                index = int(row.idx) + 1
                entry = self._decoded(row)
                if entry is None:
                    entry = self._mend(int(row.idx))
                    yield f"entries {row.idx}"
                    if repair:
                        self._put_right(int(row.idx), entry, ends)
                ends[topic_of(str(entry["kind"]))] = int(row.idx)

    def _put_right(self, index: int, entry: Entry, ends: Mapping[str, int]) -> None:
        topic, spelling = topic_of(str(entry["kind"])), self.mended[index]
        previous = ends.get(topic, -1) if topic else -1
        row = {"kind": entry["kind"], "topic": topic, "previous": previous, **_told_by(entry), "spelling": spelling}
        row |= {"mac": _mac(self._key, index, topic, previous, spelling)}
        with self._database.writing() as connection:
            connection.execute(ENTRIES.update().where(ENTRIES.c.idx == index).values(row))
        self.mended.pop(index, None)

    def _published(self, index: int) -> bytes | None:
        """The spelling of an entry as it was published; None where it was not. O(256)."""
        return None

    def _ends(self, connection: Connection) -> Mapping[str, int]:
        """The index of the newest entry of each topic; IntegrityError where one was set back. O(topics)."""
        rows = connection.execute(ROWS["chains"].select()).mappings().all()
        must_be_all(connection, self._key, "chains", {"chains": rows})
        return {str(row["key"]): int(verified_row(self._key, "chains", dict(row))["last"]) for row in rows}

    def stop(self, why: str) -> None:
        """Append nothing any more, because of `why`; reading goes on."""
        self.why_stopped = self.why_stopped or why

    def _last(self, connection: Connection, topic: str, upto: int) -> int:
        if upto < 0:
            return -1
        newest = connection.scalar(
            select(func.max(ENTRIES.c.idx)).where(ENTRIES.c.topic == topic, ENTRIES.c.idx <= upto)
        )
        return int(newest) if newest is not None else -1

    def _found(self, query: Any, wanted: int | str | None = None) -> list[tuple[int, Entry]]:
        """The entries that a statement finds, with `wanted` in it where it asks for that; each is checked."""
        with self._database.reading() as connection:
            rows = connection.execute(query, {} if wanted is None else {"wanted": wanted}).all()
        seen = self._database.look.head
        if seen and any(int(row.idx) >= int(seen["size"]) for row in rows):
            self._database.look.head = None  # the log went on meanwhile: whatever this entry names is there, too
        return [(int(row.idx), self._checked(row)) for row in rows]

    def _checked(self, row: Any) -> Entry:
        """The entry of a row. One that stands as it did is not checked again: a run that opens thousands of partitions
        reads those of its case at each opening."""
        whole = tuple(row)
        known = self._found_right.get(whole[0])
        if known is not None and known[0] == whole:
            return known[1]
        if len(self._found_right) >= MOST_REMEMBERED:
            self._found_right.clear()
        entry = self._decoded(row)
        if entry is None:
            return self._mend(int(whole[0]))
        self.mended.pop(int(whole[0]), None)
        self._found_right[whole[0]] = whole, entry
        return entry

    def _decoded(self, row: Any) -> Entry | None:
        """The entry of a row; None where the row was altered."""
        index, kind, topic, previous, *told, spelling, mac = row
        if not hmac.compare_digest(bytes(mac), _mac(self._key, index, topic, previous, bytes(spelling))):
            return None
        entry = known_entry(bytes(spelling))
        return entry if kind == entry["kind"] and told == list(_told_by(entry).values()) else None

    def _spelled(self, row: Any) -> bytes:
        """The spelling of a row, once its MAC is found right; else as it was published."""
        index, _, topic, previous, *_, spelling, mac = row
        if hmac.compare_digest(bytes(mac), _mac(self._key, index, topic, previous, bytes(spelling))):
            return bytes(spelling)
        self._mend(int(index))
        return self.mended[int(index)]

    def _with_statements(self, rows: RowsInAct, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bool]]:
        """The entries, each with whether it was asked for: before any whose time lies more than a second before an
        earlier one's comes a statement of that."""
        latest = str(head_of(rows.row("head", "log"))["latest"])
        for entry in entries:
            moment = str(entry["t"])
            if moment < latest and (back := read_time(latest) - read_time(moment)) > _JITTER:
                hundredths = back // timedelta(milliseconds=10)
                said: Entry = {
                    "v": 1,
                    "t": time_text(read_time(moment)),
                    "kind": "CLOCK_WENT_BACK",
                    "hundredths": hundredths,
                }
                yield said, False
                latest = moment
            latest = max(latest, moment)
            yield entry, True

    def _written(
        self, connection: Connection, rows: RowsInAct, wanted: Iterable[tuple[Entry, bool]]
    ) -> tuple[list[int], dict[Hashable, Mapping[str, Any]]]:
        """Write entries, each with whether it was asked for, and the rows that they change: the index of each, -1 for a
        statement that nobody asked for, and the rows. O(entries)."""
        made = [(self._added(rows, entry), asked) for entry, asked in wanted]
        with self._database.together(connection):
            connection.execute(_ADD, [row for row, _ in made])
            written = rows.write(connection)
        for row, _ in made:
            if (row["idx"] + 1) % TILE == 0:
                self.tree.complete(connection, row["idx"] + 1)
        return [row["idx"] if asked else -1 for row, asked in made], written

    def _added(self, rows: RowsInAct, entry: Entry) -> dict[str, Any]:
        """The row of an entry at the end of the log; what else it changes is put in `rows`."""
        index, spelling = int(head_of(rows.row("head", "log"))["size"]), encode_entry(entry)
        topic = topic_of(str(entry["kind"]))
        chain = rows.row("chains", topic) if topic else None
        previous = int(chain["last"]) if chain else -1
        mac = _mac(self._key, index, topic, previous, spelling)
        if topic:
            rows.put("chains", topic, {"last": index, "n": (chain["n"] if chain else 0) + 1})
        project(index, entry, rows)
        told = {"idx": index, "kind": entry["kind"], "topic": topic, "previous": previous, **_told_by(entry)}
        return {**told, "spelling": spelling, "mac": mac}


@cache
def _found_by(key: str) -> Any:
    """The statement that finds the entries whose `key` is `wanted`."""
    return select(ENTRIES).where(_column(key) == bindparam("wanted")).order_by(ENTRIES.c.idx)


def _column(key: str) -> Any:
    if key not in FOUND_BY:
        raise InputError(f"entries are not found by {key[:40]}", accepted=", ".join(FOUND_BY))
    return ENTRIES.c[FOUND_BY[key]]


def _told_by(entry: Entry) -> dict[str, str | None]:
    """What an entry is found by, by column in their order. A session's rows rest on its beginning and end alone."""
    told = {column: str(entry[key]) if key in entry else None for key, column in FOUND_BY.items()}
    told["said"] = words_of(entry) or None
    if entry["kind"] not in ("SESSION_BEGAN", "SESSION_ENDED"):
        told["session"] = None
    return told


def _mac(key: bytes, index: int, topic: str, previous: int, spelling: bytes) -> bytes:
    return hmac.digest(key, b"%d %b %d " % (index, topic.encode(), previous) + spelling, "sha256")
