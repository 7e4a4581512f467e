"""Wrapped keys and the records that hold them: they come back, damage is seen, destruction leaves nothing of a key."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import IntegrityError
from peelian.kernel.vault.key_wrapping import (
    RECORD_BYTES,
    record_from_bytes,
    record_to_bytes,
    rewrapped,
    tombstone,
    unwrap,
    wrap,
    wrapping_key,
)

NAME, DATA_KEY = bytes(range(16)), bytes(range(32, 64))


def test_a_key_comes_back_through_its_record() -> None:
    under = wrapping_key(os.urandom(32))
    written = record_to_bytes(wrap(under, NAME, DATA_KEY))
    assert len(written) == RECORD_BYTES and DATA_KEY not in written
    record = record_from_bytes(written)
    assert (record.object, record.under, unwrap(under, record)) == (NAME, under.id, DATA_KEY)


def test_another_wrapping_key_opens_nothing() -> None:
    record = wrap(wrapping_key(bytes(32)), NAME, DATA_KEY)
    with pytest.raises(IntegrityError):
        unwrap(wrapping_key(bytes(31) + b"\1"), record)


def test_a_tombstone_holds_nothing_of_the_key() -> None:
    record = wrap(wrapping_key(bytes(32)), NAME, DATA_KEY)
    stone = record_to_bytes(tombstone(NAME))
    assert record_from_bytes(stone).destroyed
    assert not any(record.wrapped[k : k + 4] in stone for k in range(37)) and record.under not in stone


@given(st.integers(0, 8 * 72 - 1))
def test_every_flipped_bit_of_a_record_is_seen(bit: int) -> None:
    data = bytearray(record_to_bytes(wrap(wrapping_key(bytes(32)), NAME, DATA_KEY)))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(IntegrityError):
        record_from_bytes(bytes(data))


def test_rewrapping_is_unwrapping_and_wrapping() -> None:
    old, new = wrapping_key(bytes(32)), wrapping_key(b"n" * 32)
    record = wrap(old, NAME, DATA_KEY)
    assert rewrapped(record_to_bytes(record), {old.id: old}.__getitem__, new) == record_to_bytes(
        wrap(new, NAME, DATA_KEY)
    )
    stone = record_to_bytes(tombstone(NAME))
    assert rewrapped(stone, {}.__getitem__, new) == stone
    with pytest.raises(IntegrityError, match="another key"):
        rewrapped(record_to_bytes(record), {old.id: new}.__getitem__, new)
    with pytest.raises(IntegrityError, match="damaged"):
        rewrapped(bytes(RECORD_BYTES), {}.__getitem__, new)


def test_keys_do_not_show_when_printed() -> None:
    under = wrapping_key(b"k" * 32)
    assert "kkkk" not in repr(under) and "wrapped" not in repr(wrap(under, NAME, DATA_KEY))
