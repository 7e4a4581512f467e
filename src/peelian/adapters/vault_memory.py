"""A vault and an archive in memory, for tests and notebooks: the same rules, no disk and no encryption."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from peelian.errors import InputError, OutOfOrder
from peelian.governance.ports import Leaf, Named, Sealed
from peelian.governance.vault import Permitted, header_of, object_id


class _Written(io.BytesIO):
    """A file in memory that learns where it was sealed."""

    _sealed: Sealed | None = None

    @property
    def sealed(self) -> Sealed:
        if self._sealed is None:
            raise OutOfOrder("the object is not sealed yet: leave the `with` block first")
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
            raise OutOfOrder("this object was destroyed: its key no longer exists and it can never be read again")
        if intent in self._used:
            raise OutOfOrder("this opening was used already: each logged opening unwraps a key once")
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
            raise InputError("the key table knows no such object")
        return self._objects[object]


class MemoryDirectory:
    """Answers `ports.Directory` in memory."""

    def __init__(self) -> None:
        self._names: dict[str, Named] = {}

    def keep(self, mark: str, named: Named) -> None:
        """Keep a name."""
        self._names[mark] = named

    def known(self, mark: str) -> Named | None:
        """The name behind an enrolment."""
        return self._names.get(mark)

    def forget(self, person: str) -> int:
        """Forget every name of a person; how many."""
        marks = [mark for mark, named in self._names.items() if named.person == person]
        for mark in marks:
            del self._names[mark]
        return len(marks)


class MemoryAnswers:
    """Answers `noise.Answers` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, ...]] = {}

    def find(self, mark: str) -> tuple[int, ...] | None:
        """The answer kept under a question's mark."""
        return self._kept.get(mark)

    def keep(self, mark: str, answer: tuple[int, ...]) -> None:
        """Keep an answer."""
        self._kept.setdefault(mark, answer)


class MemoryArchive:
    """Answers `ports.Archive` in memory."""

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}
        self._shelves: dict[str, set[str]] = {}

    def put(self, mark: str, document: bytes, *, shelf: str = "") -> None:
        """Keep a document under its mark; OutOfOrder where another one has it."""
        if shelf:
            self._shelves.setdefault(shelf, set()).add(mark)
        if self._documents.setdefault(mark, document) != document:
            raise OutOfOrder("another document has this mark: the archive overwrites nothing")

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents."""
        for leaf in leaves:
            self.put(leaf.mark, leaf.document, shelf=leaf.shelf)

    def get(self, mark: str) -> bytes:
        """The document with this mark; InputError where there is none."""
        if mark not in self._documents:
            raise InputError("the archive holds no document with this mark")
        return self._documents[mark]

    def shelves(self) -> Mapping[str, frozenset[str]]:
        """Every shelf and the marks on it."""
        return {shelf: frozenset(marks) for shelf, marks in self._shelves.items() if marks}

    def destroy_shelf(self, shelf: str) -> int:
        """Forget every document on a shelf; how many. One that lies on another shelf, too, is still there."""
        gone = self._shelves.pop(shelf, set())
        elsewhere = set().union(*self._shelves.values())
        for mark in gone - elsewhere:
            self._documents.pop(mark, None)
        return len(gone)
