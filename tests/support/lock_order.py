"""The order in which locks are taken, over all tests of a process: two that are taken both ways round can wait for each
other for ever, whether or not they did. Locks that the package makes are watched, and its leases.

A lock is known by the line that makes it and, of a database, by which; a lease by what it is for. Two databases of one
name in one test are two processes: one does not wait for the other while the test's thread does something in both.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import peelian
from peelian.storage.database import Database

SOURCE = str(Path(peelian.__file__).parent)
LEASES = frozenset({"publisher", "maintenance", "ring", "serving"})  # others are of one case or dataset each
_lock, _rlock, _alone = threading.Lock, threading.RLock, Database.alone


@dataclass(frozen=True, eq=False)
class Lock:
    """A lock or lease, and the database that it is of."""

    name: str
    of: Database | None = None


class Order:
    """Which lock was waited for while which other was held, with where that first was."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], str] = {}
        self._held = threading.local()

    def held(self) -> list[Lock]:
        """What this thread holds."""
        found: list[Lock] = self._held.__dict__.setdefault("by", [])
        return found

    def waits(self, lock: Lock) -> None:
        """This thread begins to wait for a lock."""
        for other in self.held():
            pair = other.name, lock.name
            if other.name != lock.name and pair not in self.seen and _of_one_process(other.of, lock.of):
                self.seen[pair] = "".join(traceback.format_stack(limit=16)[:-2])

    def both_ways(self) -> list[str]:
        """Each pair that stands in a circle, with where the one was waited for. O(locks × pairs)."""
        after: dict[str, set[str]] = {}
        for one, other in self.seen:
            after.setdefault(one, set()).add(other)
        circles = [pair for pair in self.seen if pair[0] in _reached(after, pair[1])]
        return [f"{one} is held, {other} waited for:\n{self.seen[one, other]}" for one, other in sorted(circles)]


def _reached(after: dict[str, set[str]], start: str) -> set[str]:
    found, todo = set[str](), [start]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += after.get(here, ())
    return found


def _of_one_process(one: Database | None, other: Database | None) -> bool:
    return one is other or one is None or other is None or one.name != other.name


class Watched:
    """A lock of `threading` that says when it is waited for."""

    def __init__(self, order: Order, real: Any, lock: Lock) -> None:
        self._order, self._real, self._lock = order, real, lock

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        held = self._order.held()
        if blocking and timeout < 0 and held and self._lock not in held:
            self._order.waits(self._lock)
        if got := self._real.acquire(blocking, timeout):
            held.append(self._lock)
        return bool(got)

    def release(self) -> None:
        if self._lock in (held := self._order.held()):
            held.remove(self._lock)
        self._real.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@dataclass(frozen=True)
class Maker:
    """In the place of `threading.Lock`: no function, which as an attribute of a class would be a method."""

    order: Order
    real: Any

    def __call__(self) -> Any:
        lock = _made_by(sys._getframe(1))
        return Watched(self.order, self.real(), lock) if lock else self.real()


def watch(order: Order) -> None:
    """From here on."""

    @contextmanager
    def alone(self: Database, what: str, *, wait: bool = True, shared: bool = False) -> Iterator[bool]:
        lock = Lock(f"lease {what if what in LEASES else 'of one thing'}", self)
        if wait and not shared:
            order.waits(lock)
        with _alone(self, what, wait=wait, shared=shared) as mine:
            if mine and not shared:
                order.held().append(lock)
            try:
                yield mine
            finally:
                if lock in order.held():
                    order.held().remove(lock)

    threading.Lock, threading.RLock = Maker(order, _lock), Maker(order, _rlock)  # type: ignore[misc,assignment]
    Database.alone = alone  # type: ignore[method-assign]


def _made_by(frame: FrameType | None) -> Lock | None:
    """Known by the line of ours that makes it; None where it is none of ours, or a lease of a database in memory."""
    while frame is not None and ("dataclasses" in frame.f_code.co_filename or frame.f_code.co_filename.startswith("<")):
        frame = frame.f_back
    file = frame.f_code.co_filename if frame is not None else ""
    if frame is None or not file.startswith(SOURCE) or file.endswith("leases.py"):
        return None
    whose, line = frame.f_locals.get("self"), f"{file.removeprefix(SOURCE)[1:]}:{frame.f_lineno}"
    if isinstance(whose, Database):
        return Lock(f"{line} of {frame.f_locals['name']}", whose)
    return Lock(line)
