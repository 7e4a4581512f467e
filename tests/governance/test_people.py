"""Signatures: only the right key over the right words holds, and malformed ones are no error."""

from __future__ import annotations

import tracemalloc

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from peelian.governance.people import signature_holds

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw().hex()


def test_the_right_key_over_the_right_words_holds() -> None:
    assert signature_holds(PUBLIC, KEY.sign(b"words").hex(), b"words")
    assert not signature_holds(PUBLIC, KEY.sign(b"words").hex(), b"other words")
    assert not signature_holds(PUBLIC, Ed25519PrivateKey.generate().sign(b"words").hex(), b"words")


@given(st.text(max_size=140), st.text(max_size=140))
def test_nonsense_never_holds(key: str, signature: str) -> None:
    assert not signature_holds(key, signature, b"words")


def test_what_is_too_long_for_a_signature_is_not_remembered() -> None:
    tracemalloc.start()
    try:
        for digit in "0123":
            assert not signature_holds("00" * 32, digit * (4 << 20), b"a mark")
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()
