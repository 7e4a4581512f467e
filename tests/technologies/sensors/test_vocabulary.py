"""Sentences and words of the report."""

from __future__ import annotations

from peelian.technologies.sensors import vocabulary as v


def test_every_word_a_table_may_hold_is_listed() -> None:
    assert set(v.MEASURES) | {v.SHOWN, v.UNDER, v.TOO_FEW} == set(v.VOCABULARY) and set(v.COUNTED) < set(v.MEASURES)


def test_the_limit_of_the_promise_is_said() -> None:
    assert "not habits" in v.EVENTS and v.EVENTS in v.MESSAGES
