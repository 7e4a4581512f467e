"""Vault in memory: for tests and notebooks, with the same rules and no disk."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.ports import Sealed
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

    def __init__(self, *, permitted: Permitted, settle: Callable[[], None] = lambda: None) -> None:
        self.unwraps = 0
        self._permitted, self._settle = permitted, settle
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
        self._settle()
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
