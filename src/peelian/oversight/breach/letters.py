"""The letters of a breach, as panels in the reader's language: to each person, to the regulator, and to the public.

Each part stands under a heading of its own, in plain words; `regimes` says which parts a law asks for. A drill's
letters say so first and are never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from peelian.oversight.breach.account import Account
from peelian.oversight.breach.circumstances import CAUSES, TO_YOU, UNREACHED, VIEWED
from peelian.oversight.breach.circumstances import CIRCUMSTANCES as CIRCUMSTANCES
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.information import (
    CONSEQUENCES,
    CONSEQUENCES_OF_PEOPLE,
    INFORMATION,
    OF_PEOPLE,
    STEPS,
    of_family,
    sentences,
)
from peelian.oversight.breach.measures import LASTING as LASTING
from peelian.oversight.breach.measures import MEASURES as MEASURES
from peelian.oversight.breach.regimes import Authority, strictest
from peelian.oversight.breach.worksheet import RULES as RULES
from peelian.oversight.breach.worksheet import worksheet_panels as worksheet_panels
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say

When = Callable[[str], str]
"""Writes an ISO time for people, in their language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written of one incident: how many letters, and which required parts they lack."""

    letters: int
    lacking: tuple[str, ...]


WriteLetters = Callable[..., Written]
"""(office, incident, contact, subjects, *, folder, made) → Written: whoever draws pages writes the letters."""

NOTICE: Mapping[str, str] = {
    "event": "What happened",
    "period": "When",
    "information": "Which information",
    "consequences": "What it may mean for you",
    "measures": "What we did",
    "steps": "What you can do",
    "contact": "Whom to ask",
    "complaint": "Where to complain",
}
"""The parts of a notice and their headings."""
REPORT: Mapping[str, str] = {
    "addressee": "Addressee",
    "circumstances": "Circumstances and cause",
    "period": "Date or period",
    "aware": "Discovery",
    "information": "Information concerned",
    "records": "Records concerned",
    "people": "Number of people concerned",
    "in_province": "People in the province",
    "harm": "Risk of harm",
    "consequences": "Likely consequences",
    "measures": "Steps taken to reduce harm",
    "prevention": "Steps against another incident",
    "telling": "Steps taken to notify people",
    "others": "Other authorities notified",
    "late_reason": "Reason for a delay",
    "contact": "Contact",
}
"""The parts of a report and their headings."""
PERSONAL, REGULATOR = tuple(NOTICE.values()), tuple(REPORT.values())

ALWAYS_STEPS: Sequence[str] = (
    "You can ask us who viewed your record. We answer in writing, free of charge.",
    "If you do not feel safe, call the police at once, or ask us to contact a victims' service.",
)
UNREACHED_STEP = "If you need an answer or a paper from us now, call us. We look for a way."
NO_STEP = "You need not do anything."

EXPOSURES_TOLD: Mapping[str, str] = {
    "viewed": "Somebody who had no right to see it saw it.",
    "readable": "Whoever has this information can read or view it.",
    "unknown": "We do not know yet whether others can read or view it.",
    "part": "Part of it is encrypted. We treat all of it as if others could read it.",
    "encrypted": "The information is encrypted and its keys are safe. No one can read it without them.",
    "left_encrypted": "What left the office is encrypted. Whoever has it cannot read it.",
    "none": "It did not leave the office.",
    "taken_back": "We have it back. We do not know yet whether somebody read or copied it.",
}
"""What others can do with the information, of all datasets together."""
UNREACHED_TOLD: Mapping[str, str] = {
    "readable": "It could not be reached. Others also have a copy, and can read it.",
    "unknown": "It could not be reached. We do not know yet whether anybody also copied it.",
    "encrypted": "It could not be reached. A copy may be with others, encrypted and without its keys.",
    "none": "It could not be reached. It did not leave the office: nobody read it through this incident.",
}
"""The same where the information could not be reached."""
NO_CONSEQUENCES = "We expect no harm to you: nobody else can read the information."
NO_CONSEQUENCES_FOR_PEOPLE = "None expected: nobody else can read the information."
NOBODYS = "None expected: no personal information is concerned."
NOT_KNOWN = "We do not know yet what it may mean for you."
NOT_KNOWN_WHICH = "We do not know yet which information it is."
UNDECIDED = "We are still deciding what to do."
LATE_ANSWERS = "While the files could not be opened, we may have answered or decided later."

YOURS = "%(office)s writes to you because something went wrong with information that we keep about you. We are sorry."
THEIRS = (
    "%(office)s writes to you because something went wrong with information that we keep about %(name)s. We are sorry."
)
EVERYBODYS = (
    "%(office)s publishes this because something went wrong with information that we keep about people. We are sorry."
)
AGAIN = "If we learn more that matters to you, we write again."

PLACES: Mapping[str, str] = {
    "opc": "About a company that works for us, in Canada:",
    "cai": "In Quebec:",
    "ipc": "In Ontario:",
    "eu": "In the European Union:",
}
"""For whom an authority is, where no law was chosen and each is named."""

UNTOLD = Account()

STANDINGS: Mapping[str, tuple[str, str]] = {
    "minor": (
        "To the parents or guardians of %(name)s",
        "You get this letter because %(name)s is a minor. Where it tells what happened and what that may mean, “you” "
        "and “your” stand for %(name)s. The advice is for you.",
    ),
    "represented": (
        "To the representative of %(name)s",
        "You get this letter because you represent %(name)s. Where it tells what happened and what that may mean, "
        "“you” and “your” stand for %(name)s. The advice is for you.",
    ),
    "dead": (
        "To the family of %(name)s",
        "You get this letter because %(name)s has died. Where it tells what happened and what that may mean, “you” "
        "and “your” stand for %(name)s. The advice is for you.",
    ),
}
"""Who is written to instead of the person, and why: the address and the sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom people and the regulator can ask."""

    office: str
    officer: str
    reach: str  # telephone, address


def personal_notice(
    incident: Incident, subject: Subject, contact: Contact, say: Say, when: When, *, account: Account = UNTOLD
) -> Panels:
    """The letter to one affected person, or to whoever acts for them as their `standing` says. Each part stands under
    its heading. `account`: the office's own words, in the language of `say`."""
    acted_for = subject.standing in STANDINGS
    return [
        *_digest_of_a_drill(incident, say),
        *_addressed(subject, say),
        Paragraph(text=say(THEIRS if acted_for else YOURS, office=contact.office, name=subject.name)),
        *_part(NOTICE["event"], [*_events(incident, subject, say), *_company(incident, say), account.what], say),
        *_part(NOTICE["period"], [period(incident, say, when), _learned(incident, say, when)], say),
        *_part(NOTICE["information"], _information(incident, INFORMATION, account, say), say),
        *_part(NOTICE["consequences"], _consequences(incident, CONSEQUENCES, NO_CONSEQUENCES, say), say),
        *_part(NOTICE["measures"], [*_measures(incident, say), say(AGAIN)], say),
        *_part(NOTICE["steps"], [say(step) for step in _steps(incident)], say),
        *_part(NOTICE["contact"], _contact(incident, contact, say), say),
        *_part(NOTICE["complaint"], list(_complaint(incident, say)), say),
    ]


