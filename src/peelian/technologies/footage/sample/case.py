"""The random sample: recordings of a month drawn without replacement from the list. It reads no recording."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.technologies.footage.activation.case import example_lists
from peelian.technologies.footage.sample.declared import SAMPLED, SampleParams
from peelian.technologies.footage.sample.page import view

DRAWING = "Drawing"
DRAWN = "%(drawn)d of %(n)d recordings from the month starting %(month)s were drawn at random for supervisor review."
DRAW_RULE = "The draw depends only on the list and the settings. Anyone who has both can repeat it."
DRAW_CAVEAT = "A random sample finds common problems and can miss rare ones. Being drawn is no ground for suspicion."
MESSAGES = frozenset({DRAWN, DRAW_RULE, DRAW_CAVEAT})


def run(params: SampleParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
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
    """The fact that a sample was drawn, without the recordings."""
    drawn = findings.table("sample")
    return dataclasses.replace(findings, tables=(drawn.take(np.zeros(0, dtype=np.int64)),))


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(
        params=SampleParams(month="2026-03"), datasets={"recordings": example_lists()["recordings"]}
    ),
    messages=MESSAGES,
    vocabulary=frozenset({"unknown"}),
    public=public,
    shows=Shows(view=view),
)
