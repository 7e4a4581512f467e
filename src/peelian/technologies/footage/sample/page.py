"""The page of the review sample: list rows, never ranked."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.pictures.panels import Panels, Say, tabled
from peelian.technologies.footage.sample.declared import SAMPLED


def view(findings: Findings, say: Say) -> Panels:
    """The recordings drawn, by list row."""
    drawn = findings.table("sample")
    grid = tabled(drawn.records(), SAMPLED.shown(say), caption=say("Recordings drawn"), source=drawn)
    return [*note_paragraphs(findings.notes, say), grid]
