"""Checkpoints and receipts: an outsider is convinced by the true ones only."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_parts import ORIGIN, SIGNER, entry

from peelian.errors import IntegrityError
from peelian.kernel.log.checkpoints import (
    check_receipt,
    make_receipt,
    read_checkpoint,
    read_receipt,
    sign_checkpoint,
    with_cosignatures,
)
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.log.merkle import Head, Tree, leaf_hash
from peelian.kernel.log.signed_note import COSIGNATURE, Note, NoteKey, Signature, key_of

KEY = key_of(ORIGIN, SIGNER)
SPELLINGS = [encode_entry(entry(number)) for number in range(11)]


def grown() -> Tree:
    tree = Tree()
    for spelling in SPELLINGS:
        tree.append(leaf_hash(spelling))
    return tree


TREE = grown()
HEAD = Head(size=TREE.size, root=TREE.root())
CHECKPOINT = sign_checkpoint(ORIGIN, HEAD, SIGNER)
RECEIPT = make_receipt(TREE, 6, HEAD, CHECKPOINT.data).data


def witnessed(signer: Ed25519PrivateKey) -> tuple[NoteKey, Note]:
    key = NoteKey(name="witness.example", public=signer.public_key().public_bytes_raw(), kind=COSIGNATURE)
    value = (7).to_bytes(8, "big") + signer.sign(b"cosignature/v1\ntime 7\n" + CHECKPOINT.text.encode())
    return key, Note(text=CHECKPOINT.text, signatures=(Signature(name=key.name, key_id=key.id, value=value),))


def test_a_checkpoint_says_its_size_and_root_to_whoever_has_the_key() -> None:
    assert read_checkpoint(CHECKPOINT.data, KEY) == (CHECKPOINT, HEAD)
    with pytest.raises(IntegrityError, match="not signed by the key"):
        read_checkpoint(CHECKPOINT.data, key_of(ORIGIN, Ed25519PrivateKey.generate()))


@pytest.mark.parametrize(
    "text", ["other.example\n5\n{}\n", ORIGIN + "\n05\n{}\n", ORIGIN + "\n-1\n{}\n", ORIGIN + "\n5\n\n"]
)
def test_a_signed_note_of_another_form_is_no_checkpoint(text: str) -> None:
    signed = sign_checkpoint(ORIGIN, HEAD, SIGNER)
    root = signed.text.split("\n")[2]
    body = text.format(root)
    note = Note(
        text=body,
        signatures=(Signature(name=ORIGIN, key_id=KEY.id, value=SIGNER.sign(body.encode())),),
    )
    with pytest.raises(IntegrityError):
        read_checkpoint(note.data, KEY)


def test_a_receipt_proves_its_entry_and_no_other() -> None:
    assert check_receipt(RECEIPT, SPELLINGS[6], KEY) == HEAD
    for number in (0, 5, 7):
        with pytest.raises(IntegrityError, match="does not prove"):
            check_receipt(RECEIPT, SPELLINGS[number], KEY)


def test_every_changed_byte_of_a_receipt_is_noticed() -> None:
    for place in range(len(RECEIPT)):
        data = bytearray(RECEIPT)
        data[place] ^= 1
        with pytest.raises(IntegrityError):
            check_receipt(bytes(data), SPELLINGS[6], KEY)


def test_extra_data_of_a_receipt_is_passed_over() -> None:
    extra = RECEIPT.replace(b"\nindex", b"\nextra YWJj\nindex", 1)
    assert check_receipt(extra, SPELLINGS[6], KEY) == HEAD
    assert read_receipt(extra) == read_receipt(RECEIPT)


def test_receipts_can_ask_for_witnesses() -> None:
    signer = Ed25519PrivateKey.generate()
    key, answer = witnessed(signer)
    with pytest.raises(IntegrityError, match="1 of 1 witnesses"):
        check_receipt(RECEIPT, SPELLINGS[6], KEY, [key])
    note = with_cosignatures(CHECKPOINT, answer, [key])
    cosigned = make_receipt(TREE, 6, HEAD, note.data).data
    assert check_receipt(cosigned, SPELLINGS[6], KEY, [key]) == HEAD
    assert with_cosignatures(note, answer, [key]) == note, "a second line of the same witness replaces the first"


def test_a_stranger_s_line_is_not_taken_over() -> None:
    key, answer = witnessed(Ed25519PrivateKey.generate())
    stranger = NoteKey(name="other.example", public=key.public, kind=COSIGNATURE)
    assert with_cosignatures(CHECKPOINT, answer, [stranger]) == CHECKPOINT


def test_a_receipt_cannot_reach_beyond_its_checkpoint() -> None:
    with pytest.raises(IntegrityError):
        make_receipt(TREE, 11, HEAD, CHECKPOINT.data)
    with pytest.raises(IntegrityError):
        make_receipt(TREE, 8, Head(size=8, root=TREE.root(8)), CHECKPOINT.data)
