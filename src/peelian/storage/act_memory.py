"""Act memory: what an act read in its transaction, and a page of the log's head, so that each asks once.

Nobody writes beside an act, so what it read holds until it writes itself; what nobody ever changes (a document, an
entry) holds until its transaction ends. Nothing is remembered from one transaction to the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 1_000  # things of each sort


class Look(threading.local):
    """What one thread knows of the log while it answers one question: its head, read once."""

    depth = 0
    head: Mapping[str, Any] | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Within the block this thread reads the head of the log once; what it writes itself counts at once."""
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            self.head = self.head if self.depth else None


class ActMemory:
    """Empty and closed but between `begin` and `end`, which are those of the transaction."""

    def __init__(self) -> None:
        self._is_open = False
        self._read: dict[Hashable, Any] = {}
        self._lasting: dict[Hashable, Any] = {}

    def begin(self) -> None:
        """A transaction began."""
        self.end()
        self._is_open = True

    def end(self) -> None:
        """It ended, or the database failed within it."""
        self._is_open = False
        self._read.clear()
        self._lasting.clear()

    def wrote(self) -> None:
        """The act wrote: what it read may not be so."""
        self._read.clear()

    def once(self, what: Hashable, read: Callable[[], T], *, lasting: bool) -> T:
        """What is remembered, else what `read` finds; an error is not remembered."""
        known = self._lasting if lasting else self._read
        if what in known:
            found: T = known[what]
            return found
        found = read()
        if self._is_open and len(known) < MOST:
            known[what] = found
        return found

    def recalled(self, what: Hashable) -> tuple[bool, Any]:
        """Whether it is known, and what."""
        return what in self._read, self._read.get(what)

    def knows(self, known: Mapping[Hashable, Any]) -> None:
        """What the act just wrote or read, and would find if it asked."""
        if self._is_open:
            self._read |= known
