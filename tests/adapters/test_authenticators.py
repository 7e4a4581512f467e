"""What a browser is asked of an authenticator, and that an answer that is none is refused in the same words.

What a real authenticator answers is in tests/web/test_passkeys_in_browser.py.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.adapters.authenticators import Place, asked_to_make, asked_to_sign, id_of, made, signed
from peelian.errors import Refused

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


NONE = ["", "null", "[]", "{}", "{" * 9_000, "x" * 20_000, json.dumps(LIKE), json.dumps(LIKE | {"id": 1})]


@pytest.mark.parametrize("answer", [*NONE, '{"id": "\\ud800"}'])
def test_an_answer_that_is_none_is_refused(answer: str) -> None:
    with pytest.raises(Refused, match="does not hold"):
        made(PLACE, b"c" * 32, answer)
    with pytest.raises(Refused, match="does not hold"):
        signed(PLACE, b"c" * 32, answer, public_key="YWJj", counter=0)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_whatever_is_sent_is_refused_and_nothing_else_happens(told: object) -> None:
    for act in (lambda text: made(PLACE, b"c", text), id_of):
        try:
            act(json.dumps(told))
        except Refused:
            continue
        assert isinstance(told, dict) and isinstance(told.get("id"), str)
