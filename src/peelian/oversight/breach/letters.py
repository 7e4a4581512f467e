"""The letters of a breach, as panels in the reader's language: to each person, to the regulator, and to the public.

Each part stands under a heading of its own, in plain words; `regimes` says which parts a law asks for. A drill's
letters say so first and are never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from peelian.oversight.breach.circumstances import CAUSES, TO_YOU, UNREACHED, VIEWED
from peelian.oversight.breach.circumstances import CIRCUMSTANCES as CIRCUMSTANCES
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.information import CONSEQUENCES, INFORMATION, OF_PEOPLE, STEPS, of_family, sentences
from peelian.oversight.breach.regimes import Authority, strictest
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say

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
    "period": "When it happened",
    "information": "Your information concerned",
    "consequences": "What may come of it",
    "measures": "What we did",
    "steps": "What you can do",
    "contact": "Contact",
    "complaint": "Complaint",
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
    "recipient_confirmed": "The recipient confirmed in writing that nothing was kept or passed on.",
    "publication_removed": "We removed what was published, and asked search services to drop it.",
    "loss_reported": "We reported the loss or the theft to the police.",
    "device_erased": "We locked the device from afar and erased it.",
    "papers_found": "We found the papers and took them back.",
    "vendor_closed": "The company closed the way in. We stopped sending it data until it shows that it is safe.",
    "files_restored": "We restored the files from a backup that was kept apart, and checked them.",
}
LASTING = frozenset(
    {"account_closed", "technology_suspended", "keys_rotated", "copy_destroyed", "vendor_closed", "log_reopened"}
)
"""Measures that also stand against another incident of the kind."""

ALWAYS_STEPS: Sequence[str] = (
    "You can ask us who viewed your record. We answer in writing, free of charge.",
    "If you do not feel safe, call the police at once, or ask us to contact a victims' service.",
)
UNREACHED_STEP = "If you need an answer or a paper from us now, call us. We look for another way."

EXPOSURES_TOLD: Mapping[str, str] = {
    "viewed": "It was seen by somebody who must not see it.",
    "readable": "Whoever has this information can read or view it.",
    "unknown": "We do not know yet whether others can read or view it.",
    "part": "Part of it is encrypted. We treat all of it as if others could read it.",
    "encrypted": "The information is encrypted and its keys are safe. No one can read it without them.",
    "left_encrypted": "What left the office is encrypted.",
    "none": "It did not leave the office.",
}
"""What others can do with the information, of all datasets together."""
UNREACHED_TOLD: Mapping[str, str] = {
    "readable": "It could not be reached. Others also have a copy, and can read it.",
    "unknown": "It could not be reached. We do not know yet whether anybody also copied it.",
    "encrypted": "It could not be reached. A copy may be with others, encrypted and without its keys.",
    "none": "It could not be reached. It did not leave the office: nobody read it by this incident.",
}
"""The same where the information could not be reached."""
NO_CONSEQUENCES = "We expect nothing of it for you, because nobody else can read the information."
NO_CONSEQUENCES_FOR_PEOPLE = "None expected: nobody else can read the information."
NOBODYS = "None expected: no personal information is concerned."
NOT_KNOWN = "We do not know yet what may come of it."
LATE_ANSWERS = "While the files could not be opened, we may have answered or decided later."

YOURS = "%(office)s writes to you because of an incident with information that we keep about you. We are sorry."
EVERYBODYS = (
    "%(office)s publishes this because of an incident with information that we keep about people. We are sorry."
)
AGAIN = "If we learn more that matters to you, we tell you again."

STANDINGS: Mapping[str, tuple[str, str]] = {
    "minor": (
        "To the parents or guardians of %(name)s",
        "You get this letter because %(name)s is under age. “You” below means %(name)s.",
    ),
    "represented": (
        "To the representative of %(name)s",
        "You get this letter because you represent %(name)s. “You” below means %(name)s.",
    ),
    "deceased": (
        "To the family of %(name)s",
        "You get this letter because %(name)s has died. “You” below means %(name)s.",
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
    incident: Incident, subject: Subject | None, contact: Contact, say: Say, when: When, *, standing: str = ""
) -> Panels:
    """The letter to one affected person, or to whoever acts for them (`standing`: a word of `STANDINGS`); without a
    person, the public notice. Each part stands under its heading."""
    if subject is None:
        return public_notice(incident, contact, say, when)
    return [
        *_digest_of_a_drill(incident, say),
        *_addressed(subject.name, standing, say),
        Paragraph(text=say(YOURS, office=contact.office)),
        *_part(NOTICE["event"], [say(TO_YOU[incident.circumstances])], say),
        *_part(NOTICE["period"], [_period(incident, say, when)], say),
        *_part(NOTICE["information"], _information(incident, INFORMATION, say), say),
        *_part(NOTICE["consequences"], _consequences(incident, NO_CONSEQUENCES, say), say),
        *_part(NOTICE["measures"], [*_measures(incident, say), say(AGAIN)], say),
        *_part(NOTICE["steps"], [say(step) for step in _steps(incident)], say),
        *_part(NOTICE["contact"], _contact(incident, contact, say), say),
        *_part(NOTICE["complaint"], list(_complaint(incident, say)), say),
    ]


def public_notice(incident: Incident, contact: Contact, say: Say, when: When) -> Panels:
    """The notice to people who are not known or cannot be written to safely: the same parts, and nothing that tells
    who or how many they are."""
    asked = say("If you think that it may concern you, ask us. You need not say why. We answer only you.")
    return [
        *_digest_of_a_drill(incident, say),
        Paragraph(text=say("To everyone concerned")),
        Paragraph(text=say(EVERYBODYS, office=contact.office)),
        *_part(NOTICE["event"], [say(CIRCUMSTANCES[incident.circumstances])], say),
        *_part(NOTICE["period"], [_period(incident, say, when)], say),
        *_part(NOTICE["information"], _information(incident, OF_PEOPLE, say), say),
        *_part(NOTICE["consequences"], _consequences(incident, NO_CONSEQUENCES_FOR_PEOPLE, say), say),
        *_part(NOTICE["measures"], _measures(incident, say), say),
        *_part(NOTICE["steps"], [asked, *(say(step) for step in _steps(incident))], say),
        *_part(NOTICE["contact"], _contact(incident, contact, say), say),
        *_part(NOTICE["complaint"], list(_complaint(incident, say)), say),
    ]


def regulator_report(incident: Incident, contact: Contact, say: Say, when: When, *, late: bool = False) -> Panels:
    """The report to the regulator: its parts, then the worksheet of harm and the exposure of each dataset.

    `late`: it is made after its deadline; then it is not whole without the reason for the delay.
    """
    parts = {
        "addressee": list(_addressees(incident, say)),
        "circumstances": [
            say(CIRCUMSTANCES[incident.circumstances]),
            say(CAUSES[incident.circumstances]),
        ],
        "period": [_period(incident, say, when)],
        "aware": [say("The office became aware of it on %(at)s.", at=when(incident.aware_at))],
        "information": _information(incident, OF_PEOPLE, say),
        "records": [_counted(incident, say)],
        "people": _people(incident, say),
        "in_province": [_in_province(incident, say)] if "in_province" in strictest(incident.regimes).report else [],
        "harm": [say(RULES[str(incident.harm["rule"])])] if incident.harm else [],
        "consequences": _consequences(incident, NO_CONSEQUENCES_FOR_PEOPLE, say),
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
    "not_reached": "a letter or a call did not reach them",
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
    if incident.persons_at:
        yield say("Everybody known was told by %(at)s.", at=when(incident.persons_at))
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


def _information(incident: Incident, words: Mapping[str, str], say: Say) -> list[str]:
    """What the data tell, and what others can do with them."""
    if _is_nobodys(incident):
        return [say("No personal information.")]
    about = [say(sentence) for sentence in sentences(incident.information, words)]
    return [*(about or [say("We do not know yet which information it is.")]), *_exposed(incident, say)]


def _is_nobodys(incident: Incident) -> bool:
    return not (incident.information or incident.exposure or incident.concerns_people)


def _exposed(incident: Incident, say: Say) -> list[str]:
    if incident.circumstances in UNREACHED:
        return [say(UNREACHED_TOLD[_worst(incident)])]
    if incident.circumstances in VIEWED:
        return [say(EXPOSURES_TOLD["viewed"])]
    words = set(incident.exposure.values())
    if words == {"encrypted", "none"}:
        return [say(EXPOSURES_TOLD["left_encrypted"])]
    if "encrypted" in words and words != {"encrypted"}:
        return [say(EXPOSURES_TOLD["part"])]
    return [say(EXPOSURES_TOLD[_worst(incident)])]


def _worst(incident: Incident) -> str:
    """The worst exposure of any dataset; not known where no dataset is."""
    words = set(incident.exposure.values()) or {"unknown"}
    return next(word for word in ("readable", "unknown", "encrypted", "none") if word in words)


def _consequences(incident: Incident, none: str, say: Say) -> list[str]:
    late = [say(LATE_ANSWERS)] if incident.circumstances in UNREACHED and incident.information else []
    if _is_nobodys(incident):
        return [say(NOBODYS)]
    if incident.circumstances not in VIEWED and _worst(incident) in ("encrypted", "none"):
        return [*late, say(none)]
    return [*late, *(say(text) for text in of_family(incident.information, CONSEQUENCES))] or [say(NOT_KNOWN)]


def _steps(incident: Incident) -> list[str]:
    late = [UNREACHED_STEP] if incident.circumstances in UNREACHED else []
    return [*late, *of_family(incident.information, STEPS), *ALWAYS_STEPS]


def _complaint(incident: Incident, say: Say) -> Iterator[str]:
    offices = strictest(incident.regimes).complaints_to
    if not offices:
        yield say("You can complain to the oversight board of this town.")
    elif len(offices) == 1:
        yield say("You can complain. This authority is independent of us:")
    else:
        yield say(
            "You can complain. These authorities are independent of us. Write to that of your province or country:"
        )
    yield from (_address(office, say) for office in offices)


def _addressees(incident: Incident, say: Say) -> Iterator[str]:
    offices = strictest(incident.regimes).reports_to
    if not incident.regimes:
        yield say("No law was chosen for this incident. Send the report to the authority whose law binds the office:")
    yield from (_address(office, say) for office in offices)


def _address(office: Authority, say: Say) -> str:
    return " · ".join(filter(None, (say(office.name), office.postal, office.telephone, office.web)))


def _addressed(name: str, standing: str, say: Say) -> Iterator[Panel]:
    if standing not in STANDINGS:
        yield Paragraph(text=name)
        return
    yield from (Paragraph(text=say(text, name=name)) for text in STANDINGS[standing])


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
    return [say(MEASURES[word]) for word in incident.measures] or [say("We are still deciding what to do.")]


def _contact(incident: Incident, contact: Contact, say: Say) -> list[str]:
    years = strictest(incident.regimes).records_months // 12
    return [
        ", ".join(filter(None, (contact.officer, contact.office))),
        contact.reach,
        say("Please quote incident number %(id)s.", id=incident.id),
        say("We keep a register of incidents for %(n)d years. An extract is public.", n=years),
    ]
