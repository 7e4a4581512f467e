"""Who may become somebody: roles that oversee are given by two people of different units, once an office is founded."""

from __future__ import annotations

import dataclasses

import pytest
from desk import Desk, desk
from toy import TOY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.governance import enrolling
from peelian.governance.capability import Role
from peelian.governance.enrolling import enrol, newcomer
from peelian.governance.founding import ENTRUSTED, MOST_FOUNDERS
from peelian.governance.people import Operator, Person
from peelian.governance.proposals import approve, propose
from peelian.governance.revocation import retire
from peelian.governance.step_up import prove
from peelian.office import Office, memory_office

WHY = "the term of the last one ended"


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def _new(town: Desk, short: str = "zoe", unit: str = "city hall", roles: frozenset[Role] | None = None) -> Person:
    key = town.office.keep(short).public_key().public_bytes_raw().hex()
    return newcomer(town.house, short, key, name="Zoe", unit=unit, roles=roles or frozenset({Role.BOARD}))


def _agreed(town: Desk, person: Person, by: str = "custodian", second: str = "board") -> str:
    mark = enrolling.propose(town.house, town.people[by], person, words=WHY)
    prove(town.house, town.people[second])
    approve(town.house, town.people[second], mark)
    return mark


@pytest.mark.parametrize("role", sorted(ENTRUSTED))
@pytest.mark.parametrize("by", ["custodian", "council"])
def test_one_person_alone_entrusts_nobody_once_the_office_is_founded(town: Desk, role: Role, by: str) -> None:
    before = town.kinds()
    with pytest.raises(Refused) as refused:
        enrol(town.house, _new(town, roles=frozenset({role, Role.CLERK})), by=town.people[by])
    assert [reason.rule for reason in refused.value.reasons] == ["two_people_entrust"]
    with pytest.raises(Refused):
        town.office.enrol("zoe", name="Zoe", unit="city hall", roles={role}, by=town.people[by])
    assert town.kinds() == before


def test_two_people_of_different_units_entrust_somebody_once(town: Desk) -> None:
    zoe = _new(town)
    mark = _agreed(town, zoe)
    assert enrol(town.house, enrolling.proposed(town.house, mark), by=town.people["custodian"], proposal=mark) == zoe
    assert town.kinds()[-4:] == ["PROPOSED", "PROVED", "APPROVED", "ENROLLED"]
    how = town.house.book.founding.entrusted[zoe.token]
    assert (how.by, how.second) == (town.people["custodian"].person.token, town.people["board"].person.token)
    retire(town.house, town.people["custodian"], zoe.token)
    with pytest.raises(OutOfOrder, match="already"):
        enrol(town.house, zoe, by=town.people["custodian"], proposal=mark)


def test_an_approval_is_of_this_person_with_these_roles_unit_key_and_name(town: Desk) -> None:
    zoe = _new(town)
    mark = _agreed(town, zoe)
    other_key = town.people["clerk"].person.public_key
    for changed in (
        {"roles": frozenset({Role.BOARD, Role.COUNCIL})},
        {"unit": "the mayor"},
        {"public_key": other_key},
        {"name": "Somebody else"},
        {"trained_until": "2027-06-01"},
        {"token": town.house.token("yann", of="person")},
    ):
        with pytest.raises(OutOfOrder, match="somebody else"):
            enrol(town.house, dataclasses.replace(zoe, **changed), by=town.people["custodian"], proposal=mark)
    other = propose(town.house, town.people["custodian"], "rotate_keys", words=WHY)
    with pytest.raises(OutOfOrder):
        enrol(town.house, zoe, by=town.people["custodian"], proposal=other)


def test_an_unapproved_proposal_and_one_of_ones_own_unit_entrust_nobody(town: Desk) -> None:
    zoe, custodian = _new(town), town.people["custodian"]
    mark = enrolling.propose(town.house, custodian, zoe, words=WHY)
    with pytest.raises(OutOfOrder, match="nobody of another unit"):
        enrol(town.house, zoe, by=custodian, proposal=mark)
    ann = town.office.enrol(
        "ann", name="Ann", unit="CITY  IT", roles={Role.BOARD}, by=custodian, second=town.people["board"]
    )
    prove(town.house, ann)
    with pytest.raises(Refused) as refused:
        approve(town.house, ann, mark)
    assert [r.policy for r in refused.value.reasons] == ["the_second_person_is_of_another_unit"]


