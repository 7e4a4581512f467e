"""Signatures: only the right key over the right words holds, and malformed ones are no error."""

from __future__ import annotations

import secrets
import tracemalloc
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from peelian.governance import people
from peelian.governance.people import MOST_KNOWN, own_signature, signature_holds, signer

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture
def counted_verifications(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many signatures were really verified."""
    n: list[tuple[str, str, bytes]] = []
    for name in ("_remembered", "_holds"):
        real = getattr(people, name)
        monkeypatch.setattr(people, name, lambda *given, real=real: n.append(given) or real(*given))
    return lambda: len(n)


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


def test_what_this_process_signed_holds_and_nothing_else_does(counted_verifications: Callable[[], int]) -> None:
    sign, mark, other = own_signature(KEY, str), secrets.token_hex(32), secrets.token_hex(32)
    made = sign(mark, None).hex()
    assert signature_holds(PUBLIC, made, mark.encode()) and counted_verifications() == 0
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    for key, signature, words in ((PUBLIC, made, other), (stranger, made, mark), (PUBLIC, made[::-1], mark)):
        assert not signature_holds(key, signature, words.encode())
    assert counted_verifications() == 3


@pytest.mark.parametrize("message", [b"", b"a challenge", b"an entry " * 100])
def test_whatever_it_signs_with_a_key_it_holds_under_that_key_only(
    counted_verifications: Callable[[], int], message: bytes
) -> None:
    made = signer(KEY)(message).hex()
    assert signature_holds(PUBLIC, made, message) and counted_verifications() == 0
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(PUBLIC)).verify(bytes.fromhex(made), message)
    stranger = Ed25519PrivateKey.generate()
    public = stranger.public_key().public_bytes_raw().hex()
    assert not signature_holds(public, made, message) and not signature_holds(PUBLIC, made, message + b".")
    assert not signature_holds(PUBLIC, signer(stranger)(message).hex(), message) and counted_verifications() == 3


def test_what_was_signed_is_known_for_a_while_and_holds_afterwards() -> None:
    sign, mark = own_signature(KEY, str), secrets.token_hex(32)
    made = sign(mark, None).hex()
    for _ in range(MOST_KNOWN):
        sign(secrets.token_hex(32), None)
    assert len(people._own) == MOST_KNOWN
    assert made not in {signature for _, signature, _ in people._own} and signature_holds(PUBLIC, made, mark.encode())
