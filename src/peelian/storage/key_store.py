"""Key store: wrapped data keys, used openings and the newest signed head, in a database of its own.

It joins no data backup: else a copy of the data beside today's key-encryption key would bring back what was destroyed.
The key-encryption keys lie in files beside it (`key_ring`). A destroyed key leaves its tombstone.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, select

from peelian.errors import InputError, IntegrityError, OfficeShut, OutOfOrder
from peelian.kernel.vault.chunk_cipher import VAULT, opened_whole
from peelian.kernel.vault.key_wrapping import WrappingKey, unwrap, wrap, wrapping_key
from peelian.storage.database import Database, memory_database, open_database
from peelian.storage.key_ring import Ring, add_key, destroy_older, read_ring
from peelian.storage.private_files import private_folder
from peelian.storage.schema import HEADS, KEY_METADATA, KEYS, LEAVES, USED

FILE, RING, NEWEST = "keys.db", "ring", "ring"
KEY_BYTES = 32
GONE = "This object was destroyed. Its key no longer exists, so it cannot be read again."
UNKNOWN = "The key store has no such object."
KEY_LOST = "The key store has lost the key of archive partition {partition}. Restore the keys from their backup."

_KEY = KEYS.select().where(KEYS.c.object == bindparam("wanted"))


class KeyStore:
    """Data keys by the name of what they seal. Made by `open_key_store` or `memory_key_store`."""

    def __init__(self, database: Database, ring: Ring, *, folder: Path | None) -> None:
        self.database, self._ring, self._folder = database, ring, folder

    def add(self, name: str, key: bytes) -> None:
        """Keep a new data key, wrapped under the newest key of the ring; OutOfOrder where the name has one."""
        with self.database.writing() as connection:
            under = self._newest(connection)
            if connection.scalar(select(func.count()).select_from(KEYS).where(KEYS.c.object == name)):
                raise OutOfOrder("This object already has a key.")
            connection.execute(KEYS.insert(), {"object": name, "under": under.id, "wrapped": wrap(under, key)})

    def state(self, name: str) -> str:
        """What there is of a key: "live", "destroyed" or "" where there never was one. O(1)."""
        with self.database.reading() as connection:
            row = connection.execute(_KEY, {"wanted": name}).first()
        found = row.wrapped if row else None
        return "" if found is None else "live" if found else "destroyed"

    def unwrapped(self, name: str) -> bytes:
        """The data key; InputError where there never was one, OutOfOrder where it was destroyed. O(1).

        Where a rotation wrapped it anew and destroyed the older wrapping key since it was read, it is read again.
        """
        before = None
        while True:
            with self.database.reading() as connection:
                row = connection.execute(_KEY, {"wanted": name}).first()
            if row is None:
                raise InputError(UNKNOWN)
            if not row.wrapped:
                raise OutOfOrder(GONE)
            if self._holds(row.under) or row.under == before:
                return self._unwrapped(row.under, row.wrapped)
            before = row.under

    def own_key(self, name: str) -> bytes:
        """The keys of a retention partition or a person, the newest last: one more by each rotation. The first is made
        where there is none; OutOfOrder where they were destroyed."""
        with suppress(InputError):
            return self.unwrapped(name)
        with self.database:  # nobody else makes one meanwhile
            if not self.state(name):
                self.add(name, secrets.token_bytes(KEY_BYTES))
            return self.unwrapped(name)

    def revive(self, name: str) -> None:
        """Somebody who was forgotten comes back: let their name have a key again, another one."""
        with self.database.writing() as connection:
            connection.execute(KEYS.delete().where(KEYS.c.object == name, func.length(KEYS.c.wrapped) == 0))

    def opened(self, name: str, intent: int, leaf: int | None = None) -> bytes:
        """The data key of an object, against the logged opening at index `intent`, or against one (`leaf`) of the set
        of openings that is logged there. Each serves once."""
        table, use = (USED, {"intent": intent}) if leaf is None else (LEAVES, {"intent": intent, "leaf": leaf})
        with self.database.writing() as connection:
            key = self.unwrapped(name)
            if connection.execute(table.select().filter_by(**use)).first():
                raise OutOfOrder("This opening was already used. Each logged opening unwraps a key once.")
            connection.execute(table.insert(), use)
        return key

    def destroy(self, name: str, *, unknown: bool = False) -> bool:
        """Overwrite a wrapped key; False where it was destroyed before. `unknown`: one that never was can never be."""
        with self.database.writing() as connection:
            state = self.state(name)
            if not state and not unknown:
                raise InputError(UNKNOWN)
            if state != "destroyed":
                row = {"object": name, "under": b"", "wrapped": b""}
                self.database.upsert(connection, KEYS, [row])
        self.database.overwritten()
        return state != "destroyed"

    def forgotten(self) -> frozenset[str]:
        """People whose names' key was destroyed. O(people)."""
        start, end = person_key(""), person_key("~")
        wanted = (KEYS.c.object > start, KEYS.c.object < end, func.length(KEYS.c.wrapped) == 0)
        with self.database.reading() as connection:
            return frozenset(
                name.removeprefix(start) for name in connection.scalars(select(KEYS.c.object).where(*wanted))
            )

    def states(self) -> dict[str, bool]:
        """Every object that is or was sealed here, and whether its key still exists. O(objects)."""
        with self.database.reading() as connection:
            found = connection.execute(select(KEYS.c.object, KEYS.c.wrapped)).all()
        return {name: bool(wrapped) for name, wrapped in found}

    def rotate(self) -> int:
        """Rewrap every data key under a new wrapping key and destroy the older ones; how many. No data is touched. What
        is put under a partition or a person from now on is sealed with a key that was not there before.

        A crash at any point leaves keys and a ring that belong together. O(objects).
        """
        with self.database.writing() as connection:
            ring = add_key(self._folder / RING) if self._folder else _memory_ring()
            rows = connection.execute(KEYS.select().where(func.length(KEYS.c.wrapped) > 0)).all()
            anew = [
                (row.object, wrap(ring.newest, self._unwrapped(row.under, row.wrapped) + _one_more(row.object)))
                for row in rows
            ]
            made = [{"object": name, "under": ring.newest.id, "wrapped": wrapped} for name, wrapped in anew]
            if made:
                self.database.upsert(connection, KEYS, made)
            self.database.upsert(connection, HEADS, [{"name": NEWEST, "note": ring.newest.id}])
        self._ring = Ring(newest=ring.newest, keys={ring.newest.id: ring.newest})
        self.database.overwritten()
        if self._folder:
            destroy_older(self._folder / RING, keep=ring.newest.id)
        return len(made)

    def openings(self) -> list[tuple[int, int]]:
        """Every opening that was ever used, in order: the log's index, and the place in its set, -1 of one alone."""
        with self.database.reading() as connection:
            alone = [(int(intent), -1) for intent in connection.scalars(select(USED.c.intent))]
            of_sets = [(int(intent), int(leaf)) for intent, leaf in connection.execute(select(LEAVES)).all()]
        return sorted(alone + of_sets)

    def openings_end(self) -> int:
        """The log index after the last opening that was ever used; 0 where none was."""
        with self.database.reading() as connection:
            found = [connection.scalar(select(func.max(table.c.intent))) for table in (USED, LEAVES)]
        return max((int(last) + 1 for last in found if last is not None), default=0)

    def forget_openings(self, start: int) -> None:
        """Two people put a log in place that ends before `start`: what is opened by later entries is something else."""
        with self.database.writing() as connection:
            for table in (USED, LEAVES):
                connection.execute(table.delete().where(table.c.intent >= start))

    def read(self) -> bytes | None:
        """The newest signed head (answers `log_heads.Place`)."""
        with self.database.reading() as connection:
            found = connection.scalar(select(HEADS.c.note).where(HEADS.c.name == "log"))
        return bytes(found) if found is not None else None

    def write(self, note: bytes) -> None:
        """Keep a newer signed head."""
        with self.database.writing() as connection:
            self.database.upsert(connection, HEADS, [{"name": "log", "note": note}])

    def close(self) -> None:
        """Let the database go."""
        self.database.close()

    def _newest(self, connection: Connection) -> WrappingKey:
        """What new data keys are wrapped under: another process may have rotated and destroyed the one before."""
        newest = connection.scalar(select(HEADS.c.note).where(HEADS.c.name == NEWEST))
        if newest is not None and bytes(newest) != self._ring.newest.id and self._folder:
            self._ring = read_ring(self._folder / RING) or self._ring
        return self._ring.newest

    def _unwrapped(self, under: bytes, wrapped: bytes) -> bytes:
        self._holds(under)
        return unwrap(self._ring.key(under), wrapped)

    def _holds(self, under: bytes) -> bool:
        """Whether the ring holds the wrapping key with this id; it is read again where another process rotated."""
        if under not in self._ring.keys and self._folder:
            self._ring = read_ring(self._folder / RING) or self._ring
        return under in self._ring.keys


