"""Log keys: what signs the log, what is to sign it next, and the handovers that led to it.

They lie in the office's key folder: `log.pem`, during a replacement `log.next.pem`, and `handover.1`, `handover.2` …
Another process may replace the key, so each look finds the files as they are now.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import IntegrityError, OfficeShut
from peelian.kernel.log.checkpoints import read_checkpoint
from peelian.kernel.log.key_handover import KeyHandover, handover_in, must_lead_to, read_handover, read_under
from peelian.kernel.log.merkle import Head
from peelian.kernel.log.signed_note import Note, NoteKey, key_of
from peelian.storage.operator_keys import load_key, new_key
from peelian.storage.private_files import put_private, read_private, replace_file

OWN, NEXT, HANDOVER = "log.pem", "log.next.pem", "handover"
_NOT_OF_IT = "The key handovers in keys/ do not lead to keys/log.pem. Restore what belongs together."


class SigningKeys(Protocol):
    """What signs a log, and what its checkpoints are checked with."""

    @property
    def signer(self) -> Ed25519PrivateKey: ...

    @property
    def key(self) -> NoteKey: ...

    @property
    def handovers(self) -> Sequence[KeyHandover]: ...

    @property
    def following(self) -> Ed25519PrivateKey | None: ...

    def read(self, data: bytes) -> tuple[Note, Head]: ...

    def keep(self, note: Note) -> None: ...

    def replace(self) -> None: ...


class OneKey:
    """A key in memory, which nothing replaces."""

    handovers: Sequence[KeyHandover] = ()
    following = None

    def __init__(self, origin: str, signer: Ed25519PrivateKey) -> None:
        self.signer, self.key = signer, key_of(origin, signer)

    def read(self, data: bytes) -> tuple[Note, Head]:
        """A checkpoint that the key signed; IntegrityError for any other."""
        return read_checkpoint(data, self.key)

    def keep(self, note: Note) -> None:
        """Nothing: there is no handover."""

    def replace(self) -> None:
        """Nothing: no key follows."""


class LogKeys:
    """The keys in a folder, as they are now. OfficeShut where the handovers do not lead to the key."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder, self._origin = folder, origin
        self._seen: tuple[Any, ...] = ()
        self._load()

    @property
    def signer(self) -> Ed25519PrivateKey:
        """What signs the log now."""
        return self._load()[0]

    @property
    def key(self) -> NoteKey:
        """Its public key."""
        return key_of(self._origin, self.signer)

    @property
    def handovers(self) -> Sequence[KeyHandover]:
        """From the first key to the present one; one more while a replacement is not finished."""
        return self._load()[1]

    @property
    def following(self) -> Ed25519PrivateKey | None:
        """What is to sign the log next, where its key is being replaced."""
        return load_key(self._folder / NEXT) if (self._folder / NEXT).exists() else None

    @property
    def first(self) -> NoteKey:
        """The public key that the log began with, by which the office is known to what people sign."""
        return self.handovers[0].old if self.handovers else self.key

    def read(self, data: bytes) -> tuple[Note, Head]:
        """A checkpoint that the key signed, or one before it while it was the log's; IntegrityError for any other, and
        for one that gave way to another key than the one here."""
        key, handovers = self.key, self.handovers
        note, head = read_under(data, key, handovers)
        stated = handover_in(note, self._origin)
        if stated and stated.new != key and all(one.note.text != note.text for one in handovers):
            raise IntegrityError("The log's key was replaced, and the one here is the key before.")
        return note, head

    def make_next(self) -> Ed25519PrivateKey:
        """The key that is to sign the log next: made now, or left by a replacement that was cut short."""
        return self.following or new_key(self._folder / NEXT)

    def keep(self, note: Note) -> None:
        """Keep a handover, or the same one with more cosignatures."""
        texts = [one.note.text for one in self.handovers]
        number = texts.index(note.text) if note.text in texts else len(texts)
        put_private(self._folder / f"{HANDOVER}.{number + 1}", note.data)

    def replace(self) -> None:
        """Put the next key in the place of the present one, which is overwritten. Cut short, one of them is there."""
        replace_file(self._folder / NEXT, self._folder / OWN)

    def _load(self) -> tuple[Ed25519PrivateKey, tuple[KeyHandover, ...]]:
        own, notes = self._folder / OWN, self._notes()
        stands = tuple(_stands(path) for path in (own, *notes))
        if not self._seen or self._seen[0] != stands:
            signer = load_key(own)
            self._seen = stands, (signer, self._read(notes, key_of(self._origin, signer)))
        found: tuple[Ed25519PrivateKey, tuple[KeyHandover, ...]] = self._seen[1]
        return found

    def _notes(self) -> list[Path]:
        notes: list[Path] = []
        while (path := self._folder / f"{HANDOVER}.{len(notes) + 1}").exists():
            notes.append(path)
        return notes

    def _read(self, notes: Sequence[Path], key: NoteKey) -> tuple[KeyHandover, ...]:
        try:
            found = tuple(read_handover(read_private(path), self._origin) for path in notes)
            must_lead_to(key, found[:-1] if found and found[-1].old == key else found)  # else it is not finished
        except IntegrityError:
            raise OfficeShut(_NOT_OF_IT, of="ring") from None
        return found


def _stands(path: Path) -> tuple[int, ...]:
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
    return ()
