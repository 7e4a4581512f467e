"""Everybody affected is told: directly where that is possible and kind, otherwise for a reason that the law knows."""

from __future__ import annotations

from peelian.oversight.breach.channels import channels
from peelian.oversight.breach.letters import CHANNELS
from peelian.oversight.breach.letters import REASONS as SAID
from peelian.oversight.review.people import Lists, Subject


def subject(token: str, **changes: bool) -> Subject:
    return Subject(token=token, name="N", surname="n", gender="f", **changes)


LISTS = Lists(
    subjects={
        "a": subject("a", mail=True),
        "b": subject("b", phone=True),
        "c": subject("c"),
        "d": subject("d", mail=True, safe=False),
    }
)


def test_each_person_has_a_channel_with_its_reason() -> None:
    told = {token: (t.channel, t.reason) for token, t in channels(LISTS, "abcdx").items()}
    assert told == {
        "a": ("letter", "direct_by_default"),
        "b": ("call", "direct_by_default"),
        "c": ("indirect", "no_contact_data"),
        "d": ("indirect", "more_harm"),
        "x": ("indirect", "not_in_lists"),
    }


def test_hardship_is_told_as_such_and_changes_nobody_else() -> None:
    told = channels(LISTS, "abcd", hardship=True)
    assert told["a"].reason == told["b"].reason == "undue_hardship" and told["d"].reason == "more_harm"


def test_every_code_can_be_said() -> None:
    reasons = {t.reason for hard in (False, True) for t in channels(LISTS, "abcdx", hardship=hard).values()}
    assert reasons <= set(SAID) and {"letter", "call", "indirect"} == set(CHANNELS)
