"""Who looked at records that concern me: complete, from the log, for the person themselves.

A person asks; a clerk checks who they are and answers. The log learns the person's token, how many accesses were told
and how identity was checked, never a name; the answer names units, days and purposes, never the staff.
"""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, keep, records_of, subject_token
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.review.accesses import Access, accesses
from peelian.oversight.review.explanations import explained_by, grounds_of
from peelian.oversight.review.people import concerned_by, lists_of

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
class SubjectReport:
    """Every access that concerned one person, oldest first; and how far back and to which entry the log was read."""

    looks: tuple[Look, ...]
    entries: int  # of the log, all of them read
    since: str  # time of the log's first entry, "" for an empty log


def subject_report(kernel: Kernel, subject: str) -> SubjectReport:
    """All accesses of one subject token; of somebody nobody looked at, an empty, complete report. O(entries).

    Where a whole dataset was opened or handed over, it was an access to everybody whom its records concern.
    """
    grounds, concerned = grounds_of(kernel), lists_of(kernel).concerned
    known = accesses(kernel)
    named = {access.dataset for access in known if access.dataset}
    whole = {d for d in {*named, *concerned} if subject in concerned_by(kernel, d, concerned)}
    seen = tuple(a for a in known if a.subject == subject or (not a.subject and a.dataset in whole))
    first = next(iter(kernel.stores.log.read()), None)
    return SubjectReport(
        looks=tuple(_look(kernel, access, getattr(explained_by(access, grounds), "kind", "")) for access in seen),
        entries=sum(1 for _ in kernel.stores.log.read()),
        since=str(first[1]["t"]) if first else "",
    )


@act
def answer(kernel: Kernel, clerk: Operator, identifier: str, *, check: str) -> tuple[str, SubjectReport]:
    """A clerk answers a person: identity checked as named, the answer kept and logged; (its digest, the report)."""
    must_hold_role(kernel, clerk, CLERKS, "the_clerk_may_answer")
    if check not in CHECKS:
        raise InputError("unknown method of identity check", column="check", accepted=", ".join(CHECKS))
    subject = subject_token(kernel, identifier)
    report = subject_report(kernel, subject)
    body = {"subject": subject, "check": check, "entries": [look.index for look in report.looks]}
    digest = keep(kernel, clerk, "answer", body, subject=subject, check=check, n=len(report.looks))
    return digest, report


def answers(kernel: Kernel) -> tuple[tuple[str, int], ...]:
    """The answers given so far: (time, how many accesses each told), newest first; nobody can be known from it."""
    return tuple((record.at, len(record.body["entries"])) for _, record in records_of(kernel, "answer"))[::-1]


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
