"""Checks a recipient's public key, including its checksum, before anything is made for it."""

from __future__ import annotations

import re

from peelian.errors import InputError

ACCEPTED = "the recipient's public key: age1… as `age-keygen` prints it, or ssh-ed25519 …"
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_AGE = re.compile(r"age1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}")
_SSH = re.compile(r"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}={0,2}( \S{1,100})?")
_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def must_be_recipient(text: str) -> None:
    """InputError unless this is a public key for encryption. A secret key has an error of its own."""
    if text.strip().upper().startswith("AGE-SECRET-KEY-"):
        raise InputError(
            "this is a secret key: its owner must make a new key pair", column="recipient", accepted=ACCEPTED
        )
    if _SSH.fullmatch(text) or (_AGE.fullmatch(text) and checksum_holds(text)):
        return
    raise InputError("not a public key", column="recipient", accepted=ACCEPTED)


def checksum_holds(text: str) -> bool:
    """Whether a bech32 word's checksum is right (BIP 173): any one or two wrong letters are found.

    >>> checksum_holds("a12uel5l"), checksum_holds("a12uel5q")
    (True, False)
    """
    head, _, body = text.rpartition("1")
    values = [ord(c) >> 5 for c in head] + [0] + [ord(c) & 31 for c in head] + [_LETTERS.find(c) for c in body]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, step in enumerate(_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check == 1 and -1 not in values
