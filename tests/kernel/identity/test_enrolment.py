"""Who may become somebody: roles that oversee are given by two people of different units, once an office is founded."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from desk import Desk, desk
from toy import TOY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity import enrolment
from peelian.kernel.identity.dual_control import approve, propose
from peelian.kernel.identity.enrolment import enrol, newcomer
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Enrolment
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.state.founding_state import ENTRUSTED, MOST_FOUNDERS
from peelian.operations.office import Office, memory_office

WHY = "the term of the last one ended"


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def _new(town: Desk, short: str = "zoe", unit: str = "city hall", roles: frozenset[Role] | None = None) -> Person:
    key = town.office.keys.keep(short)
    return newcomer(town.kernel, short, key, name="Zoe", unit=unit, roles=roles or frozenset({Role.BOARD}))


def _agreed(town: Desk, person: Person, by: str = "custodian", second: str = "board") -> str:
    digest = enrolment.propose(town.kernel, town.people[by], person, words=WHY)
    prove(town.kernel, town.people[second])
    approve(town.kernel, town.people[second], digest)
    return digest


@pytest.mark.parametrize("role", sorted(ENTRUSTED))
@pytest.mark.parametrize("by", ["custodian", "council"])
def test_one_person_alone_entrusts_nobody_once_the_office_is_founded(town: Desk, role: Role, by: str) -> None:
    before = town.kinds()
    with pytest.raises(Refused) as refused:
        enrol(town.kernel, _new(town, roles=frozenset({role, Role.CLERK})), by=town.people[by])
    assert [reason.rule for reason in refused.value.reasons] == ["two_people_entrust"]
    with pytest.raises(Refused):
        town.office.enrol("zoe", name="Zoe", unit="city hall", roles={role}, by=town.people[by])
    assert town.kinds() == before


def test_two_people_of_different_units_entrust_somebody_once(town: Desk) -> None:
    zoe = _new(town)
    digest = _agreed(town, zoe)
    assert (
        enrol(town.kernel, enrolment.proposed_person(town.kernel, digest), by=town.people["custodian"], proposal=digest)
        == zoe
    )
    assert town.kinds()[-4:] == ["PROPOSED", "PROVED", "APPROVED", "ENROLLED"]
    how = town.kernel.state.founding.entrusted[zoe.token]
    assert (how.by, how.second) == (town.people["custodian"].person.token, town.people["board"].person.token)
    retire(town.kernel, town.people["custodian"], zoe.token)
    with pytest.raises(OutOfOrder, match="Already"):
        enrol(town.kernel, zoe, by=town.people["custodian"], proposal=digest)


def test_an_approval_is_of_this_person_with_these_roles_unit_key_and_name(town: Desk) -> None:
    zoe = _new(town)
    digest = _agreed(town, zoe)
    other_key = town.people["clerk"].person.public_key
    for changed in (
        {"roles": frozenset({Role.BOARD, Role.COUNCIL})},
        {"unit": "the mayor"},
        {"public_key": other_key},
        {"name": "Somebody else"},
        {"trained_until": "2027-06-01"},
        {"token": town.kernel.office.token("yann", of="person")},
    ):
        with pytest.raises(OutOfOrder, match="for another person"):
            enrol(town.kernel, dataclasses.replace(zoe, **changed), by=town.people["custodian"], proposal=digest)
    other = propose(town.kernel, town.people["custodian"], "rotate_keys", words=WHY)
    with pytest.raises(OutOfOrder):
        enrol(town.kernel, zoe, by=town.people["custodian"], proposal=other)


def test_an_unapproved_proposal_and_one_of_ones_own_unit_entrust_nobody(town: Desk) -> None:
    zoe, custodian = _new(town), town.people["custodian"]
    digest = enrolment.propose(town.kernel, custodian, zoe, words=WHY)
    with pytest.raises(OutOfOrder, match=r"Not approved. Ask someone in another unit"):
        enrol(town.kernel, zoe, by=custodian, proposal=digest)
    ann = town.office.enrol(
        "ann", name="Ann", unit="CITY  IT", roles={Role.BOARD}, by=custodian, second=town.people["board"]
    )
    prove(town.kernel, ann)
    with pytest.raises(Refused) as refused:
        approve(town.kernel, ann, digest)
    assert [r.policy for r in refused.value.reasons] == ["the_second_person_is_of_another_unit"]


def test_nobody_agrees_to_their_own_roles(town: Desk) -> None:
    board, council = town.people["board"], town.people["council"]
    more = dataclasses.replace(board.person, roles=frozenset({Role.BOARD, Role.COUNCIL}))
    digest = _agreed(town, more, by="clerk", second="board")
    with pytest.raises(Refused, match="You cannot change your own"):
        enrol(town.kernel, more, by=town.people["custodian"], proposal=digest)
    with pytest.raises(Refused, match="You cannot change your own"):
        enrolment.propose(town.kernel, board, more, words=WHY)
    digest = _agreed(town, more, by="clerk", second="council")
    assert enrol(town.kernel, more, by=council, proposal=digest).roles == more.roles


def test_one_person_alone_makes_nobody_who_works_here_oversee(town: Desk) -> None:
    analyst = town.people["analyst"].person
    with pytest.raises(Refused, match="cannot grant oversight"):
        enrol(town.kernel, dataclasses.replace(analyst, roles=frozenset({Role.AUDITOR})), by=town.people["custodian"])


@pytest.mark.parametrize(
    "changed", [{"roles": frozenset({Role.BOARD, Role.ANALYST})}, {"unit": "elsewhere"}, {"name": "Somebody else"}]
)
def test_one_person_alone_changes_nobody_who_oversees(town: Desk, changed: dict[str, object]) -> None:
    board = town.people["board"].person
    with pytest.raises(Refused, match="One person alone cannot change an overseer"):
        enrol(town.kernel, dataclasses.replace(board, **changed), by=town.people["custodian"])
    assert town.kernel.state.people[board.token] == board


def test_a_new_key_after_a_closed_account_takes_two_again(town: Desk) -> None:
    council, custodian = town.people["council"].person, town.people["custodian"]
    retire(town.kernel, custodian, council.token)
    other = dataclasses.replace(council, public_key=town.people["clerk"].person.public_key)
    for person in (council, other):
        with pytest.raises(Refused, match="One person alone"):
            enrol(town.kernel, person, by=custodian)
    digest = _agreed(town, other)
    assert enrol(town.kernel, other, by=custodian, proposal=digest) == other


def test_the_last_who_may_approve_is_neither_closed_nor_given_other_roles() -> None:
    """Else the office would be founded again, by one person alone, or nobody could ever be entrusted again."""
    office, first = _founded()
    council = office.enrol("council", name="C", unit="council", roles={Role.COUNCIL}, by=first).person
    assert office.kernel.state.founding.ended
    with pytest.raises(Refused, match="the last person"):
        retire(office.kernel, first, council.token)
    with pytest.raises(Refused, match="the last person"):
        enrol(office.kernel, dataclasses.replace(council, roles=frozenset({Role.CLERK})), by=first)
    assert office.kernel.state.people[council.token] == council


def _founded() -> tuple[Office, Operator]:
    office = memory_office(known=(TOY,))
    return office, office.enrol("first", name="F", unit="IT", roles={Role.CUSTODIAN})


def test_the_founding_ends_with_the_first_who_may_approve_from_another_unit() -> None:
    office, first = _founded()
    office.enrol("aud", name="A", unit="audit", roles={Role.AUDITOR}, by=first)
    office.enrol("same", name="S", unit="it ", roles={Role.BOARD}, by=first)
    assert not office.kernel.state.founding.ended  # of the custodian's own unit: the two could not agree on anything
    office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=first)
    assert office.kernel.state.founding.ended
    with pytest.raises(Refused, match="One person alone"):
        office.enrol("council", name="C", unit="council", roles={Role.COUNCIL}, by=first)
    founders = [e for _, e in office.kernel.stores.log.read() if e["kind"] == "ENROLLED" and e.get("founding")]
    assert len(founders) == len(office.kernel.state.founding.entrusted) == 4
    assert {how.second for how in office.kernel.state.founding.entrusted.values()} == {""}


def test_a_founding_without_anybody_who_approves_is_bounded_and_not_stuck() -> None:
    office, first = _founded()
    for n in range(1, MOST_FOUNDERS):
        office.enrol(f"aud{n}", name="A", unit=f"audit {n}", roles={Role.AUDITOR}, by=first)
    with pytest.raises(Refused, match="One person alone"):
        office.enrol("more", name="M", unit="audit", roles={Role.AUDITOR}, by=first)
    office.enrol("clerk", name="K", unit="records", roles={Role.CLERK}, by=first)
    office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=first)
    assert office.kernel.state.founding.ended


def test_a_founding_that_ended_does_not_begin_again_when_the_log_is_read_anew(town: Desk) -> None:
    from peelian.kernel.state.state import OfficeState

    custodian = town.people["custodian"]
    town.office.enrol("zoe", name="Zoe", unit="hall", roles={Role.AUDITOR}, by=custodian, second=town.people["board"])
    retire(town.kernel, custodian, town.people["council"].person.token)
    was = town.kernel.state.founding
    assert dataclasses.replace(town.kernel, state=OfficeState()).state.founding == was


def test_after_the_first_person_nobody_joins_without_a_custodian_or_the_council(town: Desk) -> None:
    person = Person(
        token="x", name="New", unit="u", roles=frozenset({Role.BOARD}), public_key="00" * 32, trained_until="2030-01-01"
    )
    with pytest.raises(Refused):
        enrol(town.kernel, person)
    with pytest.raises(Refused):
        enrol(town.kernel, person, by=town.people["analyst"])
    clerk = dataclasses.replace(person, roles=frozenset({Role.CLERK}))
    assert enrol(town.kernel, clerk, by=town.people["council"]).roles == {Role.CLERK}


def test_nobody_gives_themselves_roles_or_training(town: Desk) -> None:
    for name in ("custodian", "council"):
        own = town.people[name]
        for changed in ({"roles": frozenset(Role)}, {"trained_until": "2030-01-01"}, {"unit": "elsewhere"}):
            with pytest.raises(Refused, match="You cannot change your own"):
                enrol(town.kernel, dataclasses.replace(own.person, **changed), by=own)
        assert town.kernel.state.people[own.person.token] == own.person


def test_enrolling_somebody_again_does_not_take_their_seat(town: Desk) -> None:
    """Whoever could put their own key in the place of the board's would decide as the board."""
    board, custodian = town.people["board"].person, town.people["custodian"]
    with pytest.raises(Refused, match="with another key"):
        enrol(town.kernel, dataclasses.replace(board, public_key=custodian.person.public_key), by=custodian)
    assert town.kernel.state.people[board.token] == board
    trained = dataclasses.replace(board, trained_until="2027-01-01")
    assert enrol(town.kernel, trained, by=custodian).trained_until == "2027-01-01"


