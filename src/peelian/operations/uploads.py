"""Uploads: files on their way in from the pages, encrypted while they wait, gone when nobody asks for them any more.

An upload is its person's alone. It grows piece by piece, so that a connection that broke goes on where it was. Its
bytes lie in a scratch file of the office under a key that only this process knows; a restart forgets it. A file takes
at most half of the disk's free space: the log is on that disk, too, and what is imported is written there again.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.intake.sources import Lent, lent, shown_name
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.jobs import Job

MOST_BYTES = 16 << 30
MOST_OF_A_PERSON = 3
KEPT_SECONDS = 3600.0  # without anybody asking for it


@dataclass(slots=True, kw_only=True)
class Upload:
    """One file on its way in: whose it is, how much of it is there, and what goes on with it."""

    id: str
    by: str  # the person's token
    name: str
    size: int  # bytes it will have
    file: BinaryIO
    asked: float  # when somebody last asked for it, by the office's clock in seconds
    taken: int = 0
    admitting: Job | None = None
    typed: Mapping[str, str] = field(default_factory=dict)  # the declaration as it was last sent
    _looking: dict[str, tuple[Any, Job]] = field(default_factory=dict)  # by purpose: what it is read as, the reading
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return self.taken == self.size

    def add(self, at: int, piece: bytes) -> int:
        """Take the piece that begins at byte `at`; how much there is now. One that is there already changes nothing.

        InputError for one that leaves a gap or goes beyond the size that was said.
        """
        with self.lock:
            if at > self.taken or at < 0 or at + len(piece) > self.size:
                raise InputError("a piece out of order", accepted=sentence("bytes from %(n)d on", n=self.taken))
            new = piece[self.taken - at :]
            self.file.seek(self.taken)
            self.file.write(new)
            self.taken += len(new)
            return self.taken

    def finish(self) -> None:
        """What is there is all of it: for a form that did not say how much would come."""
        self.size = self.taken

    @property
    def job(self) -> Job:
        """The newest reading as data."""
        if "data" not in self._looking:
            raise OutOfOrder("This upload was not read yet.")
        return self._looking["data"][1]

    def looked_at(self, asked: Any, work: Callable[[Progress], Any], purpose: str = "data") -> Job:
        """The reading as what was asked for: the one there is, one that still goes on, or a new one."""
        with self.lock:
            known = self._looking.get(purpose)
            if known is None or (known[0] != asked and known[1].ended):
                known = self._looking[purpose] = (asked, Job(work))
            return known[1]

    def admit_once(self, work: Callable[[Progress], Any]) -> Job:
        """The import: the one that goes on, or a new one. Sent twice, it is done once."""
        with self.lock:
            if self.admitting is None:
                self.admitting = Job(work)
            return self.admitting

    def lent(self) -> Lent:
        """The whole file, as intake reads it. OutOfOrder while a part is missing."""
        if not self.whole:
            raise OutOfOrder(sentence("%(taken)d of %(size)d bytes have arrived.", taken=self.taken, size=self.size))
        return lent(shown_name(self.name), self.size, self._read)

    def _read(self, at: int, most: int) -> bytes:
        with self.lock:
            self.file.seek(at)
            return self.file.read(most)


class Uploads:
    """The uploads of one process, each its person's own."""

    def __init__(self, kernel: Kernel, folder: Path | None = None) -> None:
        """Of this office; its files lie on the disk of `folder`, or in memory."""
        self._kernel, self._folder, self._lock = kernel, folder, threading.Lock()
        self._known: dict[str, Upload] = {}

    @property
    def most(self) -> int:
        """How many bytes a file may have now: 16 GiB, and half of what is free on the disk."""
        free = MOST_BYTES * 2 if self._folder is None else shutil.disk_usage(self._folder).free
        return min(MOST_BYTES, free // 2)

    def begin(self, by: Operator, name: str, size: int | None = None) -> Upload:
        """A new upload, or the one of this name and size that broke off; without a size it may have `most` bytes.

        InputError: empty, or larger than `most`. A person's oldest upload makes room for a fourth.
        """
        most = self.most  # looked up once: what is free on the disk is less the next moment
        if size is None:
            size = most
        if not 0 < size <= most:
            wrong = "file empty" if size < 1 else sentence("file of %(n)d bytes", n=size)
            fits = "a file with content, at most %(n)d MiB" if size < 1 else "at most %(n)d MiB"
            raise InputError(wrong, file=shown_name(name), accepted=sentence(fits, n=most >> 20))
        with self._lock:
            self._forget_old()
            own = [one for one in self._known.values() if one.by == by.person.token]
            for one in own:
                if (one.name, one.size) == (name, size) and not one.whole:
                    return one
            for one in sorted(own, key=lambda one: one.asked)[: max(0, len(own) - MOST_OF_A_PERSON + 1)]:
                self._close(one)
            made = Upload(
                id=secrets.token_urlsafe(9),
                by=by.person.token,
                name=name,
                size=size,
                file=self._kernel.stores.scratch(),
                asked=self._now(),
            )
            self._known[made.id] = made
            return made

    def named(self, by: str, id: str) -> Upload:
        """The upload with this id of the person with the token `by`; OutOfOrder where there is none."""
        with self._lock:
            self._forget_old()
            found = self._known.get(id)
            if found is None or found.by != by:
                raise OutOfOrder("This upload is no longer here. Choose the file again.")
            found.asked = self._now()
            return found

    def end(self, by: str, id: str) -> None:
        """Forget an upload, if it is there."""
        with self._lock:
            found = self._known.get(id)
            if found is not None and found.by == by:
                self._close(found)

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            for one in list(self._known.values()):
                self._close(one)

    def _forget_old(self) -> None:
        for one in list(self._known.values()):
            at_work = one.admitting is not None and not one.admitting.ended
            if self._now() - one.asked > KEPT_SECONDS and not at_work:
                self._close(one)

    def _close(self, one: Upload) -> None:
        self._known.pop(one.id, None)
        with one.lock:
            one.file.close()

    def _now(self) -> float:
        return self._kernel.now().timestamp()
