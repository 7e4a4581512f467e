"""Signed notes: what is signed comes back, and nothing else passes."""

from __future__ import annotations

import contextlib
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.signed_note import (
    COSIGNATURE,
    Note,
    NoteKey,
    Signature,
    key_of,
    read_key,
    read_note,
    read_signatures,
    sign_note,
    signed_by,
)

SIGNER, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEY = key_of("log.example.org", SIGNER)
NOTE = sign_note("log.example.org\n5\nabc\n", "log.example.org", SIGNER)


def cosigned(note: Note, signer: Ed25519PrivateKey, seconds: int) -> tuple[NoteKey, Note]:
    """`note` with a witness's line (C2SP tlog-cosignature, Ed25519)."""
    key = NoteKey(name="witness.example", public=signer.public_key().public_bytes_raw(), kind=COSIGNATURE)
    value = seconds.to_bytes(8, "big") + signer.sign(f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
    line = Signature(name=key.name, key_id=key.id, value=value)
    return key, Note(text=note.text, signatures=(*note.signatures, line))


def test_a_note_and_its_key_come_back() -> None:
    note = read_note(NOTE.data)
    assert note == NOTE
    assert signed_by(note, [read_key(KEY.text)]) == (KEY,)


def test_every_changed_byte_of_a_note_is_noticed() -> None:
    for place in range(len(NOTE.data)):
        for change in (1, 128):
            data = bytearray(NOTE.data)
            data[place] ^= change
            with contextlib.suppress(IntegrityError):
                assert signed_by(read_note(bytes(data)), [KEY]) == ()


def test_another_key_of_the_same_name_is_unknown() -> None:
    assert signed_by(NOTE, [key_of("log.example.org", OTHER)]) == ()


def test_a_good_signature_beside_a_bad_one_of_the_same_key_is_none() -> None:
    (good,) = NOTE.signatures
    bad = Signature(name=good.name, key_id=good.key_id, value=OTHER.sign(NOTE.text.encode()))
    for lines in ((good, bad), (bad, good)):
        with pytest.raises(IntegrityError, match="not valid"):
            signed_by(Note(text=NOTE.text, signatures=lines), [KEY])


def test_a_note_is_spelled_one_way() -> None:
    """Two spellings of one note would be two notes to whoever compares bytes."""
    (line,) = NOTE.signatures
    spare = NOTE.data.replace(line.line.encode(), line.line.rstrip().encode() + b" more\n")
    for data in (spare, NOTE.data.replace(line.line.encode(), line.line.encode().replace(b"\n", b"\r\n"))):
        with pytest.raises(IntegrityError):
            read_note(data)


def test_a_cosignature_counts_only_as_one() -> None:
    key, note = cosigned(NOTE, OTHER, 1_700_000_000)
    assert signed_by(note, [key, KEY]) == (key, KEY)
    plain = NoteKey(name=key.name, public=key.public)
    assert signed_by(note, [plain]) == ()
    late = bytearray(note.signatures[1].value)
    late[7] ^= 1
    moved = Note(text=note.text, signatures=(Signature(name=key.name, key_id=key.id, value=bytes(late)),))
    with pytest.raises(IntegrityError):
        signed_by(moved, [key])
    assert read_signatures("".join(line.line for line in note.signatures).encode()) == note.signatures


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash\n",
        NOTE.data[:-1],
        NOTE.data + b"\n",
        NOTE.data.replace(b"\n5\n", b"\n\x07\n"),
        NOTE.data.replace("— ".encode(), "—  ".encode()),
        b"\xff\xfe\n\n" + NOTE.signatures[0].line.encode(),
        b"text\n\n" + NOTE.signatures[0].line.encode() * 101,
        ("text\n\n— name " + b64encode(b"abc").decode() + "\n").encode(),
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        read_note(data)


@given(st.binary(max_size=200))
def test_noise_is_no_note(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        read_note(data)


@pytest.mark.parametrize(
    "line", ["", "a+b", "a+00000000+AAAA", KEY.text[:-4] + "AAA=", KEY.text.replace("log", "lag"), "é+1+2"]
)
def test_a_key_line_that_does_not_agree_with_itself_is_refused(line: str) -> None:
    with pytest.raises(InputError):
        read_key(line)


@pytest.mark.parametrize("name", ["", "two words", "plus+plus", "é", "n" * 256])
def test_a_name_that_a_note_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        key_of(name, SIGNER)


@pytest.mark.parametrize("letter", ["\x00", "\t", "\r", "\x1b", "\x1f"])
def test_a_control_character_in_a_note_is_refused(letter: str) -> None:
    whole = NOTE.data
    assert read_note(whole)
    with pytest.raises(IntegrityError):
        read_note(whole.replace(b"\n", f"{letter}\n".encode(), 1))
