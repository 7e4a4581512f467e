"""Key handover: the checkpoint at which one signing key of a log gives way to the next. Both sign it.

It is a checkpoint (C2SP tlog-checkpoint) with one line more, which names both keys, so whoever can check a checkpoint
can check this one. It is the last that the key before signs. Somebody who copied that key can sign such a note, too:
an outsider follows it where a witness cosigned it, and a witness cosigns one for each key.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import check_receipt, read_checkpoint, read_receipt
from peelian.kernel.log.merkle import Head, Tree
from peelian.kernel.log.signed_note import Note, NoteKey, key_of, read_key, read_note, sign_note, signed_by

_WORD = "key-handover"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHandover:
    """From which key to which, and the last head that the first of them signed."""

    old: NoteKey
    new: NoteKey
    head: Head
    note: Note


def sign_handover(origin: str, head: Head, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> Note:
    """The statement of both keys of the log `origin` that the new one signs whatever follows this head."""
    line = f"{_WORD} {key_of(origin, old).text} {key_of(origin, new).text}\n"
    text = f"{origin}\n{head.size}\n{b64encode(head.root).decode()}\n{line}"
    first, second = sign_note(text, origin, old), sign_note(text, origin, new)
    return Note(text=text, signatures=(*first.signatures, *second.signatures))


def handover_in(note: Note, origin: str) -> KeyHandover | None:
    """The handover that a note states; None for any other note. IntegrityError where not both keys signed it."""
    line = (*note.text.split("\n"), "", "", "", "")[3]
    word, old_line, new_line = (*line.split(" "), "", "")[:3]
    if word != _WORD:
        return None
    try:
        old, new = read_key(old_line), read_key(new_line)
    except InputError:
        raise IntegrityError("A key handover does not name two keys.") from None
    if {old.name, new.name} != {origin} or old == new or signed_by(note, [old, new]) != (old, new):
        raise IntegrityError("A key handover is not signed by both of its keys.")
    return KeyHandover(old=old, new=new, head=read_checkpoint(note.data, new)[1], note=note)


def read_handover(data: bytes, origin: str) -> KeyHandover:
    """The handover in a file; IntegrityError where it is none, or not signed by both keys."""
    found = handover_in(read_note(data), origin)
    if found is None:
        raise IntegrityError("This note is no key handover.")
    return found


def must_lead_to(key: NoteKey, handovers: Sequence[KeyHandover]) -> None:
    """IntegrityError where the handovers do not follow one another up to this key."""
    follows = [one.old for one in handovers[1:]] + [key]
    if [one.new for one in handovers] != follows[: len(handovers)]:
        raise IntegrityError("The key handovers beside the log's key do not lead to it.")


def read_under(data: bytes, key: NoteKey, handovers: Sequence[KeyHandover] = ()) -> tuple[Note, Head]:
    """The checkpoint that `key` signed, or one of the keys before it while it was the log's; errors as for
    `read_checkpoint`. What a key signed of more entries than at its handover counts for nothing."""
    note = read_note(data)
    if signed_by(note, [key]):
        return read_checkpoint(data, key)
    for one in handovers:
        if signed_by(note, [one.old]):
            head = read_checkpoint(data, one.old)[1]
            if head.size > one.head.size:
                says = f"The checkpoint of {head.size:,} entries is signed by a key that was replaced before."
                raise IntegrityError(says)
            return note, head
    return read_checkpoint(data, key)


def check_kept_receipt(data: bytes, entry: bytes, key: NoteKey, handovers: Sequence[KeyHandover], log: Tree) -> Head:
    """The head under which a receipt proves the spelled `entry`, by the log's key or by one before it. What that one
    signed counts where the log itself has this head, for whoever copied it can sign, too. IntegrityError otherwise."""
    receipt = read_receipt(data)
    note, head = read_under(receipt.checkpoint, key, handovers)
    if signed_by(note, [key]):
        return check_receipt(data, entry, key)
    if head.size > log.size or log.root(head.size) != head.root:
        raise IntegrityError("The receipt is signed by a key that was replaced, and its checkpoint is not of this log.")
    return check_receipt(data, entry, next(one.old for one in handovers if signed_by(note, [one.old])))
