"""Redaction plans as a dataset: the format of reviewed ones, their table, facts and public part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from peelian.errors import InputError
from peelian.kernel.model.capability import Dataset, Findings, Note
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table
from peelian.technologies.footage.measure.plan import (
    CLASSES,
    LARGEST_PLAN,
    METHODS,
    SOURCES,
    STATES,
    Plan,
    must_be_reviewed,
    plan_from,
)
from peelian.technologies.footage.proposal.declared import TRACKS
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

DAMAGED = (
    "The recording is damaged in %(faults)d places. %(pictures)d frames could be decoded. After each "
    "fault, nothing is shown until the next key frame."
)
VOCABULARY = frozenset(
    {*CLASSES, *SOURCES, *STATES, *METHODS, "evidence_of_expression", "court_order", "requester_is_shown"}
)


def left_out(plan: Plan, faults: int) -> tuple[Note, ...]:
    """Note for a damaged recording; none for an undamaged one."""
    return (Note(text=DAMAGED, values={"faults": faults, "pictures": plan.pictures}, kind="caveat"),) if faults else ()


def opened(item: Dataset) -> BinaryIO:
    """The item's bytes, from their beginning; InputError for a dataset that is no object."""
    if item.stream is None:
        raise InputError("dataset is a table, not a recording", accepted="a recording kept with `peelian footage keep`")
    item.stream.seek(0)
    return item.stream


def public(findings: Findings) -> Findings:
    """Public findings: method and length of the recording, not its content."""
    kept = {name: findings.facts[name] for name in ("pictures", "method") if name in findings.facts}
    notes = tuple(note for note in findings.notes if not note.values)
    return Findings(tables=(), notes=notes, facts=kept)