def public_notice(incident: Incident, contact: Contact, say: Say, when: When, *, account: Account = UNTOLD) -> Panels:
    """The notice to people who are not known or cannot be written to safely: the same parts, and nothing that tells
    who or how many they are. `account` as in `personal_notice`."""
    asked = say("If you think that it may concern you, ask us. You need not say why. The answer goes to you alone.")
    return [
        *_digest_of_a_drill(incident, say),
        Paragraph(text=say("To everyone concerned")),
        Paragraph(text=say(EVERYBODYS, office=contact.office)),
        *_part(NOTICE["event"], [*(say(CIRCUMSTANCES[kind]) for kind in incident.circumstances), account.what], say),
        *_part(NOTICE["period"], [period(incident, say, when), _learned(incident, say, when)], say),
        *_part(NOTICE["information"], _information(incident, OF_PEOPLE, account, say), say),
        *_part(
            NOTICE["consequences"],
            _consequences(incident, CONSEQUENCES_OF_PEOPLE, NO_CONSEQUENCES_FOR_PEOPLE, say),
            say,
        ),
        *_part(NOTICE["measures"], _measures(incident, say), say),
        *_part(NOTICE["steps"], [asked, *(say(step) for step in _steps(incident))], say),
        *_part(NOTICE["contact"], _contact(incident, contact, say), say),
        *_part(NOTICE["complaint"], list(_complaint(incident, say)), say),
    ]


