"""The Merkle tree over rows of the log: hashes of full tiles are stored, others are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from peelian.errors import IntegrityError, sentence
from peelian.kernel.log.merkle import HASH, TILE, Tree, leaf_hash
from peelian.storage.database import Database
from peelian.storage.schema import ENTRIES, NODES

ALTERED = (
    "Entry %(index)s of the log was altered, removed or put back in the database. Keep a copy of the database, then "
    "restore the log from its backup: `peelian machine restore-log`."
)


def altered(index: int) -> IntegrityError:
    """An entry that cannot be had, neither here nor where outsiders read it."""
    return IntegrityError(sentence(ALTERED, index=f"{index:,}"), of=f"entry {index}")


class RowTree(Tree):
    """The Merkle tree over the rows: hashes of full tiles are stored, those within a tile are made when asked for."""

    __slots__ = ("_database", "_size", "_spelled")

    def __init__(self, database: Database, size: Callable[[], int], spelled: Callable[[Any], bytes]) -> None:
        self._database, self._size, self._spelled = database, size, spelled

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return self._size()

    def hashes(self, level: int, start: int, end: int) -> bytes:
        """Hashes `start` to `end` (end not included) of the complete subtrees of 2**level entries. O(256 × those)."""
        below, more = divmod(level, 8)
        found = self._stored(8 * below, start << more, end << more)
        folded = Tree()
        if not more:
            return found
        folded.extend(found)
        return folded.hashes(more, 0, end - start)

    def complete(self, connection: Connection, size: int) -> None:
        """Store the hashes of the tiles that are full at this size. O(256)."""
        level, number = 8, size // TILE - 1
        while (number + 1) * (TILE ** (level // 8)) == size:
            folded = Tree()
            folded.extend(self._stored(level - 8, number * TILE, (number + 1) * TILE))
            row = {"level": level, "number": number, "hash": folded.root()}
            self._database.upsert(connection, NODES, [row])
            if (number + 1) % TILE:
                return
            level, number = level + 8, (number + 1) // TILE - 1

    def entries(self, start: int, end: int) -> list[bytes]:
        """The spellings of entries `start` to `end` (end not included); IntegrityError where one is missing."""
        query = select(ENTRIES).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end).order_by(ENTRIES.c.idx)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        if len(rows) != end - start:
            raise altered(start + len(rows))
        return [self._spelled(row) for row in rows]

    def differences(self, derived: RowTree, *, repair: bool) -> Iterator[str]:
        """Each stored hash ("nodes 8 0") that is not as the other tree has it; `repair`: put it right. O(tiles)."""
        found, wanted = self._nodes(), derived._nodes()
        for level, number in sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key)):
            yield f"nodes {level} {number}"
            if repair:
                with self._database.writing() as connection:
                    this = (NODES.c.level == level, NODES.c.number == number)
                    connection.execute(NODES.delete().where(*this))
                    if (level, number) in wanted:
                        row = {"level": level, "number": number, "hash": wanted[level, number]}
                        connection.execute(NODES.insert(), row)

    def _nodes(self) -> dict[tuple[int, int], bytes]:
        with self._database.reading() as connection:
            found = connection.execute(select(NODES.c.level, NODES.c.number, NODES.c.hash)).all()
        return {(int(level), int(number)): bytes(made) for level, number, made in found}

    def _stored(self, level: int, start: int, end: int) -> bytes:
        if level == 0:
            return b"".join(leaf_hash(spelling) for spelling in self.entries(start, end))
        columns = NODES.c
        wanted = (columns.level == level, columns.number >= start, columns.number < end)
        with self._database.reading() as connection:
            found = b"".join(connection.scalars(select(columns.hash).where(*wanted).order_by(columns.number)))
        if len(found) != (end - start) * HASH:
            raise IntegrityError("Hashes of the log are missing. Run `peelian doctor --rebuild`.")
        return found
