"""Sealed rows on disk: a checkpoint by rows, each encrypted under a key that is destroyed when the rows are renewed.

A row's key is made of a secret of the office and of a random part in a file beside the database. The file alone, or the
office alone, opens nothing. `renew` overwrites the random part: what was sealed with it cannot be read again, also in
old pages of the database or in a copy of it. The clear name of a row is a keyed digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from peelian.errors import IntegrityError
from peelian.storage.checkpoints import small_database, write_rows
from peelian.storage.durable_files import lock_exclusively
from peelian.storage.private_files import private_folder, put_private, read_private, shred

_TABLE = "CREATE TABLE IF NOT EXISTS rows (name BLOB PRIMARY KEY, key TEXT NOT NULL, sealed BLOB NOT NULL) STRICT"


@dataclass(frozen=True, slots=True)
class _Cipher:
    """One generation of the key: the name of its file, and what is made of it."""

    id: str
    secret: bytes = field(repr=False)

    def named(self, name: str) -> bytes:
        return hashlib.blake2b(name.encode(), key=self.secret, digest_size=16).digest()

    def sealed(self, name: str, text: str) -> tuple[bytes, str, bytes]:
        nonce, digest = secrets.token_bytes(12), self.named(name)
        return digest, self.id, nonce + AESGCM(self.secret).encrypt(nonce, json.dumps([name, text]).encode(), digest)

    def opened(self, digest: bytes, sealed: bytes) -> tuple[str, str]:
        name, text = json.loads(AESGCM(self.secret).decrypt(sealed[:12], sealed[12:], digest))
        return name, text


class SealedRows:
    """Text by name, in `folder`, for one process at a time. `secret`: 32 bytes of the office; what `earlier` ones
    sealed is still read, until the rows are renewed.

    OutOfOrder where another process has it open; IntegrityError where the database is damaged.
    """

    def __init__(self, folder: Path, name: str, secret: bytes, earlier: Sequence[bytes] = ()) -> None:
        self._folder, self._name, self._office = private_folder(folder), name, secret
        self._earlier = earlier
        self._alone = lock_exclusively(folder / f"{name}.lock", what="The sensor listener")
        self._lock = Lock()
        try:
            self._database = small_database(folder / f"{name}.db", _TABLE)
            found = self._database.execute("SELECT DISTINCT key FROM rows").fetchall()
        except sqlite3.DatabaseError as wrong:
            os.close(self._alone)
            raise IntegrityError("The checkpoint of the sensor listener cannot be opened.") from wrong
        self._cipher = self._of([key for (key,) in found])

    def load(self) -> dict[str, str] | None:
        """Every row; {} where there is none, None where they cannot be read: the key was lost, or a row was altered.
        O(rows)."""
        with self._lock:
            kept = self._database.execute("SELECT name, sealed FROM rows").fetchall()
        for secret in (self._office, *self._earlier):
            cipher = self._made(self._cipher.id, self._part, secret)
            with suppress(InvalidTag, ValueError):
                return dict(cipher.opened(digest, sealed) for digest, sealed in kept)
        return None

    def save(self, changed: Mapping[str, str], gone: Iterable[str] = ()) -> None:
        """Keep what changed and drop what is gone, all or nothing, past a power cut. O(changed + gone)."""
        rows = [self._cipher.sealed(name, text) for name, text in changed.items()]
        dropped = [(self._cipher.named(name),) for name in gone]
        self._write(rows, ("DELETE FROM rows WHERE name = ?", dropped))

    def renew(self, rows: Mapping[str, str]) -> None:
        """Keep these rows alone, under a new key, and destroy the key before it. O(rows)."""
        before, self._cipher = self._cipher, self._fresh()
        sealed = [self._cipher.sealed(name, text) for name, text in rows.items()]
        self._write(sealed, ("DELETE FROM rows WHERE key <> ?", [(self._cipher.id,)]))
        shred(self._file(before.id))

    def close(self) -> None:
        """Let the database go."""
        with self._lock:
            self._database.close()
        os.close(self._alone)

    def _write(self, rows: list[tuple[bytes, str, bytes]], delete: tuple[str, Sequence[tuple[object]]]) -> None:
        with self._lock:
            write_rows(self._database, delete, ("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", rows))

    def _of(self, used: list[str]) -> _Cipher:
        """The key that the rows were sealed with, or a new one; what a crash left of others is destroyed."""
        live = used[0] if len(used) == 1 and self._file(used[0]).exists() else ""
        for file in self._folder.glob(f"{self._name}-*.key*"):
            if file != self._file(live):
                shred(file)
        if not live:
            return self._fresh()
        self._part = read_private(self._file(live))
        return self._made(live, self._part, self._office)

    def _fresh(self) -> _Cipher:
        id, part = secrets.token_hex(8), secrets.token_bytes(32)
        put_private(self._file(id), part)
        self._part = part
        return self._made(id, part, self._office)

    def _made(self, id: str, part: bytes, secret: bytes) -> _Cipher:
        return _Cipher(id, hashlib.blake2b(part, key=secret, digest_size=32).digest())

    def _file(self, id: str) -> Path:
        return self._folder / f"{self._name}-{id}.key"
