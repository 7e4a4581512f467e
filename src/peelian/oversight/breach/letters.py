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


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written of one incident: how many letters, and which required parts they lack."""

    letters: int
    lacking: tuple[str, ...]


WriteLetters = Callable[..., Written]
"""(office, incident, contact, subjects, *, folder, made) → Written: whoever draws pages writes the letters."""
"""Writes an ISO time for people, in their language."""

PERSONAL: tuple[str, ...] = (
    "Event",
    "When it happened",
    "Your information concerned",
    "What we did",
    "What you can do",
    "Contact",
)
REGULATOR: tuple[str, ...] = (
    "Circumstances and cause",
    "Date or period",
    "Information concerned",
    "Number of people concerned",
    "Steps taken to reduce harm",
    "Steps taken to notify people",
    "Contact",
)

CIRCUMSTANCES: Mapping[str, str] = {
    "session_misused": "Someone used a staff member's log-on from a place where it must not be used, and "
    "opened records.",
    "records_snooped": "A staff member opened a record repeatedly without a work reason.",
    "records_taken": "A staff member opened or printed many records without a work reason.",
    "account_leaked": "Someone used the log-on of a company that works for us from a place that is not the company's.",
    "export_lost": "A file prepared for a person entitled to it was lost in transit.",
    "copy_lost": "An unauthorized person obtained a copy of our stored files.",
    "log_altered": "Someone altered our access log to hide that they had viewed records.",
    "record_damaged": "A record that we store failed its check. It was shut until it was restored.",
    "log_stopped": "Our log could not be written for a time. No record could be opened meanwhile.",
    "witness_silent": "The independent witness of our log did not answer for a time. Nothing was altered meanwhile.",
    "misdirected": "A letter or a file went to somebody who must not have it.",
    "device_lost": "A device was lost or stolen, such as a camera, a telephone, a computer or a disk.",
    "paper_lost": "Papers were lost or stolen, or left where others could read them.",
    "vendor_breach": "Strangers got into the systems of a company that works for us.",
    "availability_lost": "Files of ours were locked, deleted or damaged, and could not be opened for a time.",
    "published_by_mistake": "Information was published that must not be public.",
    "viewed_without_need": "Somebody saw information without needing it for their work.",
    "other": "Another incident concerned information that we keep.",
}

INFORMATION: Mapping[str, str] = {
    "records": "Police information about you in these records: your name, what was reported, and when.",
}

OF_PEOPLE: Mapping[str, str] = {
    "records": "Police information about people in these records: names, what was reported, and when.",
}
"""The same for the regulator."""

MEASURES: Mapping[str, str] = {
    "session_ended": "We ended the session. It can no longer open anything.",
    "account_closed": "We closed the account that was used.",
    "technology_suspended": "The oversight board suspended the technology until the cause is found.",
    "keys_rotated": "We replaced the keys that protect our stored files.",
    "copy_destroyed": "We destroyed the keys of the files that the copy could open, and encrypted them again.",
    "log_restored": "We restored the log from the copy signed by an independent witness, and compared every entry.",
    "record_restored": "We restored the damaged record from its backup, and compared it with the log.",
    "log_reopened": "We freed space for the log, checked every entry, and reopened it.",
    "witness_back": "The witness answers again. It confirmed that entries were only added.",
    "recipient_asked": "We asked the recipient and the carrier to find the file and delete it unread.",
}

STEPS: Mapping[str, Sequence[str]] = {
    "records": (
        "You can ask us who viewed your record. We answer in writing, free of charge.",
        "Be careful with calls, letters and messages that use personal details. Do not pay and do not give codes.",
        "If you do not feel safe, call the police at once, or ask us to contact a victims' service.",
        "You can complain to the privacy commissioner, who is independent of us.",
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
    name = subject.name if subject else say("To everyone concerned")
    return [
        *_digest_of_a_drill(incident, say),
        Paragraph(text=name),
        Paragraph(text=say("An incident affected records we keep about you. We are sorry.")),
        *_part("Event", [say(CIRCUMSTANCES[incident.circumstances])], say),
        *_part("When it happened", [_period(incident, say, when)], say),
        *_part("Your information concerned", _information(incident, say), say),
        *_part("What we did", _measures(incident, say), say),
        *_part("What you can do", [say(step) for step in STEPS["records"]], say),
        *_part("Contact", _contact(incident, contact, say), say),
    ]


def regulator_report(incident: Incident, contact: Contact, say: Say, when: When) -> Panels:
    """The report to the regulator: seven parts, then the worksheet of harm and the exposure of each dataset."""
    cause = [say(CIRCUMSTANCES[incident.circumstances])]
    number = say("Number of people known so far: %(n)d.", n=incident.affected)
    aware = say("The office became aware of it on %(at)s.", at=when(incident.aware_at))
    return [
        *_digest_of_a_drill(incident, say),
        Paragraph(text=say("Incident %(id)s", id=incident.id)),
        *_part("Circumstances and cause", cause, say),
        *_part("Date or period", [_period(incident, say, when), aware], say),
        *_part("Information concerned", _information(incident, say, OF_PEOPLE), say),
        *_part("Number of people concerned", [number], say),
        *_part("Steps taken to reduce harm", _measures(incident, say), say),
        *_part("Steps taken to notify people", list(_telling(incident, say, when)), say),
        *_part("Contact", [contact.office, contact.officer, contact.reach], say),
        *worksheet_panels(incident, say),
    ]


def worksheet_panels(incident: Incident, say: Say) -> Iterator[Panel]:
    """The worksheet of harm with its reasons, and what can be read of each dataset."""
    harm = incident.harm
    if harm:
        yield Heading(text=say("Harm assessment"))
        yield Paragraph(text=say(RULES[str(harm["rule"])]), tone="warning" if harm["real_risk"] else "good")
        rows = tuple(
            (say(title), say(LEVELS[str(harm[name])]), say(str(harm[f"why_{name}"])))
            for name, title in QUESTIONS.items()
        )
        titles = (say("Question"), say("Answer"), say("Reason"))
        yield Grid(caption=say("Is there a real risk of significant harm?"), titles=titles, rows=rows)
    if incident.exposure:
        rows2 = tuple((name, say(EXPOSED[word])) for name, word in sorted(incident.exposure.items()))
        yield Grid(caption=say("Readable information"), titles=(say("Dataset"), say("Exposure")), rows=rows2)


QUESTIONS: Mapping[str, str] = {
    "sensitivity": "How sensitive is the information?",
    "likelihood": "How likely is misuse?",
    "mitigation": "How far can the harm be repaired?",
}
LEVELS: Mapping[str, str] = {"low": "Low", "medium": "Medium", "high": "High"}
EXPOSED: Mapping[str, str] = {
    "readable": "Readable",
    "encrypted": "Encrypted, keys safe",
    "unknown": "Not known whether readable",
    "none": "Nothing left the office",
}
RULES: Mapping[str, str] = {
    "nothing_left_the_office": "No real risk of significant harm: nothing left the office.",
    "the_keys_are_safe": "No real risk of significant harm: the copied data cannot be read, and its keys are safe.",
    "the_harm_was_undone": "No real risk of significant harm: the harm was repaired and the data is not sensitive.",
    "neither_sensitive_nor_likely": "No real risk of significant harm: not sensitive and misuse unlikely.",
    "in_doubt_people_are_told": "There is a real risk of significant harm. The people concerned must be notified.",
}
CHANNELS: Mapping[str, str] = {"letter": "by letter", "call": "by telephone", "indirect": "by public notice"}
REASONS: Mapping[str, str] = {
    "direct_by_default": "directly, the standard method",
    "more_harm": "a letter could cause them further harm",
    "undue_hardship": "direct notice would be an undue hardship for the office",
    "no_contact_data": "the office has no contact details",
    "not_in_lists": "the office cannot identify them",
    "not_reached": "letters came back and nobody could be reached",
    "no_real_risk": "no real risk of significant harm: notice not required by law",
}


def _telling(incident: Incident, say: Say, when: When) -> Iterator[str]:
    tally: dict[tuple[str, str], int] = {}
    for told in incident.telling.values():
        key = (told.channel, told.reason)
        tally[key] = tally.get(key, 0) + 1
    for (channel, reason), n in sorted(tally.items()):
        yield say(
            "To be notified %(channel)s: %(n)d (%(reason)s).",
            n=n,
            channel=say(CHANNELS[channel]),
            reason=say(REASONS[reason]),
        )
    if incident.harm and not incident.must_tell and incident.concerns_people:
        yield say("Not notified: %(n)d (%(why)s).", n=incident.affected, why=say(REASONS["no_real_risk"]))
    elif not incident.telling:
        yield say("No one has been notified yet." if incident.concerns_people else "No personal record is concerned.")


def _part(title: str, texts: Sequence[str], say: Say) -> Iterator[Panel]:
    yield Heading(text=say(title))
    yield from (Paragraph(text=text) for text in texts)


def _digest_of_a_drill(incident: Incident, say: Say) -> Iterator[Panel]:
    if incident.drill:
        yield Paragraph(text=say("THIS IS A DRILL. Nothing happened. Do not send this letter."), tone="warning")


def _period(incident: Incident, say: Say, when: When) -> str:
    if not incident.started:
        return say("We do not know yet when it began. It was discovered on %(at)s.", at=when(incident.ended))
    if incident.started[:16] == incident.ended[:16]:
        return say("On %(at)s.", at=when(incident.started))
    return say("From %(start)s until %(end)s.", start=when(incident.started), end=when(incident.ended))


def _information(incident: Incident, say: Say, words: Mapping[str, str] = INFORMATION) -> list[str]:
    told = [say(words[word]) for word in incident.information if word in words]
    if incident.exposure and set(incident.exposure.values()) <= {"encrypted", "none"}:
        told.append(say("The information is encrypted and its keys are safe. No one can read it without them."))
    return told or [say("No personal information.")]


def _measures(incident: Incident, say: Say) -> list[str]:
    return [say(MEASURES[word]) for word in incident.measures] or [say("We are still deciding what to do.")]


def _contact(incident: Incident, contact: Contact, say: Say) -> list[str]:
    return [
        f"{contact.officer}, {contact.office}",
        contact.reach,
        say("Please quote incident number %(id)s.", id=incident.id),
        say(
            "We keep a register of incidents for %(n)d years. An extract is public.",
            n=strictest(incident.regimes).records_months // 12,
        ),
    ]
