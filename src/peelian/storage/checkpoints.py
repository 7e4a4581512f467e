"""Watch checkpoints on disk: a small database whose changes are kept all or none, past a power cut."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from peelian.errors import IntegrityError

_PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON")


def small_database(path: Path, table: str) -> sqlite3.Connection:
    """A database of one table in a file of its own (0600), made by this statement; the error of SQLite where it is
    damaged."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    for line in (*_PRAGMAS, table):
        database.execute(line)
    return database


def write_rows(database: sqlite3.Connection, *statements: tuple[str, Sequence[tuple[object, ...]]]) -> None:
    """Carry out statements, each with its rows, all or nothing, with one sync; IntegrityError where it cannot."""
    try:
        database.execute("BEGIN IMMEDIATE")
        for statement, rows in statements:
            database.executemany(statement, rows)
        database.execute("COMMIT")
    except sqlite3.DatabaseError as wrong:
        raise IntegrityError("A checkpoint could not be stored. Nothing after it is acknowledged.") from wrong


class FileCheckpoints:
    """Answers `standings.Checkpoints`. One row for each state of a watch, replaced in one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock()
        try:
            self._database = small_database(
                path,
                "CREATE TABLE IF NOT EXISTS states (watch TEXT, name TEXT, packed TEXT, PRIMARY KEY (watch, name))",
            )
        except sqlite3.DatabaseError as wrong:
            raise IntegrityError("The checkpoints of the watches cannot be opened.") from wrong

    def load(self, case: str) -> Mapping[str, str]:
        """Every state of a watch. O(states)."""
        with self._lock:
            return dict(self._database.execute("SELECT name, packed FROM states WHERE watch = ?", (case,)))

    def save(self, case: str, changed: Mapping[str, str]) -> None:
        """Keep what changed, with one sync. O(changed)."""
        rows = [(case, name, packed) for name, packed in changed.items()]
        with self._lock:
            write_rows(self._database, ("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", rows))

    def close(self) -> None:
        """Let the database go."""
        with self._lock:
            self._database.close()
