"""The board reads of everybody who oversees through whom they came, and whom one person alone entrusted."""

from __future__ import annotations

from desk import desk
from toy import TOY

from peelian.kernel.model.capability import Role
from peelian.kernel.state.founding_state import Entrusting
from peelian.operations.office import memory_office
from peelian.oversight.transparency.entrusted import alone, approvers, founding_says, how_entrusted, is_late


def test_everybody_s_oversight_is_told_with_who_gave_it() -> None:
    at = desk((TOY,))
    board, council = (at.people[short].person.token for short in ("board", "council"))
    assert (
        how_entrusted(at.kernel, board)
        == "Oversight granted by one person alone, Custodian, on 2026-03-02, at the founding"
    )
    assert how_entrusted(at.kernel, council) == "Oversight granted by two people, Custodian and board, on 2026-03-02"
    assert how_entrusted(at.kernel, at.people["clerk"].person.token) == ""
    assert sorted(alone(at.kernel).values()) == ["Custodian", "board", "commander"] and approvers(at.kernel) == 3
    assert founding_says(at.kernel).startswith("The founding ended on 2026-03-02")


def test_what_one_alone_did_after_the_founding_is_told_as_that() -> None:
    at = desk((TOY,))
    person = at.people["auditor"].person.token
    at.kernel.state.founding.entrusted[person] = Entrusting(at="2027-01-01T00:00:00.00Z", by="gone", second="")
    assert (
        is_late(at.kernel, person)
        and how_entrusted(at.kernel, person) == "Oversight granted by one person alone, gone, on 2027-01-01"
    )


def test_a_founding_that_goes_on_is_told() -> None:
    office = memory_office(known=(TOY,))
    office.enrol("it", name="I", unit="it", roles={Role.CUSTODIAN})
    assert "in progress" in founding_says(office.kernel)
