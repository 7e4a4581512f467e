"""Witness client: ask a witness to cosign the log's checkpoint (C2SP tlog-witness), and keep its answer."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Protocol
from urllib.parse import urlsplit

from peelian.errors import InputError, IntegrityError, Objection, sentence
from peelian.kernel.log.checkpoints import with_cosignatures
from peelian.kernel.log.key_handover import KeyHandover
from peelian.kernel.log.signed_note import Note, NoteKey, read_note, read_signatures, signed_by
from peelian.kernel.log.witness_protocol import Witness

_LONGEST_ANSWER = 65_536
_SIZE = re.compile(rb"(0|[1-9]\d{0,18})\n", re.ASCII)
_MEANINGS = {
    400: "it could not read the request",
    403: "it does not know the log's key, or the signature is not the log's",
    404: "it does not watch a log of this origin",
    409: "it has already cosigned another checkpoint of this log: a rollback or a fork",
    422: "what it cosigned before does not begin this log: entries were rewritten",
}
_ALARMS = {403, 409, 422}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessing:
    """How asking went: whether it cosigned, up to which size, and what to tell people."""

    cosigned: bool
    size: int
    says: str


class Witnessed(Protocol):
    """What the client asks of a log; PublishedLog answers it."""

    def checkpoint(self) -> bytes: ...

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]: ...

    def handovers(self) -> Sequence[KeyHandover]: ...

    def keep_witnessed(self, cosigned: bytes, witnesses: Sequence[NoteKey]) -> None: ...


def ask_witness(log: Witnessed, witness: Witness, *, seen: int = 0) -> Witnessing:
    """Have `witness` cosign the newest checkpoint, and keep that in the log. `seen` is the size it is known to have
    cosigned; where it is another, the witness says so and is asked again.

    A witness that cannot be reached or does not watch this log cosigns nothing, and the answer says why: ask again
    within a minute. Objection where it finds the log rewritten, forked, rolled back or signed by another key:
    the breach protocol begins.
    """
    checkpoint = log.checkpoint()
    size = _size_of(checkpoint)
    if size == 0:
        return Witnessing(cosigned=False, size=0, says="the log is empty: there is nothing to witness")
    try:
        seen = _handed_over(log, witness, seen)
        status, body = _submitted(log, witness, seen, checkpoint)
    except (OSError, HTTPException) as wrong:
        says = sentence("the witness cannot be reached (%(kind)s): nothing was cosigned", kind=type(wrong).__name__)
        return Witnessing(cosigned=False, size=size, says=says)
    if status == 200:
        cosigned = _cosigned(checkpoint, body, witness.key)
        if not cosigned:
            return Witnessing(
                cosigned=False, size=size, says=f"the answer is no good cosignature of {witness.key.name}"
            )
        log.keep_witnessed(cosigned, [witness.key])
        return Witnessing(cosigned=True, size=size, says=f"{witness.key.name} cosigned {size:,} entries")
    if status == 403 and _knows_handover(log, witness.key):
        says = "%(name)s cosigned the handover of the log's key, but not what the new key signs. Give it the new key"
        return Witnessing(cosigned=False, size=size, says=sentence(says, name=witness.key.name))
    why = sentence(_MEANINGS.get(status) or sentence("it answered %(n)d", n=status))
    says = sentence("%(name)s did not cosign: %(why)s", name=witness.key.name, why=why)
    if status in _ALARMS:
        says = sentence("%(what)s. Keep this log unchanged and compare it with the witness.", what=sentence(says))
        raise Objection(says)
    return Witnessing(cosigned=False, size=size, says=says)


def submit(witness: Witness, old: int, proof: Sequence[bytes], checkpoint: bytes) -> tuple[int, bytes]:
    """The HTTP status and body of one add-checkpoint request; OSError or HTTPException where the witness cannot be
    reached."""
    address = urlsplit(witness.url)
    kinds = {"http": HTTPConnection, "https": HTTPSConnection}
    if address.scheme not in kinds or not address.hostname:
        raise InputError("witness address not valid", accepted="https://host/prefix, or http:// on a private network")
    lines = [f"old {old}", *(b64encode(part).decode() for part in proof), "", ""]
    connection = kinds[address.scheme](address.hostname, address.port, timeout=witness.seconds)
    try:
        connection.request("POST", f"{address.path.rstrip('/')}/add-checkpoint", "\n".join(lines).encode() + checkpoint)
        response = connection.getresponse()
        return response.status, response.read(_LONGEST_ANSWER)
    finally:
        connection.close()


def _handed_over(log: Witnessed, witness: Witness, seen: int) -> int:
    """Show the witness each key handover that it has not cosigned, so that it follows; the size it has cosigned then.
    What it says against one it says again of the newest checkpoint."""
    for one in log.handovers():
        if not signed_by(one.note, [witness.key]):
            status, body = _submitted(log, witness, seen, one.note.data)
            if status == 200 and (cosigned := _cosigned(one.note.data, body, witness.key)):
                log.keep_witnessed(cosigned, [witness.key])
                seen = one.head.size
    return seen


def _knows_handover(log: Witnessed, key: NoteKey) -> bool:
    """Whether the witness with this key cosigned the handover to the log's present key."""
    handovers = log.handovers()
    return bool(handovers) and bool(signed_by(handovers[-1].note, [key]))


def _submitted(log: Witnessed, witness: Witness, seen: int, checkpoint: bytes) -> tuple[int, bytes]:
    """Its answer to a checkpoint; where it has cosigned another size than `seen`, it says so and is asked again."""
    size = _size_of(checkpoint)
    status, body = _asked(log, witness, seen, checkpoint)
    stated = _SIZE.fullmatch(body) if status == 409 else None
    if stated and seen != int(stated[1]) <= size:
        return _asked(log, witness, int(stated[1]), checkpoint)
    return status, body


def _asked(log: Witnessed, witness: Witness, old: int, checkpoint: bytes) -> tuple[int, bytes]:
    size = _size_of(checkpoint)
    return submit(witness, old, log.consistency(old, size) if old <= size else (), checkpoint)


def _size_of(checkpoint: bytes) -> int:
    return int(checkpoint.split(b"\n", 2)[1])


def _cosigned(checkpoint: bytes, lines: bytes, key: NoteKey) -> bytes:
    """The checkpoint with the witness's line; nothing where the answer does not hold its good cosignature."""
    note = read_note(checkpoint)
    try:
        cosigned = with_cosignatures(note, Note(text=note.text, signatures=read_signatures(lines)), [key])
    except IntegrityError:  # of what a stranger's service answered, not of anything of ours
        return b""
    return cosigned.data if signed_by(cosigned, [key]) else b""