def regulator_report(
    incident: Incident, contact: Contact, say: Say, when: When, *, late: bool = False, account: Account = UNTOLD
) -> Panels:
    """The report to the regulator: its parts, then the worksheet of harm and the exposure of each dataset.

    `late`: it is made after its deadline; then it is not whole without the reason for the delay. `account` as in
    `personal_notice`.
    """
    circumstances = [say(words[kind]) for kind in incident.circumstances for words in (CIRCUMSTANCES, CAUSES)]
    parts = {
        "addressee": list(_addressees(incident, say)),
        "circumstances": [*circumstances, *_company(incident, say), account.what],
        "period": [period(incident, say, when)],
        "aware": [say("The office became aware of it on %(at)s.", at=when(incident.aware_at))],
        "information": _information(incident, OF_PEOPLE, account, say),
        "records": [_counted(incident, say)],
        "people": _people(incident, say),
        "in_province": [_in_province(incident, say)] if "in_province" in strictest(incident.regimes).report else [],
        "harm": [say(RULES[str(incident.harm["rule"])])] if incident.harm else [],
        "consequences": _consequences(incident, CONSEQUENCES_OF_PEOPLE, NO_CONSEQUENCES_FOR_PEOPLE, say),
        "measures": _measures(incident, say),
        "prevention": _prevention(incident, say),
        "telling": list(_telling(incident, say, when)),
        "others": [say("The register names no other authority that was notified.")],
        "late_reason": [incident.late_reason] if incident.late_reason else [] if late else [say("No delay.")],
        "contact": [contact.office, contact.officer, contact.reach],
    }
    return [
        *_digest_of_a_drill(incident, say),
        Paragraph(text=say("Incident %(id)s", id=incident.id)),
        *(panel for id, texts in parts.items() if texts for panel in _part(REPORT[id], texts, say)),
        *worksheet_panels(incident, say),
    ]


def parts_lacking(panels: Panels, wanted: Iterable[str], headings: Mapping[str, str], say: Say) -> tuple[str, ...]:
    """Those of the `wanted` parts that a letter has not, or has with nothing under them: their headings in English.

    A letter with none of the `wanted` parts lacks them all; `wanted` empty asks for nothing.
    """
    filled: set[str] = set()
    under = ""
    for panel in panels:
        if isinstance(panel, Heading):
            under = panel.text
        elif isinstance(panel, Paragraph) and panel.text.strip():
            filled.add(under)
    return tuple(headings[part] for part in wanted if say(headings[part]) not in filled)


CHANNELS: Mapping[str, str] = {"letter": "by letter", "call": "by telephone", "indirect": "by public notice"}
REASONS: Mapping[str, str] = {
    "direct_by_default": "directly, the standard method",
    "more_harm": "a letter could cause them further harm",
    "undue_hardship": "direct notice would be an undue hardship for the office",
    "no_contact_data": "the office has no contact details",
    "not_in_lists": "the office cannot identify them",
    "not_reached": "a letter or a call did not reach them",
    "no_real_risk": "no real risk of significant harm: notice not required by law",
}


