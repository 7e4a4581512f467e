"""A closed account signs nothing, an ended session shows nothing; nobody closes their own account."""

from __future__ import annotations

import pytest
from precinct import person, precinct

from peelian.errors import OutOfOrder, Refused
from peelian.governance.acts import who
from peelian.governance.revocation import end_session, retire


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
