"""The course of an incident: its reports joined, and each step that was taken since, folded in the order of the log.

Everything here is pure: a step takes an incident and returns it as it is afterwards, or says why it cannot be taken.
Worse facts open an incident again: its harm is weighed anew, its letters are written anew, and whoever was told what is
true no longer is told again. Nobody counts as told before a letter is on its way to them and did not come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.oversight.breach.account import Account
from peelian.oversight.breach.channels import INDIRECT_FOR, Told
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.breach.report import (
    Report,
    concerns_more,
    is_repeated,
    joined,
    report_of,
    tells_more,
)
from peelian.oversight.breach.taken_secrets import found_again, stated

FEWEST_WORDS = 3
CORRECTABLE = frozenset({"kind", "started", "ended", "known_since", "exposure", "people_known", "vendor", "words"})
"""What of a report may be corrected; people who are wrongly named are left `without`."""


def opened(id: str, report: Report, *, at: str, regimes: tuple[str, ...] = (), drill: bool = False) -> Incident:
    """The incident that a report begins."""
    facts = joined([report])
    made = Incident(id=id, internal_at=at, reports=(report,), facts=facts, regimes=regimes, drill=drill)
    return _clocked(replace(made, unlisted=facts.unlisted), report.known_since or at)


def with_report(incident: Incident, report: Report, at: str) -> Incident:
    """One more report of the same event. Worse facts open the incident again; a repetition changes nothing."""
    before, after = incident.facts, joined((*incident.reports, report))
    repeated = is_repeated(report, incident.reports)
    if after == before and repeated:
        return incident
    doubted = not repeated and not (report.people_known and not report.unlisted)
    back = frozenset() if repeated else incident.without & report.subjects  # left out before, and named again
    made = replace(
        incident,
        reports=(*incident.reports, report),
        facts=after,
        unlisted=incident.unlisted | (report.unlisted - before.unlisted),
        complete=incident.complete and not doubted,
        without=incident.without - back,
    )
    anew = tells_more(before, after)
    if anew or back or concerns_more(before, after) or (incident.complete and doubted):
        return _worse(made, report.known_since or at, anew=anew, at=at)
    return made


def _worse(incident: Incident, since: str, *, anew: bool, at: str) -> Incident:
    """Open it again. `anew`: what people were told is not true any longer, so they are told again."""
    made = replace(
        incident,
        harm={},
        lettered_at="",
        supplement=incident.supplement or bool(incident.regulator_at),
        telling={} if anew else incident.telling,
        since={} if anew else incident.since,
        unknown_since="" if anew else incident.unknown_since,
        notice_at="" if anew else incident.notice_at,
        notice_reason="" if anew else incident.notice_reason,
        accounts={} if anew else incident.accounts,
    )
    return _clocked(_reopened(made, at), since)


def _reopened(incident: Incident, at: str) -> Incident:
    trace = ((at, "reopened"),) if incident.closed_at else ()
    return replace(incident, closed_at="", false_alarm=False, trace=(*incident.trace, *trace))


def _clocked(incident: Incident, since: str) -> Incident:
    """Start the clock of everybody who has none yet, known or not."""
    begun = incident.unknown_since or since
    unknown = "" if incident.people_known else begun
    missing = {one: begun for one in incident.subjects if one not in incident.since}
    return replace(incident, since={**incident.since, **missing}, unknown_since=unknown)


def resolved(incident: Incident, listed: Mapping[str, frozenset[str]]) -> Incident:
    """The incident with the lists that were given since for its data: dataset → whom it concerns. O(people)."""
    found = [name for name in incident.unlisted if name in listed]
    if not found:
        return incident
    people = incident.listed.union(*(listed[name] for name in found))
    return _clocked(replace(incident, listed=people, unlisted=incident.unlisted - set(found)), incident.aware_at)


# ---- steps: (incident, changes, time) → incident


def _reported(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    return with_report(incident, report_of(told["report"]), at)


def _assessed(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    done = {one: state for one, state in incident.telling.items() if state.state != "planned"}
    planned = _planned(incident, told) if told["harm"]["real_risk"] else {}
    return replace(incident, harm=told["harm"], telling={**planned, **done}, measures=_measures(incident, told))


def _planned(incident: Incident, told: Mapping[str, Any]) -> dict[str, Told]:
    """What is planned for people of whom nothing was planned so far."""
    given = {one: Told(channel=way["channel"], reason=way["reason"]) for one, way in told.get("telling", {}).items()}
    return {one: way for one, way in given.items() if one in incident.subjects}


def _measures(incident: Incident, told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*incident.measures, *told.get("measures", ()))))


def _contained(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    return replace(incident, measures=_measures(incident, told))


def _secrets(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """Secrets were found in what was taken. One that is in use opens the incident again."""
    made = replace(incident, secrets=found_again(incident.secrets, told.get("secrets", ()), at))
    known, now = ({replace(one, found_at="", size=0) for one in each.secrets} for each in (incident, made))
    return _reopened(made, at) if any(one.in_use for one in now - known) else made


def _replaced(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """A person states how a secret was replaced."""
    place, how = str(told.get("secret", "")), str(told.get("replaced", ""))
    return replace(incident, secrets=stated(incident.secrets, place, how, _when(incident, told, at)))


def _lettered(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    if not incident.harm.get("real_risk"):
        return replace(incident, lettered_at=at)
    return replace(incident, lettered_at=at, telling={**_planned(incident, told), **incident.telling})


def _described(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """What letters say in the office's own words, in one language; letters that were written are to be written anew."""
    account = Account(what=str(told["what"]).strip(), which=str(told["which"]).strip())
    return replace(incident, accounts={**incident.accounts, str(told["language"]): account}, lettered_at="")


