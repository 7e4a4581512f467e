"""Hands in an office's database: documents and rows as somebody who has the disk, or even the keys, can change them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from peelian.storage.document_rows import _context, _sealed
from peelian.storage.key_store import partition_key
from peelian.storage.schema import DOCUMENTS


def rewritten(archive: Any, digest: str, document: bytes) -> None:
    """Put another document under a digest, sealed with the right key, as whoever has the keys could."""
    (partition,) = [name for name, digests in archive.partitions().items() if digest in digests]
    sealed = _sealed(archive.keys.unwrapped(partition_key(partition)), document, _context(partition, digest))
    with archive._database.writing() as connection:
        connection.execute(DOCUMENTS.update().where(DOCUMENTS.c.digest == digest).values(sealed=sealed))


def removed(archive: Any, digest: str, partition: str) -> None:
    """Take a document away, and nothing else of its partition."""
    with archive._database.writing() as connection:
        where = (DOCUMENTS.c.digest == digest, DOCUMENTS.c.partition == partition)
        assert connection.execute(DOCUMENTS.delete().where(*where)).rowcount == 1


def done_to(database: Path, statement: str, *values: Any) -> int:
    """Do something to a SQLite file behind the program's back; how many rows it changed."""
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(statement, values).rowcount


def rows_of(database: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What stands in a SQLite file."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, values).fetchall()


def put_back(database: Path, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Put rows of an old copy back beside those that are there, or in their place."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for row in rows:
            connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
