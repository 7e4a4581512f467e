"""What a browser is asked of an authenticator, and that an answer that is none is refused in the same words.

What a real authenticator answers is in tests/web/test_passkeys_in_browser.py.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import Refused
from peelian.integrations.webauthn import (
    Place,
    answered,
    asked_to_make,
    asked_to_sign,
    id_of,
    made,
    parts_of,
    secret_of,
    signed,
)
from peelian.kernel.identity.session_binding import PARTS

pytest.importorskip("webauthn", reason="webauthn is not installed: uv sync --all-extras")
PLACE = Place(name="localhost", origin="http://localhost:8181")
LIKE = {"id": "YWJj", "rawId": "YWJj", "type": "public-key", "response": {"clientDataJSON": "e30"}}


def test_what_is_asked_names_no_person_and_wants_the_person_verified() -> None:
    asked = json.loads(asked_to_make(PLACE, b"c" * 32, town="Town", person="0123456789abcdef", known=["YWJj"]))
    assert asked["rp"]["id"] == "localhost" and asked["user"]["name"] == "01234567"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["excludeCredentials"][0]["id"] == "YWJj" and asked["timeout"] == 300_000
    asked = json.loads(asked_to_sign(PLACE, b"c" * 32))
    assert asked["userVerification"] == "required" and asked["allowCredentials"] == []


@pytest.mark.parametrize("text", ["", "AAEC", "é", "<script>", "A" * 9_000, "\ud800"])
def test_a_secret_that_is_none_has_no_secret_s_length(text: str) -> None:
    assert len(secret_of("_" * 43)) == 32 != len(secret_of(text))


NONE = ["", "null", "[]", "{}", "{" * 9_000, "x" * 20_000, json.dumps(LIKE), json.dumps(LIKE | {"id": 1})]


@pytest.mark.parametrize("answer", [*NONE, '{"id": "\\ud800"}'])
def test_an_answer_that_is_none_is_refused(answer: str) -> None:
    with pytest.raises(Refused, match="not valid"):
        made(PLACE, b"c" * 32, answer)
    with pytest.raises(Refused, match="not valid"):
        signed(PLACE, b"c" * 32, answer, public_key="YWJj", counter=0)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_whatever_is_sent_is_refused_and_nothing_else_happens(told: object) -> None:
    for act in (lambda text: made(PLACE, b"c", text), id_of):
        try:
            act(json.dumps(told))
        except Refused:
            continue
        assert isinstance(told, dict) and isinstance(told.get("id"), str)


def soft_answer(origin: str, challenge: bytes, counter: int = 5) -> tuple[str, str]:
    """An answer as a browser sends it, made by an ES256 key of the test; and the key as a credential holds it."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
    public = bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y
    client = json.dumps({"type": "webauthn.get", "challenge": b64(challenge), "origin": origin}).encode()
    about = hashlib.sha256(b"localhost").digest() + b"\x05" + counter.to_bytes(4, "big")
    signature = key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    told = {"clientDataJSON": b64(client), "authenticatorData": b64(about), "signature": b64(signature)}
    return json.dumps({"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": told}), b64(public)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_what_the_log_holds_of_an_answer_is_checked_again_without_the_browser() -> None:
    challenge = b"peelian-challenge-1~2026-03-02T09:00:00.00Z~-~00~00"
    answer, public = soft_answer("http://localhost:8181", challenge)
    place = Place(name="localhost", origin="http://localhost:8181")
    assert signed(place, challenge, answer, public_key=public, counter=4) == 5
    parts = {**parts_of(answer), "id": "aWQ"}
    assert answered("localhost", challenge, parts, public_key=public, counter=4) == 5
    for wrong in (
        {"place": "town.example"},
        {"challenge": challenge + b"0"},
        {"counter": 5},
        {"public_key": soft_answer("http://localhost", b"")[1]},
        {"public_key": "AA"},
        *({"parts": {**parts, name: text}} for name in PARTS for text in ("", "AA", "é", "bm8")),
    ):
        said: dict[str, Any] = {"place": "localhost", "challenge": challenge, "parts": parts, "counter": 4}
        said |= {"public_key": public} | wrong
        with pytest.raises(Refused, match="not valid"):
            answered(said.pop("place"), said.pop("challenge"), said.pop("parts"), **said)


@pytest.mark.parametrize(
    "origin", ["http://town.example", "https://evil.example", "https://localhost.evil.example", ""]
)
def test_an_answer_that_another_site_asked_for_holds_nowhere(origin: str) -> None:
    answer, public = soft_answer(origin, b"challenge")
    parts = {**parts_of(answer), "id": "aWQ"}
    for place in ("localhost", "town.example"):
        with pytest.raises(Refused, match="not valid"):
            answered(place, b"challenge", parts, public_key=public, counter=4)
