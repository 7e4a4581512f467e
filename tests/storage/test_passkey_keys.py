"""A key under a passkey's secret: that alone opens it, for that passkey, in its own file; the rest is as before."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from own_keys import CHEAP

from peelian.errors import InputError
from peelian.storage.passkey_keys import BEGIN, END, opened, passkeys_in, with_passkey, without_passkey
from peelian.storage.protected_keys import is_protected, protected, public_key_in, unlocked

PASSPHRASE = "Zebedee's marker phrase"
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
PEM = protected(KEY, PASSPHRASE, cost=CHEAP)
OWN = KEY.public_key().public_bytes_raw().hex()
BLUE, RED = "b1" * 32, "4d" * 32
SECRET, RED_SECRET = secrets.token_bytes(32), secrets.token_bytes(32)
BOTH = with_passkey(with_passkey(PEM, KEY, BLUE, SECRET), KEY, RED, RED_SECRET)


def test_either_passkey_opens_it_and_so_does_the_passphrase() -> None:
    for credential, secret in ((BLUE, SECRET), (RED, RED_SECRET)):
        found = opened(BOTH, credential, secret, OWN)
        assert found is not None and found.private_bytes_raw() == KEY.private_bytes_raw()
    assert unlocked(BOTH, PASSPHRASE, "ann.pem").private_bytes_raw() == KEY.private_bytes_raw()
    assert is_protected(BOTH) and public_key_in(BOTH, "ann.pem") == OWN and passkeys_in(BOTH) == {BLUE, RED}
    with pytest.raises(InputError, match="wrong passphrase"):
        unlocked(BOTH, "another passphrase", "ann.pem")


def test_nothing_else_opens_it() -> None:
    for credential, secret in (
        (BLUE, RED_SECRET),
        (RED, SECRET),
        ("00" * 32, SECRET),
        (BLUE, b""),
        (BLUE, SECRET[:31]),
    ):
        assert opened(BOTH, credential, secret, OWN) is None
    assert opened(PEM, BLUE, SECRET, OWN) is None
    block = BOTH.removeprefix(PEM)
    other = protected(OTHER, PASSPHRASE, cost=CHEAP) + block  # somebody puts it into another person's file
    assert opened(other, BLUE, SECRET, OTHER.public_key().public_bytes_raw().hex()) is None


def test_one_is_taken_away_or_put_in_place_of_itself_and_the_rest_stays() -> None:
    assert passkeys_in(without_passkey(BOTH, BLUE)) == {RED} and without_passkey(PEM, BLUE) == PEM
    assert without_passkey(without_passkey(BOTH, BLUE), RED) == PEM
    again = with_passkey(BOTH, KEY, BLUE, RED_SECRET)
    assert len(again) == len(BOTH) and opened(again, BLUE, SECRET, OWN) is None
    assert opened(again, BLUE, RED_SECRET, OWN) is not None


@given(st.integers(len(PEM), len(BOTH) - 1), st.integers(1, 255))
def test_a_changed_block_opens_no_other_key(at: int, by: int) -> None:
    changed = BOTH[:at] + bytes([BOTH[at] ^ by]) + BOTH[at + 1 :]
    found = [opened(changed, BLUE, SECRET, OWN), opened(changed, RED, RED_SECRET, OWN)]
    assert all(one is None or one.private_bytes_raw() == KEY.private_bytes_raw() for one in found)
    try:
        assert unlocked(changed, PASSPHRASE, "ann.pem").private_bytes_raw() == KEY.private_bytes_raw()
    except InputError as error:
        assert error.wrong == "key file damaged"


@pytest.mark.parametrize("body", [b"", b"AA==\n", b"!" * 40, b"A" * 300, b"\xff" * 20])
def test_a_block_that_is_none_is_passed_over(body: bytes) -> None:
    assert passkeys_in(PEM + BEGIN + body + END) == frozenset()
    assert without_passkey(PEM + BEGIN + body + END, BLUE) == PEM + BEGIN + body + END
