"""The verifier's signatures: keys, signed checkpoints and the handovers between keys, read a second time.

As the second verifier, it shares no code with the log's writer. A key hands over to the next in a checkpoint that both
sign. Whoever copied the key before could sign one, too, so a reader who knows only that key follows where a witness
whose key they gave cosigned it.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from peelian.errors import InputError, sentence

COSIGNS = 4  # the kind of a witness's key (C2SP tlog-cosignature)
_LATEST = 253_402_300_799  # seconds: the end of the year 9999
KEEP = "Keep the folder unchanged and inform the oversight board"
_COMPARE = "Give the new key, once you have compared it with the published one, or the key of the board's witness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """What a witness vouches for: its name, how many entries it cosigned last, and when it says that it did."""

    name: str
    size: int
    at: datetime


class Wrong(Exception):
    """What is wrong, from which entry on, and what to do."""

    def __init__(self, says: str, index: int | None = None, *, remedy: str = KEEP, **values: object) -> None:
        fault = sentence(says, **values)
        self.says, self.index = sentence("%(fault)s. %(remedy)s", fault=fault, remedy=sentence(remedy)), index
        super().__init__(self.says)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """From which key line to which, and the last size and root that the first of them signed."""

    old: str
    new: str
    size: int
    root: bytes
    note: bytes


def key_parts(line: str) -> tuple[bytes, bytes, int, bytes]:
    """Name, id, kind (1 signs notes, 4 cosigns them) and Ed25519 public key of a line name+id+key."""
    name, digits, coded = (*line.split("+", 2), "", "")[:3]
    data = decoded(coded.encode())
    key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] not in (1, 4) or digits != key_id.hex():
        raise InputError("public key not consistent", accepted="a line name+id+key")
    return name.encode(), key_id, data[0], data[1:]


def signed_head(note: bytes, line: str) -> tuple[int, bytes]:
    """Size and root that a checkpoint states under the log's good signature."""
    try:
        name, _, kind, _ = key_parts(line)
    except InputError:
        raise Wrong("log.vkey is missing or holds no public key", remedy="Give the published key") from None
    if kind != 1 or not is_signed(note, line):
        raise Wrong("the checkpoint is missing or not signed by this log's key")
    origin, digits, root = (*note.split(b"\n"), b"", b"")[:3]
    if origin != name or not digits.isdigit() or str(int(digits)).encode() != digits or len(decoded(root)) != 32:
        raise Wrong("the checkpoint belongs to another log, or has no valid size and root")
    return int(digits), decoded(root)


def is_signed(note: bytes, line: str) -> bool:
    """Whether a note has a signature of this key; a wrong one, or a damaged line of anybody's, is never passed over."""
    name, key_id, kind, public = key_parts(line)
    body, _, lines = note.rpartition(b"\n\n")
    signed = False
    for one in lines.split(b"\n")[:-1]:
        dash, signer, coded = (*one.split(b" "), b"", b"")[:3]
        value = decoded(coded)
        if dash != "—".encode() or len(value) < 5 or one.count(b" ") != 2:
            raise Wrong("a signature line of a checkpoint is damaged")
        if (signer, value[:4]) == (name, key_id):
            _verify(public, kind, value[4:], body + b"\n")
            signed = True
    return signed and lines.endswith(b"\n")


def cosigned_by(note: bytes, witness: str, size: int) -> Cosigned:
    """What a good cosignature of this key says."""
    name, key_id, _, _ = key_parts(witness)
    lines = [line.split(b" ") for line in note.rpartition(b"\n\n")[2].split(b"\n")[:-1]]
    values = [decoded(coded) for _, signer, coded in lines if signer == name]
    seconds = next(int.from_bytes(value[4:12], "big") for value in values if value[:4] == key_id)
    return Cosigned(name=name.decode(), size=size, at=datetime.fromtimestamp(min(seconds, _LATEST), UTC))


def _verify(public: bytes, kind: int, signature: bytes, text: bytes) -> None:
    if kind == 4:
        text = b"cosignature/v1\ntime %d\n%s" % (int.from_bytes(signature[:8], "big"), text)
        signature = signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        raise Wrong("a signature of a checkpoint is not valid") from None


def decoded(coded: bytes) -> bytes:
    """Base64 in its one spelling; nothing for anything else."""
    try:
        data = b64decode(coded, validate=True)
    except ValueError:
        return b""
    return data if b64encode(data) == coded else b""


def read_handovers(notes: Sequence[bytes]) -> list[Handover]:
    """What the notes `handover.1`, `handover.2` … state: each is signed by both keys and leads on from the one
    before."""
    found: list[Handover] = []
    for note in notes:
        line = (*note.split(b"\n"), b"", b"", b"", b"")[3].decode("ascii", "replace")
        word, old, new = (*line.split(" "), "", "")[:3]
        if word != "key-handover" or (found and found[-1].new != old):
            raise Wrong("a key handover is damaged, or does not follow the one before")
        size, root = signed_head(note, old)
        if signed_head(note, new) != (size, root):
            raise Wrong("a key handover is not signed by both keys")
        found.append(Handover(old=old, new=new, size=size, root=root, note=note))
    return found


def followed(line: str, handovers: Sequence[Handover], witnesses: Sequence[str]) -> str:
    """The key line that signs the log now, for a reader who knows `line`: the same, or where witnesses vouch for it."""
    if handovers and line not in (one.old for one in handovers) and line != handovers[-1].new:
        raise Wrong("the key handovers beside the log do not lead to its key")
    for one in handovers:
        if one.old == line:
            if not any(is_signed(one.note, witness) for witness in witnesses):
                says = (
                    "the log's key was replaced at %(n)d entries, and no witness that you named vouches for it: "
                    "whoever copied the key before can have done this"
                )
                raise Wrong(says, one.size, remedy=_COMPARE, n=one.size)
            line = one.new
    return line


def head_under(note: bytes, line: str, handovers: Sequence[Handover]) -> tuple[int, bytes]:
    """Size and root that a checkpoint states under the log's key, or under one before it while it was the log's."""
    for one in handovers if not is_signed(note, line) else ():
        if is_signed(note, one.old):
            size, root = signed_head(note, one.old)
            if size > one.size:
                says = "a key that was replaced at %(n)d entries signed %(more)d: somebody uses a copy of it"
                raise Wrong(says, one.size, n=one.size, more=size)
            return size, root
    return signed_head(note, line)
