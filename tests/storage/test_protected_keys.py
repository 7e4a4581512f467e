"""A key under a passphrase: the right one opens it; whatever is done to its file, nothing is opened or overworked."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from own_keys import CHEAP

from peelian.errors import InputError
from peelian.storage.operator_keys import bare_file
from peelian.storage.protected_keys import (
    BEGIN,
    CHECK,
    END,
    HEAD,
    LENGTH,
    STANDARD,
    Cost,
    is_protected,
    must_be_passphrase,
    protected,
    public_key_in,
    unlocked,
)

SECRET = "Zebedee's marker phrase"
KEY = Ed25519PrivateKey.generate()
PEM = protected(KEY, SECRET, cost=CHEAP)
BODY = base64.b64decode(PEM.removeprefix(BEGIN).removesuffix(END))


def _file(told: bytes) -> bytes:
    """A file whose check is right, whatever it says."""
    return BEGIN + base64.encodebytes(told + hashlib.sha256(told).digest()[:CHECK]) + END


def test_the_passphrase_opens_it_and_the_public_key_needs_none() -> None:
    assert is_protected(PEM) and not is_protected(bare_file(KEY)) and len(BODY) == LENGTH
    assert unlocked(PEM, SECRET, "ann.pem").private_bytes_raw() == KEY.private_bytes_raw()
    assert public_key_in(PEM, "ann.pem") == KEY.public_key().public_bytes_raw().hex()


def test_the_standard_cost_is_rfc_9106s_second_recommended_option() -> None:
    assert Cost(memory=65_536, passes=3, lanes=4) == STANDARD
    made = protected(KEY, SECRET)
    head = HEAD.unpack(base64.b64decode(made.removeprefix(BEGIN).removesuffix(END))[: HEAD.size])
    assert head[1:4] == (65_536, 3, 4) and unlocked(made, SECRET, "f").sign(b"x") == KEY.sign(b"x")


def test_two_files_of_one_key_and_passphrase_share_neither_salt_nor_nonce() -> None:
    other = HEAD.unpack(base64.b64decode(protected(KEY, SECRET, cost=CHEAP)[len(BEGIN) : -len(END)])[: HEAD.size])
    mine = HEAD.unpack(BODY[: HEAD.size])
    assert mine[4] != other[4] and mine[5] != other[5] and mine[6] == other[6]


def test_a_letter_with_an_accent_is_one_letter_however_it_was_typed() -> None:
    made = protected(KEY, "été à la plage\N{LATIN SMALL LETTER E WITH ACUTE}", cost=CHEAP)
    assert unlocked(made, "été à la plagee\N{COMBINING ACUTE ACCENT}", "f").sign(b"x") == KEY.sign(b"x")


@given(wrong=st.text(min_size=1, max_size=40))
def test_another_passphrase_is_wrong_and_said_without_it(wrong: str) -> None:
    with pytest.raises(InputError) as error:
        unlocked(PEM, wrong + SECRET, "ann.pem")
    assert error.value.wrong == "wrong passphrase" and SECRET not in str(error.value)


def test_what_is_no_text_is_no_passphrase() -> None:
    for act in (lambda: unlocked(PEM, "\udcff" * 12, "f"), lambda: protected(KEY, "\udcff" * 12, cost=CHEAP)):
        with pytest.raises(InputError, match="not text"):
            act()


@pytest.mark.parametrize("text", ["", "eleven char", "ﬁ" * 5, "x" * 1_025])
def test_a_passphrase_that_is_chosen_has_12_to_1024_characters(text: str) -> None:
    with pytest.raises(InputError, match="too short or too long"):
        must_be_passphrase(text)
    must_be_passphrase("twelve chars")
    must_be_passphrase("x" * 1_024)


@pytest.mark.parametrize("at", range(0, LENGTH, 3))
def test_a_changed_byte_anywhere_is_damage_and_no_wrong_passphrase(at: int) -> None:
    changed = bytearray(BODY)
    changed[at] ^= 1
    with pytest.raises(InputError, match="key file damaged"):
        unlocked(BEGIN + base64.encodebytes(bytes(changed)) + END, SECRET, "ann.pem")


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        BEGIN,
        PEM[:-1],
        PEM[: len(PEM) // 2],
        PEM + b"\n",
        PEM.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + PEM,
        PEM.decode().encode("utf-16"),
        BEGIN + b"\xff\xfe\x00" * 40 + END,
        BEGIN + base64.b64encode(BODY) + END,
        BEGIN + base64.encodebytes(BODY + b"more") + END,
        PEM * 2,
        bare_file(KEY),
    ],
)
def test_a_truncated_respelled_or_other_file_is_damage(pem: bytes) -> None:
    for act in (lambda: unlocked(pem, SECRET, "ann.pem"), lambda: public_key_in(pem, "ann.pem")):
        with pytest.raises(InputError, match="key file damaged"):
            act()


@given(content=st.binary(max_size=400))
def test_nonsense_is_damage(content: bytes) -> None:
    for pem in (content, BEGIN + content + END, BEGIN + base64.encodebytes(content) + END, _file(content)):
        with pytest.raises(InputError):
            unlocked(pem, SECRET, "ann.pem")


@pytest.mark.parametrize(
    ("memory", "passes", "lanes"),
    [(1 << 31, 3, 4), ((256 << 10) + 1, 1, 4), (64, 11, 1), (64, 2**32 - 1, 1), (64, 0, 1), (64, 1, 0), (7, 1, 1),
     (255, 1, 32), (64, 1, 16)],
)  # fmt: skip
def test_a_cost_out_of_bounds_is_refused_before_anything_is_derived(memory: int, passes: int, lanes: int) -> None:
    _, _, _, _, salt, nonce, own = HEAD.unpack(BODY[: HEAD.size])
    asked = _file(HEAD.pack(1, memory, passes, lanes, salt, nonce, own) + BODY[HEAD.size : -CHECK])
    with pytest.raises(InputError, match="too much work"):
        unlocked(asked, SECRET, "ann.pem")


def test_a_later_version_and_a_key_in_anothers_file_are_refused() -> None:
    _, memory, passes, lanes, salt, nonce, own = HEAD.unpack(BODY[: HEAD.size])
    with pytest.raises(InputError, match="key file damaged"):
        unlocked(_file(HEAD.pack(3, memory, passes, lanes, salt, nonce, own) + BODY[HEAD.size : -CHECK]), SECRET, "f")
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for head in (HEAD.pack(1, memory, passes, lanes, salt, nonce, other), b"\x02" + BODY[1 : HEAD.size]):
        with pytest.raises(InputError, match="wrong passphrase"):  # the head is sealed, too
            unlocked(_file(head + BODY[HEAD.size : -CHECK]), SECRET, "f")
