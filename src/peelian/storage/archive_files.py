"""Archive on disk: small encrypted documents found by their digest, one file and one key a retention partition.

Destroying a partition's key destroys every document of it at once, wherever copies of the ciphertext may be.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.model.ports import Leaf
from peelian.kernel.vault.chunk_cipher import KEY_BYTES, SALT_BYTES, VAULT, key_to_seal, opened_whole, sealed_whole
from peelian.kernel.vault.key_wrapping import OBJECT_BYTES
from peelian.storage.durable_files import make_folder
from peelian.storage.key_table import KeyTable, open_key_table
from peelian.storage.partition_files import MOST_DOCUMENT, PartitionFile
from peelian.storage.private_files import in_plain_words, private_folder

MOST_BYTES = 64 << 20
OWN = "office"  # the partition of what is put on none
FILE = "partition"
LATELY = 4
_DIGEST = re.compile(r"[0-9A-Za-z_-]{8,128}")
_PARTITION = re.compile(r"[0-9a-z][0-9a-z._-]{0,63}")
_TOGETHER, _BYTES = 256, 16 << 20  # documents of an older archive, and bytes of them, that are gathered at once


@dataclass(frozen=True, kw_only=True)
class _Partition:
    name: str
    file: PartitionFile

    @cached_property
    def object(self) -> bytes:
        """What the key table knows its key as."""
        return _object_of(self.name)

    def context(self, digest: str) -> bytes:
        """What a document is sealed to: the partition and its digest."""
        return b'{"archive":"%b","mark":"%b","version":1}' % (self.name.encode(), digest.encode())  # canonical JSON


class FileArchive:
    """Answers `ports.Archive` with a file for each partition. Made by `open_archive`."""

    def __init__(self, folder: Path, table: KeyTable) -> None:
        self.folder = folder
        self._table = table
        self._known: dict[str, _Partition] = {}
        self._lately: tuple[_Partition, ...] = ()  # the newest ones of those that documents were put on or wanted of

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        """Keep a document under its digest; it survives a power cut. Putting the same again does nothing.

        OutOfOrder where another document has this digest, or where the partition was destroyed.
        """
        self.put_all([Leaf(digest=digest, document=document, partition=partition)])

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents, waiting for the disk once for each partition; errors as for `put`. O(bytes)."""
        for leaf in leaves:
            if len(leaf.document) > MOST_BYTES:
                raise InputError(f"a document of {len(leaf.document):,} bytes", accepted=f"up to {MOST_BYTES:,} bytes")
        for name in sorted({leaf.partition for leaf in leaves}):
            self._put(
                self._partition(name or OWN),
                {_checked(one.digest): one.document for one in leaves if one.partition == name},
            )

    def _put(self, partition: _Partition, documents: Mapping[str, bytes]) -> None:
        key = self._key(partition, new=True)
        self._is_used(partition)
        sealed = {digest: _sealed(key, document, partition.context(digest)) for digest, document in documents.items()}
        with in_plain_words("the document was not kept, and nothing of it remains"):
            partition.file.append(
                sealed, lambda digest, there: self._is_kept(partition, digest, (there, documents[digest]), key)
            )

    def _is_kept(self, partition: _Partition, digest: str, both: tuple[bytes, bytes], key: bytes) -> bool:
        """`both`: the document that is there, sealed, and the one that is to be kept. It looks at no file and at no key
        table: the partition's file is held meanwhile."""
        sealed, document = both
        try:
            kept = self._opened(partition, digest, sealed, key)
        except IntegrityError:
            return False  # a crash left it half written, or somebody altered it: the right one is kept behind it
        if kept != document:
            raise OutOfOrder("Another document has this digest. The archive never overwrites documents.")
        return True

    def get(self, digest: str) -> bytes:
        """The document with this digest, after all of it was authenticated; InputError where there is none.

        It may lie on two partitions, carried over from one to the other: either will do. OutOfOrder where each
        partition that has it was destroyed.
        """
        gone: OutOfOrder | None = None
        for partition in self._partitions_with(_checked(digest)):
            if (sealed := partition.file.read(digest)) is None:
                continue
            try:
                return self._opened(partition, digest, sealed, self._key(partition))
            except OutOfOrder as destroyed:
                gone = destroyed
        raise gone or InputError("The archive has no document with this digest.")

    def partitions(self) -> dict[str, frozenset[str]]:
        """Every partition that holds documents, with their digests. O(partitions), and O(documents) where some are
        new."""
        found = {partition.name: partition.file.digests() for partition in self._all()}
        return {name: digests for name, digests in found.items() if digests}

    def destroy_partition(self, partition: str) -> int:
        """Destroy a partition's key, then remove its documents; how many. A partition that never was has none.

        Doing it again removes what is left.
        """
        there = self._partition(partition)
        with in_plain_words("the shelf may not be destroyed yet, do it again"):
            self._give_key(there)  # one that has none yet can never get another
            self._table.destroy(there.object)
            return there.file.remove()

    def is_destroyed(self, partition: str) -> bool:
        """Whether the key of this partition was destroyed here, whatever a log says. O(1)."""
        try:
            self._table.record(_object_of(partition))
        except InputError:  # it never had one
            return False
        except OutOfOrder:
            return True
        return False

    def rotate_keys(self) -> int:
        """Rewrap the keys of all partitions under a new wrapping key; no document is touched."""
        with in_plain_words("the keys were not rewrapped and the old ones still serve"):
            return self._table.rotate()

    def gather(self) -> None:
        """Take what an older version kept as a file each into their partitions' files. O(such documents)."""
        for partition in self._all():
            old = sorted(path for path in partition.file.path.parent.iterdir() if _is_old(path))
            for some in _some_at_once(old):
                partition.file.append({path.name: path.read_bytes() for path in some})
                for path in some:
                    path.unlink()

    def _partitions_with(self, digest: str) -> Iterator[_Partition]:
        """The partitions that hold a document, one by one as they are wanted: those that are known to, then those that
        turn out to. O(1) where it lies on one that was used lately, else O(partitions)."""
        given: set[str] = set()
        for partition in self._lately_used_first():
            if partition.name not in given and partition.file.holds(digest):
                given.add(partition.name)
                self._is_used(partition)
                yield partition
        yield from (
            partition for partition in self._all() if partition.name not in given and digest in partition.file.digests()
        )

    def _lately_used_first(self) -> Iterator[_Partition]:
        yield from self._lately
        yield from reversed(list(self._known.values()))

    def _is_used(self, partition: _Partition) -> None:
        if partition not in self._lately[:1]:
            self._lately = (partition, *(one for one in self._lately if one is not partition))[:LATELY]

    def _all(self) -> list[_Partition]:
        return [
            self._partition(one.name)
            for one in os.scandir(self.folder)
            if one.is_dir() and _PARTITION.fullmatch(one.name)
        ]

    def _partition(self, name: str) -> _Partition:
        if not _PARTITION.fullmatch(name):
            raise InputError("not a partition name", accepted="up to 64 small letters, digits, dots, dashes")
        if name not in self._known:
            self._known[name] = _Partition(name=name, file=PartitionFile(private_folder(self.folder / name) / FILE))
        return self._known[name]

    def _key(self, partition: _Partition, *, new: bool = False) -> bytes:
        """The partition's key, which a new partition gets; IntegrityError where there are documents whose key is
        lost."""
        try:
            return self._table.unwrapped(partition.object)
        except InputError:
            if partition.file.digests():
                raise IntegrityError(
                    f"The key table has lost the key of archive partition {partition.name}. "
                    "Restore the key folder from its own backup."
                ) from None
            if not new:
                raise
        self._give_key(partition)
        return self._table.unwrapped(partition.object)

    def _give_key(self, partition: _Partition) -> None:
        with suppress(OutOfOrder):  # it has one, or had one that was destroyed
            self._table.add(partition.object, secrets.token_bytes(KEY_BYTES))

    def _opened(self, partition: _Partition, digest: str, sealed: bytes, key: bytes) -> bytes:
        try:
            return opened_whole(VAULT, key, sealed, context=partition.context(digest))
        except IntegrityError as wrong:
            raise IntegrityError(
                f"A document in archive partition {partition.name} was altered, cut or swapped ({wrong}). Keep it for "
                "whoever investigates, and restore the archive from its backup"
            ) from wrong


