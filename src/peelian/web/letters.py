"""The letters of a breach as files: HTML and tagged PDF in English and French; a picture without a text is refused.

Times are the town's, where its datasets agree on one zone, and UTC where they do not; either says so. The letters are
written for somebody to read and send; nothing here sends anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from peelian.errors import InputError
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.breach.gaps import GAPS, gaps_of
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.letters import (
    NOTICE,
    REPORT,
    UNTOLD,
    Contact,
    When,
    Written,
    parts_lacking,
    personal_notice,
    public_notice,
    regulator_report,
)
from peelian.oversight.breach.local_times import zone_of as zone_of
from peelian.oversight.breach.protocol import lettered
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.review.people import Subject, lists_of
from peelian.pictures.moments import moment
from peelian.pictures.panels import Panels, Say
from peelian.web.pages import LANGUAGES
from peelian.web.pdf import pdf
from peelian.web.report import report

FORMS = ("html", "pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter: to whom (regulator, public, or a person's token), in which language, its title and panels, and the
    parts that the laws of its incident ask of it (words of `NOTICE` or `REPORT`)."""

    to: str
    language: str
    title: str
    panels: Panels
    wanted: tuple[str, ...] = ()


def letters(
    office: Office,
    incident: Incident,
    contact: Contact,
    subjects: Mapping[str, Subject],
    *,
    made: datetime | None = None,
) -> Iterator[Letter]:
    """Every letter of an incident: the report and the public notice in both languages, and one letter a person who is
    told directly, in their own. `made` is when; a report after its deadline must say why. O(people)."""
    law, zone = strictest(incident.regimes), zone_of(office.kernel)
    late = _is_late(incident, law.regulator_hours, made)
    for language in LANGUAGES:
        say, when, account = office.say(language), local(language, zone), incident.accounts.get(language, UNTOLD)
        report_ = regulator_report(incident, contact, say, when, late=late, account=account)
        title = say("Report of a confidentiality incident")
        yield Letter(to="regulator", language=language, title=title, panels=report_, wanted=law.report)
        notice = public_notice(incident, contact, say, when, account=account)
        title = say("Notice about your information")
        yield Letter(to="public", language=language, title=title, panels=notice, wanted=law.notice)
    for subject in _written_to(incident, subjects):
        language = subject.language
        say, when, account = office.say(language), local(language, zone), incident.accounts.get(language, UNTOLD)
        panels = personal_notice(incident, subject, contact, say, when, account=account)
        title = say("Notice about your information")
        yield Letter(to=subject.token, language=language, title=title, panels=panels, wanted=law.notice)


def _written_to(incident: Incident, subjects: Mapping[str, Subject]) -> Iterator[Subject]:
    """Everybody who is told directly, and so gets a letter of their own."""
    for token in incident.subjects:
        told, subject = incident.telling.get(token), subjects.get(token)
        if told and subject and told.channel != "indirect":
            yield subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Letters of an incident that are alike: to the regulator, the public or persons, in one language, how many they
    are, and what they do not say yet (headings and words of `GAPS`, in English)."""

    to: str
    language: str
    n: int
    missing: tuple[str, ...]


def outgoing(office: Office, incident: Incident, subjects: Mapping[str, Subject]) -> tuple[Outgoing, ...]:
    """The letters that an incident needs, as a list to work off; none of a false alarm. O(people)."""
    if incident.false_alarm or incident.merged_into:
        return ()
    people = Counter(one.language for one in _written_to(incident, subjects))
    samples = {one.language: one for one in _written_to(incident, subjects)}
    public = not incident.people_known or any(one.channel == "indirect" for one in incident.telling.values())
    contact = Contact(office=office.kernel.office.name, officer="", reach="-")
    numbers = {"regulator": dict.fromkeys(LANGUAGES, 1), "public": dict.fromkeys(LANGUAGES, int(public))}
    numbers["person"] = {language: people[language] for language in LANGUAGES}
    found = []
    alike = {one.token: one for one in samples.values()}
    for letter in letters(office, incident, contact, alike, made=office.kernel.now()):
        to, language = letter.to if letter.to in numbers else "person", letter.language
        if n := numbers[to][language]:
            lacks = missing_parts(letter, office.say(language))
            said = tuple(GAPS[gap] for gap in gaps_of(incident, language))
            found.append(Outgoing(to=to, language=language, n=n, missing=(*lacks, *said)))
    return tuple(sorted(found, key=lambda one: [*numbers].index(one.to)))


def missing_parts(letter: Letter, say: Say) -> tuple[str, ...]:
    """The parts that the laws of its incident ask of a letter and it has not, or has with nothing under them."""
    headings = REPORT if letter.to == "regulator" else NOTICE
    return parts_lacking(letter.panels, letter.wanted, headings, say)


def _is_late(incident: Incident, hours: int | None, made: datetime | None) -> bool:
    if hours is None or made is None:
        return False
    return made > datetime.fromisoformat(incident.aware_at) + timedelta(hours=hours)


def local_day(text: str, zone: str) -> str:
    """The day of a time in the zone, without one in UTC, as ISO; "" for none.

    >>> local_day("2026-03-09T02:00:00+00:00", "America/Toronto"), local_day("2026-03-09T02:00:00+00:00", "")
    ('2026-03-08', '2026-03-09')
    """
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone or "UTC")).date().isoformat() if text else ""


def local(language: str, zone: str) -> When:
    """Writes times in the zone, with how far that is from UTC where the clock shows a time twice; without a zone in
    UTC, and says so.

    >>> local("en", "America/Toronto")("2026-03-08T07:30:00+00:00")
    '8 March 2026 at 03:30 (local time)'
    >>> local("en", "America/Toronto")("2026-11-01T05:30:00+00:00")
    '1 November 2026 at 01:30 (local time, UTC−4)'
    >>> local("fr", "")("2026-03-08T07:30:00+00:00")
    '8 mars 2026 à 07 h 30 UTC'
    """

    def when(text: str) -> str:
        told = moment(text, language)
        if not zone or not told.endswith(" UTC"):
            return told
        at = datetime.fromisoformat(text).astimezone(UTC).astimezone(ZoneInfo(zone))
        plain = moment(at.isoformat(), language).removesuffix(" UTC")
        return f"{plain} ({LOCAL[language]}{f', UTC{_offset(at)}' if _is_twice(at) else ''})"

    return when


LOCAL = {"en": "local time", "fr": "heure locale"}


def _is_twice(at: datetime) -> bool:
    """Whether the clock shows this time twice, as it does when it is put back."""
    first, second = (at.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first > second


def _offset(at: datetime) -> str:
    """How far a time is from UTC, as a letter says it: "−4", "+5:30"."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


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
    if not reach.strip():
        raise InputError("nobody to ask", column="reach", accepted="a telephone number or an address for questions")
    incident = lettered(office.kernel, by, id)
    contact = Contact(office=office.kernel.office.name, officer=officer, reach=reach)
    made, now = datetime.fromisoformat(incident.aware_at), office.kernel.now()
    for letter in letters(office, incident, contact, lists_of(office.kernel).subjects, made=now):
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
    for letter in letters(office, incident, contact, subjects, made=made):
        say = office.say(letter.language)
        lacking += missing_parts(letter, say)
        for form in forms if letter.to in ("regulator", "public") else forms[:1]:
            written(letter, folder, form=form, say=say, made=made)
        count += 1
    return Written(letters=count, lacking=tuple(lacking))
