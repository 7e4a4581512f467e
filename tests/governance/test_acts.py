"""Enrolling, issuing, revoking and the kill switch: only by those who may."""

from __future__ import annotations

import dataclasses

import pytest
from desk import Desk, desk
from toy import COUNT, TOY
from uses import BODY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.governance import acts
from peelian.governance.capability import Paper, Purpose, Role
from peelian.governance.people import Person


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_after_the_first_person_nobody_joins_without_a_custodian_or_the_council(town: Desk) -> None:
    person = Person(
        token="x", name="New", unit="u", roles=frozenset({Role.BOARD}), public_key="00" * 32, trained_until="2030-01-01"
    )
    with pytest.raises(Refused):
        acts.enrol(town.house, person)
    with pytest.raises(Refused):
        acts.enrol(town.house, person, by=town.people["analyst"])
    assert acts.enrol(town.house, person, by=town.people["council"]).roles == {Role.BOARD}


def test_an_assessment_is_answered_not_issued(town: Desk) -> None:
    with pytest.raises(Refused) as refused:
        acts.issue(
            town.house,
            town.people["privacy-officer"],
            Paper.IMPACT_ASSESSMENT,
            serves=COUNT.id,
            purposes=(Purpose.ADVICE,),
            days=5,
        )
    assert [r.rule for r in refused.value.reasons] == ["an_assessment_is_answered"]


@pytest.mark.parametrize("paper", [p for p in Paper if p not in (Paper.ACCURACY_REPORT, Paper.IMPACT_ASSESSMENT)])
def test_each_paper_is_issued_only_in_its_own_role(town: Desk, paper: Paper) -> None:
    from peelian.governance.policy import ISSUERS

    for name, person in town.people.items():
        allowed = bool(person.person.roles & ISSUERS[paper])
        try:
            body = BODY if paper is Paper.WARRANT else None
            acts.issue(town.house, person, paper, serves=COUNT.id, purposes=(Purpose.ADVICE,), days=5, body=body)
            assert allowed, name
        except Refused:
            assert not allowed, name


def test_a_paper_serves_something_there_is(town: Desk) -> None:
    council, paper = town.people["council"], Paper.COUNCIL_APPROVAL
    for serves in ("toy.*", "toy.count"):
        acts.issue(town.house, council, paper, serves=serves, purposes=(Purpose.ADVICE,), days=5)
    for serves in ("toy.dig", "drones.*", "*", ""):
        with pytest.raises(OutOfOrder, match=r"toy\.count"):
            acts.issue(town.house, council, paper, serves=serves, purposes=(Purpose.ADVICE,), days=5)


def test_only_the_board_suspends_and_only_what_there_is(town: Desk) -> None:
    with pytest.raises(Refused):
        acts.suspend(town.house, town.people["analyst"], "toy")
    with pytest.raises(OutOfOrder):
        acts.suspend(town.house, town.people["board"], "drones")
    acts.suspend(town.house, town.people["board"], "toy")
    assert town.house.book.suspended == {"toy"}


def test_a_stolen_seat_signs_nothing(town: Desk) -> None:
    thief = dataclasses.replace(town.people["council"], sign=town.people["analyst"].sign)
    with pytest.raises(Refused):
        acts.issue(town.house, thief, Paper.COUNCIL_APPROVAL, serves=COUNT.id, purposes=(Purpose.ADVICE,), days=5)


def test_nobody_gives_themselves_roles_or_training(town: Desk) -> None:
    for name in ("custodian", "council"):
        own = town.people[name]
        for changed in ({"roles": frozenset(Role)}, {"trained_until": "2030-01-01"}, {"unit": "elsewhere"}):
            with pytest.raises(Refused, match="nobody changes their own"):
                acts.enrol(town.house, dataclasses.replace(own.person, **changed), by=own)
        assert town.house.book.people[own.person.token] == own.person


def test_enrolling_somebody_again_does_not_take_their_seat(town: Desk) -> None:
    """Whoever could put their own key in the place of the board's would decide as the board."""
    board, custodian = town.people["board"].person, town.people["custodian"]
    with pytest.raises(Refused, match="with another key"):
        acts.enrol(town.house, dataclasses.replace(board, public_key=custodian.person.public_key), by=custodian)
    assert town.house.book.people[board.token] == board
    trained = dataclasses.replace(board, trained_until="2027-01-01")
    assert acts.enrol(town.house, trained, by=custodian).trained_until == "2027-01-01"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "Ann\u202eeiraM"),  # shown as "AnnMarie"
        ("name", "A\u200bnn"),
        ("name", "Ann\nBoard member"),
        ("name", " "),
        ("unit", "x" * 201),
        ("unit", "P\u0430trol"),  # a Cyrillic letter: another unit that reads the same
    ],
)
def test_a_name_that_is_not_what_it_seems_is_not_enrolled(town: Desk, field: str, text: str) -> None:
    board, before = town.people["board"].person, town.kinds()
    with pytest.raises(InputError) as wrong:
        acts.enrol(town.house, dataclasses.replace(board, **{field: text}), by=town.people["custodian"])
    assert wrong.value.column == field and (text.strip() == "" or text not in str(wrong.value))
    assert town.kinds() == before
    named = dataclasses.replace(board, name="\u0410\u043d\u043d\u0430 \u6797 O\u2019Brien-L\u00e9vesque")
    assert acts.enrol(town.house, named, by=town.people["custodian"]).name == named.name
