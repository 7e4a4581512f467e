"""Wrapped keys: they come back, another key opens nothing, damage is seen, and none shows when printed."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import IntegrityError
from peelian.kernel.vault.key_wrapping import unwrap, wrap, wrapping_key

DATA_KEY = bytes(range(32, 64))


def test_a_key_comes_back() -> None:
    under = wrapping_key(os.urandom(32))
    wrapped = wrap(under, DATA_KEY)
    assert DATA_KEY not in wrapped and unwrap(under, wrapped) == DATA_KEY


def test_another_wrapping_key_opens_nothing() -> None:
    with pytest.raises(IntegrityError, match="another key"):
        unwrap(wrapping_key(bytes(31) + b"\1"), wrap(wrapping_key(bytes(32)), DATA_KEY))


@given(st.integers(0, 8 * 40 - 1))
def test_every_flipped_bit_is_seen(bit: int) -> None:
    under = wrapping_key(bytes(32))
    wrapped = bytearray(wrap(under, DATA_KEY))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(IntegrityError):
        unwrap(under, bytes(wrapped))


def test_keys_do_not_show_when_printed() -> None:
    assert "kkkk" not in repr(wrapping_key(b"k" * 32))
