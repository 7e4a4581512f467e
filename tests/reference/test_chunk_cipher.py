"""The chunk cipher and the key wrapping against vectors and programs that we did not write."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from peelian.errors import InputError, IntegrityError
from peelian.kernel.vault.chunk_cipher import (
    C2SP,
    COBBLESTONE,
    HEAD_BYTES,
    ChunkKey,
    key_to_open,
    key_to_seal,
    layout,
    offset,
    opened_chunk,
    opened_whole,
    sealed_chunk,
    sealed_whole,
)
from peelian.kernel.vault.key_wrapping import unwrap, wrap, wrapping_key

VECTORS = Path(__file__).parent / "vectors"


def _load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


CHUNKED = _load("chunked_encryption_aes256gcm.json")


def _message(case: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    sealed = base64.b64decode(case["ciphertext"] or "")
    return (
        bytes.fromhex(case["key"]),
        case["context"].encode(),
        zlib.decompress(sealed) if case.get("compressed") else sealed,
    )


@pytest.mark.parametrize("case", [c for c in CHUNKED if c["expect"] == "success"], ids=lambda c: c["name"])
def test_published_messages_open_and_seal_to_the_same_bytes(case: dict[str, Any]) -> None:
    key, context, sealed = _message(case)
    plain = opened_whole(C2SP, key, sealed, context=context)
    assert len(plain) == case["payload_length"] == layout(C2SP, len(sealed)).size
    assert hashlib.sha256(plain).hexdigest() == case["payload_sha256"]
    assert sealed_whole(key_to_seal(C2SP, key, salt=sealed[:24], context=context), plain) == sealed


@pytest.mark.parametrize("case", [c for c in CHUNKED if c["expect"] == "failure"], ids=lambda c: c["name"])
def test_published_damaged_messages_are_refused_whole(case: dict[str, Any]) -> None:
    key, context, sealed = _message(case)
    with pytest.raises((IntegrityError, InputError)):
        opened_whole(C2SP, key, sealed, context=context)


@pytest.mark.parametrize("name", ["aes256gcm_three_chunks", "aes256gcm_257_chunks"])
def test_any_chunk_of_a_published_message_opens_alone(name: str) -> None:
    key, context, sealed = _message(next(c for c in CHUNKED if c["name"] == name))
    whole = opened_whole(C2SP, key, sealed, context=context)
    known = key_to_open(C2SP, key, head=sealed[:HEAD_BYTES], context=context)
    for number in (layout(C2SP, len(sealed)).chunks - 1, 1, 0):
        piece = sealed[offset(C2SP, number) : offset(C2SP, number + 1)]
        assert opened_chunk(known, number, piece) == whole[number << 14 : number + 1 << 14]


def test_another_library_opens_what_we_seal_and_the_other_way_round() -> None:
    other = pytest.importorskip("cryptography.cobblestone", reason="cryptography before 50 has no chunked encryption")
    key, context, plain = bytes(range(32)), b"a context", bytes(range(251)) * 200
    ours = sealed_whole(key_to_seal(COBBLESTONE, key, salt=bytes(24), context=context), plain)
    opening = other.Cobblestone256Decryptor(key, context)
    assert opening.update(ours) + opening.finalize() == plain
    sealing = other.Cobblestone256Encryptor(key, context)
    theirs = sealing.update(plain) + sealing.finalize()
    assert opened_whole(COBBLESTONE, key, theirs, context=context) == plain


def test_a_chunk_is_aes_256_gcm_as_nist_has_it() -> None:
    for case in _load("nist_gcm_aes256.json"):
        key, nonce, plain, sealed = (
            bytes.fromhex(case["Key"]),
            bytes.fromhex(case["IV"]),
            bytes.fromhex(case["PT"]),
            bytes.fromhex(case["CT"] + case["Tag"]),
        )
        number = 5  # the base nonce that chunk 5 turns into the published nonce
        chunk_key = ChunkKey(scheme=C2SP, head=b"", aead=AESGCM(key), base=int.from_bytes(nonce) ^ number)
        assert sealed_chunk(chunk_key, number, plain) == sealed
        assert opened_chunk(chunk_key, number, sealed) == plain


def test_keys_are_wrapped_as_nist_has_it() -> None:
    vectors = _load("nist_kw_aes256.json")
    for case in vectors["wrap"]:
        assert wrap(wrapping_key(bytes.fromhex(case["K"])), bytes.fromhex(case["P"])).hex() == case["C"]
    for case in vectors["unwrap"]:
        under = wrapping_key(bytes.fromhex(case["K"]))
        wrapped = bytes.fromhex(case["C"])
        if case.get("fails"):
            with pytest.raises(IntegrityError):
                unwrap(under, wrapped)
        else:
            assert unwrap(under, wrapped).hex() == case["P"]


def test_a_key_is_wrapped_as_rfc_3394_section_4_6_has_it() -> None:
    under = wrapping_key(bytes(range(32)))
    wrapped = wrap(under, bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"))
    published = "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
    assert wrapped.hex().upper() == published
