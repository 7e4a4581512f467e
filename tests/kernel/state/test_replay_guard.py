"""Signed words are remembered for as long as they might be taken again, by the log alone, in whatever spelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.state.replay_guard import REMEMBERED, ReplayGuard, words_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def said(after: timedelta = timedelta(0), **fields: str) -> dict[str, str | int]:
    return {"v": 1, "t": time_text(START + after), "kind": "OPENED", **fields}


def test_the_first_to_say_them_is_remembered_whatever_the_spelling() -> None:
    words = ReplayGuard()
    words.fold(3, said(signature="ab12"))
    words.fold(4, said(signature="AB12"))
    assert words.first(said(signature="Ab12"), 9) == 3 and words.first(said(signature="cd"), 9) == 9
    assert words.first(said(), 9) == 9
    words.fold(5, said(**{"pass": "ff", "nonce": "n", "code": "c"}))
    assert words.first(said(**{"pass": "other", "nonce": "n", "code": "c"}), 9) == 5, "a signature may have a twin"
    words.fold(6, said(challenge="x~y"))
    assert words.first(said(challenge="x~y", answer_0="twin"), 9) == 6


def test_they_are_forgotten_once_nobody_takes_them_any_more() -> None:
    words = ReplayGuard()
    for n in range(200):
        words.fold(n, said(timedelta(minutes=n), signature=f"{n:02x}"))
    assert len(words._first) == len(words._said) == REMEMBERED / timedelta(minutes=1) + 1
    assert words.first(said(signature="c7"), 999) == 199 and words.first(said(signature="00"), 999) == 999


def test_words_of_a_clock_that_ran_ahead_are_kept_until_their_time_is_over() -> None:
    words = ReplayGuard()
    words.fold(0, said(timedelta(hours=9), signature="aa"))
    words.fold(1, said(signature="bb"))
    words.fold(2, said(timedelta(hours=9, minutes=5), signature="cc"))
    assert words.first(said(signature="aa"), 99) == 0


def test_an_entry_that_signs_nothing_has_none() -> None:
    assert list(words_of(said())) == []
