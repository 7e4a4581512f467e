"""A public notice stands from when the privacy officer publishes it until they end it, each with an entry."""

from __future__ import annotations

import pytest
from precinct import Precinct, person, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.oversight.breach.incident import Incident, open_incident
from peelian.oversight.breach.letters import REASONS
from peelian.oversight.breach.public_notice import (
    ENDS,
    INDIRECT_FOR,
    end_notice,
    public_contact,
    public_notices,
    publish_notice,
)
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.transparency.contact import Contact, state_contact


def opened(*, drill: bool = False, contact: bool = True) -> tuple[Precinct, Incident]:
    at = precinct()
    if contact:
        state_contact(at.desk.kernel, at.desk.people["clerk"], Contact(telephone="+1 555 0100"))
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    incident, _ = open_incident(at.desk.kernel, at.desk.people["privacy-officer"], signal, drill=drill)
    return at, incident


def test_a_notice_stands_until_it_is_ended_and_the_log_tells_both() -> None:
    at, incident = opened()
    kernel, officer = at.desk.kernel, at.desk.people["privacy-officer"]
    assert public_notices(kernel) == ()
    publish_notice(kernel, officer, incident.id, reason="not_in_lists")
    (stands,) = public_notices(kernel)
    assert (stands.id, stands.notice_reason) == (incident.id, "not_in_lists") and stands.notice_at
    with pytest.raises(OutOfOrder):
        publish_notice(kernel, officer, incident.id, reason="more_harm")
    end_notice(kernel, officer, incident.id, reason="false_alarm")
    assert public_notices(kernel) == ()
    with pytest.raises(OutOfOrder):
        end_notice(kernel, officer, incident.id, reason="false_alarm")
    steps = [(e["step"], e["by"]) for _, e in kernel.stores.log.read(kinds=["AMENDED"])]
    assert steps == [(step, officer.person.token) for step in ("notice", "notice_ended")]


def test_only_the_privacy_officer_publishes_or_ends_with_a_reason_of_the_law() -> None:
    at, incident = opened()
    kernel, people = at.desk.kernel, at.desk.people
    for who in ("clerk", "custodian", "board", "auditor"):
        with pytest.raises(Refused):
            publish_notice(kernel, people[who], incident.id, reason="more_harm")
    with pytest.raises(InputError, match="no_contact_data"):
        publish_notice(kernel, people["privacy-officer"], incident.id, reason="it is easier")
    publish_notice(kernel, people["privacy-officer"], incident.id, reason="more_harm")
    with pytest.raises(Refused):
        end_notice(kernel, people["clerk"], incident.id, reason="all_told")
    with pytest.raises(InputError, match="false_alarm"):
        end_notice(kernel, people["privacy-officer"], incident.id, reason="")
    assert public_notices(kernel)


def test_a_drill_and_an_office_that_nobody_can_ask_publish_nothing() -> None:
    at, incident = opened(drill=True)
    with pytest.raises(OutOfOrder, match="drill"):
        publish_notice(at.desk.kernel, at.desk.people["privacy-officer"], incident.id, reason="more_harm")
    at, incident = opened(contact=False)
    with pytest.raises(InputError, match="contact"):
        publish_notice(at.desk.kernel, at.desk.people["privacy-officer"], incident.id, reason="more_harm")


def test_every_reason_can_be_said_and_the_contact_is_the_published_one() -> None:
    at, _ = opened()
    assert set(INDIRECT_FOR) <= REASONS.keys() and ENDS
    assert public_contact(at.desk.kernel, "Town").reach == "+1 555 0100"