def _telling(incident: Incident, say: Say, when: When) -> Iterator[str]:
    tally: dict[tuple[str, str], int] = {}
    for told in (incident.telling[one] for one in incident.subjects if one in incident.telling):
        key = (told.channel, told.reason)
        tally[key] = tally.get(key, 0) + 1
    for (channel, reason), n in sorted(tally.items()):
        yield say(
            "To be notified %(channel)s: %(n)d (%(reason)s).",
            n=n,
            channel=say(CHANNELS[channel]),
            reason=say(REASONS[reason]),
        )
    if incident.persons_at:
        yield say("Everybody known was told by %(at)s.", at=when(incident.persons_at))
    if incident.false_alarm:
        yield say("Not notified: it was a false alarm.")
    elif incident.harm and not incident.must_tell and incident.concerns_people:
        yield say("Not notified: %(n)d (%(why)s).", n=incident.affected, why=say(REASONS["no_real_risk"]))
    elif not incident.telling:
        yield say("No one has been notified yet." if incident.concerns_people else "No personal record is concerned.")


def _events(incident: Incident, subject: Subject, say: Say) -> Iterator[str]:
    """Every kind of the incident, to one person: as theirs where a report of the kind names them or may concern them,
    or where none does and nobody knows by which of them they are concerned."""
    theirs = {one.kind for one in incident.reports if subject.token in one.subjects}
    theirs |= {one.kind for one in incident.reports if one.unlisted or not one.people_known}
    for kind in incident.circumstances:
        yield say(TO_YOU[kind] if kind in theirs or not theirs else CIRCUMSTANCES[kind])


def _part(title: str, texts: Sequence[str], say: Say) -> Iterator[Panel]:
    yield Heading(text=say(title))
    yield from (Paragraph(text=text) for text in texts if text)


def _company(incident: Incident, say: Say) -> list[str]:
    return [say("Company: %(name)s.", name=incident.facts.vendor)] if incident.facts.vendor else []


def _digest_of_a_drill(incident: Incident, say: Say) -> Iterator[Panel]:
    if incident.drill:
        yield Paragraph(text=say("THIS IS A DRILL. Nothing happened. Do not send this letter."), tone="warning")


def period(incident: Incident, say: Say, when: When) -> str:
    """When it happened, as every letter and the page of an incident say it."""
    started, ended = incident.started, incident.facts.ended
    if not started and not ended:
        return say("We do not know yet when it happened.")
    if not started:
        return say("It happened on %(at)s or before. We do not know yet when it began.", at=when(ended))
    if not ended:
        return say("It began on %(at)s.", at=when(started))
    if started[:16] == ended[:16]:
        return say("On %(at)s.", at=when(started))
    return say("From %(start)s until %(end)s.", start=when(started), end=when(ended))


def _learned(incident: Incident, say: Say, when: When) -> str:
    return say("We learned of it on %(at)s.", at=when(incident.aware_at))


def _information(incident: Incident, words: Mapping[str, str], account: Account, say: Say) -> list[str]:
    """What the data tell, and what others can do with them. Of data that the office does not know, its own words
    only."""
    if _is_nobodys(incident):
        return [say("No personal information.")]
    known = [] if account.which and not incident.exposure else sentences(incident.information, words)
    about = [*(say(sentence) for sentence in known), account.which]
    return [*(about if any(about) else [say(NOT_KNOWN_WHICH)]), *_exposed(incident, say)]


def _is_nobodys(incident: Incident) -> bool:
    return not (incident.information or incident.exposure or incident.concerns_people)


def _exposed(incident: Incident, say: Say) -> list[str]:
    """What others can do with it: that it was seen, then, where a copy may be out, what can be read of that."""
    kinds = set(incident.circumstances)
    if kinds <= UNREACHED:
        return [say(UNREACHED_TOLD[_worst(incident)])]
    seen = ["viewed"] if kinds & VIEWED else []
    copied = [] if kinds <= VIEWED | UNREACHED else [_copied(incident, seen=bool(seen))]
    return [say(EXPOSURES_TOLD[word]) for word in (*seen, *copied)]


def _copied(incident: Incident, *, seen: bool) -> str:
    """What can be read of what is out; never that nobody can read the information where somebody saw it."""
    words = set(incident.exposure.values())
    if words <= {"unknown"} and set(incident.circumstances) == {"paper_lost"} and "papers_found" in incident.measures:
        return "taken_back"
    if words == {"encrypted", "none"} or (seen and words == {"encrypted"}):
        return "left_encrypted"
    return "part" if "encrypted" in words and words != {"encrypted"} else _worst(incident)


