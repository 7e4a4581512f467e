"""No text, however it is made, makes a check of text take long: .1 CPU s for 10^5 characters."""

from __future__ import annotations

import contextlib

import pytest
from attempts import attempts
from hostile_calls import CALLS, PUMPS, slow_calls
from hostile_text import MOST, Pattern, patterns, slow, taken
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import PeelianError


@pytest.mark.slow
def test_every_regular_expression_is_linear_in_hostile_text() -> None:
    found = patterns()
    assert len(found) > 80, "the search for patterns finds them"
    assert slow(found) == []


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (r"(a+)+b", "match"),
        (r"[^@\s]+@[^@\s]+\.\w+", "search"),
        (r" +(?=;)", "sub"),
        (r"\d{1,6}\s?[A-Za-z]?(\s?-\s?\d+)?,?\s+([^\W\d_][\w'’.-]*\s*){1,5}(,.*)?", "fullmatch"),
    ],
)
def test_the_search_finds_what_is_not_linear(text: str, method: str) -> None:
    bad = Pattern(where="here", text=text, flags=0, binary=False, methods=(method,))
    assert [where for where, _, _ in slow([bad])] == ["here"]


@pytest.mark.slow
def test_every_function_that_reads_a_strangers_text_is_linear_in_it() -> None:
    assert slow_calls() == {}


ANY = st.text(max_size=4) | st.lists(st.sampled_from(PUMPS), max_size=4).map("".join)


@attempts(250)
@given(st.sampled_from(sorted(CALLS)), ANY, ANY.filter(bool), ANY)
def test_no_text_keeps_a_check_busy(name: str, start: str, pump: str, end: str) -> None:
    text = start + pump * (20_000 // len(pump)) + end

    def act() -> None:
        with contextlib.suppress(PeelianError, KeyError):
            CALLS[name](text)

    took = taken(act)
    assert took <= MOST or min(taken(act) for _ in range(3)) <= MOST  # somebody else may be at work
