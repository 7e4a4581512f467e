"""Documents at hand: what one call has read from the archive or put there, so that it reads nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from peelian.governance.documents import Document
from peelian.governance.ports import Leaf


class AtHand(threading.local):
    """The documents that the call that goes on in this thread has read or archived, by mark. None outlives the call,
    so that what is destroyed is gone for the next one."""

    def __init__(self) -> None:
        self._read: dict[str, Document] | None = None
        self._written: dict[str, bytes] = {}

    @contextmanager
    def in_one_call(self) -> Iterator[None]:
        """Around what needs the same documents several times; one within another belongs to the outer one."""
        if self._read is not None:
            yield
            return
        self._read = {}
        try:
            yield
        finally:
            self._read, self._written = None, {}

    def known(self, mark: str) -> Document | None:
        """The document with this mark, where this call has read it."""
        return self._read.get(mark) if self._read is not None else None

    def written(self, mark: str) -> bytes | None:
        """The bytes of the document with this mark, where this call has archived it."""
        return self._written.get(mark)

    def keep(self, mark: str, document: Document) -> None:
        """This call has read it; outside one nothing is kept."""
        if self._read is not None:
            self._read[mark] = document

    def wrote(self, leaves: Sequence[Leaf]) -> None:
        """This call has archived these; outside one nothing is kept."""
        if self._read is not None:
            self._written.update((leaf.mark, leaf.document) for leaf in leaves)
