"""Breaches: the letters of an incident, to take along and send, its public notice, and the incidents of each year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from peelian.acts.act import Acts, Document, Done, asked
from peelian.errors import InputError, sentence
from peelian.kernel.model.doors import Suspended
from peelian.kernel.model.parameters import Limits
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.people import Operator
    from peelian.operations.letters import Outgoing
    from peelian.operations.office import Office
    from peelian.oversight.breach.incident import Incident

acts = Acts("breach", "Incidents and notices", "Breaches: signals, register, harm, letters, drills.")
FORMS = {"html": "Web page (HTML)", "pdf": "PDF, tagged"}
NOTICE_FOR = {
    "more_harm": "a letter could cause them further harm",
    "no_contact_data": "the office has no contact details",
    "not_in_lists": "the office cannot identify them",
    "not_reached": "a letter or a call did not reach them",
    "undue_hardship": "direct notice would be an undue hardship for the office",
}
"""Reasons for a public notice (`oversight/breach/channels.INDIRECT_FOR`)."""
ENDED_FOR = {
    "false_alarm": "It was a false alarm",
    "all_told": "Everybody concerned was told otherwise",
    "rewritten": "It is replaced, as more is known",
}
"""Reasons for ending it (`oversight/breach/public_notice.ENDS`)."""
ADDRESSED = {"regulator": "The regulator", "public": "The public", "person": "People concerned"}
COUNTED = {
    "incidents": "Incidents",
    "people": "People concerned",
    "people_told": "People notified",
    "with_real_risk": "With a real risk of significant harm",
    "reported_to_regulator": "Reported to the regulator",
    "kind_session_misused": "Of these: session misused",
    "kind_records_snooped": "Of these: records viewed without a reason",
    "kind_records_taken": "Of these: records copied or printed without a reason",
    "kind_account_leaked": "Of these: account used from elsewhere",
    "kind_export_lost": "Of these: export lost",
    "kind_copy_lost": "Of these: copy of the office lost",
    "kind_log_altered": "Of these: log altered",
    "kind_record_damaged": "Of these: record damaged",
    "kind_log_stopped": "Of these: log stopped",
    "kind_witness_silent": "Of these: witness silent",
}
MOST_YEARS = 5


# ---- whom it is for


def _officers() -> Roles:
    from peelian.oversight.breach.incident import OFFICERS

    return OFFICERS


def _counters() -> Roles:
    from peelian.kernel.model.capability import Role

    return frozenset({Role.BOARD, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.CUSTODIAN})


# ---- what may be chosen


def _named(incidents: Iterable[Incident], say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.breach.letters import CIRCUMSTANCES

    for one in incidents:
        known = {"title": say(CIRCUMSTANCES[one.kind]), "area": one.aware_at[:10], "id": one.id}
        yield one.id, say("%(title)s, %(area)s (%(id)s)", **known)


def _known(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.breach.incident import register

    return _named(register(office.kernel), say)


def _without_notice(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.breach.incident import counts, register

    return _named((one for one in counts(register(office.kernel)) if not one.notice_at), say)


def _with_notice(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.oversight.breach.public_notice import public_notices

    return _named(public_notices(office.kernel), say)


# ---- what is looked at


def letters_grid(office: Office, incidents: Iterable[Incident], say: Say, *, named: bool = True) -> Iterator[Grid]:
    """The letters of incidents, and what they do not say yet; nothing where none goes out. Letters of two languages
    that lack the same are one row. `named`: with the number of the incident. O(people)."""
    from peelian.operations.letters import outgoing
    from peelian.oversight.review.people import lists_of

    subjects = lists_of(office.kernel).subjects
    rows = [
        ((one.id,) if named else ()) + _alike(group, say)
        for one in incidents
        for _, group in groupby(outgoing(office, one, subjects), key=lambda letter: (letter.to, letter.missing))
    ]
    columns = (say("To"), say("Language"), say("Letters"), say("Missing"))
    titles = (say("Incident"), *columns) if named else columns
    if rows:
        numeric = frozenset({titles.index(say("Letters"))})
        yield Grid(caption=say("Letters to send"), titles=titles, rows=tuple(rows), numeric=numeric)


def _alike(letters: Iterable[Outgoing], say: Say) -> tuple[str, str, str, str]:
    from peelian.catalogues import LANGUAGES

    found = list(letters)
    languages = ", ".join(LANGUAGES[letter.language] for letter in found)
    missing = say("; ").join(say(part) for part in found[0].missing) or say("nothing")
    return say(ADDRESSED[found[0].to]), languages, str(sum(letter.n for letter in found)), missing


def _letters_to_send(office: Office, say: Say, language: str) -> Grid | None:
    """The letters of the incidents that are open, and what each does not say yet."""
    from peelian.oversight.breach.incident import counts, register

    waiting = (one for one in counts(register(office.kernel)) if one.must_tell and one.harm and not one.closed_at)
    return next(letters_grid(office, waiting, say), None)


def _counts(office: Office, *, year: int) -> dict[str, dict[str, int]]:
    """The counts of a year, or of the latest, by year."""
    from peelian.oversight.breach import incident

    known = incident.register(office.kernel)
    latest = sorted({one.aware_at[:4] for one in known} | {str(office.kernel.now().year)})[-MOST_YEARS:]
    return {name: incident.yearly(known, int(name)) for name in ([str(year)] if year else latest)}


@acts.lists(
    "yearly",
    "Incidents of each year",
    "For the yearly statistics. Drills are not counted. Each incident is counted once, under the worst kind that "
    "was reported of it.",
    whom=_counters,
    reads="incidents",
    record=_counts,
)
def yearly(
    office: Office,
    say: Say,
    language: str,
    *,
    year: Annotated[int, asked("The year. 0: the latest five", limits=Limits(least=0, most=9999))] = 0,
) -> Grid | None:
    """The counts of each year. O(incidents)."""
    found = _counts(office, year=year)
    names = [name for name in COUNTED if any(name in counts for counts in found.values())]
    rows = tuple((say(COUNTED[name]), *(f"{counts.get(name, 0):,}" for counts in found.values())) for name in names)
    numeric = frozenset(range(1, len(found) + 1))
    return Grid(caption=say("Incidents of each year"), titles=(say("Count"), *found), rows=rows, numeric=numeric)


# ---- what is done


@acts.does(
    "letters",
    "Write the letters of an incident",
    "The report to the regulator and every notice, in one zip archive. It holds personal data: keep it safe. "
    "The log names you. Nothing is sent.",
    whom=_officers,
    suspended=Suspended.ANY,
    reads="incidents",
    typed=("incident",),
    offered={"incident": _known},
    shows=_letters_to_send,
    empty="No letters to send.",
    writes="",
)
def letters(
    office: Office,
    by: Operator,
    *,
    incident: Annotated[str, asked("Incident")],
    officer: Annotated[str, asked("Name of the contact person")],
    reach: Annotated[str, asked("Telephone or address of the contact person")],
    kind: Annotated[str, asked("Format of the letters", names=FORMS)] = "html",
) -> Done:
    """Every letter as a document, named by number and never by a person; the log says who had them written."""
    from peelian.operations.letters import outgoing
    from peelian.oversight.breach.incident import incident_of
    from peelian.oversight.review.people import lists_of

    made = letter_documents(office, by, incident, officer=officer, reach=reach, kind=kind)
    lists = outgoing(office, incident_of(office.kernel, incident), lists_of(office.kernel).subjects)
    record = {"letters": sum(one.n for one in lists), "missing": [_lacking(one) for one in lists if one.missing]}
    says = sentence("Letters: %(n)d. Nothing was sent.", n=record["letters"])
    lacking = tuple(
        sentence(
            "Missing in the letters (%(to)s, %(language)s, %(n)d): %(list)s",
            to=sentence(ADDRESSED[one.to]),
            language=one.language,
            n=one.n,
            list="; ".join(one.missing),
        )
        for one in lists
        if one.missing
    )
    return Done(says=says, documents=made, archive=f"{incident}.zip", next=lacking, record=record)


def _lacking(one: Outgoing) -> Mapping[str, Any]:
    return {"to": one.to, "language": one.language, "n": one.n, "missing": list(one.missing)}


def letter_documents(
    office: Office, by: Operator, id: str, *, officer: str, reach: str, kind: str
) -> tuple[Document, ...]:
    """Every letter of a recorded incident. O(people). InputError where nobody can be asked; OutOfOrder where there is
    no such incident; Refused where they may not have it written."""
    from datetime import datetime

    from peelian.operations.letters import letters as letters_of
    from peelian.oversight.breach.letters import Contact
    from peelian.oversight.breach.protocol import lettered
    from peelian.oversight.review.people import lists_of

    if not reach.strip():
        raise InputError("nobody to ask", column="reach", accepted="a telephone number or an address for questions")
    incident = lettered(office.kernel, by, id)
    contact = Contact(office=office.kernel.office.name, officer=officer, reach=reach)
    made, now = datetime.fromisoformat(incident.aware_at), office.kernel.now()
    return tuple(
        Document(
            name=f"{one.to[:12]}-{one.language}.{kind}",
            title=one.title,
            panels=one.panels,
            language=one.language,
            made=made,
        )
        for one in letters_of(office, incident, contact, lists_of(office.kernel).subjects, made=now)
    )


@acts.does(
    "notice",
    "Publish the notice of an incident",
    "A page for people who cannot be written to, or are not known. It names nobody and no number of people. "
    "The log names you and the reason.",
    whom=_officers,
    suspended=Suspended.ANY,
    reads="incidents",
    typed=("incident",),
    offered={"incident": _without_notice},
)
def notice(
    office: Office,
    by: Operator,
    *,
    incident: Annotated[str, asked("Incident")],
    reason: Annotated[str, asked("Reason for a public notice", names=NOTICE_FOR)],
) -> Done:
    """Publish it."""
    from peelian.oversight.breach.public_notice import publish_notice

    made = publish_notice(office.kernel, by, incident, reason=reason)
    waits = (sentence("Not told yet: %(n)d.", n=len(made.untold)),) if made.must_tell else ()
    record = {"incident": incident, "untold": sorted(made.untold)}
    return Done(says="The notice is public.", href=f"/incidents/{incident}/notice", next=waits, record=record)


@acts.does(
    "notice-end",
    "End the public notice of an incident",
    "The page of the notice is gone at once. The log names you and keeps that it stood.",
    whom=_officers,
    suspended=Suspended.ANY,
    reads="incidents",
    typed=("incident",),
    offered={"incident": _with_notice},
)
def notice_end(
    office: Office,
    by: Operator,
    *,
    incident: Annotated[str, asked("Incident")],
    reason: Annotated[str, asked("Reason for ending it", names=ENDED_FOR)],
) -> Done:
    """End it."""
    from peelian.oversight.breach.public_notice import end_notice

    end_notice(office.kernel, by, incident, reason=reason)
    return Done(says="The notice is public no longer.", href="/incidents", record={"incident": incident})
