"""A data key for one worker: shown to be in the set, encrypted to a fresh key, bound to what was asked."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, IntegrityError
from peelian.kernel.vault.worker_keys import KeyRequest, Opening, is_among, key_within, sealed_for, tree_of


def leaves(n: int) -> list[Opening]:
    return [
        Opening(object=f"{k:032x}", worker="a" * 64, run="b" * 64, until="2026-03-02T09:10:00.00Z") for k in range(n)
    ]


def asks(of: list[Opening], position: int, to: str = "0" * 64) -> KeyRequest:
    proof = tuple(one.hex() for one in tree_of(of).inclusion(position, len(of)))
    return KeyRequest(intent=7, position=position, leaf=of[position], proof=proof, to=to)


@given(st.integers(1, 40), st.data())
def test_each_opening_is_shown_at_its_place_and_at_no_other(n: int, data: st.DataObject) -> None:
    of = leaves(n)
    position, other = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n))
    root, wish = tree_of(of).root().hex(), asks(of, position)
    assert is_among(wish, size=n, root=root)
    if other != position:
        assert not is_among(dataclasses.replace(wish, position=other), size=n, root=root)
    for field in ("object", "worker", "run", "until"):
        changed = dataclasses.replace(wish.leaf, **{field: "c" * 32})
        assert not is_among(dataclasses.replace(wish, leaf=changed), size=n, root=root)
    assert not is_among(wish, size=n, root="00" * 32) and not is_among(wish, size=n, root="no root")


def test_the_root_of_two_is_what_rfc_9162_says() -> None:
    of = leaves(2)
    rows = [["peelian worker opening 1", one.object, one.worker, one.run, one.until] for one in of]
    hashes = [hashlib.sha256(b"\0" + json.dumps(row, separators=(",", ":")).encode()).digest() for row in rows]
    assert tree_of(of).root() == hashlib.sha256(b"\1" + hashes[0] + hashes[1]).digest()


def test_a_key_reaches_who_asked_and_only_as_the_answer_to_that() -> None:
    private, key = X25519PrivateKey.generate(), secrets.token_bytes(32)
    wish = asks(leaves(2), 0, private.public_key().public_bytes_raw().hex())
    sealed = sealed_for(wish, key)
    assert len(sealed) == 32 + 32 + 16 and key not in sealed and sealed != sealed_for(wish, key)
    assert key_within(wish, sealed, private) == key
    for other, sent, by in (
        (dataclasses.replace(wish, intent=8), sealed, private),
        (wish, sealed, X25519PrivateKey.generate()),
        (wish, sealed[:-1], private),
        (wish, b"", private),
    ):
        with pytest.raises(IntegrityError, match="not for this worker"):
            key_within(other, sent, by)


@pytest.mark.parametrize("to", ["", "zz" * 32, "00" * 31, "00" * 32])
def test_nothing_is_encrypted_to_what_is_no_key(to: str) -> None:
    with pytest.raises(InputError, match="worker's key"):
        sealed_for(asks(leaves(1), 0, to), bytes(32))
