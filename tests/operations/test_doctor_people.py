"""The doctor says who holds an oversight role last, before their training ends and after, and who founded alone."""

from __future__ import annotations

from desk import Desk, desk
from proofs import a_pass
from toy import TOY

from peelian.kernel.identity.sessions import Sessions
from peelian.operations.doctor_people import NOTE, SOON, WRONG, of_people
from peelian.oversight.transparency.entrusted import LONE


def _said(town: Desk, level: str) -> str:
    return "\n".join(what for one, what, _ in of_people(town.kernel, town.kernel.now()) if one == level)


def test_holders_of_oversight_roles_are_named_a_month_before_their_training_ends_and_after() -> None:
    town = desk((TOY,))
    assert "in this role" not in _said(town, SOON) + _said(town, WRONG)
    town.clock.days(340)
    soon = _said(town, SOON)
    assert soon.count("Training of everybody in this role ends by 2027-03-02") == 3 and "they can only suspend" in soon
    town.clock.days(26)
    assert _said(town, WRONG).count("Training of everybody in this role ended") == 3


def test_a_role_that_nobody_holds_any_more_is_told() -> None:
    """As an office may be that closed its last board member's account before that was refused."""
    town = desk((TOY,))
    town.kernel.append("RETIRED", person=town.people["board"].person.token, by="office")
    assert "Nobody holds this role: board" in _said(town, WRONG)


def test_a_lone_founding_is_noted_until_a_second_person_proves_a_key() -> None:
    town = desk((TOY,))
    assert LONE in _said(town, NOTE)
    Sessions(town.kernel).begin(town.people["board"].person, "key", proof=a_pass(town.kernel, town.people["board"]))
    assert LONE not in _said(town, NOTE)
