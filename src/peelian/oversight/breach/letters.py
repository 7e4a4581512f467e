"""The letters of a breach, as panels in the reader's language: to each person, to the regulator, and to the public.

A personal notice has the six parts that PIPEDA's regulations ask for (section 3), a report to the regulator the seven
(section 2); each stands under a heading of its own, in plain words. A drill's letters say so first and are never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say

When = Callable[[str], str]
"""Writes an ISO time for people, in their language."""

PERSONAL: tuple[str, ...] = (
    "What has happened",
    "When it happened",
    "What information of yours is concerned",
    "What we have done",
    "What you can do",
    "Whom you can ask",
)
REGULATOR: tuple[str, ...] = (
    "Circumstances and cause",
    "Day or period",
    "Information concerned",
    "Number of people concerned",
    "Steps taken to reduce the harm",
    "Steps taken to tell the people concerned",
    "Contact",
)

CIRCUMSTANCES: Mapping[str, str] = {
    "session_misused": "Somebody used the log-on of one of our staff from a place where it should not be used, and "
    "opened records with it.",
    "records_snooped": "Somebody who works here opened a record again and again without a task that called for it.",
    "records_taken": "Somebody who works here opened or printed many records without a task that called for it.",
    "account_leaked": "The log-on of a company that works for us was used from a place that is not theirs.",
    "export_lost": "A file that we had made for somebody entitled to it was lost on its way.",
    "copy_lost": "A copy of our stored files came into hands it was not meant for.",
    "log_altered": "Somebody changed our log of who looks at records, to hide that they had looked.",
    "log_stopped": "Our log could not be written for a time. Nothing could be opened meanwhile.",
    "witness_silent": "The independent witness of our log did not answer for a time. Nothing was changed meanwhile.",
}

INFORMATION: Mapping[str, str] = {
    "records": "What the police hold about you in these records: your name, what was reported, and when.",
}

OF_PEOPLE: Mapping[str, str] = {
    "records": "What the police hold about people in these records: names, what was reported, and when.",
}
"""The same for the regulator."""

MEASURES: Mapping[str, str] = {
    "session_ended": "We ended the session: nothing more can be opened with it.",
    "account_closed": "We closed the account that was used.",
    "technology_suspended": "The oversight board suspended the technology concerned until the cause is found.",
    "keys_rotated": "We replaced the keys that protect our stored files.",
    "copy_destroyed": "We destroyed the keys of files that the copy could have opened, and sealed them anew.",
    "log_restored": "We put back the log from the copy an independent witness had signed, and compared every entry.",
    "log_reopened": "We made room for the log, checked every entry of it, and opened it again.",
    "witness_back": "The witness answers again and has checked that the log only grew.",
    "recipient_asked": "We asked the recipient and the carrier to search for the file and to delete it unread.",
}

STEPS: Mapping[str, Sequence[str]] = {
    "records": (
        "Ask us who looked at your record: we answer in writing, and it costs nothing.",
        "Be careful with calls, letters and messages that know things about you; do not pay, and do not give codes.",
        "If you do not feel safe, call the police at once, or ask us for somebody of a victims' service.",
        "You can complain to the privacy commissioner, who does not depend on us.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom people and the regulator can ask."""

    office: str
    officer: str
    reach: str  # telephone, address


def personal_notice(incident: Incident, subject: Subject | None, contact: Contact, say: Say, when: When) -> Panels:
    """The letter to one affected person (without one, the public notice): six parts, each under its heading."""
    name = subject.name if subject else say("To everybody whom this concerns")
    return [
        *_mark_of_a_drill(incident, say),
        Paragraph(text=name),
        Paragraph(text=say("We write because something happened to records that we keep about you. We are sorry.")),
        *_part("What has happened", [say(CIRCUMSTANCES[incident.circumstances])], say),
        *_part("When it happened", [_period(incident, say, when)], say),
        *_part("What information of yours is concerned", _information(incident, say), say),
        *_part("What we have done", _measures(incident, say), say),
        *_part("What you can do", [say(step) for step in STEPS["records"]], say),
        *_part("Whom you can ask", _contact(incident, contact, say), say),
    ]


def regulator_report(incident: Incident, contact: Contact, say: Say, when: When) -> Panels:
    """The report to the regulator: seven parts, then the worksheet of harm and the exposure of each dataset."""
    cause = [say(CIRCUMSTANCES[incident.circumstances]), say("Fingerprint: %(print)s", print=incident.fingerprint)]
    number = say("Number of people: %(n)d, as far as is known today.", n=incident.affected)
    aware = say("The office has been aware of it since %(at)s.", at=when(incident.aware_at))
    return [
        *_mark_of_a_drill(incident, say),
        Paragraph(text=say("Incident %(id)s", id=incident.id)),
        *_part("Circumstances and cause", cause, say),
        *_part("Day or period", [_period(incident, say, when), aware], say),
        *_part("Information concerned", _information(incident, say, OF_PEOPLE), say),
        *_part("Number of people concerned", [number], say),
        *_part("Steps taken to reduce the harm", _measures(incident, say), say),
        *_part("Steps taken to tell the people concerned", list(_telling(incident, say, when)), say),
        *_part("Contact", [contact.office, contact.officer, contact.reach], say),
        *worksheet_panels(incident, say),
    ]


