"""Working keys: what the keys of sensors, drafts, live levels, checkpoints and challenges are made of.

No entry of the log rests on them, so they can be replaced. The first is the office's key for tokens; each that follows
lies in a file of its own, and counts once the log names it. An earlier one still opens what was sealed before.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from peelian.errors import InputError
from peelian.kernel.model.ports import Log
from peelian.storage.office_settings import new_secret, read_secret
from peelian.storage.private_files import replace_file

NEXT, FILES = "working.next.key", "working.*.key"
REPLACED = "WORKING_KEY_REPLACED"
_MARK = b"peelian exposed secret 1\n"


def mark_of(secret: bytes) -> str:
    """The fingerprint of a secret that was drawn by chance; it tells nothing of it."""
    return hashlib.sha256(_MARK + secret).hexdigest()


class WorkingKeys:
    """Those in the key folder `folder`; `first`: the office's key for tokens. Every process follows a replacement."""

    def __init__(self, folder: Path, first: bytes, log: Log) -> None:
        self._folder, self._first, self._log = folder, first, log
        self._seen: frozenset[str] | None = None
        self._marks: tuple[str, ...] = ()
        self._known: dict[int, bytes] = {}

    def generations(self) -> tuple[int, ...]:
        """The numbers of those that there are, the present one first, though its file be lost."""
        if self._names() != self._seen:
            self._look()
        names, present = self._seen or frozenset(), len(self._marks)
        return (present, *(n for n in range(present - 1, -1, -1) if n == 0 or self._file(n).name in names))

    def secret(self, generation: int) -> bytes:
        """One of them; InputError where its file is missing, damaged, or not the one that the log names."""
        if generation == 0:
            return self._first
        self.generations()
        if generation not in self._known:
            file = self._file(generation)
            found = read_secret(file)
            if mark_of(found) not in self._marks[generation - 1 : generation]:
                accepted = "the file from the key folder's newest backup, or a new key: `peelian key working`"
                raise InputError("not the working key that the log names", accepted=accepted, file=file.name)
            self._known[generation] = found
        return self._known[generation]

    def mark(self) -> str:
        """The fingerprint of the present one, as the log has it."""
        self.generations()
        return self._marks[-1] if self._marks else mark_of(self._first)

    def make_next(self) -> str:
        """The one that is to follow, made now, or again where an earlier one was not taken; its fingerprint."""
        new_secret(self._folder / NEXT)
        return mark_of(read_secret(self._folder / NEXT))

    def _look(self) -> None:
        """Read the log anew, and put the next one in place where the log says that it follows."""
        self._marks = tuple(str(entry["new"]) for _, entry in self._log.read(kinds=[REPLACED]))
        file, waits = self._file(len(self._marks)), self._folder / NEXT
        with suppress(FileNotFoundError):  # another process did it
            if self._marks and not file.exists() and mark_of(waits.read_bytes()) == self._marks[-1]:
                replace_file(waits, file)
        self._seen = self._names()

    def _names(self) -> frozenset[str]:
        return frozenset(file.name for file in self._folder.glob(FILES))

    def _file(self, generation: int) -> Path:
        return self._folder / f"working.{generation}.key"
