"""Sealed documents as rows: found by their digest, encrypted under the key of their retention partition.

Destroying a partition's key destroys every document of it at once, wherever copies of the ciphertext may be.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import cache

from sqlalchemy import Connection, bindparam, func, select

from peelian.errors import InputError, IntegrityError, OfficeShut, OutOfOrder, sentence
from peelian.kernel.model.ports import Leaf
from peelian.kernel.vault.chunk_cipher import SALT_BYTES, VAULT, key_to_seal, sealed_whole
from peelian.storage.database import Database
from peelian.storage.key_store import KEY_LOST, KeyStore, newest_of, opened_with, partition_key
from peelian.storage.schema import DOCUMENTS

MOST_BYTES = 64 << 20
AT_ONCE = 2_000
DAMAGED = (
    "A document in archive partition %(partition)s was altered, cut or swapped. Keep it for whoever investigates, and "
    "restore the database from its backup."
)
ANOTHER = "Another document has this digest. The archive never overwrites documents."
OWN = "office"  # the partition of what is put on none
_DIGEST = re.compile(r"[0-9A-Za-z_-]{8,128}")
_PARTITION = re.compile(r"[0-9a-z][0-9a-z._-]{0,63}")
_DOCUMENT = (
    select(DOCUMENTS.c.partition, DOCUMENTS.c.sealed)
    .where(DOCUMENTS.c.digest == bindparam("wanted"))
    .order_by(DOCUMENTS.c.partition)
)


_DOCUMENTS = (
    DOCUMENTS.select()
    .where(DOCUMENTS.c.digest.in_(bindparam("wanted", expanding=True)))
    .order_by(DOCUMENTS.c.partition)
)


class DocumentRows:
    """Answers `ports.Archive`: within an act its documents are kept with the act, or not at all."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database, self.keys = database, keys

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        """Keep a document under its digest. Putting the same again does nothing.

        OutOfOrder where another document has this digest, or where the partition was destroyed.
        """
        self.put_all([Leaf(digest=digest, document=document, partition=partition)])

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents, all of them or none; errors as for `put`. O(bytes)."""
        for leaf in leaves:
            if len(leaf.document) > MOST_BYTES:
                raise InputError(f"a document of {len(leaf.document):,} bytes", accepted=f"up to {MOST_BYTES:,} bytes")
            _checked(leaf.digest)
        keys = {name: self._own_key(name) for name in {_named(leaf.partition) for leaf in leaves}}
        kept: dict[tuple[str, str], bytes] = {}
        for leaf in leaves:
            if kept.setdefault((leaf.digest, _named(leaf.partition)), leaf.document) != leaf.document:
                raise OutOfOrder(ANOTHER)
        rows = [
            {"digest": digest, "partition": name, "sealed": _sealed(keys[name], document, _context(name, digest))}
            for (digest, name), document in kept.items()
        ]
        with self._database.writing(only_adds=True) as connection:
            if rows and self._database.add(connection, DOCUMENTS, rows) < len(rows):
                self._must_be_the_same(connection, kept, [row["sealed"] for row in rows])

    def _must_be_the_same(
        self, connection: Connection, kept: Mapping[tuple[str, str], bytes], added: Sequence[object]
    ) -> None:
        """OutOfOrder where a document that was there is another than the one that was to be kept, IntegrityError where
        it was altered: then none of those that were added with it stays. O(bytes)."""
        wanted = list({digest for digest, _ in kept})
        try:
            for row in connection.execute(_DOCUMENTS, {"wanted": wanted}).all():
                given = kept.get((row.digest, row.partition))
                if given is None:
                    continue
                if _opened(self._unwrapped(row.partition), row.partition, row.digest, bytes(row.sealed)) != given:
                    raise OutOfOrder(ANOTHER)
        except (OutOfOrder, IntegrityError):
            own = (DOCUMENTS.c.digest.in_(wanted), DOCUMENTS.c.sealed.in_(added))
            connection.execute(DOCUMENTS.delete().where(*own))
            raise

    def get(self, digest: str, *, partition: str = "") -> bytes:
        """The document with this digest, after all of it was authenticated; InputError where there is none.

        It may lie on two partitions, carried over from one to the other: either will do, unless one is named.
        OutOfOrder where each partition that has it was destroyed.
        """
        named = "document", digest, partition
        return self._database.once(named, lambda: self._get(digest, partition), lasting=True)

    def several(self, digests: Collection[str]) -> dict[str, bytes]:
        """The documents with these digests, without those that are not there or were destroyed. O(bytes), a query for
        2,000 of them."""
        found: dict[str, list[tuple[str, bytes]]] = {}
        whole = [_checked(digest) for digest in digests]
        for some in (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE)):
            with self._database.reading() as connection:
                for row in connection.execute(_DOCUMENTS, {"wanted": some}):
                    found.setdefault(row.digest, []).append((row.partition, bytes(row.sealed)))
        made, key = {}, cache(self._unwrapped)  # each partition's key is asked for once
        for digest, copies in found.items():
            with suppress(OutOfOrder):
                made[digest] = self._first_opened(digest, copies, key)
        return made

    def _get(self, digest: str, partition: str) -> bytes:
        with self._database.reading() as connection:
            found = connection.execute(_DOCUMENT, {"wanted": _checked(digest)}).all()
        copies = [(name, bytes(sealed)) for name, sealed in found if partition in ("", name)]
        return self._first_opened(digest, copies, self._unwrapped)

    def _first_opened(self, digest: str, copies: Sequence[tuple[str, bytes]], key: Callable[[str], bytes]) -> bytes:
        gone: OutOfOrder | None = None
        for name, sealed in copies:
            try:
                return _opened(key(name), name, digest, sealed)
            except OutOfOrder as destroyed:
                gone = destroyed
        raise gone or InputError("The archive has no document with this digest.")

    def partitions(self) -> Mapping[str, frozenset[str]]:
        """Every partition that holds documents, with their digests. O(documents)."""
        with self._database.reading() as connection:
            rows = connection.execute(select(DOCUMENTS.c.partition, DOCUMENTS.c.digest)).all()
        found: dict[str, set[str]] = {}
        for partition, digest in rows:
            found.setdefault(partition, set()).add(digest)
        return {partition: frozenset(digests) for partition, digests in found.items()}

    def destroy_partition(self, partition: str) -> int:
        """Destroy a partition's key, then remove its documents; how many. A partition that never was has none.

        Doing it again removes what is left.
        """
        name = _named(partition)
        self._database.settle()
        self.keys.destroy(partition_key(name), unknown=True)  # one that has none yet can never get another
        with self._database.writing() as connection:
            wanted = DOCUMENTS.c.partition == name
            n = int(connection.scalar(select(func.count()).select_from(DOCUMENTS).where(wanted)) or 0)
            connection.execute(DOCUMENTS.delete().where(wanted))
        self._database.settle()
        self._database.overwritten()
        return n

    def is_destroyed(self, partition: str) -> bool:
        """Whether the key of this partition was destroyed here, whatever a log says. O(1)."""
        return self.keys.state(partition_key(_named(partition))) == "destroyed"

    def _own_key(self, partition: str) -> bytes:
        return self._key(partition, self.keys.own_key)

    def _key(self, partition: str, read: Callable[[str], bytes]) -> bytes:
        """A partition's keys, which an act asks for once: what is destroyed or added meanwhile, the act came before."""
        return self._database.once(("key", partition), lambda: read(partition_key(partition)), lasting=True)

    def _unwrapped(self, partition: str) -> bytes:
        """A partition's keys, to read with; IntegrityError where it was lost, OutOfOrder where it was destroyed."""
        try:
            return self._key(partition, self.keys.unwrapped)
        except InputError:
            raise IntegrityError(KEY_LOST.format(partition=partition), of=f"key {partition_key(partition)}") from None
        except OfficeShut:
            raise
        except IntegrityError as wrong:
            raise IntegrityError(str(wrong), of=f"key {partition_key(partition)}") from wrong


def _opened(keys: bytes, partition: str, digest: str, sealed: bytes) -> bytes:
    try:
        return opened_with(keys, sealed, context=_context(partition, digest))
    except IntegrityError as wrong:
        raise IntegrityError(sentence(DAMAGED, partition=partition), of=f"document {digest}") from wrong


def _named(partition: str) -> str:
    name = partition or OWN
    if not _PARTITION.fullmatch(name):
        raise InputError("not a partition name", accepted="up to 64 small letters, digits, dots, dashes")
    return name


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise InputError("not a document digest", accepted="8 to 128 letters and digits")
    return digest


def _context(partition: str, digest: str) -> bytes:
    """What a document is sealed to: the partition and its digest, as canonical JSON."""
    return b'{"archive":"%b","document":"%b","version":1}' % (partition.encode(), digest.encode())


def _sealed(keys: bytes, document: bytes, context: bytes) -> bytes:
    key = key_to_seal(VAULT, newest_of(keys), salt=secrets.token_bytes(SALT_BYTES), context=context)
    return sealed_whole(key, document)