def test_nobody_agrees_to_their_own_roles(town: Desk) -> None:
    board, council = town.people["board"], town.people["council"]
    more = dataclasses.replace(board.person, roles=frozenset({Role.BOARD, Role.COUNCIL}))
    mark = _agreed(town, more, by="clerk", second="board")
    with pytest.raises(Refused, match="nobody changes their own"):
        enrol(town.house, more, by=town.people["custodian"], proposal=mark)
    with pytest.raises(Refused, match="nobody changes their own"):
        enrolling.propose(town.house, board, more, words=WHY)
    mark = _agreed(town, more, by="clerk", second="council")
    assert enrol(town.house, more, by=council, proposal=mark).roles == more.roles


def test_one_person_alone_makes_nobody_who_works_here_oversee(town: Desk) -> None:
    analyst = town.people["analyst"].person
    with pytest.raises(Refused, match="does not entrust somebody"):
        enrol(town.house, dataclasses.replace(analyst, roles=frozenset({Role.AUDITOR})), by=town.people["custodian"])


@pytest.mark.parametrize(
    "changed", [{"roles": frozenset({Role.BOARD, Role.ANALYST})}, {"unit": "elsewhere"}, {"name": "Somebody else"}]
)
def test_one_person_alone_changes_nobody_who_oversees(town: Desk, changed: dict[str, object]) -> None:
    board = town.people["board"].person
    with pytest.raises(Refused, match="one person alone does not change who oversees"):
        enrol(town.house, dataclasses.replace(board, **changed), by=town.people["custodian"])
    assert town.house.book.people[board.token] == board


def test_a_new_key_after_a_closed_account_takes_two_again(town: Desk) -> None:
    council, custodian = town.people["council"].person, town.people["custodian"]
    retire(town.house, custodian, council.token)
    other = dataclasses.replace(council, public_key=town.people["clerk"].person.public_key)
    for person in (council, other):
        with pytest.raises(Refused, match="one person alone"):
            enrol(town.house, person, by=custodian)
    mark = _agreed(town, other)
    assert enrol(town.house, other, by=custodian, proposal=mark) == other


def test_the_last_who_may_approve_is_neither_closed_nor_given_other_roles(town: Desk) -> None:
    """Else the office would be founded again, by one person alone, or nobody could ever be entrusted again."""
    custodian, board = town.people["custodian"], town.people["board"].person
    for short in ("council", "privacy-officer"):
        assert retire(town.house, custodian, town.people[short].person.token)
    with pytest.raises(Refused, match="the last person"):
        retire(town.house, custodian, board.token)
    with pytest.raises(Refused, match="the last person"):
        enrol(town.house, dataclasses.replace(board, roles=frozenset({Role.CLERK})), by=custodian)
    assert town.house.book.people[board.token] == board


def _founded() -> tuple[Office, Operator]:
    office = memory_office(known=(TOY,))
    return office, office.enrol("first", name="F", unit="IT", roles={Role.CUSTODIAN})


def test_the_founding_ends_with_the_first_who_may_approve_from_another_unit() -> None:
    office, first = _founded()
    office.enrol("aud", name="A", unit="audit", roles={Role.AUDITOR}, by=first)
    office.enrol("same", name="S", unit="it ", roles={Role.BOARD}, by=first)
    assert not office.house.book.founding.ended  # of the custodian's own unit: the two could not agree on anything
    office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=first)
    assert office.house.book.founding.ended
    with pytest.raises(Refused, match="one person alone"):
        office.enrol("council", name="C", unit="council", roles={Role.COUNCIL}, by=first)
    founders = [e for _, e in office.house.log.read() if e["kind"] == "ENROLLED" and e.get("founding")]
    assert len(founders) == len(office.house.book.founding.entrusted) == 4
    assert {how.second for how in office.house.book.founding.entrusted.values()} == {""}


