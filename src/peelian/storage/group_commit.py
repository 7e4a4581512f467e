"""Group commit: threads that append share the next write and its sync."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from peelian.errors import IntegrityError

Item = TypeVar("Item")
LONGEST_PAUSE = 0.005  # seconds for which nobody may come before a write begins


class _Group(Generic[Item]):
    """Items that are written together; the thread that opened it writes it for all that joined."""

    __slots__ = ("_full", "_told", "_unwritten", "_wanted", "items", "places", "wrong")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.places: Sequence[int] = ()  # filled when they are durable
        self.wrong: BaseException | None = None
        self._told = False
        self._unwritten = Lock()  # a bare lock, which each waiting thread hands on: half the price of an Event
        self._unwritten.acquire()
        self._full = Lock()
        self._full.acquire()
        self._wanted = 0

    def wait(self) -> None:
        """Until it is written or has failed."""
        with self._unwritten:
            pass

    def gather(self, wanted: int, pause: float) -> None:
        """Wait until `wanted` items are there, or until none came for `pause` seconds. For its leader alone."""
        seen, self._wanted = 0, wanted
        while seen < len(self.items) < wanted:
            seen = len(self.items)
            self._full.acquire(timeout=pause)

    def joined(self) -> None:
        """Somebody joined: where that makes it full, its leader need not wait any longer. Under the lock of joining."""
        if len(self.items) == self._wanted:
            self._wanted = 0
            self._full.release()

    def let_go(self) -> None:
        """Wake those that wait; only its leader does so, and doing it again does nothing."""
        if not self._told:
            self._told = True
            self._unwritten.release()


class GroupCommit(Generic[Item]):
    """Turns many threads' appends into few writes. `write` makes items durable and returns where each one went; it is
    never run twice at once, and what it raises reaches every thread of the group as an IntegrityError.

    >>> kept = []
    >>> commit = GroupCommit(lambda items: [kept.append(item) or len(kept) - 1 for item in items])
    >>> commit.append("a"), commit.append_all(["b", "c"])
    (0, [1, 2])
    """

    __slots__ = ("_expected", "_pause", "_short", "_waiting", "_write", "writing")

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[int]]) -> None:
        self.writing = Lock()  # held by the one thread that writes; hold it to keep all of them from it
        self._write = write
        self._short = Lock()  # guards who may join which group; never held over a write
        self._waiting: _Group[Item] = _Group()
        self._expected, self._pause = 1, 0.0  # how many threads appended last time, and how long their write took

    def append(self, item: Item) -> int:
        """Where the item went, when it is durable."""
        with self._short:
            group = self._waiting
            place = len(group.items)
            group.items.append(item)
            if place:
                group.joined()
        if place == 0:
            self._lead(group, gather=True)
        else:
            group.wait()
        if not group.places:
            raise IntegrityError(
                str(group.wrong) or "the append was interrupted: it is not in the log"
            ) from group.wrong
        return group.places[place]

    def append_all(self, items: Sequence[Item]) -> list[int]:
        """Where the items went, side by side, when they are durable."""
        group: _Group[Item] = _Group()
        group.items = list(items)
        self._lead(group)
        return list(group.places)

    def _lead(self, group: _Group[Item], *, gather: bool = False) -> None:
        """Wait for the turn and for those who will be back in a moment, let nobody join any more, write for all, tell
        them.

        Who was told of the last write may append again at once; a write without them would make them wait for two. So
        the leader waits for as many as there were, as long as one of them comes within the time of a write.
        """
        try:
            with self.writing:
                if gather:
                    group.gather(self._expected, self._pause)
                self._let_nobody_join(group)
                start = monotonic()
                group.places = self._write(group.items)
                if gather:
                    self._expected, self._pause = len(group.items), min(monotonic() - start, LONGEST_PAUSE)
        except BaseException as wrong:  # also an interrupt from the keyboard: nobody must wait for ever
            group.wrong = wrong
            raise
        finally:
            self._let_nobody_join(group)
            group.let_go()

    def _let_nobody_join(self, group: _Group[Item]) -> None:
        with self._short:
            if self._waiting is group:
                self._waiting = _Group()
