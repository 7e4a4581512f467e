"""Drill stages: detect, contain, assess, report. None of them knows which scenario is played.

Each stage reads what the one before left in the drill's folder and log, and can be begun again after an interruption.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from peelian.errors import IntegrityError, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.policy.authorize import proven_person
from peelian.operations.drill.conditions import (
    FOUND,
    LOG,
    ask_board,
    differing,
    make_room,
    put_mirror_back,
    the_disk,
    witness_wakes,
)
from peelian.operations.drill.town import reopened_at
from peelian.operations.exposed_copies import copy_in
from peelian.operations.office import Office
from peelian.oversight.breach.containment import Hands, contain, objects_of
from peelian.oversight.breach.harm import Worksheet
from peelian.oversight.breach.incident import Incident, amend, incident_of, open_incident
from peelian.oversight.breach.letters import Contact, WriteLetters
from peelian.oversight.breach.protocol import lettered, weigh_incident
from peelian.oversight.breach.report import WORST, Report, report_of
from peelian.oversight.breach.signals import (
    altered_log,
    lost_copy,
    lost_export,
    signals_in,
    without_people,
)
from peelian.oversight.review.accesses import accesses_in
from peelian.oversight.review.people import lists_of
from peelian.oversight.verification.verifier import verify_log

CONTACT = Contact(
    office="DRILL - no such office", officer="Drill privacy officer", reach="DRILL - no such telephone: nobody answers"
)
MISUSED = frozenset({"session_misused", "account_leaked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the drill happens: its folder, the clock, the technology of the town, what people outside reported."""

    folder: Path
    clock: Callable[[], datetime]
    technology: str
    reported: Mapping[str, str]
    desks: tuple[str, ...]
    regimes: tuple[str, ...]
    write: WriteLetters


def detect(place: Place) -> dict[str, Any]:
    """Look at the log from outside, then from inside, then at what was reported; returns the signals."""
    found: list[Report] = []
    now = place.clock().isoformat()
    verdict = verify_log(place.folder / LOG)
    if not verdict.ok:
        kept, altered = differing(place.folder)
        found.append(altered_log(accesses_in({}, kept), altered, at=now))
    else:
        with the_disk(place.folder):
            found += _from_inside(place, now)
    return {"signals": [signal.body() for signal in found], "verdict": verdict.says}


def contain_all(place: Place, state: Mapping[str, Any]) -> dict[str, Any]:
    """Put the log right where it has to be, enter each signal into the register, and stop what goes on."""
    signals = [report_of(body) for body in state["signals"]]
    for signal in signals:
        if signal.kind in OUTSIDE:
            OUTSIDE[signal.kind](place.folder)
    incidents: list[str] = []
    measures: dict[str, list[str]] = {}
    again = 0
    with reopened_at(place.folder, place.clock) as office:
        officer, hands = _with(office, place, Role.PRIVACY_OFFICER), _hands(office, place)
        for signal in signals:
            incident, _ = open_incident(office.kernel, officer, signal, regimes=place.regimes, drill=True)
            technologies = [place.technology] if signal.kind in MISUSED else []
            measures[incident.id] = list(contain(office.kernel, hands, signal, technologies=technologies))
            _, new = open_incident(office.kernel, hands.custodian, signal, regimes=place.regimes, drill=True)
            incidents, again = [*incidents, incident.id], again + (not new)
        if any(signal.kind == "witness_silent" for signal in signals):
            ask_board(place.folder, office, place.clock)
        holds = [_holds(office, place, signal) for signal in signals]
    return {"incidents": incidents, "measures": measures, "recognised": again, "contained": all(holds)}


def assess(place: Place, state: Mapping[str, Any]) -> dict[str, Any]:
    """Weigh the harm of each incident, and choose how each affected person is told."""
    with reopened_at(place.folder, place.clock) as office:
        officer = _with(office, place, Role.PRIVACY_OFFICER)
        for id in state["incidents"]:
            sheet = worksheet_for(incident_of(office.kernel, id))
            weigh_incident(office.kernel, officer, id, sheet, measures=tuple(state["measures"][id]))
    return {}