def test_whose_training_is_over_may_change_unit_and_nobody_is_trained_until_a_day_that_is_over(town: Desk) -> None:
    clerk, today = town.people["clerk"].person, town.clock.now.date()
    last = dataclasses.replace(clerk, trained_until=today.isoformat())
    assert enrol(town.kernel, last, by=town.people["custodian"]) == last
    town.clock.days(1)
    custodian = town.people["custodian"]
    moved = dataclasses.replace(last, unit="elsewhere")
    assert enrol(town.kernel, moved, by=custodian).unit == "elsewhere"
    for days in (-1, -10_000):
        over = dataclasses.replace(moved, trained_until=(today + timedelta(days=days)).isoformat())
        with pytest.raises(InputError, match="in the past") as wrong:
            enrol(town.kernel, over, by=custodian)
        assert wrong.value.column == "trained_until"
        assert str(wrong.value.accepted).startswith(f"a day from {today + timedelta(days=1)} to ")


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
    clerk, before = town.people["clerk"].person, town.kinds()
    with pytest.raises(InputError) as wrong:
        enrol(town.kernel, dataclasses.replace(clerk, **{field: text}), by=town.people["custodian"])
    assert wrong.value.column == field and (text.strip() == "" or text not in str(wrong.value))
    assert town.kinds() == before
    named = dataclasses.replace(clerk, name="\u0410\u043d\u043d\u0430 \u6797 O\u2019Brien-L\u00e9vesque")
    assert enrol(town.kernel, named, by=town.people["custodian"]).name == named.name


