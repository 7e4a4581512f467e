"""Alarm forwarding: every step of an alarm in the log is sent to another system, in order and at least once.

A step reaches it because it is in the log: from a signal, from time, from the console or from a command of yesterday.
Its place is kept after every step that arrived, before the next one is told. So none is missed, and one step at most is
told twice: the one that had arrived when the program was killed before its place was kept. Nobody can do better across
two machines; the receiver knows that step again by its entry.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from peelian.errors import InputError
from peelian.kernel.model.alarms import Move
from peelian.kernel.model.documents import AlarmStep
from peelian.kernel.state.alarm_state import move_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
from peelian.storage.durable_files import make_folder, put_durably, sync_folder

LOOKS_EVERY = 0.1  # seconds


class Sink(Protocol):
    """Where steps go."""

    def again(self, move: Move) -> None:
        """A step that was told in an earlier life: remembered, not told."""

    def tell(self, entry: int, move: Move) -> bool:
        """Tell a step, this entry of the log: True once it arrived or is given up; else it is offered again."""


class Outlet:
    """One sink and its place in the log, kept in `file`. What happened before it was first opened is not told.

    Opening reads the log once: O(entries). `tally` counts steps told, and times when one could not be told.
    """

    def __init__(self, kernel: Kernel, file: Path, sink: Sink) -> None:
        self.tally = Counter[str]()
        self._kernel, self._file, self._sink = kernel, file, sink
        self._ended = threading.Event()
        make_folder(file.parent)
        known = _place(file)
        end = sum(1 for _ in kernel.stores.log.read())
        self._first, self._next = known or (end, end)
        self._next = min(self._next, end)  # a log that was restored may be shorter
        for index, move in self._steps(min(self._first, end)):
            if move is not None and index < self._next:
                sink.again(move)
        if known is None:
            self._keep()
        self._thread = threading.Thread(target=self._work, name=f"outlet {file.stem}", daemon=True)

    def start(self) -> Outlet:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Tell what is in the log by now, then stop."""
        self._ended.set()
        self._thread.join(timeout=30)
        self.look()

    def look(self) -> None:
        """Tell every step that the log has by now; the log is asked each time. O(entries since the last look)."""
        for index, move in self._steps(self._next):
            if move is not None and not self._sink.tell(index, move):
                self.tally["not told"] += 1
                return
            self._next = index + 1
            if move is not None:
                self.tally["told"] += 1
                self._keep()

    def _keep(self) -> None:
        """Remember how far it is."""
        data = json.dumps({"first": self._first, "next": self._next}).encode()
        put_durably(self._file, data, unfinished=self._file.with_suffix(".unfinished"))
        sync_folder(self._file.parent)

    def _steps(self, start: int) -> Iterator[tuple[int, Move | None]]:
        """The entries from `start` on, with the step of an alarm where an entry is one that was not destroyed."""
        for index, entry in self._kernel.stores.log.read(start):
            is_step = str(entry["kind"]).startswith("ALARM_")
            step = still_archived(self._kernel, str(entry["document"]), AlarmStep) if is_step else None
            yield index, move_of(step) if step else None

    def _work(self) -> None:
        while not self._ended.wait(LOOKS_EVERY):
            try:
                self.look()
            except Exception:  # a full disk, a broken line: it is in nobody's way, and is tried again
                self.tally["not told"] += 1
                self._ended.wait(1.0)


def _place(file: Path) -> tuple[int, int] | None:
    """The first entry this outlet answers for, and the one it tells next."""
    if not file.exists():
        return None
    try:
        made = json.loads(file.read_bytes())
        first, following = int(made["first"]), int(made["next"])
    except (ValueError, KeyError, TypeError):
        raise InputError("not a log position of an outlet", file=file.name, accepted="remove the file") from None
    return max(first, 0), max(first, following, 0)
