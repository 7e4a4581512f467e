"""Documents at hand: what one call has read from the archive, so that it reads nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from peelian.governance.documents import Document


class AtHand(threading.local):
    """The documents that the call that goes on in this thread has read, by mark. None outlives the call, so that what
    is destroyed is gone for the next one.
    """

    def __init__(self) -> None:
        self._read: dict[str, Document] | None = None

    @contextmanager
    def in_one_call(self) -> Iterator[None]:
        """Around what reads the same documents several times; one within another belongs to the outer one."""
        if self._read is not None:
            yield
            return
        self._read = {}
        try:
            yield
        finally:
            self._read = None

    def known(self, mark: str) -> Document | None:
        """The document with this mark, where this call has read it."""
        return self._read.get(mark) if self._read is not None else None

    def keep(self, mark: str, document: Document) -> None:
        """This call has read it; outside one nothing is kept."""
        if self._read is not None:
            self._read[mark] = document
