"""The page of the activation audit, in alphabetical order, never ranked."""

from __future__ import annotations

from typing import Any

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.measure.table import Table
from peelian.pictures.panels import Column, Grid, Heading, Panels, Say, tabled
from peelian.technologies.footage.activation.declared import OF_CALLS, OF_REASONS, OUTCOMES


def view(findings: Findings, say: Say) -> Panels:
    """Findings, outcomes for all calls, by unit and by call type, and the reasons given."""
    activation, reasons = findings.table("activation"), findings.table("reasons")
    captions = OF_CALLS.columns["by"].words
    caption = say("Recordings by reason")
    return [
        *note_paragraphs(findings.notes, say),
        *(_outcomes(activation.take(activation["by"] == by), say(words), say) for by, words in captions.items()),
        Heading(text=say("Reasons for early stops and muting")),
        tabled(reasons.records(), OF_REASONS.shown(say), caption=caption, source=reasons),
    ]


def _outcomes(rows: Table, caption: str, say: Say) -> Grid:
    low, high = OF_CALLS.columns["low"], OF_CALLS.columns["high"]

    def around(row: Any) -> str:
        ends = low.cell(say, row["low"]), high.cell(say, row["high"])
        return say("%(low)s to %(high)s", low=ends[0], high=ends[1]) if row["n"] else MISSING

    columns = OF_CALLS.shown(say, "group", "n", *OUTCOMES, "share")
    interval = Column(say("95% interval"), around, True)
    return tabled(rows.records(), [*columns, interval], caption=caption, source=rows)
