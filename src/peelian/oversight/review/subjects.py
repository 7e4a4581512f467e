"""Who looked at records that concern me: from the log, for the person themselves, with what it cannot tell them.

A person asks; a clerk checks who they are and answers. The log learns the person's token, how many accesses were told
and how identity was checked, never a name; the answer names units, days and purposes, never the staff.

Opened records whose people nobody listed may concern anybody: the answer counts them, and does not say that no one
looked. Within it the person can say when and where they may have been recorded (`occasions`). Who opened the recordings
of that time is then told as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from peelian.errors import InputError
from peelian.kernel.access.staff_reads import STAFF
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, keep, records_of, subject_token
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.review.accesses import Access, accesses, reads
from peelian.oversight.review.explanations import Grounds, explained_by, grounds_of
from peelian.oversight.review.occasions import Occasion, made_from, recorded_at
from peelian.oversight.review.people import concerned_by, lacks_list, lists_of, made_as

CLERKS = MAKERS["answer"]
CHECKS = ("photo_id_seen", "known_in_person", "sworn_statement", "lawyer_with_mandate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One access to a record that concerns the person: when, which unit, how, for which purpose, on what ground."""

    index: int
    at: str
    unit: str
    action: str
    outcome: str
    dataset: str
    purpose: str  # of the case, "" where there is none
    ground: str  # case, plan, warrant, or "" where nothing explains it


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsearched:
    """Opened or delivered records of one kind that lack their list of people: how many, and of which days."""

    kind: str  # their shape with its owner, as "footage.footage"; "" where nothing says what they are
    n: int
    first: str  # ISO day on which the oldest was recorded; where nobody said so, came in; else, was opened
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionReport:
    """Who opened the recordings without a list that were made at a time, an event and a place; of none is said whom it
    shows."""

    starts: str  # ISO date-time, UTC
    ends: str
    recordings: int
    unstated: int  # of that time, which could not be compared: their event or place was not written down
    others: int  # of that time, at another event or place
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectReport:
    """Every access known to concern one person, oldest first; how far the log was read; what could not be searched."""

    looks: tuple[Look, ...]
    entries: int  # of the log, all of them read
    since: str  # time of the log's first entry, "" for an empty log
    unsearched: tuple[Unsearched, ...] = ()
    occasion: OccasionReport | None = None

    @property
    def no_one(self) -> bool:
        """Whether nobody looked at this person's records, and nothing was opened of which that cannot be said."""
        return not self.looks and not self.unsearched


def subject_report(kernel: Kernel, subject: str) -> SubjectReport:
    """All accesses of one subject token; of somebody nobody looked at, an empty report. O(entries).

    Where a whole dataset was opened or handed over, it was an access to everybody whom its records concern; where it
    lacks its list of people, that is counted as not searched. A read of the page of a recording concerns whom it shows,
    one of a list of people everybody on the staff list.
    """
    grounds, concerned = grounds_of(kernel), lists_of(kernel).concerned
    known = accesses(kernel)
    of_pages, staff = reads(kernel), {one.subject for one in lists_of(kernel).staff.values()}
    named = {access.dataset for access in (*known, *of_pages) if access.dataset}
    whole = {d for d in {*named, *concerned} if subject in concerned_by(kernel, d, concerned)}
    seen = [a for a in known if a.subject == subject or (not a.subject and a.dataset in whole)]
    seen += [a for a in of_pages if a.dataset in whole or (a.concerns == STAFF and subject in staff)]
    seen.sort(key=lambda access: access.index)
    first = next(iter(kernel.stores.log.read()), None)
    return SubjectReport(
        looks=_looks(kernel, seen, grounds),
        entries=sum(1 for _ in kernel.stores.log.read()),
        since=str(first[1]["t"]) if first else "",
        unsearched=_unsearched(kernel, known, concerned),
    )


@act
def answer(
    kernel: Kernel, clerk: Operator, identifier: str, *, check: str, occasion: Occasion | None = None
) -> tuple[str, SubjectReport]:
    """A clerk answers a person: identity checked as named, the answer kept and logged; (its digest, the report).

    With an `occasion`, also who opened the recordings without a list that were made then. The log says that it was
    asked for, and how many recordings and accesses it found, never when, where or what event.
    """
    must_hold_role(kernel, clerk, CLERKS, "the_clerk_may_answer")
    if check not in CHECKS:
        raise InputError("unknown method of identity check", column="check", accepted=", ".join(CHECKS))
    subject = subject_token(kernel, identifier)
    report = subject_report(kernel, subject)
    lacking = sum(one.n for one in report.unsearched)
    body: dict[str, Any] = {"subject": subject, "check": check, "entries": [look.index for look in report.looks]}
    told: dict[str, str | int] = {"check": check, "n": len(report.looks), "unsearched": lacking}
    if occasion is not None:
        found = _opened_then(kernel, occasion)
        report = replace(report, occasion=found)
        told |= {"recordings": found.recordings, "found": len(found.looks)}
        asked = {"starts": found.starts, "ends": found.ends, "entries": [look.index for look in found.looks]}
        body |= {"occasion": asked}
    body |= {"unsearched": lacking}
    return keep(kernel, clerk, "answer", body, before="", subject=subject, **told), report


def answers(kernel: Kernel) -> tuple[tuple[str, int], ...]:
    """The answers given so far: (time, how many accesses each told), newest first; nobody can be known from it."""
    return tuple((record.at, len(record.body["entries"])) for _, record in records_of(kernel, "answer"))[::-1]


def _unsearched(
    kernel: Kernel, known: Iterable[Access], concerned: Mapping[str, frozenset[str]]
) -> tuple[Unsearched, ...]:
    """What was opened or delivered as a whole and lacks its list, by kind. O(accesses + datasets)."""
    opened: dict[str, str] = {}  # dataset → the day on which it was first opened
    for access in known:
        if access.dataset and not access.subject:
            opened.setdefault(access.dataset, access.at.date().isoformat())
    days: dict[str, list[str]] = {}
    for dataset, day in opened.items():
        if lacks_list(kernel, dataset, concerned):
            made = made_as(kernel, dataset)
            told = str(made.facts.get("recorded_at", "")) or made.at if made else day
            days.setdefault(kernel.shape_of(made) if made else "", []).append(told[:10])
    return tuple(Unsearched(kind=kind, n=len(of), first=min(of), last=max(of)) for kind, of in sorted(days.items()))


def _opened_then(kernel: Kernel, occasion: Occasion) -> OccasionReport:
    """The accesses to the recordings of an occasion, and to the copies made from them. O(entries)."""
    matched = recorded_at(kernel, occasion, lists_of(kernel).concerned)
    seen = [a for a in accesses(kernel) if not a.subject and made_from(kernel, a.dataset, matched.recordings)]
    return OccasionReport(
        starts=matched.starts,
        ends=matched.ends,
        recordings=len(matched.recordings),
        unstated=matched.unstated,
        others=matched.others,
        looks=_looks(kernel, seen, grounds_of(kernel)),
    )


def _looks(kernel: Kernel, seen: Iterable[Access], grounds: Grounds) -> tuple[Look, ...]:
    return tuple(_look(kernel, access, getattr(explained_by(access, grounds), "kind", "")) for access in seen)


def _look(kernel: Kernel, access: Access, ground: str) -> Look:
    history = kernel.state.histories.get(access.case)
    return Look(
        index=access.index,
        at=access.at.isoformat(),
        unit=access.unit,
        action=access.action,
        outcome=access.outcome,
        dataset=access.dataset,
        purpose=history.purpose if history else "",
        ground=ground,
    )