def test_a_name_that_was_put_in_the_place_of_the_proposed_one_is_not_shown(town: Desk) -> None:
    digest = enrolment.propose(town.kernel, town.people["custodian"], _new(town), words=WHY)
    assert enrolment.proposed_name(town.kernel, digest) == "Zoe"
    known = town.kernel.stores.directory.known(digest)
    assert known is not None
    town.kernel.stores.directory.keep(digest, dataclasses.replace(known, name="Somebody everybody trusts"))
    assert enrolment.proposed_name(town.kernel, digest) == ""
    with pytest.raises(OutOfOrder, match="Propose it again"):
        enrolment.proposed_person(town.kernel, digest)
    for short in ("zoe", "custodian"):
        with pytest.raises((OutOfOrder, Refused)):
            enrolment.propose(
                town.kernel, town.people["custodian"], _new(town, short, roles=frozenset({Role.CLERK})), words=WHY
            )


def test_a_role_that_this_office_does_not_know_is_nobodys(town: Desk) -> None:
    """Another program writes the document that a registrar is to log."""
    said = Enrolment(
        person="0" * 20, name="0" * 64, unit="city hall", roles=("clerk", "king"), public_key="00" * 32,
        trained_until="2027-01-01", by=town.people["custodian"].person.token, at=town.kernel.now().isoformat(),
    )  # fmt: skip
    with pytest.raises(OutOfOrder, match="unknown role"):
        enrolment.must_be_agreed(town.kernel, said, "")
    assert not enrolment.must_be_agreed(town.kernel, dataclasses.replace(said, roles=("clerk",)), "")
