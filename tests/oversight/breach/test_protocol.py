"""Weighing an incident gives everybody affected a channel or a reason; its clocks run from awareness."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import Desk
from precinct import person, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.records.office_records import hold
from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import Incident, amend, incident_of, open_incident
from peelian.oversight.breach.protocol import (
    add_people,
    clocks_of,
    contain_incident,
    letters_sent,
    people_step,
    weigh_incident,
)
from peelian.oversight.breach.report import Report
from peelian.oversight.breach.signals import Copy, lost_copy, signals_in, without_people
from peelian.oversight.review.people import list_subjects

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
    assert set(weighed.telling) == set(incident.subjects) == set(weighed.untold)
    assert weighed.measures == ("session_ended",) and weighed.effects == "in_doubt_people_are_told"


def closed() -> tuple[Desk, Incident]:
    """A copy of sealed records was found outside, without its keys."""
    at = precinct()
    name = hold(at.desk.kernel, at.desk.people["clerk"], at.dataset, b"records")
    copy = Copy(objects=frozenset({name}), opens=frozenset(), found=at.desk.kernel.now().isoformat())
    return at.desk, open_incident(at.desk.kernel, at.desk.people["clerk"], lost_copy(at.desk.kernel, copy))[0]


def states(at: Desk, id: str) -> dict[str, str]:
    return {clock.what: clock.state for clock in clocks_of(at.kernel, incident_of(at.kernel, id))}


def test_without_a_real_risk_nobody_has_to_be_told() -> None:
    at, incident = closed()
    sheet = replace(SHEET, exposure="encrypted", likelihood="low")
    weighed = weigh_incident(at.kernel, at.people["privacy-officer"], incident.id, sheet)
    assert weighed.effects == "the_keys_are_safe" and not weighed.telling and not weighed.must_tell
    assert states(at, incident.id) == {"internal": "met", "regulator": "not required", "persons": "not required"}


def test_a_worksheet_cannot_say_that_less_can_be_read_than_was_reported() -> None:
    at, incident = entered()
    sheet = replace(SHEET, exposure="encrypted", likelihood="low")
    with pytest.raises(InputError, match="can be read"):
        weigh_incident(at.kernel, at.people["privacy-officer"], incident.id, sheet)


def test_the_clocks_run_until_each_person_was_told() -> None:
    at, incident = entered()
    officer, id = at.people["privacy-officer"], incident.id
    weigh_incident(at.kernel, officer, id, SHEET)
    assert states(at, id)["regulator"] == states(at, id)["persons"] == "running"
    amend(at.kernel, officer, id, step="regulator", changes={})
    letters_sent(at.kernel, officer, id, [person(2)])
    assert states(at, id)["persons"] == "running", "one of two was told"
    letters_sent(at.kernel, officer, id)
    assert states(at, id) == {"internal": "met", "regulator": "met", "persons": "met"}
    at.clock.days(4)
    people_step(at.kernel, officer, id, "returned", [person(3)])
    assert states(at, id)["persons"] == "late", "a letter that came back told nobody"
    letters_sent(at.kernel, officer, id, [person(3)])
    assert states(at, id)["persons"] == "late" and not incident_of(at.kernel, id).untold, "told, but late"


def test_a_letter_that_comes_back_opens_a_closed_incident() -> None:
    at, incident = entered()
    officer, id = at.people["privacy-officer"], incident.id
    reason = {"reason": "Everybody was told."}
    with pytest.raises(OutOfOrder, match="not weighed"):
        amend(at.kernel, officer, id, step="closed", changes=reason)
    weigh_incident(at.kernel, officer, id, SHEET)
    with pytest.raises(OutOfOrder, match="not told yet"):
        amend(at.kernel, officer, id, step="closed", changes=reason)
    letters_sent(at.kernel, officer, id)
    with pytest.raises(OutOfOrder, match="regulator"):
        amend(at.kernel, officer, id, step="closed", changes=reason)
    amend(at.kernel, officer, id, step="regulator", changes={})
    assert amend(at.kernel, officer, id, step="closed", changes=reason).closed_at
    returned = people_step(at.kernel, officer, id, "returned", [person(2)])
    assert not returned.closed_at and [step for _, step in returned.trace] == ["closed", "reopened"]
    indirect = people_step(at.kernel, officer, id, "indirect", [person(2)], reason="not_reached")
    assert indirect.untold and not indirect.persons_at, "no public notice stands yet"
    told = amend(at.kernel, officer, id, step="notice", changes={"reason": "not_reached"})
    assert not told.untold and told.persons_at


def test_of_people_not_known_nobody_says_none_and_the_clock_is_not_met_without_a_notice() -> None:
    at = precinct().desk
    officer = at.people["privacy-officer"]
    report = Report(
        kind="device_lost", words="a camera", exposure={"camera-7": "unknown"}, whole=frozenset({"camera-7"})
    )
    incident, _ = open_incident(at.kernel, at.people["clerk"], report)
    id = incident.id
    assert not incident.people_known and incident.affected == 0 and states(at, id)["persons"] == "running"
    weigh_incident(at.kernel, officer, id, replace(SHEET, exposure="unknown"))
    with pytest.raises(InputError, match="nobody named"):
        letters_sent(at.kernel, officer, id)
    with pytest.raises(InputError, match="without anybody"):
        add_people(at.kernel, officer, id, complete=True, reason="It is all of them.")
    grown = add_people(at.kernel, at.people["clerk"], id, "identifier,name,mail\nP-9001,A B,yes\nP-9002,C D,no")
    assert grown.affected == 2 and not grown.people_known and len(grown.telling) == 2
    letters_sent(at.kernel, officer, id)
    assert states(at, id)["persons"] == "running", "one cannot be written to, and others may be concerned"
    told = amend(at.kernel, officer, id, step="notice", changes={"reason": "not_in_lists"})
    assert told.persons_at and states(at, id)["persons"] == "met"
    ended = amend(at.kernel, officer, id, step="notice_ended", changes={"reason": "It was taken down."})
    assert not ended.persons_at and states(at, id)["persons"] == "running"


def test_the_list_that_is_given_later_makes_people_known() -> None:
    at = precinct().desk
    report = Report(kind="device_lost", exposure={"camera-7": "unknown"}, whole=frozenset({"camera-7"}))
    id = open_incident(at.kernel, at.people["clerk"], report)[0].id
    list_subjects(at.kernel, at.people["clerk"], "camera-7", "identifier,name\nP-9001,A B")
    incident = incident_of(at.kernel, id)
    assert incident.people_known and incident.affected == 1 and incident.must_tell


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
    silent = without_people("witness_silent", started="2026-03-02T00:00:00+00:00", ended="")
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
