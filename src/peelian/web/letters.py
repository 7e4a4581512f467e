"""The letters of a breach as files: HTML and tagged PDF in English and French; a picture without a text is refused.

They are written for somebody to read and send; nothing here sends anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peelian.errors import InputError
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.letters import (
    PERSONAL,
    REGULATOR,
    Contact,
    When,
    Written,
    personal_notice,
    regulator_report,
)
from peelian.oversight.breach.protocol import lettered
from peelian.oversight.review.people import Subject, lists_of
from peelian.pictures.panels import Heading, Panels, Paragraph, Say
from peelian.web.pages import LANGUAGES, moment
from peelian.web.pdf import pdf
from peelian.web.report import report

FORMS = ("html", "pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter: to whom (regulator, public, or a person's token), in which language, its title and panels."""

    to: str
    language: str
    title: str
    panels: Panels


def letters(office: Office, incident: Incident, contact: Contact, subjects: Mapping[str, Subject]) -> Iterator[Letter]:
    """Every letter of an incident: the report and the public notice in both languages, and one letter a person who is
    told directly, in their own. O(people)."""
    for language in LANGUAGES:
        say = office.say(language)
        when = _when(language)
        title = say("Report of a confidentiality incident")
        panels = regulator_report(incident, contact, say, when)
        yield Letter(to="regulator", language=language, title=title, panels=panels)
        title = say("Notice about your information")
        yield Letter(
            to="public", language=language, title=title, panels=personal_notice(incident, None, contact, say, when)
        )
    for token, told in incident.telling.items():
        if told.channel != "indirect":
            subject = subjects[token]
            say, when = office.say(subject.language), _when(subject.language)
            panels = personal_notice(incident, subject, contact, say, when)
            title = say("Notice about your information")
            yield Letter(to=token, language=subject.language, title=title, panels=panels)


def missing_parts(letter: Letter, say: Say) -> tuple[str, ...]:
    """The parts that a letter must have and has not, or has with nothing under them; none where it is whole."""
    wanted = REGULATOR if letter.to == "regulator" else PERSONAL
    filled: set[str] = set()
    under = ""
    for panel in letter.panels:
        if isinstance(panel, Heading):
            under = panel.text
        elif isinstance(panel, Paragraph) and panel.text.strip():
            filled.add(under)
    return tuple(part for part in wanted if say(part) not in filled)


def written(letter: Letter, folder: Path, *, form: str, say: Say, made: datetime | None = None) -> Path:
    """Write a letter as HTML or PDF/UA, for its owner only; the file is named by number, never by a person.

    InputError: no such form, the extra `pdf` is missing, or a picture has no alternative text.
    """
    return _kept(folder, *_content(letter, form=form, say=say, made=made))


def letter_files(
    office: Office, by: Operator, id: str, *, officer: str, reach: str, form: str
) -> Iterator[tuple[str, bytes]]:
    """Every letter of a recorded incident as a file: its name, by number and never by a person, and its content.

    The log says first who had them written. O(people). InputError as for `written`; OutOfOrder where there is no such
    incident; Refused where they may not.
    """
    if form not in FORMS:
        raise InputError("unknown letter format", accepted=", ".join(FORMS))
    incident = lettered(office.kernel, by, id)
    contact = Contact(office=office.kernel.office.name, officer=officer, reach=reach)
    made = datetime.fromisoformat(incident.aware_at)
    for letter in letters(office, incident, contact, lists_of(office.kernel).subjects):
        yield _content(letter, form=form, say=office.say(letter.language), made=made)


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Files in a folder, for their owner only."""
    return [_kept(folder, name, content) for name, content in files]


def _content(letter: Letter, *, form: str, say: Say, made: datetime | None) -> tuple[str, bytes]:
    if form not in FORMS:
        raise InputError("unknown letter format", accepted=", ".join(FORMS))
    name = f"{letter.to[:12]}-{letter.language}.{form}"
    if form == "pdf":
        return name, pdf(letter.title, letter.panels, language=letter.language, say=say, made=made)
    return name, report(letter.title, letter.panels, language=letter.language, say=say).encode()


def _kept(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / name
    file.write_bytes(content)
    file.chmod(0o600)
    return file


def write_letters(
    office: Office,
    incident: Incident,
    contact: Contact,
    subjects: Mapping[str, Subject],
    *,
    folder: Path,
    made: datetime | None = None,
    forms: tuple[str, ...] = ("html",),
) -> Written:
    """Write every letter of an incident into the folder; those to single persons in the first of the `forms` only.

    O(people). InputError as for `written`.
    """
    count = 0
    lacking: list[str] = []
    for letter in letters(office, incident, contact, subjects):
        say = office.say(letter.language)
        lacking += missing_parts(letter, say)
        for form in forms if letter.to in ("regulator", "public") else forms[:1]:
            written(letter, folder, form=form, say=say, made=made)
        count += 1
    return Written(letters=count, lacking=tuple(lacking))


def _when(language: str) -> When:
    return lambda text: moment(text, language)
