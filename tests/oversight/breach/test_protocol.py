"""Weighing an incident gives everybody affected a channel or a reason; its clocks run from awareness."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import Desk
from precinct import person, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import Incident, amend, open_incident
from peelian.oversight.breach.protocol import clocks_of, contain_incident, weigh_incident
from peelian.oversight.breach.signals import signals_in, without_people

SHEET = Worksheet(
    exposure="readable",
    sensitivity="high",
    likelihood="medium",
    mitigation="low",
    why_sensitivity="Police records are sensitive.",
    why_likelihood="Nobody knows who has it.",
    why_mitigation="It cannot be unread.",
)


def entered() -> tuple[Desk, Incident]:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    return at.desk, open_incident(at.desk.kernel, at.desk.people["clerk"], signal)[0]


def test_with_a_real_risk_everybody_affected_gets_a_channel() -> None:
    at, incident = entered()
    weighed = weigh_incident(at.kernel, at.people["privacy-officer"], incident.id, SHEET, measures=("session_ended",))
    assert set(weighed.channels) == set(incident.subjects) and not weighed.untold
    assert weighed.measures == ("session_ended",) and weighed.effects == "in_doubt_people_are_told"


def test_without_one_the_register_says_why_nobody_is_told() -> None:
    at, incident = entered()
    sheet = replace(SHEET, exposure="encrypted", likelihood="low")
    weighed = weigh_incident(at.kernel, at.people["privacy-officer"], incident.id, sheet)
    assert set(weighed.untold) == set(incident.subjects) and not weighed.channels
    assert {c.what: c.state for c in clocks_of(at.kernel, weighed)} == {
        "internal": "met",
        "regulator": "not required",
        "persons": "not required",
    }


def test_the_clocks_run_until_it_was_told() -> None:
    at, incident = entered()
    officer = at.people["privacy-officer"]
    weighed = weigh_incident(at.kernel, officer, incident.id, SHEET)
    assert {c.what: c.state for c in clocks_of(at.kernel, weighed)}["regulator"] == "running"
    told = amend(at.kernel, officer, incident.id, step="told", changes={"regulator_at": at.kernel.now().isoformat()})
    at.clock.days(4)
    assert {c.what: c.state for c in clocks_of(at.kernel, told)} == {
        "internal": "met",
        "regulator": "met",
        "persons": "late",
    }


def test_a_custodian_contains_what_the_office_can_and_says_what_people_did() -> None:
    at, incident = entered()
    custodian = at.people["custodian"]
    contained = contain_incident(at.kernel, custodian, incident.id, stated=["recipient_asked"])
    assert contained.measures == ("session_ended", "recipient_asked")
    assert "s" in at.kernel.state.ended and at.kinds()[-1] == "AMENDED"
    with pytest.raises(InputError, match="unknown measure"):
        contain_incident(at.kernel, custodian, incident.id, stated=["prayer"])
    with pytest.raises(Refused):
        contain_incident(at.kernel, at.people["analyst"], incident.id)


def test_what_lies_outside_the_program_is_done_by_people_and_stated() -> None:
    at, _ = entered()
    silent = without_people("witness_silent", started="2026-03-02T00:00:00+00:00", ended="2026-03-02T00:00:00+00:00")
    incident, _ = open_incident(at.kernel, at.people["clerk"], silent)
    with pytest.raises(OutOfOrder, match="outside the program"):
        contain_incident(at.kernel, at.people["custodian"], incident.id)
    done = contain_incident(at.kernel, at.people["custodian"], incident.id, stated=["witness_back"])
    assert done.measures == ("witness_back",)


def test_with_nobody_known_to_be_concerned_no_person_has_to_be_told() -> None:
    at, _ = entered()
    now = at.kernel.now().isoformat()
    signal = without_people("log_stopped", started=now, ended=now)
    incident, _ = open_incident(at.kernel, at.people["clerk"], signal)
    assert not incident.subjects
    assert {clock.what: clock.state for clock in clocks_of(at.kernel, incident)}["persons"] == "not required"
