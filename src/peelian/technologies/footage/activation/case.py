"""The audit of activation: outcomes of calls by unit and by type, and the reasons given. From lists alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.rates import wilson
from peelian.measure.table import Kind, Table, table
from peelian.technologies.footage.activation.declared import (
    OF_CALLS,
    OF_REASONS,
    OUTCOMES,
    ActivationParams,
)
from peelian.technologies.footage.activation.matching import BY, Ints, outcomes
from peelian.technologies.footage.activation.page import view
from peelian.technologies.footage.shapes import FEWEST_PUBLIC, REASONS

MATCHING = "Matching calls with recordings"
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
MESSAGES = frozenset({FOUND, NONE, RULE, CAVEAT})


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


def activation_table(calls: Table, found: Ints) -> Table:
    """Outcomes by unit and by call type, in alphabetical order, with the share covered and its Wilson interval.

    >>> from peelian.measure.table import Kind, table
    >>> calls = table("c", {"unit": (Kind.GROUP, ["a", "a"]), "type": (Kind.GROUP, ["x", "y"])})
    >>> [row[:4] for row in activation_table(calls, np.array([0, 4])).rows()]
    [('all', 'all', 2, 1), ('type', 'x', 1, 1), ('type', 'y', 1, 0), ('unit', 'a', 2, 1)]
    """
    rows = [("all", "all", _counts(found))]
    for by in sorted(BY):
        for group in sorted({str(g) for g in calls[by].tolist()}):
            rows.append((by, group, _counts(found[calls[by] == group])))
    counts = np.array([count for _, _, count in rows], dtype=np.int64).reshape(len(rows), len(OUTCOMES))
    n = counts.sum(axis=1)
    low, high = wilson(counts[:, 0], np.maximum(n, 1))
    with np.errstate(invalid="ignore"):
        share = np.where(n > 0, counts[:, 0] / np.maximum(n, 1), np.nan)
    return OF_CALLS.of(
        {
            "by": [by for by, _, _ in rows],
            "group": [group for _, group, _ in rows],
            "n": n,
            **{word: counts[:, i] for i, word in enumerate(OUTCOMES)},
            "share": share,
            "low": np.where(n > 0, low, np.nan),
            "high": np.where(n > 0, high, np.nan),
        }
    )


def reason_table(recordings: Table) -> Table:
    """Number of times each reason for an early stop or muting was given, in alphabetical order."""
    reasons = [r for r in recordings["reason"].tolist() if r != "call_over"]
    names = sorted(set(reasons))
    return OF_REASONS.of({"reason": names, "n": [reasons.count(name) for name in names]})


def _counts(found: Ints) -> list[int]:
    return [int(n) for n in np.bincount(found, minlength=len(OUTCOMES))]


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


def example_lists() -> dict[str, Dataset]:
    calls, recordings = example_tables()
    words = {"groups": "disturbance,east,traffic,welfare,west," + ",".join(REASONS)}
    return {
        "dispatch": Dataset(id="dispatch-1", format="dispatch-csv", digest=calls.digest(), table=calls, facts=words),
        "recordings": Dataset(
            id="recordings-1", format="recordings-csv", digest=recordings.digest(), table=recordings, facts=words
        ),
    }


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=ActivationParams(), datasets=example_lists()),
    messages=MESSAGES,
    vocabulary=frozenset({*OUTCOMES, *REASONS, "all", "unit", "type", "unknown"}),
    public=public,
    shows=Shows(view=view),
)
