"""The register of incidents: recorded once, amended as more is known, never erased before its time.

Each step is a signed record, encrypted in the archive; the log, which is public, holds the incident's id, how many
people it concerns unless they are few or not known, and each step with its time. An incident is what its reports and
steps come to (`course`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.records.office_records import MAKERS, OfficeRecord, keep, records_of
from peelian.kernel.retention.retention import hold_for_incident
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.account import account_of
from peelian.oversight.breach.course import FEWEST_WORDS, merged, must_stand, opened, resolved, separated, taken
from peelian.oversight.breach.incident_entry import Incident as Incident
from peelian.oversight.breach.kept_incidents import as_kept, changed_as_kept, is_kept
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.breach.report import BY_ITSELF, Report, report_of, touching
from peelian.oversight.breach.taken_secrets import must_be_replaced
from peelian.oversight.review.people import concerned_by, lacks_list, lists_of, made_as

OFFICERS = frozenset({Role.PRIVACY_OFFICER})
HANDS = frozenset({Role.CUSTODIAN, Role.BOARD})
SEERS = MAKERS["incident"]
FEW = 20  # fewer people than this are never counted in public
WHY_HELD = "Concerned by a confidentiality incident."
NOW = 60  # seconds: known since less than this ago is known since now
BY_STEP: Mapping[str, frozenset[Role]] = {
    "reported": SEERS,
    "described": SEERS,
    "contained": OFFICERS | HANDS,  # whoever contained it says what was done
    "secrets": OFFICERS | HANDS,
    "replaced": OFFICERS | HANDS,
    "people": OFFICERS | {Role.CLERK},
}
"""Who may take a step; every other is the privacy officer's."""


@act
def open_incident(
    kernel: Kernel, by: Operator, report: Report, *, regimes: Sequence[str] = (), drill: bool = False, of: str = ""
) -> tuple[Incident, bool]:
    """Enter a report into the register; (its incident, whether it is new). Reports of one event are joined: with the
    incident `of` that the reporter names, or with every one that it touches, which then are one.

    All data concerned are held from then on. Recording is the internal report. Refused: they may not record, and the
    reason says whom to tell. InputError: its times cannot be.
    """
    _must_record(kernel, by)
    strictest(tuple(regimes))
    with kernel.lock:
        now = kernel.now()
        known = register(kernel)
        whole = completed(kernel, _timed(kernel, report, now))
        touched = _touched(known, whole, of)
        _held(kernel, by, whole)
        if not touched:
            return _entered(kernel, by, whole, tuple(regimes), drill=drill), True
        first, *others = touched
        for other in others:
            _merged(kernel, by, first, other)
        return _stepped(kernel, by, first.id, "reported", {"report": whole.body()}), False


@act
def amend(kernel: Kernel, by: Operator, id: str, *, step: str, changes: Mapping[str, Any]) -> Incident:
    """Take a step of an incident; the earlier entries stay. OutOfOrder: no such incident, or not now. InputError: what
    is told of the step is wrong. Refused: they may not."""
    must_hold_role(kernel, by, BY_STEP.get(step, OFFICERS), "the_officer_may_amend")
    if changes.get("complete"):
        must_hold_role(kernel, by, OFFICERS, "the_officer_may_amend")
    if step == "described":
        account_of(changes)
    with kernel.lock:
        if step == "closed":
            must_be_replaced(kernel, incident_of(kernel, id).secrets)
        return _stepped(kernel, by, id, step, changes)


@act
def merge(kernel: Kernel, by: Operator, id: str, other: str, *, reason: str) -> Incident:
    """Two incidents are one: the older keeps its number, the younger says into which it was merged."""
    must_hold_role(kernel, by, OFFICERS, "the_officer_may_amend")
    _reasoned(reason)
    with kernel.lock:
        ids = [incident.id for incident in register(kernel)]
        one, two = incident_of(kernel, id), incident_of(kernel, other)
        if one.id == two.id or one.merged_into or two.merged_into:
            raise InputError("not two incidents", accepted="the numbers of two incidents that are not merged yet")
        older, younger = sorted((one, two), key=lambda incident: ids.index(incident.id))
        return _merged(kernel, by, older, younger, reason=reason)


