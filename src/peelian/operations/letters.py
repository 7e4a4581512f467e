"""The letters of a breach in English and French, as panels: to the regulator, the public, and each person concerned.

Times are the town's, where its datasets agree on one zone, and UTC where they do not; either says so. The letters are
written for somebody to read and send; nothing here sends anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from peelian.catalogues import LANGUAGES
from peelian.operations.office import Office
from peelian.oversight.breach.gaps import GAPS, gaps_of
from peelian.oversight.breach.incident import Incident
from peelian.oversight.breach.letters import (
    NOTICE,
    REPORT,
    UNTOLD,
    Contact,
    When,
    parts_lacking,
    personal_notice,
    public_notice,
    regulator_report,
)
from peelian.oversight.breach.local_times import zone_of as zone_of
from peelian.oversight.breach.regimes import strictest
from peelian.oversight.review.people import Subject
from peelian.pictures.moments import moment
from peelian.pictures.panels import Panels, Say


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
