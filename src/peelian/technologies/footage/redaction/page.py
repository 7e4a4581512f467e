"""The page of a redacted copy: sentences first, then the boxes."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.pictures.panels import Panels, Say
from peelian.technologies.footage.proposal.page import boxes, summary


def view(findings: Findings, say: Say) -> Panels:
    """A redacted copy: what was covered, what was left out, and the limits."""
    return [
        *note_paragraphs(findings.notes, say),
        summary(findings, say),
        *boxes(findings, say),
    ]
