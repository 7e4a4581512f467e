"""The page of a disclosure: what the package is, and the digests of its parts."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.pictures.panels import Panels, Say, tabled
from peelian.technologies.footage.disclosure.declared import PARTS


def view(findings: Findings, say: Say) -> Panels:
    """What the package is, and the digests of its parts."""
    parts = findings.table("parts")
    caption = say("Package contents (SHA-256)")
    grid = tabled(parts.records(), PARTS.shown(say), caption=caption, source=parts)
    return [*note_paragraphs(findings.notes, say), grid]
