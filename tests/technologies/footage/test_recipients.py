"""A recipient's key is checked letter by letter: no wrong letter passes, and a secret key is told apart."""

from __future__ import annotations

import random

import pytest

from peelian.errors import InputError
from peelian.technologies.footage.disclosure.declared import checksum_holds, must_be_recipient

pyrage = pytest.importorskip("pyrage", reason="the extra `exports` is not installed")
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def test_every_key_that_the_age_library_makes_passes_and_no_changed_letter_does() -> None:
    rng = random.Random(3)
    for _ in range(50):
        key = str(pyrage.x25519.Identity.generate().to_public())
        must_be_recipient(key)
        place = rng.randrange(4, len(key))
        other = rng.choice([letter for letter in LETTERS if letter != key[place]])
        with pytest.raises(InputError, match="not a public key"):
            must_be_recipient(key[:place] + other + key[place + 1 :])


@pytest.mark.parametrize("good", ["a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"])
def test_published_checksums_hold(good: str) -> None:
    """BIP 173's valid strings, in small letters."""
    assert checksum_holds(good) and not checksum_holds(good[:-1] + ("q" if good[-1] != "q" else "p"))


@pytest.mark.parametrize("wrong", ["", "age1", "ssh-rsa AAAA", "someone@example.org", "age1" + "q" * 58, "é" * 62])
def test_what_is_no_key_is_refused_without_being_quoted(wrong: str) -> None:
    with pytest.raises(InputError) as error:
        must_be_recipient(wrong)
    assert not wrong or wrong not in str(error.value).split(". Expected")[0]


def test_a_secret_key_is_told_apart() -> None:
    with pytest.raises(InputError, match="secret key"):
        must_be_recipient(str(pyrage.x25519.Identity.generate()))


def test_an_ssh_key_passes() -> None:
    must_be_recipient("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43)
