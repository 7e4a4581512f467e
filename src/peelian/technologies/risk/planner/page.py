"""Sample size of a validation: people needed in each group for each purpose."""

from __future__ import annotations

from peelian.kernel.model.capability import (
    Findings,
    note_paragraphs,
)
from peelian.pictures.panels import Panels, Say, tabled
from peelian.technologies.risk.planner.declared import PLAN


def view(findings: Findings, say: Say) -> Panels:
    """The panels: notes and one table."""
    grid = tabled(findings.table("plan").records(), PLAN.shown(say), caption=say("People needed"))
    return [*note_paragraphs(findings.notes, say), grid]
