"""A closed account signs nothing, an ended session shows nothing; nobody closes their own account."""

from __future__ import annotations

import dataclasses

import pytest
import toy
from precinct import person, precinct

from peelian.errors import IntegrityError, OutOfOrder, Refused
from peelian.governance.acts import who
from peelian.governance.house import opened
from peelian.governance.revocation import end_session, forget, retire


def test_a_closed_account_signs_nothing_any_more() -> None:
    at = precinct()
    house, custodian, anna = at.desk.house, at.desk.people["custodian"], at.officers["anna"]
    assert retire(house, custodian, anna.person.token) and who(house, anna) is None
    assert not retire(house, custodian, anna.person.token)
    with pytest.raises(Refused):
        at.look("anna", person(1))
    assert at.desk.kinds().count("RETIRED") == 1


def test_an_ended_session_shows_nothing_and_another_does() -> None:
    at = precinct()
    at.look("anna", person(1), session="s-1")
    assert end_session(at.desk.house, at.desk.people["board"], "s-1")
    assert not end_session(at.desk.house, at.desk.people["board"], "s-1")
    with pytest.raises(Refused, match="session was ended"):
        at.look("anna", person(1), session="s-1")
    assert at.look("anna", person(1), session="s-2")


def test_only_some_may_close_and_nobody_themselves() -> None:
    at = precinct()
    with pytest.raises(Refused):
        retire(at.desk.house, at.officers["anna"], at.officers["bela"].person.token)
    with pytest.raises(OutOfOrder, match="own account"):
        retire(at.desk.house, at.desk.people["custodian"], at.desk.people["custodian"].person.token)


def test_a_name_is_forgotten_once_its_person_has_left_and_the_log_keeps_the_token() -> None:
    at = precinct()
    house, custodian, anna = at.desk.house, at.desk.people["custodian"], at.officers["anna"]
    assert house.book.people[anna.person.token].name == anna.person.name
    at.desk.ask(toy.COUNT)
    with pytest.raises(OutOfOrder, match="still enrolled"):
        forget(house, custodian, anna.person.token)
    retire(house, custodian, anna.person.token)
    with pytest.raises(Refused):
        forget(house, at.officers["bela"], anna.person.token)
    marks = [
        str(e["mark"]) for _, e in house.log.read() if e["kind"] == "ENROLLED" and e["person"] == anna.person.token
    ]
    assert house.directory.known(marks[0])
    forget(house, custodian, anna.person.token)
    assert house.directory.known(marks[0]) is None
    archived = b"".join(house.archive.get(mark) for mark in marks)
    assert anna.person.name.encode() not in archived and anna.person.token.encode() in archived
    again = dataclasses.replace(house, book=type(house.book)())
    assert opened(again).book.orders.entries == house.book.orders.entries, "the log is read without the name"


def test_a_name_that_was_changed_in_the_directory_is_found_out() -> None:
    at = precinct()
    house = at.desk.house
    mark, entry = next((str(e["mark"]), e) for _, e in house.log.read() if e["kind"] == "ENROLLED")
    known = house.directory.known(mark)
    assert known is not None and entry["person"] == known.person
    house.directory.keep(mark, dataclasses.replace(known, name="Somebody Else"))
    with pytest.raises(IntegrityError, match="another name"):
        opened(dataclasses.replace(house, book=type(house.book)()))