@act
def separate(
    kernel: Kernel, by: Operator, id: str, reports: Sequence[int], *, reason: str
) -> tuple[Incident, Incident]:
    """One incident is two: the reports with these numbers, from 1, become a new one; (what stays, the new one)."""
    must_hold_role(kernel, by, OFFICERS, "the_officer_may_amend")
    _reasoned(reason)
    with kernel.lock:
        incident, new = incident_of(kernel, id), f"b-{secrets.token_hex(4)}"
        must_stand(incident)
        stays, made = separated(incident, reports, new, kernel.now().isoformat())
        told = {"reports": [int(n) for n in reports], "into": new, "reason": reason}
        body = {"v": 2, "step": "separated", "changes": told}
        keep(
            kernel,
            by,
            "amendment",
            body,
            before=_last(kernel, id),
            incident=id,
            step="separated",
            **people_counted(stays),
        )
        keep(
            kernel,
            by,
            "incident",
            {"v": 2, "id": new, "from": id},
            incident=new,
            step="separated",
            **people_counted(made),
        )
        return incident_of(kernel, id), incident_of(kernel, new)


def register(kernel: Kernel) -> tuple[Incident, ...]:
    """Every incident as it is known now, oldest first; those past their keeping are left out. O(incidents)."""
    found: dict[str, Incident] = {}
    digests = {digest: id for id, chain in kernel.state.records.incidents.items() for digest in chain}
    records = [*records_of(kernel, "incident"), *records_of(kernel, "amendment")]
    for _, record in sorted(records, key=lambda one: one[0]):
        _folded(found, record, digests.get(record.before, ""))
    lacking_lists = {name for incident in found.values() for name in incident.unlisted}
    listed = _listed_since(kernel, lacking_lists) if lacking_lists else {}
    now = kernel.now()
    kept = [resolved(one, listed) for one in found.values()]
    return tuple(one for one in kept if datetime.fromisoformat(one.keep_until) > now)


def incident_of(kernel: Kernel, id: str) -> Incident:
    """One incident by its id; OutOfOrder where there is none."""
    for incident in register(kernel):
        if incident.id == id:
            return incident
    raise OutOfOrder("The register has no such incident.")


def completed(kernel: Kernel, report: Report) -> Report:
    """A report with what the office knows of its data: their shapes, whom they concern, and which lack their list."""
    concerned = lists_of(kernel).concerned
    people = [concerned_by(kernel, name, concerned) for name in report.whole]
    return replace(
        report,
        subjects=report.subjects.union(*people),
        unlisted=frozenset(name for name in report.whole if lacks_list(kernel, name, concerned)),
        information=report.information or _shapes(kernel, report),
    )


def people_counted(incident: Incident) -> dict[str, Any]:
    """What the public log says of how many people an incident concerns: a number, that they are few, or that they are
    not known."""
    if not incident.people_known:
        return {"people": "not_known"}
    return {"fewer_than": FEW} if is_few(incident.affected) else {"n": incident.affected}


def is_few(people: int) -> bool:
    """Whether a number of people is too small for the public: neighbours would know whom it concerns."""
    return 0 < people < FEW


def lacking(incident: Incident) -> tuple[str, ...]:
    """What the register of its regimes asks for and the entry does not say yet; a time not yet due is no lack."""
    may_be_empty = {"regulator_at", "persons_at", "late_reason", "effects", "affected", "affected_in_province"}
    wanted = [name for name in strictest(incident.regimes).register if name not in may_be_empty]
    if not incident.subjects:
        wanted = [name for name in wanted if name not in ("exposure", "information")]
    missing = [name for name in wanted if not getattr(incident, name)]
    also = {"people": not incident.people_known, "supplement": incident.supplement}
    return (*missing, *(name for name, lacks in also.items() if lacks))


