"""A witness's rules: it goes on from what it cosigned, and from nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from log_parts import ORIGIN, SIGNER

from peelian.kernel.log.checkpoints import sign_checkpoint
from peelian.kernel.log.merkle import Head, Tree, leaf_hash
from peelian.kernel.log.signed_note import Note, Signature, key_of, signed_by
from peelian.kernel.log.witness_protocol import Watched, cosign, rule, witness_key

KEY = key_of(ORIGIN, SIGNER)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def grown(size: int, other: int = 1_000) -> Tree:
    """A tree of `size` entries that differ from the usual ones from `other` on."""
    tree = Tree()
    for number in range(size):
        tree.append(leaf_hash(str(number if number < other else -number).encode()))
    return tree


def head(tree: Tree) -> Head:
    return Head(size=tree.size, root=tree.root())


def checkpoint(tree: Tree, signer: Ed25519PrivateKey = SIGNER, origin: str = ORIGIN) -> bytes:
    return sign_checkpoint(origin, head(tree), signer).data


def request(old: int | str, proof: Sequence[bytes], note: bytes) -> bytes:
    lines = [f"old {old}", *(b64encode(part).decode() for part in proof), "", ""]
    return "\n".join(lines).encode() + note


def seen(tree: Tree | None = None) -> dict[str, Watched]:
    return {ORIGIN: Watched(key=KEY, head=head(tree) if tree else None)}


FIVE, NINE = grown(5), grown(9)


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (request(0, (), checkpoint(FIVE)), seen()),
        (request(5, NINE.consistency(5, 9), checkpoint(NINE)), seen(FIVE)),
        (request(5, (), checkpoint(FIVE)), seen(FIVE)),
    ],
)
def test_what_goes_on_is_cosigned(body: bytes, known: dict[str, Watched]) -> None:
    ruling = rule(body, known)
    assert (ruling.status, ruling.body) == (200, b"")
    assert ruling.note is not None
    line = cosign(ruling.note, "board.example", STRANGER, 1_700_000_000)
    key = witness_key("board.example", STRANGER)
    assert signed_by(Note(text=ruling.note.text, signatures=(line,)), [key]) == (key,)


def forged(tree: Tree) -> bytes:
    text = sign_checkpoint(ORIGIN, head(tree), SIGNER).text
    return Note(text=text, signatures=(Signature(name=ORIGIN, key_id=KEY.id, value=STRANGER.sign(text.encode())),)).data


@pytest.mark.parametrize(
    ("status", "body", "known"),
    [
        (400, b"", seen()),
        (400, b"old 0\n", seen()),
        (400, request("00", (), checkpoint(FIVE)), seen()),
        (400, request(0, [b"short"], checkpoint(FIVE)), seen()),
        (400, request(0, [bytes(32)] * 64, checkpoint(FIVE)), seen()),
        (400, request(5, (), checkpoint(FIVE)).replace(b"old 5\n", b"old 5\n!!!\n"), seen(FIVE)),
        (400, request(0, (), ORIGIN.encode() + b"\nno note\n"), seen()),
        (400, request(9, (), checkpoint(FIVE)), seen(NINE)),
        (404, request(0, (), checkpoint(FIVE, origin="other.example")), seen()),
        (403, request(0, (), checkpoint(FIVE, STRANGER)), seen()),
        (403, request(0, (), forged(FIVE)), seen()),
        (409, request(0, (), checkpoint(NINE)), seen(FIVE)),
        (409, request(3, NINE.consistency(3, 9), checkpoint(NINE)), seen(FIVE)),
        (409, request(0, (), checkpoint(FIVE)), seen(NINE)),
        (409, request(5, (), checkpoint(grown(5, 2))), seen(FIVE)),
        (422, request(5, (), checkpoint(NINE)), seen(FIVE)),
        (422, request(5, grown(9, 2).consistency(5, 9), checkpoint(grown(9, 2))), seen(FIVE)),
        (422, request(0, [bytes(32)], checkpoint(FIVE)), seen()),
    ],
)
def test_each_refusal_has_its_code(status: int, body: bytes, known: dict[str, Watched]) -> None:
    ruling = rule(body, known)
    assert (ruling.status, ruling.note) == (status, None)
    if status == 409:
        assert ruling.body == f"{known[ORIGIN].size}\n".encode()


@given(st.binary(max_size=300))
def test_noise_is_refused_and_never_an_error(body: bytes) -> None:
    assert rule(body, seen(FIVE)).status in (400, 404)


def test_a_note_of_the_log_that_is_no_checkpoint_is_not_cosigned() -> None:
    text = f"{ORIGIN}\nfive\nnothing\n"
    note = Note(text=text, signatures=(Signature(name=ORIGIN, key_id=KEY.id, value=SIGNER.sign(text.encode())),))
    assert rule(request(0, (), note.data), seen()).status == 400