def _regulator(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    late = str(told.get("late_reason", "")) or incident.late_reason
    return replace(incident, regulator_at=incident.regulator_at or at, supplement=False, late_reason=late)


def _people(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """People are added, or stated to be all. Where it was thought that there is no real risk, it is weighed again."""
    added = frozenset(told.get("subjects", ()))
    new, complete = added - set(incident.subjects), bool(told.get("complete"))
    if complete:
        _reasoned(told)
    if complete and not (incident.subjects or added) and not told.get("nobody"):
        says = "a complete list of people without anybody"
        raise InputError(says, accepted="the people first, or a correction that says that nobody is concerned")
    made = replace(
        incident,
        added=incident.added | added,
        without=incident.without - added,
        complete=complete or incident.complete,
    )
    if new:
        unweighed = {} if not incident.harm.get("real_risk") else incident.harm
        made = _reopened(replace(made, harm=unweighed, lettered_at=""), at)
    made = _clocked(made, at)
    planned = _planned(made, told) if made.harm.get("real_risk") else {}
    return replace(made, telling={**planned, **made.telling})


def _sent(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """Letters are on their way: to whom no letter went yet, or whose letter came back."""
    _weighed(incident)
    when = _when(incident, told, at)
    states = {}
    for one in _named(incident, told):
        if incident.telling.get(one, Told(channel="", reason="")).reason == "more_harm":
            raise InputError("a letter could cause this person further harm", accepted="a call, or the public notice")
        states[one] = Told(channel="letter", reason="direct_by_default", state="sent", at=when)
    return replace(incident, telling={**incident.telling, **states})


def _spoken(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """People were reached: spoken to, or they answered."""
    _weighed(incident)
    when, known = _when(incident, told, at), incident.telling
    ways = {one: known[one].channel if one in known else "call" for one in _named(incident, told)}
    reached = {
        one: Told(channel="call" if way == "indirect" else way, reason="direct_by_default", state="told", at=when)
        for one, way in ways.items()
    }
    return replace(incident, telling={**known, **reached})


def _returned(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """Letters came back: these people were not told, so their clock runs on."""
    when, states = _when(incident, told, at), {}
    for one in _named(incident, told):
        if incident.telling.get(one, Told(channel="", reason="")).state != "sent":
            raise OutOfOrder("No letter was sent to this person, or it came back already.")
        states[one] = replace(incident.telling[one], state="returned", at=when)
    return _reopened(replace(incident, telling={**incident.telling, **states}), at)


def _indirect(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """People are told by the public notice, for a reason that the law knows."""
    _weighed(incident)
    way = Told(channel="indirect", reason=_known_reason(told))
    return replace(incident, telling={**incident.telling, **dict.fromkeys(_named(incident, told), way)})


def _notice(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """The public notice stands from now on."""
    return replace(incident, notice_at=incident.notice_at or at, notice_reason=_known_reason(told))


def _notice_ended(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    if not incident.notice_at:
        raise OutOfOrder("This incident has no public notice.")
    if not told.get("reason"):
        raise InputError("no reason given", column="reason", accepted="why the notice ends")
    return _reopened(replace(incident, notice_at="", notice_reason=""), at)


def _corrected(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """One report said what is not so: facts are joined anew, harm is weighed anew. People who are not concerned are
    left `without`."""
    _reasoned(told)
    n, changes = int(told.get("report", 1)) - 1, dict(told.get("changes", {}))
    if not 0 <= n < len(incident.reports):
        says = sentence("a number from 1 to %(n)d", n=len(incident.reports))
        raise InputError("no such report of this incident", column="report", accepted=says)
    if stray := sorted(set(changes) - CORRECTABLE):
        says = ", ".join(sorted(CORRECTABLE))
        raise InputError("this of a report cannot be corrected", column=stray[0][:40], accepted=says)
    wrong = frozenset(told.get("without", ()))
    if wrong - set(incident.subjects):
        raise InputError("person not among those concerned", column="without", accepted="somebody of this incident")
    if regimes := tuple(told.get("regimes", ())):
        strictest(regimes)
        incident = replace(incident, regimes=regimes)
        if not (changes or wrong):
            return incident
    reports = list(incident.reports)
    reports[n] = report_of({**reports[n].body(), **changes})
    before, after = incident.facts, joined(reports)
    known = bool(changes.get("people_known"))
    made = replace(
        incident,
        reports=tuple(reports),
        facts=after,
        without=incident.without | wrong,
        unlisted=frozenset() if known else incident.unlisted & after.unlisted,
        complete=(incident.complete or known) and changes.get("people_known") is not False,
    )
    return _worse(made, at, anew=tells_more(before, after), at=at)


def _false_alarm(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """Nothing happened: the public notice goes with it, and does not come back if the incident is opened again."""
    _reasoned(told)
    return replace(incident, false_alarm=True, closed_at=at, notice_at="", notice_reason="")


def _closed(incident: Incident, told: Mapping[str, Any], at: str) -> Incident:
    """Refused while it is not weighed, somebody is untold, or the regulator does not know the facts as they stand."""
    _reasoned(told)
    if incident.closed_at:
        raise OutOfOrder("This incident is closed already.")
    _weighed(incident)
    if incident.must_tell and not incident.all_told:
        raise OutOfOrder("Somebody concerned was not told yet. Tell them, or publish the notice with its reason.")
    if incident.harm["real_risk"] and (incident.supplement or not incident.regulator_at):
        raise OutOfOrder("The regulator was not told of the facts as they are known now.")
    return replace(incident, closed_at=at)


def merged(older: Incident, younger: Incident, at: str) -> Incident:
    """The older of two incidents that are one, with the reports, people, measures and regimes of both."""
    after = joined((*older.reports, *younger.reports))
    telling: dict[str, Told] = {}
    for one in (younger, older):
        telling |= {} if tells_more(one.facts, after) else one.telling
    earliest = {one: min(filter(None, (older.since.get(one), younger.since.get(one)))) for one in
                {**older.since, **younger.since}}  # fmt: skip
    true = [one for one in (older, younger) if not tells_more(one.facts, after)]
    notices = [one for one in true if one.notice_at]
    made = replace(
        older,
        reports=(*older.reports, *younger.reports),
        facts=after,
        regimes=tuple(sorted({*older.regimes, *younger.regimes})) if older.regimes and younger.regimes else (),
        added=older.added | younger.added,
        without=(older.without | younger.without) - (frozenset(older.subjects) | frozenset(younger.subjects)),
        listed=older.listed | younger.listed,
        unlisted=older.unlisted | younger.unlisted,
        complete=older.people_known and younger.people_known,
        measures=tuple(dict.fromkeys((*older.measures, *younger.measures))),
        telling=telling,
        since=earliest,
        unknown_since=min(filter(None, (older.unknown_since, younger.unknown_since)), default=""),
        notice_at=notices[0].notice_at if notices else "",
        notice_reason=notices[0].notice_reason if notices else "",
        accounts=next((one.accounts for one in true if one.accounts), {}),
        regulator_at=min(filter(None, (older.regulator_at, younger.regulator_at)), default=""),
        late_reason=older.late_reason or younger.late_reason,
        apart=(older.apart | younger.apart) - {older.id, younger.id},
        secrets=tuple(dict.fromkeys((*older.secrets, *younger.secrets))),
    )
    return _worse(made, made.aware_at, anew=False, at=at)


def separated(incident: Incident, picked: Iterable[int], new: str, at: str) -> tuple[Incident, Incident]:
    """One incident that is two: (what stays, the new one with the reports picked, counted from 1). Both keep since when
    the office knows of them, and everybody who was added; both are weighed anew."""
    chosen = sorted({n - 1 for n in picked})
    if not chosen or chosen[0] < 0 or chosen[-1] >= len(incident.reports) or len(chosen) == len(incident.reports):
        says = sentence("some, not all, of the numbers 1 to %(n)d", n=len(incident.reports))
        raise InputError("reports that cannot be separated", column="reports", accepted=says)
    parts = []
    for id, numbers in ((incident.id, set(range(len(incident.reports))) - set(chosen)), (new, set(chosen))):
        reports = tuple(one for n, one in enumerate(incident.reports) if n in numbers)
        facts = joined(reports)
        part = replace(incident, id=id, reports=reports, facts=facts, unlisted=incident.unlisted & facts.unlisted)
        apart = incident.apart | {new if id == incident.id else incident.id}
        people = set(part.subjects)
        telling = {one: told for one, told in incident.telling.items() if one in people}
        parts.append(_worse(replace(part, apart=apart, telling=telling, accounts={}), part.aware_at, anew=False, at=at))
    return parts[0], parts[1]


STEPS: Mapping[str, Callable[[Incident, Mapping[str, Any], str], Incident]] = {
    "reported": _reported,
    "assessed": _assessed,
    "contained": _contained,
    "secrets": _secrets,
    "replaced": _replaced,
    "lettered": _lettered,
    "described": _described,
    "regulator": _regulator,
    "people": _people,
    "sent": _sent,
    "told": _spoken,
    "returned": _returned,
    "indirect": _indirect,
    "notice": _notice,
    "notice_ended": _notice_ended,
    "corrected": _corrected,
    "false_alarm": _false_alarm,
    "closed": _closed,
}
TRACED = frozenset({"corrected", "false_alarm", "closed", "notice", "notice_ended"})
"""Steps that the public page names with their day, besides merged, separated and reopened."""


def taken(incident: Incident, step: str, told: Mapping[str, Any], at: str) -> Incident:
    """The incident after a step. OutOfOrder: it cannot be taken now. InputError: what was told of it is wrong."""
    if step not in STEPS:
        raise InputError("unknown step", column=step[:40], accepted=", ".join(STEPS))
    must_stand(incident)
    made = STEPS[step](incident, told, at)
    return replace(made, trace=(*made.trace, (at, step))) if step in TRACED else made


def must_stand(incident: Incident) -> None:
    """OutOfOrder where another incident took this one in."""
    if incident.merged_into:
        raise OutOfOrder(sentence("This incident was merged into %(id)s. Act on that one.", id=incident.merged_into))


def _named(incident: Incident, told: Mapping[str, Any]) -> tuple[str, ...]:
    """The people whom a step names; InputError where nobody is, or somebody is not of the incident."""
    people = tuple(told.get("people", ()))
    if not people:
        raise InputError("nobody named", column="people", accepted="people of this incident")
    if set(people) - set(incident.subjects):
        raise InputError("person not among those concerned", column="people", accepted="people of this incident")
    return people


def _when(incident: Incident, told: Mapping[str, Any], at: str) -> str:
    """When it was done: now, unless another time is told, which lies between its discovery and now."""
    when = str(told.get("at", "")) or at
    if not datetime.fromisoformat(incident.aware_at) <= datetime.fromisoformat(when) <= datetime.fromisoformat(at):
        raise InputError("day outside the incident", column="at", accepted="from its discovery until now")
    return when


def _known_reason(told: Mapping[str, Any]) -> str:
    reason = str(told.get("reason", ""))
    if reason not in INDIRECT_FOR:
        raise InputError("no reason for a public notice", column="reason", accepted=", ".join(sorted(INDIRECT_FOR)))
    return reason


def _reasoned(told: Mapping[str, Any]) -> None:
    if len(str(told.get("reason", "")).split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("no reason given", column="reason", accepted=accepted)


def _weighed(incident: Incident) -> None:
    if not incident.harm:
        raise OutOfOrder("The harm is not weighed, or the facts are worse since. Weigh it first.")
