"""The protocol on one incident: weigh the harm, choose how people are told, record who was told, read its clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import subject_token
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.account import account_of, must_name_nobody
from peelian.oversight.breach.channels import Told, channels
from peelian.oversight.breach.containment import Hands, contain
from peelian.oversight.breach.harm import Worksheet, weighed
from peelian.oversight.breach.incident import Incident, amend, incident_of
from peelian.oversight.breach.letters import MEASURES
from peelian.oversight.breach.regimes import Clock, clocks, strictest
from peelian.oversight.breach.report import Report
from peelian.oversight.breach.taken_secrets import LONGEST_PLACE, NAMED
from peelian.oversight.breach.told_incidents import MOST_WORDS
from peelian.oversight.review.accesses import accesses
from peelian.oversight.review.people import list_subjects, lists_of

IN_THE_OFFICE = frozenset({"session_misused", "account_leaked", "records_snooped", "records_taken", "copy_lost"})
"""What is contained by acts of the office; the rest is done by people, or while the office is shut."""


def weigh_incident(
    kernel: Kernel, by: Operator, id: str, sheet: Worksheet, *, hardship: bool = False, measures: tuple[str, ...] = ()
) -> Incident:
    """Enter the worksheet; where there is a real risk everybody affected gets a channel. InputError: the worksheet
    says that less can be read than the reports say."""
    incident, harm = incident_of(kernel, id), weighed(sheet)
    _exposed_as_reported(incident, sheet)
    changes = {
        "harm": harm.body(),
        "measures": list(measures),
        "telling": _plan(kernel, incident.subjects, hardship=hardship) if harm.real_risk else {},
    }
    return amend(kernel, by, id, step="assessed", changes=changes)


def _exposed_as_reported(incident: Incident, sheet: Worksheet) -> None:
    words = set(incident.exposure.values())
    if sheet.exposure in ("encrypted", "none") and words & {"readable", "unknown"}:
        says = "the reports of this incident say that data can be read, or that nobody knows"
        raise InputError(says, column="exposure", accepted="readable or unknown, or a correction of the report first")


def _plan(kernel: Kernel, people: Iterable[str], *, hardship: bool = False) -> dict[str, dict[str, str]]:
    ways = channels(lists_of(kernel), people, hardship=hardship)
    return {one: {"channel": way.channel, "reason": way.reason} for one, way in ways.items()}


def lettered(kernel: Kernel, by: Operator, id: str) -> Incident:
    """The letters are being written: whoever is concerned and has no channel yet gets one. OutOfOrder: there is no such
    incident, another one took it in, or it was a false alarm, of which there is nothing to write."""
    incident = incident_of(kernel, id)
    if incident.false_alarm:
        raise OutOfOrder("It was a false alarm: no letter is written of it.")
    new = [one for one in incident.subjects if one not in incident.telling]
    return amend(kernel, by, id, step="lettered", changes={"telling": _plan(kernel, new)})


def describe_incident(kernel: Kernel, by: Operator, id: str, *, language: str, what: str, which: str = "") -> Incident:
    """Say in plain words what happened, and to which information: letters and the public notice carry it, once in each
    language. InputError: no words to be published, or somebody concerned is named."""
    told, listed = {"language": language, "what": what, "which": which}, lists_of(kernel).subjects
    incident, (_, account) = incident_of(kernel, id), account_of(told)
    must_name_nobody(account, (listed[one].name for one in incident.subjects if one in listed))
    return amend(kernel, by, id, step="described", changes=told)


def add_people(
    kernel: Kernel,
    by: Operator,
    id: str,
    text: str = "",
    *,
    complete: bool = False,
    nobody: bool = False,
    reason: str = "",
) -> Incident:
    """Add people to an incident: a CSV as for `list_subjects`. `complete` is the privacy officer's statement, with a
    reason, that everybody concerned is known now; `nobody`: that it concerns nobody at all."""
    incident = incident_of(kernel, id)
    found: list[str] = []
    if text.strip():
        list_subjects(kernel, by, id, text)
        found = sorted(lists_of(kernel).concerned[id])
    elif not complete:
        raise InputError("no list of people", accepted="a CSV, or the statement that the list is complete")
    changes: dict[str, Any] = {"subjects": found, "complete": complete, "nobody": nobody, "reason": reason}
    if incident.harm.get("real_risk"):
        changes["telling"] = _plan(kernel, found)
    return amend(kernel, by, id, step="people", changes=changes)


def letters_sent(kernel: Kernel, by: Operator, id: str, people: Iterable[str] = (), *, on: str = "") -> Incident:
    """Letters went out: to these people (identifiers, or numbers of letters), or every letter that is planned."""
    incident = incident_of(kernel, id)
    named = _tokens(kernel, incident, people)
    all_planned = [one for one, way in incident.telling.items() if way.channel == "letter" and way.state == "planned"]
    changes = {"people": named or all_planned, "at": _day(kernel, incident, on)}
    return amend(kernel, by, id, step="sent", changes=changes)


def people_step(
    kernel: Kernel, by: Operator, id: str, step: str, people: Iterable[str], *, reason: str = "", on: str = ""
) -> Incident:
    """Letters came back (`returned`), people were reached (`told`), or are told by the public notice (`indirect`)."""
    incident = incident_of(kernel, id)
    changes = {"people": _tokens(kernel, incident, people), "reason": reason, "at": _day(kernel, incident, on)}
    return amend(kernel, by, id, step=step, changes=changes)


def secret_named(kernel: Kernel, by: Operator, id: str, name: str, *, replaced: str = "", on: str = "") -> Incident:
    """Name a secret in what was taken; with `replaced` state how it was, and on which day."""
    incident, place = incident_of(kernel, id), name.strip()[:LONGEST_PLACE]
    if replaced.strip():
        changes = {"secret": place, "replaced": replaced.strip()[:MOST_WORDS], "at": _day(kernel, incident, on)}
        return amend(kernel, by, id, step="replaced", changes=changes)
    secret = {"kind": NAMED, "place": place, "size": kernel.stores.log.size()}
    return amend(kernel, by, id, step="secrets", changes={"secrets": [secret]})


def correct(
    kernel: Kernel,
    by: Operator,
    id: str,
    *,
    reason: str,
    report: int = 1,
    changes: Mapping[str, Any] | None = None,
    without: Iterable[str] = (),
    regimes: Iterable[str] = (),
) -> Incident:
    """One report of an incident said what is not so, or named people (identifiers) who are not concerned; or other laws
    (`regimes`) bind it."""
    wrong = _tokens(kernel, incident_of(kernel, id), without)
    told = {"report": report, "changes": dict(changes or {}), "without": wrong, "reason": reason}
    told |= {"regimes": list(regimes)} if regimes else {}
    return amend(kernel, by, id, step="corrected", changes=told)


def _tokens(kernel: Kernel, incident: Incident, people: Iterable[str]) -> list[str]:
    """The people of an incident that identifiers name, or the numbers on their letters (the first 12 digits of their
    token). InputError: somebody else."""
    found = []
    for one in people:
        numbered = [token for token in incident.subjects if len(one) == LETTER_NUMBER and token.startswith(one)]
        token = numbered[0] if len(numbered) == 1 else subject_token(kernel, one)
        if token not in incident.subjects:
            accepted = "the identifier of their records, or the number of their letter"
            raise InputError("person not among those concerned", column="person", accepted=accepted)
        found.append(token)
    return found


LETTER_NUMBER = 12


def _day(kernel: Kernel, incident: Incident, on: str) -> str:
    """A day or a time as a time of the incident: of its first or last day, the part that lies within it."""
    if not on:
        return ""
    try:
        moment = datetime.fromisoformat(on)
    except ValueError:
        raise InputError("not a day", column="on", accepted="2026-11-24") from None
    if moment.tzinfo:
        return moment.isoformat()
    now, aware = kernel.now(), datetime.fromisoformat(incident.aware_at)
    noon = moment.replace(hour=12, tzinfo=now.tzinfo)
    within = aware if noon.date() == aware.date() else min(noon, now) if noon.date() == now.date() else noon
    return within.isoformat()


def contain_incident(kernel: Kernel, by: Operator, id: str, *, stated: Iterable[str] = ()) -> Incident:
    """Stop what goes on as a custodian can: end sessions, close accounts, replace keys, seal anew what was read.

    `stated` are measures that people took outside the program (words of `letters.MEASURES`). OutOfOrder: the log itself
    is concerned, which is put right while the office is shut; or nothing is left that this could do.
    """
    incident, named = incident_of(kernel, id), tuple(dict.fromkeys(stated))
    if stray := sorted(set(named) - set(MEASURES)):
        raise InputError("unknown measure", column=stray[0][:40], accepted=", ".join(sorted(MEASURES)))
    taken: tuple[str, ...] = ()
    inside = [kind for kind in incident.facts.kinds if kind in IN_THE_OFFICE]
    for kind in inside:
        taken += contain(kernel, Hands(custodian=by, board=by), _to_contain(kernel, incident, kind))
    if not inside and not named:
        says = "this is put right outside the program: do it, then state what was done (--measure)"
        raise OutOfOrder(says)
    return amend(kernel, by, id, step="contained", changes={"measures": [*taken, *named]})


def _to_contain(kernel: Kernel, incident: Incident, kind: str) -> Report:
    """What has to be contained of an incident's reports of one kind."""
    of_kind = [report for report in incident.reports if report.kind == kind]
    entries = {entry for report in of_kind for entry in report.entries}
    found = [access for access in accesses(kernel) if access.index in entries]
    return replace(
        of_kind[0],
        exposure=incident.exposure,
        actors=frozenset(access.by for access in found if access.kind == "ACCESSED"),
        sessions=frozenset(access.session for access in found if access.session),
    )


