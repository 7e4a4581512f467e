"""A breach in a person's own words: what a form or a command states becomes a report, with at most 12 answers."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import InputError, sentence
from peelian.measure.contacts import must_hold_no_contact
from peelian.oversight.breach.course import FEWEST_WORDS
from peelian.oversight.breach.local_times import in_utc
from peelian.oversight.breach.report import FREE, WORST, Report

PEOPLE = ("", "listed", "nobody")
"""Who is concerned: nobody knows yet, those listed for the data that are named, or no person at all."""
FIELDS = (
    "kind",
    "words",
    "started",
    "ended",
    "known_since",
    "why_earlier",
    "datasets",
    "exposure",
    "people",
    "vendor",
    "law",
    "of",
)
"""All that is asked in a first record of a free kind."""
MOST_WORDS = 2_000


def free_report(told: Mapping[str, str], *, zone: str = "") -> Report:
    """The report that a person makes in their own words. Times without an offset are of the `zone`, an IANA name; ""
    is UTC. InputError names what is wrong.

    >>> report = free_report({"kind": "misdirected", "words": "a letter to the wrong house"})
    >>> report.people_known, report.exposure
    (False, {})
    """
    kind, words = told.get("kind", ""), told.get("words", "").strip()[:MOST_WORDS]
    if kind not in FREE:
        raise InputError("unknown kind of incident", column="kind", accepted=", ".join(FREE))
    if len(words.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("what happened is not told", column="words", accepted=accepted)
    names, exposure, people = told.get("datasets", "").split(), told.get("exposure", ""), told.get("people", "")
    if exposure not in ("", *WORST):
        raise InputError("exposure not stated", column="exposure", accepted=", ".join(WORST))
    _consistent(names, people)
    return Report(
        kind=kind,
        words=words,
        exposure=dict.fromkeys(names, exposure or "unknown"),
        whole=frozenset(names),
        people_known=people != "",
        vendor=_company(told.get("vendor", "")),
        why_earlier=told.get("why_earlier", "").strip()[:MOST_WORDS],
        started=in_utc(told.get("started", ""), zone, "started"),
        ended=in_utc(told.get("ended", ""), zone, "ended"),
        known_since=in_utc(told.get("known_since", ""), zone, "known_since"),
    )


def _consistent(names: list[str], people: str) -> None:
    if people not in PEOPLE:
        raise InputError("unknown answer", column="people", accepted="listed, nobody, or nothing where it is not known")
    if people == "listed" and not names:
        raise InputError("no data named whose people are listed", column="datasets", accepted="the data concerned")
    if people == "nobody" and names:
        says = "data are named, yet nobody is concerned"
        raise InputError(says, column="people", accepted="listed, or nothing; what holds no person counts nobody")


def _company(text: str) -> str:
    """The name of a company, which letters carry."""
    must_hold_no_contact(text)
    return text.strip()[:120]
