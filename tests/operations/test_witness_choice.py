"""What is no witness is not chosen; an office whose log another one holds proposes none."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desk import desk
from toy import TOY

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.log.signed_note import key_of
from peelian.kernel.log.witness_protocol import witness_key
from peelian.operations import witness_choice

KEY = witness_key("board.example", Ed25519PrivateKey.generate()).text


@pytest.mark.parametrize("url", ["", "board.example", "file:///etc/passwd", "ftp://board.example/"])
def test_an_address_is_one_of_the_web(url: str) -> None:
    with pytest.raises(InputError, match="not a witness"):
        witness_choice.must_be_witness(KEY, url)
    assert witness_choice.must_be_witness(KEY, "http://127.0.0.1:8282/").url == "http://127.0.0.1:8282/"


def test_the_key_of_a_log_is_no_witness() -> None:
    with pytest.raises(InputError, match="not a witness"):
        witness_choice.must_be_witness(key_of("log.example", Ed25519PrivateKey.generate()).text, "https://x.example/")


def test_nothing_is_chosen_or_proposed_where_no_log_is_held() -> None:
    at = desk((TOY,))
    before = at.kinds()
    for who in ("board", "custodian"):
        with pytest.raises(OutOfOrder, match="no log to witness"):
            witness_choice.choose(at.office, at.people[who], KEY, "https://x.example/", words="the board runs one")
    with pytest.raises(OutOfOrder, match="No approved proposal"):
        witness_choice.carry_out(at.office, at.people["board"], "0" * 64)
    assert at.kinds() == before
