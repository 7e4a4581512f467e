"""Log heads: how far the log had come, kept in every part of an office that changes with use.

A part is a folder that may be put back from a backup without the others: keys, archive, records, sealed objects. In
each lies the newest signed head of the log. Heads are put after the entries are on the disk and before the log's own
record of what was signed. So, whatever a crash interrupts, no head leads the log; and where the log is shorter than a
head, or another, it was put back as it was before, with its record of what was signed. Once every part has one the log
says so (HEADS_KEPT): from then on a part that has none lost it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import read_checkpoint
from peelian.kernel.log.merkle import Head
from peelian.kernel.log.signed_note import Note, NoteKey
from peelian.storage.durable_files import read_regular
from peelian.storage.private_files import open_private, private_folder, put_private

HEAD = "log-head"
KEPT = "HEADS_KEPT"  # the kind of the entry that says that every part has a head
SLOT = 4_096  # bytes: a block of the disk, so that a write that is cut short leaves the other slot as it was
PARTS = ("keys/vault", "keys/archive", "archive", "records", "objects")


def parts_of(office: Path) -> dict[str, Path]:
    """The parts of the office in a folder, by name, that keep the log's head."""
    return {name: office / name for name in PARTS}


class Heads:
    """The heads in the parts of one office. One caller at a time."""

    def __init__(self, parts: Mapping[str, Path], key: NoteKey) -> None:
        """Read them. IntegrityError where one is damaged, or is of a log that `key` did not sign."""
        self._parts, self._key = dict(parts), key
        self._next: dict[str, int] = {}  # which of the two slots is written next
        self.known: dict[str, Head] = {}
        self.bare: list[str] = []  # parts in use that have none
        for name in self._parts:
            self._read(name)

    def put(self, note: Note, head: Head) -> None:
        """Keep a newer head in every part, one write and one sync each."""
        for name in self._parts:
            self._put(name, note, head)

    def complete(self, note: Note, head: Head) -> None:
        """Give this head to the parts that have none: an older version kept none, or the folder was made anew."""
        for name in [one for one in self._parts if one not in self.known]:
            self._put(name, note, head)

    def set_back(self, note: Note, head: Head) -> None:
        """Two people put another log in place, which goes on otherwise: every part that is there has seen this one."""
        for name, folder in self._parts.items():
            if folder.is_dir():
                put_private(folder / HEAD, _two_slots(note))
                self.known[name], self._next[name] = head, 1
        self.bare.clear()

    def _read(self, name: str) -> None:
        path = self._parts[name] / HEAD
        if not path.exists():
            if _is_in_use(path.parent):
                self.bare.append(name)
            return
        data = read_regular(path)
        found = {number: head for number in (0, 1) if (head := self._head(data[number * SLOT :][:SLOT]))}
        if not found:
            raise IntegrityError(
                f"{name}/{HEAD} is damaged, or {name} is another office's: put back the folder that belongs to this log"
            )
        newest = max(found, key=lambda number: found[number].size)
        self.known[name], self._next[name] = found[newest], 1 - newest

    def _head(self, slot: bytes) -> Head | None:
        try:
            return read_checkpoint(slot.rstrip(b"\0"), self._key)[1]
        except (IntegrityError, InputError, ValueError):
            return None

    def _put(self, name: str, note: Note, head: Head) -> None:
        folder = self._parts[name]
        self.known[name] = head
        if name not in self._next:
            if not folder.is_dir():
                private_folder(folder)
            put_private(folder / HEAD, _two_slots(note))
            self._next[name] = 1
            return
        file = open_private(folder / HEAD, os.O_WRONLY)
        try:
            os.pwrite(file, _slot(note), self._next[name] * SLOT)
            os.fdatasync(file)
        finally:
            os.close(file)
        self._next[name] = 1 - self._next[name]


def _is_in_use(folder: Path) -> bool:
    """Whether anything but a lock, or a head half written, lies in it: a folder that was made anew is empty."""
    nothing = ("lock", ".lock", HEAD)
    return folder.is_dir() and any(not one.name.startswith(nothing) for one in folder.iterdir())


def _slot(note: Note) -> bytes:
    return note.data.ljust(SLOT, b"\0")  # a name has at most 255 characters, a note of one signature less than 1,000


def _two_slots(note: Note) -> bytes:
    return _slot(note) + bytes(SLOT)