def test_a_founding_without_anybody_who_approves_is_bounded_and_not_stuck() -> None:
    office, first = _founded()
    for n in range(1, MOST_FOUNDERS):
        office.enrol(f"aud{n}", name="A", unit=f"audit {n}", roles={Role.AUDITOR}, by=first)
    with pytest.raises(Refused, match="one person alone"):
        office.enrol("more", name="M", unit="audit", roles={Role.AUDITOR}, by=first)
    office.enrol("clerk", name="K", unit="records", roles={Role.CLERK}, by=first)
    office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=first)
    assert office.house.book.founding.ended


def test_a_founding_that_ended_does_not_begin_again_when_the_log_is_read_anew(town: Desk) -> None:
    from peelian.governance.book import Book
    from peelian.governance.house import opened

    custodian = town.people["custodian"]
    town.office.enrol("zoe", name="Zoe", unit="hall", roles={Role.AUDITOR}, by=custodian, second=town.people["board"])
    retire(town.house, custodian, town.people["council"].person.token)
    was = town.house.book.founding
    town.house.book.__init__()  # type: ignore[misc]
    assert opened(town.house).book.founding == was and isinstance(town.house.book, Book)


def test_after_the_first_person_nobody_joins_without_a_custodian_or_the_council(town: Desk) -> None:
    person = Person(
        token="x", name="New", unit="u", roles=frozenset({Role.BOARD}), public_key="00" * 32, trained_until="2030-01-01"
    )
    with pytest.raises(Refused):
        enrol(town.house, person)
    with pytest.raises(Refused):
        enrol(town.house, person, by=town.people["analyst"])
    clerk = dataclasses.replace(person, roles=frozenset({Role.CLERK}))
    assert enrol(town.house, clerk, by=town.people["council"]).roles == {Role.CLERK}


def test_nobody_gives_themselves_roles_or_training(town: Desk) -> None:
    for name in ("custodian", "council"):
        own = town.people[name]
        for changed in ({"roles": frozenset(Role)}, {"trained_until": "2030-01-01"}, {"unit": "elsewhere"}):
            with pytest.raises(Refused, match="nobody changes their own"):
                enrol(town.house, dataclasses.replace(own.person, **changed), by=own)
        assert town.house.book.people[own.person.token] == own.person


def test_enrolling_somebody_again_does_not_take_their_seat(town: Desk) -> None:
    """Whoever could put their own key in the place of the board's would decide as the board."""
    board, custodian = town.people["board"].person, town.people["custodian"]
    with pytest.raises(Refused, match="with another key"):
        enrol(town.house, dataclasses.replace(board, public_key=custodian.person.public_key), by=custodian)
    assert town.house.book.people[board.token] == board
    trained = dataclasses.replace(board, trained_until="2027-01-01")
    assert enrol(town.house, trained, by=custodian).trained_until == "2027-01-01"


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
        enrol(town.house, dataclasses.replace(clerk, **{field: text}), by=town.people["custodian"])
    assert wrong.value.column == field and (text.strip() == "" or text not in str(wrong.value))
    assert town.kinds() == before
    named = dataclasses.replace(clerk, name="\u0410\u043d\u043d\u0430 \u6797 O\u2019Brien-L\u00e9vesque")
    assert enrol(town.house, named, by=town.people["custodian"]).name == named.name


def test_a_name_that_was_put_in_the_place_of_the_proposed_one_is_not_shown(town: Desk) -> None:
    mark = enrolling.propose(town.house, town.people["custodian"], _new(town), words=WHY)
    assert enrolling.proposed_name(town.house, mark) == "Zoe"
    known = town.house.directory.known(mark)
    assert known is not None
    town.house.directory.keep(mark, dataclasses.replace(known, name="Somebody everybody trusts"))
    assert enrolling.proposed_name(town.house, mark) == ""
    with pytest.raises(OutOfOrder, match="propose it again"):
        enrolling.proposed(town.house, mark)
    for short in ("zoe", "custodian"):
        with pytest.raises((OutOfOrder, Refused)):
            enrolling.propose(
                town.house, town.people["custodian"], _new(town, short, roles=frozenset({Role.CLERK})), words=WHY
            )