def worksheet_panels(incident: Incident, say: Say) -> Iterator[Panel]:
    """The worksheet of harm with its reasons, and what can be read of each dataset."""
    harm = incident.harm
    if harm:
        yield Heading(text=say("Worksheet of harm"))
        yield Paragraph(text=say(RULES[str(harm["rule"])]), tone="warning" if harm["real_risk"] else "good")
        rows = tuple(
            (say(title), say(LEVELS[str(harm[name])]), say(str(harm[f"why_{name}"])))
            for name, title in QUESTIONS.items()
        )
        titles = (say("Question"), say("Answer"), say("Reason"))
        yield Grid(caption=say("Is there a real risk of significant harm?"), titles=titles, rows=rows)
    if incident.exposure:
        rows2 = tuple((name, say(EXPOSED[word])) for name, word in sorted(incident.exposure.items()))
        yield Grid(caption=say("What can be read"), titles=(say("Dataset"), say("Exposure")), rows=rows2)


QUESTIONS: Mapping[str, str] = {
    "sensitivity": "How sensitive is it?",
    "likelihood": "How likely is misuse?",
    "mitigation": "How far can it be mended?",
}
LEVELS: Mapping[str, str] = {"low": "Low", "medium": "Medium", "high": "High"}
EXPOSED: Mapping[str, str] = {
    "readable": "It can be read",
    "encrypted": "It is encrypted, and its keys are safe",
    "unknown": "It is not known whether it can be read",
    "none": "Nothing left the office",
}
RULES: Mapping[str, str] = {
    "nothing_left_the_office": "No real risk of significant harm: nothing left the office.",
    "the_keys_are_safe": "No real risk of significant harm: what is out there cannot be read, for its keys are safe.",
    "the_harm_was_undone": "No real risk of significant harm: it was undone, and the data is not of a sensitive kind.",
    "neither_sensitive_nor_likely": "No real risk of significant harm: neither sensitive nor likely to be misused.",
    "in_doubt_people_are_told": "There is a real risk of significant harm: the people concerned are told.",
}
CHANNELS: Mapping[str, str] = {"letter": "by letter", "call": "by telephone", "indirect": "by public notice"}
REASONS: Mapping[str, str] = {
    "direct_by_default": "directly, as is the rule",
    "more_harm": "a letter could bring them further harm",
    "undue_hardship": "direct notice would be an undue hardship for the office",
    "no_contact_data": "the office has no way to reach them",
    "not_in_lists": "the office cannot name them",
    "no_real_risk": "no real risk of significant harm, so the law does not ask for it",
}


def _telling(incident: Incident, say: Say, when: When) -> Iterator[str]:
    if incident.persons_at:
        yield say("The notices were made ready on %(at)s.", at=when(incident.persons_at))
    tally: dict[tuple[str, str], int] = {}
    for told in incident.channels.values():
        key = (told["channel"], told["reason"])
        tally[key] = tally.get(key, 0) + 1
    for (channel, reason), n in sorted(tally.items()):
        yield say(
            "To be told %(channel)s: %(n)d (%(reason)s).",
            n=n,
            channel=say(CHANNELS[channel]),
            reason=say(REASONS[reason]),
        )
    if incident.untold:
        why = sorted({say(REASONS[reason]) for reason in incident.untold.values()})
        yield say("Not told: %(n)d (%(why)s).", n=len(incident.untold), why=say("; ").join(why))
    if not incident.channels and not incident.untold:
        yield say("Nobody has been told yet." if incident.subjects else "It concerns nobody's record.")


def _part(title: str, texts: Sequence[str], say: Say) -> Iterator[Panel]:
    yield Heading(text=say(title))
    yield from (Paragraph(text=text) for text in texts)


def _mark_of_a_drill(incident: Incident, say: Say) -> Iterator[Panel]:
    if incident.drill:
        yield Paragraph(text=say("THIS IS A DRILL. Nothing happened. Do not send this letter."), tone="warning")


def _period(incident: Incident, say: Say, when: When) -> str:
    if not incident.started:
        return say("We do not know yet when it began. It was found on %(at)s.", at=when(incident.ended))
    if incident.started[:16] == incident.ended[:16]:
        return say("On %(at)s.", at=when(incident.started))
    return say("From %(start)s until %(end)s.", start=when(incident.started), end=when(incident.ended))


def _information(incident: Incident, say: Say, words: Mapping[str, str] = INFORMATION) -> list[str]:
    told = [say(words[word]) for word in incident.information if word in words]
    if incident.exposure and set(incident.exposure.values()) <= {"encrypted", "none"}:
        told.append(say("It is encrypted, and the keys are safe: without them nobody can read it."))
    return told or [say("No information about anybody.")]


def _measures(incident: Incident, say: Say) -> list[str]:
    return [say(MEASURES[word]) for word in incident.measures] or [say("We are still looking into what to do.")]


def _contact(incident: Incident, contact: Contact, say: Say) -> list[str]:
    return [
        f"{contact.officer}, {contact.office}",
        contact.reach,
        say("Please name the number of this incident: %(id)s.", id=incident.id),
        say(
            "We keep a register of such incidents for %(n)d years; an extract of it is public.",
            n=strictest(incident.regimes).records_months // 12,
        ),
    ]
