"""A signing key under a passphrase: Argon2id (RFC 9106) makes the key that ChaCha20-Poly1305 seals it with.

The file is one PEM block of 138 bytes, its cost and its public key in the clear:

    version 1 · KiB of memory 4 · passes 4 · lanes 1 · salt 16 · nonce 12 · public key 32 · sealed key 48 · check 20

Version 2 is the same under a first passphrase, which somebody else chose: its person changes it before the key signs.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from peelian.errors import InputError, sentence
from peelian.storage.passkey_keys import without_passkeys

FEWEST, MOST_CHARACTERS = 12, 1_024
VERSION, FIRST, CHECK = 1, 2, 20
HEAD = struct.Struct(">BIIB16s12s32s")
LENGTH = HEAD.size + 48 + CHECK
BEGIN, END = b"-----BEGIN PEELIAN PROTECTED KEY-----\n", b"-----END PEELIAN PROTECTED KEY-----\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one guess at a passphrase costs. As it stands: RFC 9106, section 4, second recommended option."""

    memory: int = 64 << 10  # KiB
    passes: int = 3
    lanes: int = 4

    def is_within_bounds(self) -> bool:
        """Whether this machine is asked for at most 256 MiB and ten passes over them."""
        return 1 <= self.lanes <= 16 and 8 * self.lanes <= self.memory <= 256 << 10 and 1 <= self.passes <= 10


STANDARD = Cost()


def must_be_passphrase(text: str) -> None:
    """InputError where this is too short or too long to be chosen as a passphrase."""
    if not FEWEST <= len(_plain(text)) <= MOST_CHARACTERS:
        accepted = sentence("%(low)d to %(high)d characters", low=FEWEST, high=MOST_CHARACTERS)
        raise InputError("passphrase too short or too long", accepted=accepted)


def is_protected(pem: bytes) -> bool:
    """Whether a key file is one of these, sound or not."""
    return pem.startswith(BEGIN[:-1])


def is_first(pem: bytes, file: str) -> bool:
    """Whether a key's passphrase was chosen by somebody else. InputError where the file is damaged."""
    return _parts(pem, file)[4][0] == FIRST


def protected(key: Ed25519PrivateKey, passphrase: str, *, cost: Cost = STANDARD, first: bool = False) -> bytes:
    """The key's file under a passphrase, with new salt; `first`: its person changes it before the key signs."""
    own = key.public_key().public_bytes_raw()
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    head = HEAD.pack(FIRST if first else VERSION, cost.memory, cost.passes, cost.lanes, salt, nonce, own)
    body = head + ChaCha20Poly1305(_derived(passphrase, salt, cost)).encrypt(nonce, key.private_bytes_raw(), head)
    return _armoured(body + hashlib.sha256(body).digest()[:CHECK])


def public_key_in(pem: bytes, file: str) -> str:
    """The public key in hexadecimal, for which no passphrase is needed. InputError where the file is damaged."""
    return _parts(pem, file)[3].hex()


def unlocked(pem: bytes, passphrase: str, file: str) -> Ed25519PrivateKey:
    """The key in a file. InputError: damaged, of a cost out of bounds (nothing is derived then), or the passphrase is
    wrong; no message shows any of it."""
    cost, salt, nonce, _, head, sealed = _parts(pem, file)
    try:
        opened = ChaCha20Poly1305(_derived(passphrase, salt, cost)).decrypt(nonce, sealed, head)
    except InvalidTag:
        raise InputError("wrong passphrase", accepted="the passphrase of this signing key", file=file) from None
    return Ed25519PrivateKey.from_private_bytes(opened)


def _parts(pem: bytes, file: str) -> tuple[Cost, bytes, bytes, bytes, bytes, bytes]:
    """Cost, salt, nonce, public key, head and sealed key of a whole file whose cost is within bounds."""
    pem = without_passkeys(pem)
    try:
        body = base64.b64decode(pem.removeprefix(BEGIN).removesuffix(END))
    except ValueError:
        raise _damaged(file) from None
    told, check = body[:-CHECK], body[-CHECK:]
    whole = len(body) == LENGTH and pem == _armoured(body) and hashlib.sha256(told).digest()[:CHECK] == check
    if not whole or told[0] not in {VERSION, FIRST}:
        raise _damaged(file)
    _, memory, passes, lanes, salt, nonce, own = HEAD.unpack(told[: HEAD.size])
    cost = Cost(memory=memory, passes=passes, lanes=lanes)
    if not cost.is_within_bounds():
        raise InputError("key file asks for too much work", accepted="at most 256 MiB and 10 passes", file=file)
    return cost, salt, nonce, own, told[: HEAD.size], told[HEAD.size :]


def _derived(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    kdf = Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return kdf.derive(_plain(passphrase).encode())


def _plain(text: str) -> str:
    """One spelling of what is typed, whichever keyboard it comes from; InputError where it is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("passphrase is not text", accepted="UTF-8") from None
    return unicodedata.normalize("NFKC", text)


def _armoured(body: bytes) -> bytes:
    return BEGIN + base64.encodebytes(body) + END


def _damaged(file: str) -> InputError:
    return InputError("key file damaged", accepted="the whole file from the key folder's own backup", file=file)
