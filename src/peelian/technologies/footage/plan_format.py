"""Format of reviewed redaction plans, checked strictly at intake and again at each use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table
from peelian.technologies.footage.declarations.proposal import TRACKS
from peelian.technologies.footage.plan import CLASSES, SOURCES, STATES, Plan, must_be_reviewed
from peelian.technologies.footage.plan_reading import LARGEST_PLAN, plan_from
from peelian.technologies.footage.shapes import PLAN


def read_plan(file: BinaryIO) -> Plan:
    """The plan in a file; InputError where any part is invalid."""
    return plan_from(file.read(LARGEST_PLAN + 1))


def inspected(file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """Facts of a plan. InputError: not reviewed; only reviewed plans are kept."""
    plan = read_plan(file)
    must_be_reviewed(plan)
    return Admitted(table=track_table(plan), facts=facts_of(plan))


def track_table(plan: Plan) -> Table:
    """One row for each track: what is covered, who proposed it, what became of it, from which picture to which."""
    rows = [(t.id, t.what, t.source, t.state, t.first, t.last, len(t.keys)) for t in plan.tracks]
    return TRACKS.of_rows(dict(zip(TRACKS.columns, row, strict=True)) for row in rows)


def facts_of(plan: Plan) -> dict[str, int | str]:
    """Summary of a plan."""
    kept = [track for track in plan.tracks if track.state != "dropped"]
    return {
        "item": plan.item,
        "pictures": plan.pictures,
        "milliseconds": plan.milliseconds,
        "tracks": len(kept),
        "dropped": len(plan.tracks) - len(kept),
        "by_hand": sum(track.source == "manual" for track in kept),
        "to_review": sum(track.state == "to_review" for track in plan.tracks),
        "spans": len(plan.sound),
        "without_exemption": sum(not one.exempt for one in kept) + sum(not one.exempt for one in plan.sound),
        "method": plan.method,
        "reason": plan.reason,
    }


REDACTION_PLAN = Format(
    id="redaction-plan",
    title="Reviewed redaction plan (JSON)",
    shape=PLAN,
    kinds=("stream",),
    inspect=inspected,
    words=frozenset({*CLASSES, *SOURCES, *STATES}),
)