def _worst(incident: Incident) -> str:
    """The worst exposure of any dataset; not known where no dataset is."""
    words = set(incident.exposure.values()) or {"unknown"}
    return next(word for word in ("readable", "unknown", "encrypted", "none") if word in words)


def _consequences(incident: Incident, words: Iterable[tuple[frozenset[str], str]], none: str, say: Say) -> list[str]:
    late = [say(LATE_ANSWERS)] if set(incident.circumstances) & UNREACHED and incident.information else []
    if _is_nobodys(incident):
        return [say(NOBODYS)]
    if _is_unread(incident):
        return [*late, say(none)]
    return [*late, *(say(text) for text in of_family(incident.information, words))] or [say(NOT_KNOWN)]


def _is_unread(incident: Incident) -> bool:
    """Whether nobody saw the information, and nobody else can read it."""
    return not set(incident.circumstances) & VIEWED and _worst(incident) in ("encrypted", "none")


def _steps(incident: Incident) -> list[str]:
    late = [UNREACHED_STEP] if set(incident.circumstances) & UNREACHED else []
    if _is_unread(incident):
        return [*(late or [NO_STEP]), *ALWAYS_STEPS]
    return [*late, *of_family(incident.information, STEPS), *ALWAYS_STEPS]


def _complaint(incident: Incident, say: Say) -> Iterator[str]:
    offices = strictest(incident.regimes).complaints_to
    if not offices:
        yield say("You can complain to the oversight board of this town. Ask us how to reach it.")
    elif len(offices) == 1:
        yield say("You can complain about us to this authority. It is independent of us:")
        yield from (_address(office, say) for office in offices)
    else:
        yield say("You can complain about us to an independent authority. Which one depends on where we are:")
        yield from (say(PLACES[office.id]) + " " + _address(office, say) for office in offices)


def _addressees(incident: Incident, say: Say) -> Iterator[str]:
    offices = strictest(incident.regimes).reports_to
    if not incident.regimes:
        yield say("No law was chosen for this incident. Send the report to the authority whose law binds the office:")
    yield from (_address(office, say) for office in offices)


def _address(office: Authority, say: Say) -> str:
    if not office.postal:
        return say("%(name)s. Its address is in the list at %(web)s", name=say(office.name), web=office.web)
    return " · ".join((say(office.name), office.postal, office.telephone, office.web))


def _addressed(subject: Subject, say: Say) -> Iterator[Panel]:
    if subject.standing not in STANDINGS:
        yield Paragraph(text=subject.name)
        return
    if subject.to:
        yield Paragraph(text=subject.to)
    yield from (Paragraph(text=say(text, name=subject.name)) for text in STANDINGS[subject.standing])


def _counted(incident: Incident, say: Say) -> str:
    n, entries = len(incident.exposure), len(incident.entries)
    return say("Datasets: %(n)d. Entries of the access log: %(entries)d.", n=n, entries=entries)


def _people(incident: Incident, say: Say) -> list[str]:
    number = say("Number of people known so far: %(n)d.", n=incident.affected)
    if incident.people_known:
        return [number]
    return [*([number] if incident.affected else []), say("Not everybody concerned is known.")]


def _in_province(incident: Incident, say: Say) -> str:
    return say("Number of them in the province, known so far: %(n)d.", n=incident.in_province)


def _prevention(incident: Incident, say: Say) -> list[str]:
    lasting = [say(MEASURES[word]) for word in incident.measures if word in LASTING]
    return lasting or [say("We look for the cause, and will report what we change.")]


def _measures(incident: Incident, say: Say) -> list[str]:
    return [say(MEASURES[word]) for word in incident.measures] or [say(UNDECIDED)]


def _contact(incident: Incident, contact: Contact, say: Say) -> list[str]:
    return [
        ", ".join(filter(None, (contact.officer, contact.office))),
        contact.reach,
        say("Please quote incident number %(id)s.", id=incident.id),
    ]