def counts(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Those of them that were incidents: no drill, no false alarm, and none that another one took in."""
    return tuple(one for one in incidents if not (one.drill or one.false_alarm or one.merged_into))


def yearly(incidents: Iterable[Incident], year: int) -> dict[str, int]:
    """The year's statistics as FIPPA 34 asks: incidents, by kind, people concerned, told, reported. Each incident is of
    one kind: the worst of its reports as they stand. O(incidents)."""
    of_year = [i for i in counts(incidents) if i.aware_at.startswith(f"{year}-")]
    kinds = {f"kind_{i.kind}": 0 for i in of_year}
    for incident in of_year:
        kinds[f"kind_{incident.kind}"] += 1
    return {
        "incidents": len(of_year),
        "people": sum(i.affected for i in of_year),
        "people_not_known": sum(not i.people_known for i in of_year),
        "people_told": sum(i.affected - len(i.untold) for i in of_year),
        "with_real_risk": sum(bool(i.harm.get("real_risk")) for i in of_year),
        "reported_to_regulator": sum(bool(i.regulator_at) for i in of_year),
        **dict(sorted(kinds.items())),
    }


def _must_record(kernel: Kernel, by: Operator) -> None:
    try:
        must_hold_role(kernel, by, SEERS, "the_recorder_may_record")
    except Refused as refused:
        tell = "Tell the privacy officer, a custodian or a clerk at once: they record it. The time runs already."
        reason = refusal("the_recorder_may_record", "Your role cannot record incidents.", tell)
        raise Refused((reason, *refused.reasons)) from None


def _timed(kernel: Kernel, report: Report, now: datetime) -> Report:
    """The report with since when it was known. InputError: a time that cannot be."""
    known = _moment(report.known_since, "known_since") or now
    started, ended = _moment(report.started, "started"), _moment(report.ended, "ended")
    for column, time in (("known_since", known), ("started", started)):
        if time and time > now:
            raise InputError("time in the future", column=column, accepted="now or earlier")
    if started and ended and ended < started:
        raise InputError("it ended before it began", column="ended", accepted="a later time, or none")
    if report.known_since:
        _known_since(kernel, report, known, now)
    return replace(report, known_since=known.isoformat())


def _known_since(kernel: Kernel, report: Report, known: datetime, now: datetime) -> None:
    first = next((str(entry["t"]) for _, entry in kernel.stores.log.read()), "")
    if first and known < datetime.fromisoformat(first):
        accepted = sentence("a time since %(first)s; when it happened may be earlier", first=first[:16])
        raise InputError("known before the office began", column="known_since", accepted=accepted)
    if (now - known).total_seconds() > NOW and len(report.why_earlier.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("no reason why it is recorded later than known", column="why_earlier", accepted=accepted)


def _moment(text: str, column: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError("not a time with its zone", column=column, accepted="2026-11-24T08:00+00:00")
    return moment


def _touched(known: Sequence[Incident], report: Report, of: str) -> list[Incident]:
    """The incidents that a report is of, oldest first; of those that a person separated only the first."""
    here = {incident.id: incident for incident in known}
    if of and of not in here:
        raise OutOfOrder("The register has no such incident.")
    fit = [one for one in known if not one.merged_into and not (report.kind in BY_ITSELF and one.closed_at)]
    ids = set(touching(report, ((one.id, one.reports) for one in fit)))
    named = here[here[of].merged_into or of] if of else None
    found = [one for one in fit if one.id in ids or one is named]
    together = [named] if named else found[:1]
    for one in found:
        if one not in together and not any(one.id in other.apart for other in together):
            together.append(one)
    return sorted(together, key=known.index)


def _shapes(kernel: Kernel, report: Report) -> frozenset[str]:
    """The shapes of the data; "records" where people's records have none that is known."""
    made = [made_as(kernel, name) for name in report.exposure]
    shapes = {kernel.shape_of(one) for one in made if one}
    unknown = (report.subjects and not shapes) or any(one is None for one in made)
    return frozenset(shapes | ({"records"} if unknown and report.kind != "record_damaged" else set()))


def _held(kernel: Kernel, by: Operator, report: Report) -> None:
    hold_for_incident(kernel, by, report.exposure, words=WHY_HELD)


def _entered(kernel: Kernel, by: Operator, report: Report, regimes: tuple[str, ...], *, drill: bool) -> Incident:
    made, body = entry(report, kernel.now(), regimes=regimes, drill=drill)
    keep(kernel, by, "incident", body, incident=made.id, **people_counted(made))
    return incident_of(kernel, made.id)


def entry(
    report: Report, now: datetime, *, regimes: tuple[str, ...] = (), drill: bool = False
) -> tuple[Incident, dict[str, Any]]:
    """The incident that a report begins, and what the archive keeps of it."""
    id = f"b-{secrets.token_hex(4)}"
    body = {"v": 2, "id": id, "report": report.body(), "regimes": list(regimes), "drill": drill}
    return opened(id, report, at=now.isoformat(), regimes=regimes, drill=drill), body


def _stepped(kernel: Kernel, by: Operator, id: str, step: str, changes: Mapping[str, Any]) -> Incident:
    made = taken(incident_of(kernel, id), step, changes, kernel.now().isoformat())
    body = {"v": 2, "step": step, "changes": dict(changes)}
    keep(kernel, by, "amendment", body, before=_last(kernel, id), incident=id, step=step, **people_counted(made))
    return incident_of(kernel, id)


def _merged(kernel: Kernel, by: Operator, older: Incident, younger: Incident, *, reason: str = "") -> Incident:
    made = merged(older, younger, kernel.now().isoformat())
    body = {"v": 2, "step": "merged", "changes": {"other": younger.id, "reason": reason}}
    before = _last(kernel, older.id)
    keep(kernel, by, "amendment", body, before=before, incident=older.id, step="merged", **people_counted(made))
    return incident_of(kernel, older.id)


def _last(kernel: Kernel, id: str) -> str:
    """The digest that the next amendment follows."""
    return kernel.state.records.incidents[id][-1]


def _folded(found: dict[str, Incident], record: OfficeRecord, id: str) -> None:
    """Bring the register in step with one record; `id`: the incident that it amends. What goes on from an incident that
    is past its keeping is left out with it."""
    body = record.body
    if record.record == "incident":
        if "report" in body:
            report = report_of(body["report"])
            made = opened(body["id"], report, at=record.at, regimes=tuple(body["regimes"]), drill=body["drill"])
            found[made.id] = made
        elif is_kept(body):
            found[body["id"]] = as_kept(body)
    elif id in found:
        _amended(found, id, body, record.at)


def _amended(found: dict[str, Incident], id: str, body: Mapping[str, Any], at: str) -> None:
    step, told = str(body["step"]), body["changes"]
    if "v" not in body:
        found[id] = changed_as_kept(found[id], told, at)
    elif step == "merged":
        if told["other"] in found:
            trace = (at, "merged")
            made = merged(found[id], found[told["other"]], at)
            found[id] = replace(made, trace=(*made.trace, trace))
            other = found[told["other"]]
            found[told["other"]] = replace(other, merged_into=id, closed_at=at, trace=(*other.trace, trace))
    elif step == "separated":
        parts = separated(found[id], told["reports"], told["into"], at)
        found[id], found[told["into"]] = (replace(one, trace=(*one.trace, (at, "separated"))) for one in parts)
    else:
        found[id] = taken(found[id], step, told, at)


def _listed_since(kernel: Kernel, names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Whom those of the datasets concern that were listed since. O(lists)."""
    concerned = lists_of(kernel).concerned
    return {name: people for name, people in _concerning(kernel, names, concerned) if people}


def _concerning(
    kernel: Kernel, names: Iterable[str], concerned: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, frozenset[str]]]:
    for name in sorted(names):
        if name in concerned or not lacks_list(kernel, name, concerned):
            yield name, concerned_by(kernel, name, concerned)


def _reasoned(reason: str) -> None:
    if len(reason.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("no reason given", column="reason", accepted=accepted)
