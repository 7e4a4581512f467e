"""Checkpoints and receipts: what is signed about the log, and the proof of one entry for an outsider."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import IntegrityError
from peelian.kernel.log.merkle import HASH, Head, Tree, includes, leaf_hash
from peelian.kernel.log.signed_note import Note, NoteKey, read_note, sign_note, signed_by

_NUMBER = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)
_RECEIPT = "c2sp.org/tlog-proof@v1"


def sign_checkpoint(origin: str, head: Head, signer: Ed25519PrivateKey) -> Note:
    """The signed statement that the log `origin` has this size and root (C2SP tlog-checkpoint)."""
    return sign_note(f"{origin}\n{head.size}\n{b64encode(head.root).decode()}\n", origin, signer)


def read_checkpoint(data: bytes, key: NoteKey) -> tuple[Note, Head]:
    """The checkpoint that `key` signed, and what it says; IntegrityError where key, origin or form is wrong."""
    note = read_note(data)
    if not signed_by(note, [key]):
        raise IntegrityError(f"The checkpoint is not signed by the key of {key.name}.")
    origin, size, root = (*note.text.split("\n"), "", "")[:3]
    if origin != key.name or not _NUMBER.fullmatch(size):
        raise IntegrityError("The checkpoint is of another log, or has no size.")
    return note, Head(size=int(size), root=_read_hash(root))


def with_cosignatures(note: Note, answers: Note, witnesses: Sequence[NoteKey]) -> Note:
    """`note` with those lines of `answers` that `witnesses` signed well; earlier lines of theirs are replaced."""
    good = {(key.name, key.id) for key in signed_by(answers, witnesses)}
    kept = [line for line in note.signatures if (line.name, line.key_id) not in good]
    new = [line for line in answers.signatures if (line.name, line.key_id) in good]
    return Note(text=note.text, signatures=(*kept, *new))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an outsider keeps: the entry's index, its Merkle path, and the checkpoint it leads to."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    @property
    def data(self) -> bytes:
        """The receipt as it is handed out (C2SP tlog-proof)."""
        lines = [_RECEIPT, f"index {self.index}", *(b64encode(part).decode() for part in self.proof)]
        return ("\n".join(lines) + "\n\n").encode() + self.checkpoint


def make_receipt(tree: Tree, index: int, head: Head, checkpoint: bytes) -> Receipt:
    """The receipt of entry `index` under a checkpoint of `head`; IntegrityError where it does not reach that far."""
    return Receipt(index=index, proof=tree.inclusion(index, head.size), checkpoint=checkpoint)


def read_receipt(data: bytes) -> Receipt:
    """The parts of a tlog-proof, unchecked; IntegrityError for bytes that are none. Extra data is passed over."""
    top, _, checkpoint = data.partition(b"\n\n")
    lines = top.decode("ascii", "replace").split("\n")
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]
    word, _, index = (lines[1] if len(lines) > 1 else "").partition(" ")
    if lines[0] != _RECEIPT or word != "index" or not _NUMBER.fullmatch(index):
        raise IntegrityError("The receipt does not start as a tlog-proof.")
    return Receipt(index=int(index), proof=tuple(_read_hash(line) for line in lines[2:]), checkpoint=checkpoint)


def check_receipt(data: bytes, entry: bytes, key: NoteKey, witnesses: Sequence[NoteKey] = ()) -> Head:
    """The head under which `data` proves the spelled `entry`, signed by the log and by every one of `witnesses`;
    IntegrityError where any of it does not hold."""
    receipt = read_receipt(data)
    note, head = read_checkpoint(receipt.checkpoint, key)
    missing = len(witnesses) - len(signed_by(note, witnesses))
    if missing:
        raise IntegrityError(f"{missing} of {len(witnesses)} witnesses did not cosign the receipt's checkpoint.")
    if not includes(leaf_hash(entry), receipt.index, head.size, receipt.proof, head.root):
        raise IntegrityError("The receipt does not prove this entry.")
    return head


def _read_hash(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != HASH or b64encode(data).decode() != text:
        raise IntegrityError("A hash in a checkpoint or receipt is not 32 bytes in base64.")
    return data