def open_archive(folder: Path, keys: Path) -> FileArchive:
    """The archive in `folder`, its keys in the folder `keys`. A new partition gets a key from the system's random
    source.

    IntegrityError where there are documents but no keys. O(documents) where an older version kept a file for each.
    """
    make_folder(folder)
    if not (keys / "table").exists() and any(folder.glob(f"*/{FILE}")):
        raise IntegrityError("Archived documents have no keys. Restore the key folder from its own backup.")
    archive = FileArchive(folder, open_key_table(keys))
    with in_plain_words("what an older version kept was not taken over, and is as it was"):
        archive.gather()
    return archive


def _some_at_once(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """These files, in order, as many at a time as memory may well hold; at least one."""
    some: list[Path] = []
    size = 0
    for path in paths:
        more = path.stat().st_size
        if some and (len(some) == _TOGETHER or size + more > _BYTES):
            yield some
            some, size = [], 0
        some.append(path)
        size += more
    if some:
        yield some


def _is_old(path: Path) -> bool:
    """Whether this is a document that an older version kept, and nothing else that was put here."""
    if path.name == FILE or not _DIGEST.fullmatch(path.name):
        return False
    there = path.lstat()
    return stat.S_ISREG(there.st_mode) and 0 < there.st_size <= MOST_DOCUMENT


def _object_of(partition: str) -> bytes:
    return hashlib.sha256(f"archive {partition}".encode()).digest()[:OBJECT_BYTES]


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise InputError("not a document digest", accepted="8 to 128 letters and digits")
    return digest


def _sealed(key: bytes, document: bytes, context: bytes) -> bytes:
    salt = secrets.token_bytes(SALT_BYTES)
    return sealed_whole(key_to_seal(VAULT, key, salt=salt, context=context), document)