def open_key_store(folder: Path, place: str = "") -> KeyStore:
    """The key store in a folder of its own (0700), or at a PostgreSQL address; its ring always lies in the folder.

    IntegrityError where there are keys, but no key-encryption keys.
    """
    private_folder(folder)
    database = open_database(place or folder / FILE, KEY_METADATA, name="keys")
    with database.alone("ring"):
        ring = read_ring(folder / RING)
        with database.reading() as connection:
            wrapped = connection.scalar(select(func.count()).select_from(KEYS).where(func.length(KEYS.c.wrapped) > 0))
        if ring is None and wrapped:
            raise OfficeShut(
                "The key encryption keys are missing. Restore the key folder from its own backup.", of="ring"
            )
        return KeyStore(database, ring or add_key(folder / RING), folder=folder)


def memory_key_store() -> KeyStore:
    return KeyStore(memory_database(KEY_METADATA, name="keys"), _memory_ring(), folder=None)


def partition_key(partition: str) -> str:
    """What the key of a retention partition is kept under."""
    return f"partition {partition}"


def person_key(person: str) -> str:
    """What the key of a person's name is kept under."""
    return f"person {person}"


def newest_of(keys: bytes) -> bytes:
    """The one of a partition's or a person's keys to seal with."""
    return keys[-KEY_BYTES:]


def opened_with(keys: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """A small object, sealed with one of a partition's or a person's keys; IntegrityError where with none of them. The
    newest is tried first: O(bytes), and a chunk for every rotation since."""
    for end in range(len(keys), KEY_BYTES, -KEY_BYTES):
        with suppress(IntegrityError):
            return opened_whole(VAULT, keys[end - KEY_BYTES : end], sealed, context=context)
    return opened_whole(VAULT, keys[:KEY_BYTES], sealed, context=context)


def _one_more(name: str) -> bytes:
    """What a rotation adds to the keys of this name: nothing to an object's, under which nothing more is put."""
    goes_on = name.startswith((partition_key(""), person_key("")))
    return secrets.token_bytes(KEY_BYTES) if goes_on else b""


def _memory_ring() -> Ring:
    key = wrapping_key(secrets.token_bytes(32))
    return Ring(newest=key, keys={key.id: key})
