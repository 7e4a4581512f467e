"""A closed account signs nothing, an ended session shows nothing; nobody closes their own account."""

from __future__ import annotations

import dataclasses

import pytest
import toy
from desk import another_program
from precinct import person, precinct

from peelian.errors import IntegrityError, OutOfOrder, Refused
from peelian.kernel.identity.revocation import end_session, forget, retire
from peelian.kernel.policy.authorize import proven_person


def test_a_closed_account_signs_nothing_any_more() -> None:
    at = precinct()
    kernel, custodian, anna = at.desk.kernel, at.desk.people["custodian"], at.officers["anna"]
    assert retire(kernel, custodian, anna.person.token) and proven_person(kernel, anna) is None
    assert not retire(kernel, custodian, anna.person.token)
    with pytest.raises(Refused):
        at.look("anna", person(1))
    assert at.desk.kinds().count("RETIRED") == 1


def test_an_ended_session_shows_nothing_and_another_does() -> None:
    at = precinct()
    at.look("anna", person(1), session="s-1")
    assert end_session(at.desk.kernel, at.desk.people["board"], "s-1")
    assert not end_session(at.desk.kernel, at.desk.people["board"], "s-1")
    with pytest.raises(Refused, match="session ended"):
        at.look("anna", person(1), session="s-1")
    assert at.look("anna", person(1), session="s-2")


def test_only_some_may_close_and_nobody_themselves() -> None:
    at = precinct()
    with pytest.raises(Refused):
        retire(at.desk.kernel, at.officers["anna"], at.officers["bela"].person.token)
    with pytest.raises(OutOfOrder, match="own account"):
        retire(at.desk.kernel, at.desk.people["custodian"], at.desk.people["custodian"].person.token)


def test_a_name_is_forgotten_once_its_person_has_left_and_the_log_keeps_the_token() -> None:
    at = precinct()
    kernel, custodian, anna = at.desk.kernel, at.desk.people["custodian"], at.officers["anna"]
    assert kernel.state.people[anna.person.token].name == anna.person.name
    at.desk.ask(toy.COUNT)
    with pytest.raises(OutOfOrder, match="still enrolled"):
        forget(kernel, custodian, anna.person.token)
    retire(kernel, custodian, anna.person.token)
    with pytest.raises(Refused):
        forget(kernel, at.officers["bela"], anna.person.token)
    digests = [
        str(e["document"])
        for _, e in kernel.stores.log.read()
        if e["kind"] == "ENROLLED" and e["person"] == anna.person.token
    ]
    assert kernel.stores.directory.known(digests[0])
    forget(kernel, custodian, anna.person.token)
    assert kernel.stores.directory.known(digests[0]) is None
    archived = b"".join(kernel.stores.archive.get(digest) for digest in digests)
    assert anna.person.name.encode() not in archived and anna.person.token.encode() in archived
    again = another_program(at.desk)
    assert again.stores.log.size() == kernel.stores.log.size(), "the log is read without the name"


def test_a_name_that_was_changed_in_the_directory_is_found_out() -> None:
    at = precinct()
    kernel = at.desk.kernel
    digest, entry = next((str(e["document"]), e) for _, e in kernel.stores.log.read() if e["kind"] == "ENROLLED")
    known = kernel.stores.directory.known(digest)
    assert known is not None and entry["person"] == known.person
    kernel.stores.directory.keep(digest, dataclasses.replace(known, name="Somebody Else"))
    people = another_program(at.desk).state.people
    with pytest.raises(IntegrityError, match="differs from the enrolled one"):
        people[known.person]
    assert len(people.values()) > 1, "the others are known as ever"