def report_all(place: Place, state: Mapping[str, Any]) -> dict[str, Any]:
    """Write the letters of each incident into the drill's folder. Nothing is sent; the register says when they were
    ready."""
    n = 0
    lacking: list[str] = []
    with reopened_at(place.folder, place.clock) as office:
        officer, subjects = _with(office, place, Role.PRIVACY_OFFICER), lists_of(office.kernel).subjects
        for id in state["incidents"]:
            incident, now = incident_of(office.kernel, id), place.clock().isoformat()
            risk = bool(incident.harm["real_risk"])
            incident = lettered(office.kernel, officer, id)
            if risk:
                incident = amend(office.kernel, officer, id, step="regulator", changes={})
            folder = place.folder / "letters" / id
            made = place.write(office, incident, CONTACT, subjects, folder=folder, made=datetime.fromisoformat(now))
            n += made.letters
            lacking += made.lacking
    return {"letters": n, "lacking": lacking}


def worksheet_for(incident: Incident) -> Worksheet:
    """The worksheet as a careful officer would fill it in first, from what the signal says of the exposure."""
    words = set(incident.exposure.values())
    nobody = not words or not incident.concerns_people
    exposure = "none" if nobody else max(words, key=WORST.index)
    likely = "medium" if exposure == "readable" else "low"
    return Worksheet(
        exposure=exposure,
        sensitivity="high",
        likelihood=likely,
        mitigation="low" if exposure == "readable" else "medium",
        why_sensitivity="Police records contain accusations, victims and witnesses.",
        why_likelihood=WHY_LIKELY[exposure],
        why_mitigation="Information that was read cannot be recalled."
        if exposure == "readable"
        else "The keys can be replaced.",
    )


WHY_LIKELY: Mapping[str, str] = {
    "readable": "The holder can read it. The motive is not known.",
    "encrypted": "It cannot be read without its keys.",
    "none": "No personal information left the office.",
}
OUTSIDE: Mapping[str, Callable[[Path], None]] = {
    "log_altered": put_mirror_back,
    "log_stopped": make_room,
    "witness_silent": witness_wakes,
}
"""What is put right outside the office, while it is shut or before the witness is asked again."""


def _from_inside(place: Place, now: str) -> list[Report]:
    try:
        office = reopened_at(place.folder, place.clock)
    except IntegrityError:
        return [without_people("log_stopped", started=now, ended=now)]
    with office:
        try:
            office.kernel.append("PROBED")
        except IntegrityError:
            return [without_people("log_stopped", started=now, ended=now)]
        found = list(signals_in(office.kernel))
        if not ask_board(place.folder, office, place.clock).cosigned:
            found.append(without_people("witness_silent", started=now, ended=now))
        if place.reported.get("kind") == "export_lost":
            lost = lost_export(office.kernel, place.reported["batch"], at=now)
            found += [lost] if lost else []
        elif place.reported.get("kind") == "copy_lost":
            found.append(lost_copy(office.kernel, copy_in(place.folder / FOUND, now)))
        return found


def _hands(office: Office, place: Place) -> Hands:
    return Hands(custodian=_with(office, place, Role.CUSTODIAN), board=_with(office, place, Role.BOARD))


def _with(office: Office, place: Place, role: Role) -> Operator:
    """A desk with this role that is still open, and none of those whose session may be the thief's."""
    for short in place.desks:
        person = office.kernel.state.people.get(office.kernel.office.token(short, of=PERSON))
        if person and role in person.roles:
            return office.operator(short)
    raise Refused([])


def _holds(office: Office, place: Place, signal: Report) -> bool:
    """Whether what was contained is contained: closed accounts sign nothing, ended sessions and old keys serve none."""
    kernel = office.kernel
    closed = signal.kind in ("account_leaked", "records_snooped", "records_taken")
    if closed and any(token in kernel.state.people for token in signal.actors):
        return False
    ended = all(session in kernel.state.ended for session in signal.sessions)
    if signal.kind in (*MISUSED, "records_snooped") and not ended:
        return False
    if signal.kind in MISUSED and place.technology not in kernel.state.suspended:
        return False
    if signal.kind == "copy_lost":
        copied = copy_in(place.folder / FOUND, "").objects
        readable = {name for name, word in signal.exposure.items() if word == "readable"}
        return not any(object in copied and of in readable for object, of in objects_of(kernel).items())
    return proven_person(kernel, _with(office, place, Role.PRIVACY_OFFICER)) is not None
