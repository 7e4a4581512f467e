"""Proves default steps ask or check and fit a plan's limits, and that none dispatches anybody."""

from __future__ import annotations

import pytest

from peelian.kernel.model.event_plan import LONGEST_MESSAGE, LONGEST_TEXT, MOST_STEPS
from peelian.technologies.crowd import TECHNOLOGY
from peelian.technologies.crowd.declarations import runbooks

LISTS = {name: getattr(runbooks, name) for name in vars(runbooks) if name.isupper()}
STEPS = {text for watch in TECHNOLOGY.watches for steps in watch.runbooks.values() for text in steps}
TEXTS = {text for watch in TECHNOLOGY.watches for texts in watch.messages.values() for text in texts}


def test_every_list_is_of_an_alarm_type() -> None:
    used = [steps for watch in TECHNOLOGY.watches for steps in (*watch.runbooks.values(), *watch.messages.values())]
    assert set(LISTS.values()) == set(used) and STEPS.isdisjoint(TEXTS)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_would_be_taken_in_a_plan(name: str) -> None:
    steps = LISTS[name]
    longest = LONGEST_TEXT if set(steps) <= STEPS else LONGEST_MESSAGE
    assert 1 <= len(steps) <= MOST_STEPS and len(set(steps)) == len(steps)
    assert all(text.isprintable() and text == text.strip() and len(text) <= longest for text in steps)


def test_a_step_asks_or_checks_and_dispatches_nobody() -> None:
    begins = {text.split()[0] for text in STEPS}
    assert begins <= {"Ask", "Check", "Compare", "Decide", "Keep", "Look", "Tell"}
    assert not any(word in text.lower() for text in STEPS for word in ("dispatch", "send", "arrest", "stop anyone"))
