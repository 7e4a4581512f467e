"""When the next breach drill is due, and the self-tests of the breach protocol that a machine ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.model.drill_due import DRILL_DAYS, due_by
from peelian.kernel.records.drill_records import OPENERS
from peelian.kernel.records.office_records import OfficeRecord, records_of
from peelian.kernel.state.kernel import Kernel

CRITERIA: Mapping[str, str] = {
    "everybody_found": "some people concerned were not found",
    "few_others_found": "people not concerned were included",
    "kind_recognised": "the incident was not recognized",
    "contained": "the incident was not contained",
    "register_complete": "the incident register was incomplete",
    "log_holds": "the log of the invented town failed verification",
    "in_time": "it took too long",
}
"""What is wrong where a self-test missed a bar, by the bar's name in its record."""

DRILLERS = OPENERS
REMINDED = timedelta(days=31)  # before the drill is due


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """One signed record of a machine run: when, what was played, how it went, and who signed."""

    name: str
    scenario: str
    title: str
    seed: int
    began: str
    ended: str
    milliseconds: int
    recall_permille: int
    extra_permille: int
    criteria_met: bool
    by: str  # token
    body: Mapping[str, Any]
    counted: bool = False  # kept by an earlier version, for which it was the yearly drill


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When the next drill is due, whether that is within a month, and whether it is overdue."""

    by: datetime
    overdue: bool
    soon: bool = False
    days: int = DRILL_DAYS


def self_tests(kernel: Kernel) -> tuple[SelfTest, ...]:
    """Every self-test, newest first; what earlier versions called drills are the oldest. O(self-tests)."""
    old = [_self_test(record, counted=True) for _, record in records_of(kernel, "drill")]
    return (*old, *(_self_test(record) for _, record in records_of(kernel, "self_test")))[::-1]


def self_test_of(kernel: Kernel, name: str) -> SelfTest:
    """One by its name; OutOfOrder where none of that name was run."""
    for one in self_tests(kernel):
        if one.name == name:
            return one
    raise OutOfOrder("Unknown drill. See `peelian breach drills`.")


def next_drill(kernel: Kernel) -> Due:
    """When the next drill is due: a year after the last that counts, or after the office was opened."""
    due, now = due_by(kernel.state.duties.drilled or kernel.state.began or kernel.now().isoformat()), kernel.now()
    return Due(by=due, overdue=now > due, soon=due - REMINDED <= now <= due)


def missed(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What was wrong in a self-test that missed its criteria, each as a sentence; nothing where it met them."""
    return tuple(CRITERIA.get(str(bar), str(bar)) for bar in body.get("missed", ()))


def _self_test(record: OfficeRecord, *, counted: bool = False) -> SelfTest:
    body = record.body
    named = ("scenario", "title", "seed", "began", "ended", "milliseconds", "recall_permille", "extra_permille")
    return SelfTest(
        name=str(body["drill"]),
        criteria_met=bool(body["criteria_met"]),
        by=record.by,
        body=body,
        counted=counted,
        **{name: body[name] for name in named},
    )
