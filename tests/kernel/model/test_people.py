"""Signatures: only the right key over the right words holds, and malformed ones are no error."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from peelian.kernel.model.people import signature_holds

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw().hex()


def test_the_right_key_over_the_right_words_holds() -> None:
    assert signature_holds(PUBLIC, KEY.sign(b"words").hex(), b"words")
    assert not signature_holds(PUBLIC, KEY.sign(b"words").hex(), b"other words")
    assert not signature_holds(PUBLIC, Ed25519PrivateKey.generate().sign(b"words").hex(), b"words")


@given(st.text(max_size=140), st.text(max_size=140))
def test_nonsense_never_holds(key: str, signature: str) -> None:
    assert not signature_holds(key, signature, b"words")
