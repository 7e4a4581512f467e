"""Signed notes (C2SP signed-note) with Ed25519, and witnesses' cosignatures (C2SP tlog-cosignature v1)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from peelian.errors import InputError, IntegrityError

ED25519 = 1  # signature types of C2SP signed-note
COSIGNATURE = 4
_NAME = re.compile(r"[!-*,-~]{1,255}")  # printable ASCII without blanks and without "+"
_MOST_SIGNATURES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """Whoever's signature counts: the name, the Ed25519 public key, and whether it signs notes or cosigns them."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def id(self) -> bytes:
        """The four bytes that a signature line begins with."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as one line, the way other tools read it (a "vkey")."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line of a note, unchecked."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its line feed."""
        return f"— {self.name} {b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and the signature lines under it, unchecked."""

    text: str  # ends in a line feed
    signatures: tuple[Signature, ...]

    @property
    def data(self) -> bytes:
        """The note as it is kept and sent."""
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode()


def key_of(name: str, signer: Ed25519PrivateKey) -> NoteKey:
    """The key that checks what `signer` signs under `name`; InputError for a name that a note cannot hold."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"log origin of {len(name)} characters cannot name a signer",
            accepted="1 to 255 printable ASCII characters without blanks and without +",
        )
    return NoteKey(name=name, public=signer.public_key().public_bytes_raw())


def read_key(text: str) -> NoteKey:
    """The key that a line `name+id+key` (a "vkey") spells; InputError where its parts do not agree."""
    name, _, rest = text.strip().partition("+")
    _, _, coded = rest.partition("+")
    try:
        data = b64decode(coded, validate=True)
    except binascii.Error:
        data = b""
    if len(data) == 33 and data[0] in (ED25519, COSIGNATURE) and _NAME.fullmatch(name):
        key = NoteKey(name=name, public=data[1:], kind=data[0])
        if key.text == text.strip():
            return key
    raise InputError(
        f"verifier key of {len(text)} characters is not consistent",
        accepted="name+id+key, the line that stands in the log's folder and on the public page",
    )


def sign_note(text: str, name: str, signer: Ed25519PrivateKey) -> Note:
    """`text`, which ends in a line feed, signed under `name`."""
    signature = Signature(name=name, key_id=key_of(name, signer).id, value=signer.sign(text.encode()))
    return Note(text=text, signatures=(signature,))


def read_note(data: bytes) -> Note:
    """The parts of a signed note, unchecked; IntegrityError for bytes that are none."""
    try:
        text, gap, lines = data.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise IntegrityError("A signed note is not UTF-8 text.") from None
    if not gap or not lines.endswith("\n") or any(letter < " " and letter != "\n" for letter in text):
        raise IntegrityError("A signed note has no text or no signature lines.")
    signatures = tuple(_read_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > _MOST_SIGNATURES:
        raise IntegrityError(f"A signed note holds {len(signatures)} signatures. The limit is {_MOST_SIGNATURES}.")
    note = Note(text=text + "\n", signatures=signatures)
    if note.data != data:
        raise IntegrityError("A signed note is not in its canonical form.")
    return note


def read_signatures(data: bytes) -> tuple[Signature, ...]:
    """Signature lines alone, as a witness answers them; IntegrityError for anything else."""
    return read_note(b"x\n\n" + data).signatures


def _read_signature(line: str) -> Signature:
    dash, name, coded = (*line.split(" "), "", "")[:3]
    try:
        value = b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if dash != "—" or not name or len(value) < 5:
        raise IntegrityError("A signature line of a signed note is damaged.")
    return Signature(name=name, key_id=value[:4], value=value[4:])


def signed_by(note: Note, keys: Iterable[NoteKey]) -> tuple[NoteKey, ...]:
    """Those of `keys` whose signature under the note is good. A known key's bad signature is an IntegrityError;
    lines of unknown keys are passed over, as C2SP signed-note asks."""
    good = []
    for key in keys:
        lines = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.id)]
        if not lines:
            continue
        if not all(_is_good(note.text, key, line.value) for line in lines):
            raise IntegrityError(f"The note's signature by {key.name} is not valid.")
        good.append(key)
    return tuple(good)


def cosigned_at(note: Note, key: NoteKey) -> datetime | None:
    """When the witness with this key says that it cosigned the note; None where it did not. Errors of `signed_by`."""
    if key.kind != COSIGNATURE or not signed_by(note, [key]):
        return None
    value = next(one.value for one in note.signatures if (one.name, one.key_id) == (key.name, key.id))
    return datetime.fromtimestamp(int.from_bytes(value[:8], "big"), UTC)


def _is_good(text: str, key: NoteKey, value: bytes) -> bool:
    message = text.encode()
    if key.kind == COSIGNATURE:
        if len(value) != 72:
            return False
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(value[:8], "big") + message
        value = value[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return True
