"""Breach drills that were gone through, and when the next is due: twelve months after the last, or the gate closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.model.drill_due import DRILL_DAYS, due_by
from peelian.kernel.records.office_records import MAKERS, OfficeRecord, records_of
from peelian.kernel.state.kernel import Kernel

CRITERIA: Mapping[str, str] = {
    "everybody_found": "some people concerned were not found",
    "few_others_found": "people not concerned were included",
    "kind_recognised": "the incident was not recognized",
    "contained": "the incident was not contained",
    "register_complete": "the incident register was incomplete",
    "log_holds": "the drill's own log failed verification",
    "in_time": "it took too long",
}
"""What is wrong where a drill missed a bar, by the bar's name in its record."""

DRILLERS = MAKERS["drill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One signed after-action record: when, what was played, how it went, and who signed."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When the next drill is due, and whether it is overdue."""

    by: datetime
    overdue: bool
    days: int = DRILL_DAYS


def drills(kernel: Kernel) -> tuple[Drill, ...]:
    """Every drill, newest first. O(drills)."""
    return tuple(_drill(record) for _, record in records_of(kernel, "drill"))[::-1]


def drill_of(kernel: Kernel, name: str) -> Drill:
    """One drill by its name; OutOfOrder where none of that name was gone through."""
    for drill in drills(kernel):
        if drill.name == name:
            return drill
    raise OutOfOrder("Unknown drill. See `peelian drill list`.")


def next_drill(kernel: Kernel) -> Due:
    """When the next drill is due: a year after the last that met its acceptance criteria, or after the office was
    opened."""
    due = due_by(kernel.state.duties.drilled or kernel.state.began or kernel.now().isoformat())
    return Due(by=due, overdue=kernel.now() > due)


def missed(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What was wrong in a drill that missed its acceptance criteria, each as a sentence; nothing where it met them."""
    return tuple(CRITERIA.get(str(bar), str(bar)) for bar in body.get("missed", ()))


def _drill(record: OfficeRecord) -> Drill:
    body = record.body
    named = ("scenario", "title", "seed", "began", "ended", "milliseconds", "recall_permille", "extra_permille")
    return Drill(
        name=str(body["drill"]),
        criteria_met=bool(body["criteria_met"]),
        by=record.by,
        body=body,
        **{name: body[name] for name in named},
    )
