"""Encrypted records: a small SQLCipher database looked up by key, with migrations.

For what the office must be able to change in place and to forget: the names of its people (`people_records`). What must
be proven stays where it is: documents in the archive with their digests in the log. Pages, journal and temporary
files are encrypted or in memory; deleted content is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import RLock
from typing import Any

from sqlcipher3 import dbapi2

from peelian.errors import InputError, IntegrityError
from peelian.storage.office_settings import new_secret, read_secret
from peelian.storage.private_files import private_folder

MIGRATIONS = (
    "CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT",
)
"""Each is run once, in order; a database that is newer than this program is refused."""


class Records:
    """Records of a kind by their key, each a plain JSON object. Made by `open_records`. Threads take turns."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._lock = connection, RLock()

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Keep a record in place of what had this key, so that it survives a power cut."""
        text = json.dumps(dict(body), ensure_ascii=False, sort_keys=True)
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (kind, key, text))

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """The record with this key; None where there is none."""
        with self._lock:
            found = self._connection.execute("SELECT body FROM records WHERE kind = ? AND key = ?", (kind, key))
            row = found.fetchone()
        return json.loads(row[0]) if row else None

    def listed(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every record of a kind with its key, in the order of the keys. O(records)."""
        with self._lock:
            rows = self._connection.execute("SELECT key, body FROM records WHERE kind = ? ORDER BY key", (kind,))
            found = rows.fetchall()
        yield from ((key, json.loads(text)) for key, text in found)

    def forget(self, kind: str, key: str) -> bool:
        """Delete a record and overwrite where it stood; whether there was one."""
        with self._lock, self._connection:
            gone = self._connection.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))
            return bool(gone.rowcount)

    def settle(self) -> None:
        """Take the journal into the database and empty it, so that nothing deleted stays readable in it."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def backup(self, file: Path) -> None:
        """Write a whole copy, encrypted under the same key. InputError where there is a file of that name."""
        if file.exists():
            raise InputError("a file with this name already exists", accepted="a new file", file=file.name)
        with self._lock:
            self._connection.execute("VACUUM INTO ?", (str(file),))
        file.chmod(0o600)

    def close(self) -> None:
        """Let the database go; closing again does nothing."""
        self._connection.close()

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_records(folder: Path, key: Path) -> Records:
    """The records in `folder`, under the key in the file `key` (made for a new database).

    InputError without the key; IntegrityError where the key is another one's, the database is damaged, or
    a newer program has written it.
    """
    file = private_folder(folder) / "records.db"
    if not file.exists() and not key.exists():
        new_secret(key)
    secret = read_secret(key)
    connection = dbapi2.connect(str(file), check_same_thread=False)
    try:
        connection.execute(f"PRAGMA key = \"x'{secret.hex()}'\"")  # the raw key: nothing is derived from a password
        for pragma in ("temp_store = MEMORY", "secure_delete = ON", "journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        _migrate(connection)
    except dbapi2.DatabaseError:
        connection.close()
        raise IntegrityError(
            "The records cannot be opened: the key is different or the file is damaged. Restore both."
        ) from None
    except BaseException:
        connection.close()
        raise
    file.chmod(0o600)
    return Records(connection)


def _migrate(connection: Any) -> None:
    """Bring the tables up to date, all or nothing."""
    (at,) = connection.execute("PRAGMA user_version").fetchone()
    if at > len(MIGRATIONS):
        raise IntegrityError("These records were written by a newer version. Use that version.")
    with connection:
        for number, statement in enumerate(MIGRATIONS[at:], start=at + 1):
            connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
