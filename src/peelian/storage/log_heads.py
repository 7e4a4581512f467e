"""Log heads: the newest signed head, kept in places that are not put back together.

It lies in the key store, beside the sealed objects, and in a file that joins no backup. Heads are put after the
entries are kept and before the checkpoint is shown. So, whatever a crash interrupts, no head leads the log; and where
the log is shorter than a head, or another, its database was put back as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from peelian.errors import InputError, IntegrityError, OfficeShut
from peelian.kernel.log.merkle import Head
from peelian.kernel.log.signed_note import Note
from peelian.storage.durable_files import read_regular
from peelian.storage.private_files import private_folder, put_private

HEAD = "log-head"


class Place(Protocol):
    """Where a signed head is kept."""

    def read(self) -> bytes | None: ...

    def write(self, note: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class HeadFile:
    """A head in a file of its own."""

    path: Path

    def read(self) -> bytes | None:
        """The signed head; None where there is none."""
        return read_regular(self.path) if self.path.exists() else None

    def write(self, note: bytes) -> None:
        """Keep a newer one, whole or not at all."""
        private_folder(self.path.parent)
        put_private(self.path, note)


class Heads:
    """The heads of one office's log, by the name of their place."""

    def __init__(self, places: Mapping[str, Place], read: Callable[[bytes], tuple[Note, Head]]) -> None:
        """`read`: the checkpoint in bytes, once its signature is found to be the log's."""
        self._places, self._read = places, read

    def known(self) -> dict[str, Head]:
        """Each place's head; IntegrityError where one is damaged, or of a log that the key did not sign."""
        found = {}
        for name, place in self._places.items():
            if (note := place.read()) is not None:
                try:
                    found[name] = self._read(note)[1]
                except (IntegrityError, InputError, ValueError):
                    says = f"The log head kept in {name} is damaged or another office's. Restore what belongs together."
                    raise OfficeShut(says, of="head") from None
        return found

    def bare(self) -> list[str]:
        """The places that have none."""
        return [name for name, place in self._places.items() if place.read() is None]

    def put(self, note: Note) -> None:
        """Keep a newer head in every place."""
        for place in self._places.values():
            place.write(note.data)
