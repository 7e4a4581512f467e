"""Tokens: one text has another token for everything it may be, and an office made before keeps those it has."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.model.pseudonyms import DOMAINS, FIRST, OPTION, PERSON, SENSOR_KEY, SUBJECT, tokens

SECRET = bytes(range(32))


@given(st.text(), st.text(), st.sampled_from(sorted(DOMAINS)), st.sampled_from(sorted(DOMAINS)))
def test_no_two_texts_or_uses_share_a_token(one: str, other: str, of: str, another: str) -> None:
    try:
        one.encode(), other.encode()
    except UnicodeEncodeError:
        return
    token = tokens(SECRET)
    assert (token(one, of=of) == token(other, of=another)) == ((one, of) == (other, another))


@pytest.mark.parametrize(
    ("text", "of", "meant", "as_what"),
    [("subject jane doe", OPTION, "jane doe", SUBJECT), ("http key of sensor s-1", OPTION, "s-1", SENSOR_KEY)],
)
def test_a_text_chosen_well_has_the_token_of_nothing_else(text: str, of: str, meant: str, as_what: str) -> None:
    now, once = tokens(SECRET), tokens(SECRET, FIRST)
    assert now(text, of=of) != now(meant, of=as_what)
    assert once(text, of=of) == once(meant, of=as_what), "that is what was wrong, and what an old log is full of"


def test_an_office_made_before_keeps_its_tokens() -> None:
    before = hmac.new(SECRET, b"subject jane doe", hashlib.sha256).hexdigest()[:20]
    assert tokens(SECRET, FIRST)("jane doe", of=SUBJECT) == before
    assert tokens(SECRET, FIRST)("ann", of=PERSON) == hmac.new(SECRET, b"ann", hashlib.sha256).hexdigest()[:20]


def test_an_unknown_use_or_version_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing of the log"):
        tokens(SECRET)("ann", of="persons")
    with pytest.raises(InputError) as refused:
        tokens(SECRET, "3")
    assert refused.value.accepted


def test_another_secret_makes_other_tokens() -> None:
    assert tokens(SECRET)("ann", of=PERSON) != tokens(bytes(32))("ann", of=PERSON)
