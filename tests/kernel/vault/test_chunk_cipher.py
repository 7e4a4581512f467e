"""The chunk cipher keeps what it was given, and gives nothing back of what was touched (vectors: tests/reference)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError, IntegrityError
from peelian.kernel.vault.chunk_cipher import (
    C2SP,
    HEAD_BYTES,
    MOST_CHUNKS,
    TAG_BYTES,
    VAULT,
    Scheme,
    key_to_open,
    key_to_seal,
    layout,
    offset,
    opened_chunk,
    opened_whole,
    sealed_chunk,
    sealed_whole,
)

KEY, SALT = bytes(range(32)), bytes(range(24))
SMALL = Scheme(label=b"test", chunk=16, hash=C2SP.hash)  # so that a few hundred bytes make many chunks


def _sealed(plain: bytes, context: bytes = b"c", scheme: Scheme = SMALL) -> bytes:
    return sealed_whole(key_to_seal(scheme, KEY, salt=SALT, context=context), plain)


@given(st.binary(max_size=200))
def test_what_was_sealed_comes_back_and_its_length_is_known_from_outside(plain: bytes) -> None:
    sealed = _sealed(plain)
    assert opened_whole(SMALL, KEY, sealed, context=b"c") == plain
    assert layout(SMALL, len(sealed)).size == len(plain)


@given(st.binary(max_size=80), st.data())
@settings(max_examples=300)
def test_every_flipped_bit_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(_sealed(plain))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(IntegrityError):
        opened_whole(SMALL, KEY, bytes(sealed), context=b"c")


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 32, 40])
def test_every_truncation_and_every_extension_is_refused(size: int) -> None:
    sealed = _sealed(bytes(size))
    for cut in range(len(sealed)):
        with pytest.raises(IntegrityError):
            opened_whole(SMALL, KEY, sealed[:cut], context=b"c")
    for more in (1, TAG_BYTES, 16 + TAG_BYTES, 40):
        with pytest.raises(IntegrityError):
            opened_whole(SMALL, KEY, sealed + bytes(more), context=b"c")


@given(st.permutations(range(5)).filter(lambda order: list(order) != sorted(order)))
def test_every_reordering_is_refused(order: list[int]) -> None:
    sealed = _sealed(bytes(5 * 16))
    pieces = [sealed[offset(SMALL, k) : offset(SMALL, k + 1)] for k in range(6)]
    with pytest.raises(IntegrityError):
        opened_whole(SMALL, KEY, sealed[:HEAD_BYTES] + b"".join(pieces[k] for k in [*order, 5]), context=b"c")


def test_another_name_another_key_another_scheme_or_another_salt_opens_nothing() -> None:
    sealed = _sealed(b"text", scheme=VAULT)
    for scheme, key, head, context in (
        (VAULT, KEY, sealed[:HEAD_BYTES], b"d"),
        (VAULT, KEY[::-1], sealed[:HEAD_BYTES], b"c"),
        (C2SP, KEY, sealed[:HEAD_BYTES], b"c"),
        (VAULT, KEY, sealed[1:25] + sealed[24:HEAD_BYTES], b"c"),
        (VAULT, KEY, sealed[: HEAD_BYTES - 1], b"c"),
    ):
        with pytest.raises(IntegrityError):
            key_to_open(scheme, key, head=head, context=context)


def test_the_same_plaintext_twice_looks_different() -> None:
    key = key_to_seal(SMALL, KEY, salt=SALT, context=b"c")
    assert sealed_chunk(key, 0, bytes(16)) != sealed_chunk(key, 1, bytes(16))
    other = sealed_whole(key_to_seal(SMALL, KEY, salt=SALT[::-1], context=b"c"), bytes(40))
    assert not {other[k : k + 8] for k in range(len(other) - 8)} & {
        _sealed(bytes(40))[k : k + 8] for k in range(64, 100)
    }


def test_limits_are_refused_before_anything_is_sealed() -> None:
    key = key_to_seal(SMALL, KEY, salt=SALT, context=b"c")
    with pytest.raises(InputError):
        sealed_chunk(key, MOST_CHUNKS, b"")
    with pytest.raises(InputError):
        sealed_chunk(key, 0, bytes(17))
    with pytest.raises(InputError):
        key_to_seal(SMALL, KEY[:16], salt=SALT, context=b"c")
    with pytest.raises(IntegrityError):
        opened_chunk(key, 0, b"short")


def test_a_chunk_key_shows_no_secret_when_printed() -> None:
    key = key_to_seal(SMALL, KEY, salt=SALT, context=b"c")
    assert str(key.base) not in repr(key) and "aead" not in repr(key)
