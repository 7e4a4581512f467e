"""Chunk cipher: a large object as short authenticated chunks, so that any part can be read alone.

It follows C2SP `chunked-encryption`: from a single-use input key, a random salt and a context come
(HKDF-Expand) an AES-256-GCM key, a base nonce and a 32-byte commitment to all of them; chunk k is sealed under the base
nonce XOR k; every chunk is full but the last, which is always shorter, so that a cut object cannot pass for a whole
one. What the object *is* (dataset, object, version) goes into the context, so it is bound to every chunk.

Published chunks have 16 KiB (`C2SP` and `COBBLESTONE`, kept here so that other people's vectors and programs can judge
this module); the vault's have 64 KiB (`VAULT`), under a label of their own, because fewer and larger ones are faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from peelian.errors import InputError, IntegrityError

KEY_BYTES = 32
SALT_BYTES = 24
COMMITMENT_BYTES = 32
HEAD_BYTES = SALT_BYTES + COMMITMENT_BYTES
TAG_BYTES = 16
NONCE_BYTES = 12
MOST_CHUNKS = 1 << 32  # a lower limit than the specification's 2**38, as it allows: 256 TiB in the vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A label that starts the derivation, its hash, and how many bytes of plaintext a full chunk holds."""

    label: bytes
    chunk: int
    hash: HashAlgorithm


C2SP = Scheme(label=b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM", chunk=1 << 14, hash=SHA256())
COBBLESTONE = Scheme(label=C2SP.label, chunk=C2SP.chunk, hash=SHA512())  # the same with the longer hash
VAULT = Scheme(label=b"peelian/chunked-encryption-64k@v1+AEAD_AES_256_GCM", chunk=1 << 16, hash=SHA512())


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkKey:
    """What seals and opens the chunks of one object: made by `key_to_seal` or `key_to_open`, used for nothing else."""

    scheme: Scheme
    head: bytes  # salt and commitment: what stands before the first chunk
    aead: AESGCM = field(repr=False)
    base: int = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How many chunks a ciphertext holds, the last and shorter one included, and how many bytes of plaintext."""

    chunks: int
    size: int


def key_to_seal(scheme: Scheme, key: bytes, *, salt: bytes, context: bytes) -> ChunkKey:
    """The chunk key of a new object. `key`: 32 random bytes; `salt`: 24 random bytes never used with it before."""
    if len(key) != KEY_BYTES or len(salt) != SALT_BYTES:
        raise InputError("wrong length of a key or salt", accepted=f"{KEY_BYTES} and {SALT_BYTES} bytes")
    info = b"\0".join((scheme.label, salt + context))
    derived = HKDFExpand(scheme.hash, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES, info).derive(key)
    return ChunkKey(
        scheme=scheme,
        head=salt + derived[KEY_BYTES + NONCE_BYTES :],
        aead=AESGCM(derived[:KEY_BYTES]),
        base=int.from_bytes(derived[KEY_BYTES : KEY_BYTES + NONCE_BYTES]),
    )


def key_to_open(scheme: Scheme, key: bytes, *, head: bytes, context: bytes) -> ChunkKey:
    """The chunk key of a stored object, after its commitment was compared; IntegrityError where it does not agree."""
    if len(head) != HEAD_BYTES:
        raise IntegrityError("A sealed object ends before its first chunk.")
    made = key_to_seal(scheme, key, salt=head[:SALT_BYTES], context=context)
    if not bytes_eq(made.head, head):
        raise IntegrityError("A sealed object does not match its key or name. It was swapped or altered.")
    return made


def sealed_chunk(key: ChunkKey, number: int, plain: bytes | bytearray | memoryview) -> bytes:
    """Chunk `number`, encrypted and authenticated: the plaintext's length and 16 bytes. No number may be used twice."""
    if number >= MOST_CHUNKS or len(plain) > key.scheme.chunk:
        raise InputError("object or chunk too large to encrypt", accepted=f"{MOST_CHUNKS:,} chunks")
    return key.aead.encrypt(_nonce(key, number), plain, None)


def opened_chunk(key: ChunkKey, number: int, sealed: bytes | memoryview) -> bytes:
    """The plaintext of chunk `number`; IntegrityError, and not one byte of it, where a bit or the place is wrong."""
    try:
        return key.aead.decrypt(_nonce(key, number), sealed, None)
    except (InvalidTag, ValueError):
        raise IntegrityError(f"Chunk {number:,} of a sealed object is altered, cut or misplaced.") from None


def layout(scheme: Scheme, size: int) -> Layout:
    """Chunks and plaintext bytes in a ciphertext of `size` bytes, head included; IntegrityError where none is so long.

    >>> layout(C2SP, 56 + 16)
    Layout(chunks=1, size=0)
    """
    full, last = divmod(size - HEAD_BYTES, scheme.chunk + TAG_BYTES)
    if size < HEAD_BYTES or last < TAG_BYTES:
        raise IntegrityError("A sealed object is cut off.")
    return Layout(chunks=full + 1, size=full * scheme.chunk + last - TAG_BYTES)


def offset(scheme: Scheme, number: int) -> int:
    """Where chunk `number` starts in the ciphertext."""
    return HEAD_BYTES + number * (scheme.chunk + TAG_BYTES)


def sealed_whole(key: ChunkKey, plain: bytes) -> bytes:
    """A small object sealed in one piece of memory. O(bytes)."""
    return b"".join((key.head, *(sealed_chunk(key, k, part) for k, part in enumerate(_parts(key.scheme, plain)))))


def opened_whole(scheme: Scheme, key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """The plaintext of a small object, after every chunk of it was authenticated; else IntegrityError. O(bytes)."""
    known = key_to_open(scheme, key, head=sealed[:HEAD_BYTES], context=context)
    view, shape = memoryview(sealed), layout(scheme, len(sealed))
    return b"".join(
        opened_chunk(known, k, view[offset(scheme, k) : offset(scheme, k + 1)]) for k in range(shape.chunks)
    )


def _parts(scheme: Scheme, plain: bytes) -> Iterator[memoryview]:
    view = memoryview(plain)
    for start in range(0, len(plain) + 1, scheme.chunk):  # a last part that is empty where the length fits exactly
        yield view[start : start + scheme.chunk]


def _nonce(key: ChunkKey, number: int) -> bytes:
    return (key.base ^ number).to_bytes(NONCE_BYTES)
