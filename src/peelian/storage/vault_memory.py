"""Vault and archive in memory: for tests and notebooks, with the same rules and no disk."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.ports import Leaf, Named, Sealed
from peelian.kernel.vault.vault import Permitted, header_of, object_id


class _Written(io.BytesIO):
    """A file in memory that learns where it was sealed."""

    _sealed: Sealed | None = None

    @property
    def sealed(self) -> Sealed:
        if self._sealed is None:
            raise OutOfOrder("The object is not finished. Leave the `with` block first.")
        return self._sealed


class MemoryVault:
    """Answers `ports.Vault` in memory; `unwraps` counts openings."""

    def __init__(self, *, permitted: Permitted) -> None:
        self.unwraps = 0
        self._permitted = permitted
        self._objects: dict[str, tuple[str, bytes | None]] = {}
        self._used: set[int] = set()

    @contextmanager
    def seal(self, dataset: str) -> Iterator[_Written]:
        """A file to write into; on a clean exit the object is kept, else nothing remains."""
        header_of(dataset)
        file = _Written()
        yield file
        plain, name = file.getvalue(), secrets.token_hex(16)
        self._objects[name] = (dataset, plain)
        file._sealed = Sealed(object=name, dataset=dataset, digest=hashlib.sha256(plain).hexdigest(), size=len(plain))

    def open(self, object: str, *, intent: int) -> io.BytesIO:
        """A seekable file of the plaintext, against the logged opening at index `intent`, which serves once."""
        dataset, plain = self._known(object)
        self._permitted(intent, object=object, dataset=dataset)
        if plain is None:
            raise OutOfOrder("This object was destroyed. Its key no longer exists, so it cannot be read again.")
        if intent in self._used:
            raise OutOfOrder("This opening was already used. Each logged opening unwraps a key once.")
        self._used.add(intent)
        self.unwraps += 1
        return io.BytesIO(plain)

    def destroy(self, object: str) -> None:
        """Forget an object. Doing it again does nothing."""
        self._objects[object] = (self._known(object)[0], None)

    def found(self, dataset: str) -> tuple[str, ...]:
        """The objects kept under a dataset's name and not yet forgotten."""
        return tuple(sorted(object for object, name in self.names().items() if name == dataset))

    def names(self) -> dict[str, str]:
        """Under which dataset's name each object that is not forgotten is kept."""
        return {object: held for object, (held, plain) in self._objects.items() if plain is not None}

    def _known(self, object: str) -> tuple[str, bytes | None]:
        object_id(object)
        if object not in self._objects:
            raise InputError("The key table has no such object.")
        return self._objects[object]


class MemoryDirectory:
    """Answers `ports.Directory` in memory."""

    def __init__(self) -> None:
        self._names: dict[str, Named] = {}

    def keep(self, digest: str, named: Named) -> None:
        """Keep a name."""
        self._names[digest] = named

    def known(self, digest: str) -> Named | None:
        """The name behind an enrolment."""
        return self._names.get(digest)

    def forget(self, person: str) -> int:
        """Forget every name of a person; how many."""
        digests = [digest for digest, named in self._names.items() if named.person == person]
        for digest in digests:
            del self._names[digest]
        return len(digests)


class MemoryAnswers:
    """Answers `noise.Answers` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, ...]] = {}

    def find(self, digest: str) -> tuple[int, ...] | None:
        """The answer kept under a question's digest."""
        return self._kept.get(digest)

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        """Keep an answer."""
        self._kept.setdefault(digest, answer)


class MemoryArchive:
    """Answers `ports.Archive` in memory."""

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}
        self._partitions: dict[str, set[str]] = {}

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        """Keep a document under its digest; OutOfOrder where another one has it."""
        if partition:
            self._partitions.setdefault(partition, set()).add(digest)
        if self._documents.setdefault(digest, document) != document:
            raise OutOfOrder("Another document has this digest. The archive never overwrites documents.")

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents."""
        for leaf in leaves:
            self.put(leaf.digest, leaf.document, partition=leaf.partition)

    def get(self, digest: str) -> bytes:
        """The document with this digest; InputError where there is none."""
        if digest not in self._documents:
            raise InputError("The archive has no document with this digest.")
        return self._documents[digest]

    def partitions(self) -> Mapping[str, frozenset[str]]:
        """Every partition and the digests on it."""
        return {partition: frozenset(digests) for partition, digests in self._partitions.items() if digests}

    def destroy_partition(self, partition: str) -> int:
        """Forget every document on a partition; how many. One that lies on another partition, too, is still there."""
        gone = self._partitions.pop(partition, set())
        elsewhere = set().union(*self._partitions.values())
        for digest in gone - elsewhere:
            self._documents.pop(digest, None)
        return len(gone)
