"""The witness protocol (C2SP tlog-witness): the rules alone, without network or disk."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import IntegrityError
from peelian.kernel.log.checkpoints import read_checkpoint
from peelian.kernel.log.key_handover import handover_in
from peelian.kernel.log.merkle import HASH, Head, extends
from peelian.kernel.log.signed_note import COSIGNATURE, Note, NoteKey, Signature, read_note, signed_by

_OLD = re.compile(rb"old (0|[1-9]\d{0,18})", re.ASCII)
_LONGEST_PROOF = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody else's service that cosigns: its key line (kind 4) as a NoteKey, and its address."""

    key: NoteKey
    url: str  # the submission prefix, "https://witness.example/…"
    seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A log that a witness watches: its key, and the newest head it cosigned (None where it cosigned none)."""

    key: NoteKey
    head: Head | None = None

    @property
    def size(self) -> int:
        """The size it cosigned last."""
        return self.head.size if self.head else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The HTTP status and body a witness answers, and, where it is to cosign, the checkpoint and its head.

    Whoever cosigns must first keep `head` and `key` so that a power cut does not make it forget.
    """

    status: int
    body: bytes = b""
    note: Note | None = None
    head: Head | None = None
    key: NoteKey | None = None  # what signs the log from then on, where the checkpoint is a key handover


class _Refusal(Exception):
    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(status)
        self.ruling = Ruling(status=status, body=body.encode())


def rule(request: bytes, watched: Mapping[str, Watched]) -> Ruling:
    """What to answer to an add-checkpoint request, when the logs in `watched`, by origin, are watched.

    In the order of the page: 400 for what cannot be read, 404 for an origin that is not watched, 403 for a signature
    that is not the log's, 400 for an old size beyond the new one, 409 for another old size than the one cosigned last
    (the body says which) or another root at the same size, 422 for a proof that does not hold.
    """
    try:
        old, proof, checkpoint = _parts(request)
        origin = checkpoint.split(b"\n", 1)[0].decode("utf-8", "replace")
        log = watched.get(origin)
        if log is None:
            raise _Refusal(404, "this log is not watched here\n")
        note, head = _signed(checkpoint, log.key)
        _it_goes_on_from_what_was_cosigned(log, old, head, proof)
        key = _handed_over_to(note, log.key)
    except _Refusal as refusal:
        return refusal.ruling
    return Ruling(status=200, note=note, head=head, key=key)


def cosign(note: Note, name: str, signer: Ed25519PrivateKey, seconds: int) -> Signature:
    """The cosignature under `name` at POSIX time `seconds` (C2SP tlog-cosignature, Ed25519)."""
    value = signer.sign(f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
    return Signature(name=name, key_id=witness_key(name, signer).id, value=seconds.to_bytes(8, "big") + value)


def witness_key(name: str, signer: Ed25519PrivateKey) -> NoteKey:
    """The key that a witness's cosignatures are checked with."""
    return NoteKey(name=name, public=signer.public_key().public_bytes_raw(), kind=COSIGNATURE)


def _parts(request: bytes) -> tuple[int, list[bytes], bytes]:
    top, gap, checkpoint = request.partition(b"\n\n")
    first, *lines = top.split(b"\n")
    old = _OLD.fullmatch(first)
    if not gap or not old or len(lines) > _LONGEST_PROOF:
        raise _Refusal(400, "the request does not begin with the old size and a proof\n")
    try:
        proof = [b64decode(line, validate=True) for line in lines]
    except binascii.Error:
        raise _Refusal(400, "a line of the proof is not base64\n") from None
    if any(len(part) != HASH for part in proof):
        raise _Refusal(400, "a line of the proof is not a hash\n")
    return int(old[1]), proof, checkpoint


def _signed(checkpoint: bytes, key: NoteKey) -> tuple[Note, Head]:
    try:
        note = read_note(checkpoint)
    except IntegrityError:
        raise _Refusal(400, "the checkpoint is not a signed note\n") from None
    try:
        signed = signed_by(note, [key])
    except IntegrityError:
        signed = ()
    if not signed:
        raise _Refusal(403, "the checkpoint is not signed by the log's key\n")
    try:
        return read_checkpoint(checkpoint, key)
    except IntegrityError:
        raise _Refusal(400, "the note is not a checkpoint\n") from None


def _handed_over_to(note: Note, key: NoteKey) -> NoteKey | None:
    """The key that signs the log from now on, where this note is the handover from `key`: a key has one handover, for
    the log is not watched under it afterwards."""
    try:
        found = handover_in(note, key.name)
    except IntegrityError:
        raise _Refusal(403, "the key handover is not signed by both keys\n") from None
    return found.new if found and found.old == key else None


def _it_goes_on_from_what_was_cosigned(log: Watched, old: int, head: Head, proof: list[bytes]) -> None:
    if old > head.size:
        raise _Refusal(400, "the old size is beyond the new one\n")
    if old != log.size:
        raise _Refusal(409, f"{log.size}\n")
    if log.head and old == head.size and log.head.root != head.root:
        raise _Refusal(409, f"{log.size}\n")
    if proof if not log.size else not extends(log.head or head, head, proof):
        raise _Refusal(422)
