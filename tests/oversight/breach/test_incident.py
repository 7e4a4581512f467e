"""The register: one entry an incident, what every law asks for, amended and never shortened, kept five years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk import Desk
from precinct import person, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.oversight.breach.course import STEPS, opened, taken, with_report
from peelian.oversight.breach.harm import Worksheet, weighed
from peelian.oversight.breach.incident import (
    Incident,
    amend,
    incident_of,
    lacking,
    open_incident,
    people_counted,
    register,
    yearly,
)
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.breach.report import Report
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


def broken() -> tuple[Desk, Report]:
    at = precinct()
    at.look("anna", person(1), session="s")
    at.look("anna", person(2), person(3), session="s", address="elsewhere")
    (signal,) = signals_in(at.desk.kernel)
    return at.desk, signal


def whole(at: Desk, signal: Report) -> Incident:
    officer = at.people["privacy-officer"]
    incident, _ = open_incident(at.kernel, officer, signal)
    return amend(
        at.kernel,
        officer,
        incident.id,
        step="assessed",
        changes={
            "harm": weighed(SHEET).body(),
            "measures": ["session_ended"],
        },
    )


def test_an_incident_is_entered_once_and_a_second_report_is_recognised() -> None:
    at, signal = broken()
    first, new = open_incident(at.kernel, at.people["clerk"], signal)
    again, newer = open_incident(at.kernel, at.people["custodian"], signal)
    assert new and not newer and again.facts == first.facts and again.reports == first.reports
    assert len(register(at.kernel)) == 1 and at.kinds().count("INCIDENT") == 1
    other, third = open_incident(at.kernel, at.people["clerk"], without_people("log_stopped", started="", ended=""))
    assert third and other.id != first.id and lacking(other)


def test_amendments_are_laid_over_and_the_log_holds_no_name_and_no_subject() -> None:
    at, signal = broken()
    incident = whole(at, signal)
    assert incident_of(at.kernel, incident.id) == incident and incident.harm["real_risk"]
    assert incident.subjects == tuple(sorted(signal.subjects))
    told = [entry for _, entry in at.kernel.stores.log.read() if entry["kind"] in ("INCIDENT", "AMENDED")]
    assert not set(signal.subjects) & {str(v) for entry in told for v in entry.values()}


def test_nobody_affected_is_left_out_without_a_reason() -> None:
    at, signal = broken()
    incident, officer = whole(at, signal), at.people["privacy-officer"]
    told = {"without": [incident.subjects[0]], "reason": "no"}
    with pytest.raises(InputError, match="reason"):
        amend(at.kernel, officer, incident.id, step="corrected", changes=told)
    told["reason"] = "That record is of another person."
    kept = amend(at.kernel, officer, incident.id, step="corrected", changes=told)
    assert kept.affected == 1 and not kept.harm, "harm is weighed again"
    with pytest.raises(InputError, match="not among"):
        amend(at.kernel, officer, incident.id, step="corrected", changes=told)


def test_the_register_says_what_every_law_asks_for() -> None:
    at, signal = broken()
    incident = whole(at, signal)
    assert all(hasattr(incident, name) for name in set(strictest().register) - {"affected_in_province"})
    assert lacking(incident) == ()
    other = replace(signal, entries=(), started="")
    assert "harm" in lacking(open_incident(at.kernel, at.people["clerk"], other)[0])


def test_what_may_not_be_amended_or_by_whom_is_refused() -> None:
    at, signal = broken()
    incident = whole(at, signal)
    with pytest.raises(InputError, match="unknown step"):
        amend(at.kernel, at.people["privacy-officer"], incident.id, step="x", changes={})
    for step in sorted(STEPS.keys() - {"reported", "described", "people"}):
        with pytest.raises(Refused):
            amend(at.kernel, at.people["clerk"], incident.id, step=step, changes={})
    with pytest.raises(Refused):
        amend(at.kernel, at.people["clerk"], incident.id, step="people", changes={"complete": True, "reason": "a b c"})
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
    open_incident(at.kernel, at.people["clerk"], replace(signal, entries=()), drill=True)
    counted = yearly(register(at.kernel), 2026)
    assert counted["incidents"] == 1 == counted["kind_session_misused"] and counted["people"] == 2
    assert yearly(register(at.kernel), 2025)["incidents"] == 0


@pytest.mark.parametrize("kinds", [("other", "viewed_without_need"), ("viewed_without_need", "other")])
def test_a_year_counts_an_incident_once_under_the_worst_kind_reported_of_it(kinds: tuple[str, ...]) -> None:
    """In whichever order its reports came, and as they stand after a correction."""
    first, *others = (Report(kind=kind, people_known=False, known_since="2026-03-02T09:00:00+00:00") for kind in kinds)
    incident = opened("b-1", first, at="2026-03-02T09:00:00+00:00")
    for one in others:
        incident = with_report(incident, one, "2026-03-02T10:00:00+00:00")

    def counted(one: Incident) -> dict[str, int]:
        return {name: n for name, n in yearly([one], 2026).items() if name.startswith("kind_")}

    assert counted(incident) == {"kind_viewed_without_need": 1}
    wrong = {"report": 1, "changes": {"kind": "published_by_mistake"}, "reason": "It stood on our pages."}
    corrected = taken(incident, "corrected", wrong, "2026-03-02T11:00:00+00:00")
    assert counted(corrected) == {"kind_published_by_mistake": 1}


@pytest.mark.parametrize(
    ("people", "known", "says"),
    [
        (0, True, {"n": 0}),
        (1, True, {"fewer_than": 20}),
        (19, True, {"fewer_than": 20}),
        (20, True, {"n": 20}),
        (0, False, {"people": "not_known"}),
        (400, False, {"people": "not_known"}),
    ],
)
def test_the_public_log_does_not_count_out_few_people(people: int, known: bool, says: dict[str, Any]) -> None:
    report = Report(kind="other", subjects=frozenset(map(str, range(people))), people_known=known)
    assert people_counted(opened("b-1", report, at="2026-03-02T09:00:00+00:00")) == says
