"""The register: one entry an incident, what every law asks for, amended and never shortened, kept five years."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from desk import Desk
from precinct import person, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.oversight.breach.harm import Worksheet, weighed
from peelian.oversight.breach.incident import (
    Incident,
    amend,
    counted,
    incident_of,
    lacking,
    open_incident,
    register,
    yearly,
)
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.breach.signals import Signal, signals_in, without_people

SHEET = Worksheet(
    exposure="readable",
    sensitivity="high",
    likelihood="medium",
    mitigation="low",
    why_sensitivity="Police records are sensitive.",
    why_likelihood="Nobody knows who has it.",
    why_mitigation="It cannot be unread.",
)


def broken() -> tuple[Desk, Signal]:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    return at.desk, signal


def whole(at: Desk, signal: Signal) -> Incident:
    officer = at.people["privacy-officer"]
    incident, _ = open_incident(at.kernel, officer, signal)
    return amend(
        at.kernel,
        officer,
        incident.id,
        step="assessed",
        changes={
            "harm": weighed(SHEET).body(),
            "measures": ("session_ended",),
            "effects": "in_doubt_people_are_told",
        },
    )


def test_an_incident_is_entered_once_and_a_second_report_is_recognised() -> None:
    at, signal = broken()
    first, new = open_incident(at.kernel, at.people["clerk"], signal)
    again, newer = open_incident(at.kernel, at.people["analyst"], replace(signal, ended="2026-03-09T00:00:00+00:00"))
    assert new and not newer and again.id == first.id and again.reported_again == 1
    assert len(register(at.kernel)) == 1 and at.kinds().count("INCIDENT") == 1
    other, third = open_incident(at.kernel, at.people["clerk"], without_people("log_stopped", started="a", ended="b"))
    assert third and other.id != first.id and lacking(other)


def test_amendments_are_laid_over_and_the_log_holds_no_name_and_no_subject() -> None:
    at, signal = broken()
    incident = whole(at, signal)
    assert incident_of(at.kernel, incident.id) == incident and incident.harm["real_risk"]
    assert asdict(incident)["subjects"] == tuple(sorted(signal.subjects))
    told = [entry for _, entry in at.kernel.stores.log.read() if entry["kind"] in ("INCIDENT", "AMENDED")]
    assert not set(signal.subjects) & {str(v) for entry in told for v in entry.values()}


def test_nobody_affected_is_left_out_without_a_reason() -> None:
    at, signal = broken()
    incident, officer = whole(at, signal), at.people["privacy-officer"]
    first, *rest = incident.subjects
    with pytest.raises(InputError, match="left out"):
        amend(at.kernel, officer, incident.id, step="shorter", changes={"subjects": tuple(rest)})
    kept = amend(
        at.kernel, officer, incident.id, step="x", changes={"subjects": tuple(rest), "untold": {first: "no_real_risk"}}
    )
    assert kept.affected == 1


def test_the_register_says_what_every_law_asks_for() -> None:
    at, signal = broken()
    incident = whole(at, signal)
    assert set(strictest().register) <= set(Incident.__slots__) | {"affected_in_province", "affected"}
    assert lacking(incident) == ()
    assert "harm" in lacking(open_incident(at.kernel, at.people["clerk"], replace(signal, kind="records_taken"))[0])


def test_what_may_not_be_amended_or_by_whom_is_refused() -> None:
    at, signal = broken()
    incident = whole(at, signal)
    with pytest.raises(InputError, match="cannot be amended"):
        amend(at.kernel, at.people["privacy-officer"], incident.id, step="x", changes={"aware_at": "2020"})
    with pytest.raises(Refused):
        amend(at.kernel, at.people["clerk"], incident.id, step="x", changes={"regulator_at": "2026"})
    with pytest.raises(OutOfOrder, match="no such incident"):
        incident_of(at.kernel, "b-00000000")


def test_an_incident_is_kept_five_years_and_no_longer() -> None:
    at, signal = broken()
    whole(at, signal)
    at.clock.days(5 * 365)
    assert len(register(at.kernel)) == 1
    at.clock.days(60)
    assert register(at.kernel) == ()


def test_the_years_count_equals_the_register_and_leaves_drills_out() -> None:
    at, signal = broken()
    whole(at, signal)
    open_incident(at.kernel, at.people["clerk"], replace(signal, kind="records_taken"), drill=True)
    counted = yearly(register(at.kernel), 2026)
    assert counted["incidents"] == 1 == counted["kind_session_misused"] and counted["people"] == 2
    assert yearly(register(at.kernel), 2025)["incidents"] == 0


@pytest.mark.parametrize(
    ("people", "says"), [(0, {"n": 0}), (1, {"fewer_than": 20}), (19, {"fewer_than": 20}), (20, {"n": 20})]
)
def test_the_public_log_does_not_count_out_few_people(people: int, says: dict[str, int]) -> None:
    assert counted(people) == says
