"""Capability that applies a reviewed plan and makes a redacted copy. The original is never changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.kernel.model.custody_declarations import Bench
from peelian.technologies.footage.example import example_item, example_plan
from peelian.technologies.footage.formats.plan import (
    DAMAGED,
    VOCABULARY,
    facts_of,
    left_out,
    opened,
    public,
    read_plan,
    track_table,
)
from peelian.technologies.footage.measure.plan import Plan, Span
from peelian.technologies.footage.redaction.comparison import Comparison
from peelian.technologies.footage.redaction.declared import OUTCOME, RedactParams
from peelian.technologies.footage.redaction.page import view
from peelian.technologies.footage.redaction.redacting import Outcome, redacted

DONE = (
    "%(covered)d of %(pictures)d frames have covered boxes. "
    "%(spans)d %(spans:span of sound was|spans of sound were) replaced."
)
LEFT = "%(streams)d other streams and %(tags)d metadata entries of the recording were left out."
FILLED = "Boxes are filled with one colour. Nothing beneath them remains in the copy."
BLURRED = (
    "Boxes are blurred, for the reason given in the plan. A blur can be undone well enough to recognise "
    "people. A solid fill cannot."
)
HDR = (
    "The recording has a high dynamic range (HDR). The copy has a standard one, without conversion: its colours look "
    "flatter than the original's."
)
CAVEAT = "Unmarked voices, tattoos or names remain and can identify someone."
MESSAGES = frozenset({DONE, LEFT, FILLED, BLURRED, HDR, CAVEAT, DAMAGED})


def run(params: RedactParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Write the redacted copy. InputError: the plan is not reviewed, or was made for another recording."""
    item = datasets["item"]
    plan = read_plan(opened(datasets["plan"]))
    if params.no_sound:
        everything = Span(start=0, end=max(1, plan.milliseconds) + 86_400_000)
        plan = dataclasses.replace(plan, sound=(everything,))
    with context.make("redacted") as file:
        outcome = redacted(
            opened(item), file, plan, item=item.digest, damaged=params.damaged, progress=context.progress
        )
    facts = facts_of(plan) | {"plan": datasets["plan"].digest, "faults": outcome.faults}
    counted = OUTCOME.of({name: [getattr(outcome, name)] for name in OUTCOME.columns})
    return Findings(tables=(counted, track_table(plan)), notes=_notes(plan, outcome), facts=facts)


def _notes(plan: Plan, outcome: Outcome) -> tuple[Note, ...]:
    done = {"covered": outcome.covered_pictures, "pictures": outcome.pictures, "spans": len(plan.sound)}
    left = {"streams": outcome.streams_left_behind, "tags": outcome.tags_left_behind}
    return (
        Note(text=DONE, values=done),
        Note(text=LEFT, values=left),
        Note(text=FILLED if plan.method == "fill" else BLURRED, kind="explanation"),
        *([Note(text=HDR, kind="caveat")] if outcome.hdr else []),
        Note(text=CAVEAT, kind="caveat"),
        *left_out(plan, outcome.faults),
    )


def _example() -> Example:
    return Example(params=RedactParams(), datasets={"item": example_item(), "plan": example_plan()})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public,
    shows=Shows(view=view, bench=Bench(open=Comparison, keeps="", of="item")),
)
