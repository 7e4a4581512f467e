"""Capabilities for the activation audit and the monthly review sample. Both read lists, not recordings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.table import Kind, Table, table
from peelian.technologies.footage.activation import activation_table, outcomes, reason_table
from peelian.technologies.footage.activation_view import sample_view, view
from peelian.technologies.footage.declarations.activation_audit import (
    OUTCOMES,
    SAMPLED,
    ActivationParams,
    SampleParams,
)
from peelian.technologies.footage.shapes import FEWEST_PUBLIC, REASONS

MATCHING, DRAWING = "Matching calls with recordings", "Drawing"
FOUND = "%(covered)d of %(n)d attended calls were recorded with sound from arrival to clearance."
NONE = "No attended calls."
RULE = (
    "A call is covered if its unit's cameras recorded with sound, starting at most %(grace)d seconds after "
    "arrival, until clearance, without a longer gap. Otherwise the first fault that applies counts: "
    "absent, late, stopped early, muted."
)
CAVEAT = (
    "Unit figures say nothing about any person. Camera and dispatch clocks may differ. Cameras of other "
    "units at the same call are not counted."
)
AUDIT_MESSAGES = frozenset({FOUND, NONE, RULE, CAVEAT})
DRAWN = "%(drawn)d of %(n)d recordings from the month starting %(month)s were drawn at random for supervisor review."
DRAW_RULE = "The draw depends only on the list and the settings. Anyone who has both can repeat it."
DRAW_CAVEAT = "A random sample finds common problems and can miss rare ones. Being drawn is no ground for suspicion."
SAMPLE_MESSAGES = frozenset({DRAWN, DRAW_RULE, DRAW_CAVEAT})


def run(params: ActivationParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Outcomes by unit and type, and the reasons given. O((calls + recordings) log recordings)."""
    calls, recordings = datasets["dispatch"].table, datasets["recordings"].table
    context.progress(MATCHING, 0.0)
    found = outcomes(calls, recordings, grace=params.grace)
    context.progress(MATCHING, 1.0)
    covered = int((found == 0).sum())
    head = Note(text=FOUND, values={"n": len(calls), "covered": covered}) if len(calls) else Note(text=NONE)
    notes = (
        head,
        Note(text=RULE, values={"grace": params.grace}, kind="explanation"),
        Note(text=CAVEAT, kind="caveat"),
    )
    tables = (activation_table(calls, found), reason_table(recordings))
    return Findings(tables=tables, notes=notes, facts={"calls": len(calls), "covered": covered, "grace": params.grace})


def sample(params: SampleParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Draw recordings of a month without replacement. NotEnoughData: the month has none. O(recordings)."""
    recordings = datasets["recordings"].table
    started = recordings["started"].astype("datetime64[s]")
    of_month = np.flatnonzero(started.astype("datetime64[M]") == np.datetime64(params.month, "M"))
    if not of_month.size:
        raise NotEnoughData("no recordings in this month", column="month", accepted="a month with recordings")
    context.progress(DRAWING, 0.5)
    size = min(params.size, len(of_month))
    drawn = np.sort(np.random.default_rng(context.seed).choice(of_month, size=size, replace=False))
    hours = started[drawn].astype("datetime64[h]")
    made = SAMPLED.of({"row": recordings["row"][drawn], "unit": recordings["unit"][drawn], "started": hours})
    notes = (
        Note(text=DRAWN, values={"drawn": size, "n": len(of_month), "month": f"{params.month}-01"}),
        Note(text=DRAW_RULE, kind="explanation"),
        Note(text=DRAW_CAVEAT, kind="caveat"),
    )
    facts = {"drawn": size, "of": len(of_month)}
    return Findings(tables=(made,), notes=notes, facts=facts)


def public(findings: Findings) -> Findings:
    """Only groups with at least eleven calls and without counts from one to ten; the same for reasons."""
    activation, reasons = findings.table("activation"), findings.table("reasons")
    keep = activation["n"] >= FEWEST_PUBLIC
    for word in OUTCOMES:
        keep &= (activation[word] == 0) | (activation[word] >= FEWEST_PUBLIC)
    shown = (activation.take(keep), reasons.take(reasons["n"] >= FEWEST_PUBLIC))
    calls = int(findings.facts["calls"])
    facts = findings.facts if calls >= FEWEST_PUBLIC else {"grace": findings.facts["grace"]}
    notes = findings.notes if calls >= FEWEST_PUBLIC else tuple(n for n in findings.notes if n.text != FOUND)
    return dataclasses.replace(findings, tables=shown, facts=facts, notes=notes)


def public_sample(findings: Findings) -> Findings:
    """The fact that a sample was drawn, without the recordings."""
    drawn = findings.table("sample")
    return dataclasses.replace(findings, tables=(drawn.take(np.zeros(0, dtype=np.int64)),))


def example_tables() -> tuple[Table, Table]:
    """Sixty invented calls of two units with their recordings: covered, late, stopped early, muted and absent."""
    start, n = 1_772_600_000, 60
    arrived = start + 3_600 * np.arange(n)
    units = np.array(["east", "west"] * (n // 2), dtype=object)
    types = np.array(["traffic", "disturbance", "welfare"] * (n // 3), dtype=object)
    calls = {
        "unit": (Kind.GROUP, units),
        "type": (Kind.GROUP, types),
        "arrived": (Kind.COUNT, arrived),
        "cleared": (Kind.COUNT, arrived + 900),
        "row": (Kind.COUNT, np.arange(2, n + 2)),
    }
    kept = np.flatnonzero(np.arange(n) % 12 != 7)
    late = np.where(kept % 12 == 3, 120, -20)
    early = np.where(kept % 12 == 5, -300, 30)
    muted = np.where(kept % 12 == 9, 60, 0)
    reason = np.where(kept % 12 == 5, "medical_care", np.where(kept % 12 == 9, "informant", "call_over")).astype(object)
    recordings = {
        "unit": (Kind.GROUP, units[kept]),
        "started": (Kind.COUNT, arrived[kept] + late),
        "stopped": (Kind.COUNT, arrived[kept] + 900 + early),
        "muted_seconds": (Kind.COUNT, muted),
        "reason": (Kind.GROUP, reason),
        "row": (Kind.COUNT, kept + 2),
    }
    return table("dispatch", calls), table("recordings", recordings)


def _datasets() -> dict[str, Dataset]:
    calls, recordings = example_tables()
    words = {"groups": "disturbance,east,traffic,welfare,west," + ",".join(REASONS)}
    return {
        "dispatch": Dataset(id="dispatch-1", format="dispatch-csv", digest=calls.digest(), table=calls, facts=words),
        "recordings": Dataset(
            id="recordings-1", format="recordings-csv", digest=recordings.digest(), table=recordings, facts=words
        ),
    }


ACTIVATION_ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=ActivationParams(), datasets=_datasets()),
    messages=AUDIT_MESSAGES,
    vocabulary=frozenset({*OUTCOMES, *REASONS, "all", "unit", "type", "unknown"}),
    public=public,
    shows=Shows(view=view),
)

SAMPLE_ARITHMETIC = Arithmetic(
    run=sample,
    example=lambda: Example(params=SampleParams(month="2026-03"), datasets={"recordings": _datasets()["recordings"]}),
    messages=SAMPLE_MESSAGES,
    vocabulary=frozenset({"unknown"}),
    public=public_sample,
    shows=Shows(view=sample_view),
)
