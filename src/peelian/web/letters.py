"""The letters of a breach as files: HTML and tagged PDF; a picture without a text is refused. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from peelian.errors import InputError
from peelian.operations.letters import Letter, letters, missing_parts
from peelian.operations.office import Office
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.letters import Contact, Written
from peelian.oversight.review.people import Subject
from peelian.pictures.panels import Say
from peelian.web.pdf import pdf
from peelian.web.report import report

FORMS = ("html", "pdf")


def written(letter: Letter, folder: Path, *, form: str, say: Say, made: datetime | None = None) -> Path:
    """Write a letter as HTML or PDF/UA, for its owner only; the file is named by number, never by a person.

    InputError: no such form, the extra `pdf` is missing, or a picture has no alternative text.
    """
    return _kept(folder, *_content(letter, form=form, say=say, made=made))


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
    for letter in letters(office, incident, contact, subjects, made=made):
        say = office.say(letter.language)
        lacking += missing_parts(letter, say)
        for form in forms if letter.to in ("regulator", "public") else forms[:1]:
            written(letter, folder, form=form, say=say, made=made)
        count += 1
    return Written(letters=count, lacking=tuple(lacking))
