"""Names of people behind their tokens: a row an enrolment, sealed under a key a person, which can be destroyed."""

from __future__ import annotations

import json
import secrets

from sqlalchemy import func, select

from peelian.errors import IntegrityError, OfficeShut
from peelian.kernel.model.ports import Named
from peelian.kernel.vault.chunk_cipher import SALT_BYTES, VAULT, key_to_seal, sealed_whole
from peelian.storage.database import Database
from peelian.storage.key_store import KeyStore, newest_of, opened_with, person_key
from peelian.storage.schema import NAMES

DAMAGED = "The name of a person was altered, cut or swapped. Restore the database from its backup."


class NameRows:
    """Answers `ports.Directory`."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database, self._keys = database, keys

    def keep(self, digest: str, named: Named) -> None:
        """Keep the name behind an enrolment, with the act that enrols. Somebody who comes back gets a new key."""
        name = person_key(named.person)
        with self._keys.database:
            if self._keys.state(name) == "destroyed":
                self._keys.revive(name)
            key = newest_of(self._keys.own_key(name))
        salted = key_to_seal(VAULT, key, salt=secrets.token_bytes(SALT_BYTES), context=_context(digest))
        body = json.dumps({"name": named.name, "salt": named.salt}).encode()
        row = {"digest": digest, "person": named.person, "sealed": sealed_whole(salted, body)}
        with self._database.writing() as connection:
            self._database.upsert(connection, NAMES, [row])

    def known(self, digest: str) -> Named | None:
        """The name behind an enrolment; None where it was forgotten. IntegrityError where it was altered."""
        with self._database.reading() as connection:
            row = connection.execute(NAMES.select().where(NAMES.c.digest == digest)).first()
        if row is None or self._keys.state(person_key(row.person)) != "live":
            return None
        try:
            keys = self._keys.unwrapped(person_key(row.person))
            body = json.loads(opened_with(keys, bytes(row.sealed), context=_context(digest)))
        except OfficeShut:
            raise
        except IntegrityError as wrong:
            raise IntegrityError(DAMAGED, of=f"name {digest}") from wrong
        return Named(person=row.person, name=str(body["name"]), salt=str(body["salt"]))

    def forget(self, person: str) -> int:
        """Destroy the key of a person's names, then remove them and overwrite where they stood; how many."""
        self._database.settle()
        self._keys.destroy(person_key(person), unknown=True)
        with self._database.writing() as connection:
            n = connection.scalar(select(func.count()).select_from(NAMES).where(NAMES.c.person == person))
            connection.execute(NAMES.delete().where(NAMES.c.person == person))
        self._database.settle()
        self._database.overwritten()
        return int(n or 0)


def _context(digest: str) -> bytes:
    return b'{"name":"%b","version":1}' % digest.encode()