def clocks_of(kernel: Kernel, incident: Incident) -> tuple[Clock, ...]:
    """The deadlines of an incident under its regimes, as they stand now. That of the people concerned is of whoever
    waits longest, and is met only when everybody was told."""
    aware, now = datetime.fromisoformat(incident.aware_at), kernel.now()
    ended = incident.false_alarm or bool(incident.merged_into)
    harm = bool(incident.harm.get("real_risk", True)) and not ended
    law = strictest(incident.regimes)
    done = {"internal": incident.internal_at, "regulator": incident.regulator_at}
    others = clocks(law, aware=aware, now=now, done=done, harm=harm)
    since, told = _waiting(incident)
    persons = clocks(
        law,
        aware=datetime.fromisoformat(since),
        now=now,
        done={"persons": told} if incident.must_tell else {},
        harm=harm,
        anybody=incident.must_tell,
    )
    return (*(one for one in others if one.what != "persons"), *(one for one in persons if one.what == "persons"))


def _waiting(incident: Incident) -> tuple[str, str]:
    """Since when the people who were not told yet have to be, and ""; where everybody was told, since when and at which
    time the one was who waited longest."""
    since = [incident.since.get(one, incident.aware_at) for one in incident.untold]
    if not incident.people_known and not incident.notice_at:
        since.append(incident.unknown_since or incident.aware_at)
    if since:
        return min(since), ""
    told = [(incident.since.get(one, incident.aware_at), incident.told_at(one)) for one in incident.subjects]
    if incident.notice_at and not incident.people_known:
        told.append((incident.unknown_since or incident.aware_at, incident.notice_at))
    return max(told, key=_waited, default=(incident.aware_at, ""))


def _waited(pair: tuple[str, str]) -> float:
    since, told = map(datetime.fromisoformat, pair)
    return (told - since).total_seconds()


def told_words(incident: Incident) -> Mapping[str, int]:
    """How many people were told, wait, or had their letter come back: for pages and listings."""
    states = {"told": incident.affected - len(incident.untold), "waiting": 0, "returned": 0}
    nobody = Told(channel="", reason="")
    for one in incident.untold:
        states["returned" if incident.telling.get(one, nobody).state == "returned" else "waiting"] += 1
    return states
