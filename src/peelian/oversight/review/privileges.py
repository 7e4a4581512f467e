"""Least privilege looked at every year: who holds which rights, who uses none of them, and a signature under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import InputError, sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

UNUSED_DAYS = 90
DUE_DAYS = 365
CHOICES = ("kept", "withdrawn")
REVIEWERS = MAKERS["privileges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectState:
    """What one person may do, and when they last did anything; no judgement of the person."""

    person: str  # token
    unit: str
    roles: tuple[str, ...]
    trained_until: str
    last_act: str  # "" where there is none in the log
    unused: bool


def rights_held(kernel: Kernel, *, unused_days: int = UNUSED_DAYS) -> tuple[ObjectState, ...]:
    """Everybody's rights, with those nobody used for `unused_days`. O(entries)."""
    last: dict[str, str] = {}
    joined: dict[str, str] = {}
    for _, entry in kernel.stores.log.read():
        last[str(entry.get("by", ""))] = str(entry["t"])
        if entry["kind"] == "ENROLLED":
            joined[str(entry["person"])] = str(entry["t"])
    before = (kernel.now() - timedelta(days=unused_days)).isoformat()
    return tuple(
        ObjectState(
            person=person.token,
            unit=person.unit,
            roles=tuple(sorted(person.roles)),
            trained_until=person.trained_until,
            last_act=last.get(person.token, ""),
            unused=max(last.get(person.token, ""), joined.get(person.token, "")) < before,
        )
        for person in sorted(kernel.state.people.values(), key=lambda p: p.token)
    )


@act
def sign_off(kernel: Kernel, by: Operator, outcomes: Mapping[str, str]) -> str:
    """Sign the yearly review: for everybody whose rights lie unused, whether they are kept or withdrawn.

    Withdrawing is a further act: a custodian enrols the person again with fewer roles.
    """
    must_hold_role(kernel, by, REVIEWERS, "the_reviewer_may_review")
    wanted = {row.person for row in rights_held(kernel) if row.unused}
    if missing := sorted(wanted - set(outcomes)):
        says = sentence("%(n)d people with unused rights without an outcome", n=len(missing))
        raise InputError(says, accepted=", ".join(CHOICES))
    if stray := sorted(set(outcomes) - wanted) or [o for o in outcomes.values() if o not in CHOICES]:
        raise InputError("not an outcome of this review", column=stray[0][:40], accepted=", ".join(CHOICES))
    return keep(kernel, by, "privileges", {"outcomes": dict(outcomes)}, n=len(kernel.state.people), unused=len(wanted))


def last_review(kernel: Kernel) -> tuple[int, str] | None:
    """Log index and time of the newest review; None where there is none."""
    found = list(records_of(kernel, "privileges"))
    return (found[-1][0], found[-1][1].at) if found else None


def overdue(kernel: Kernel) -> bool:
    """Whether the newest review is older than a year, or there is none in an office older than a year."""
    first = next((str(entry["t"]) for _, entry in kernel.stores.log.read()), "")
    newest = last_review(kernel)
    since = newest[1] if newest else first
    return bool(since) and datetime.fromisoformat(since) + timedelta(days=DUE_DAYS) < kernel.now()
