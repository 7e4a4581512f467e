"""The page of suggested redactions: sentences first, then the boxes."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Panel, Panels, Paragraph, Say, tabled
from peelian.technologies.footage.proposal.declared import TRACKS, WORDS

MOST_ROWS = 200
REVIEW_IT = "Nothing is covered yet. Review the suggestions, then keep the plan."


def view(findings: Findings, say: Say) -> Panels:
    """Suggested redactions: their number, their limits, and the boxes to review."""
    waiting = [Paragraph(text=say(REVIEW_IT), tone="warning")] if findings.facts.get("to_review") else []
    return [*note_paragraphs(findings.notes, say), *waiting, summary(findings, say), *boxes(findings, say)]


def word(name: str, say: Say) -> str:
    """A word of the vocabulary in the reader's language.

    >>> word("to_review", lambda text: text)
    'to review'
    """
    return say(WORDS[name]) if name in WORDS else name


def summary(findings: Findings, say: Say) -> Grid:
    facts = findings.facts
    names = {
        "pictures": say("Frames"),
        "tracks": say("Redaction boxes"),
        "by_hand": say("Drawn by hand"),
        "to_review": say("Still to review"),
        "dropped": say("Suggestions dropped"),
        "spans": say("Sound spans replaced"),
        "without_exemption": say("Redactions without an exemption"),
    }
    rows = [(title, f"{facts[name]:,}") for name, title in names.items() if name in facts]
    rows += [(say("Covering method"), word(str(facts["method"]), say))] if "method" in facts else []
    return Grid(caption=say("Summary"), titles=(say("Item"), say("Number")), rows=tuple(rows), numeric=frozenset({1}))


def boxes(findings: Findings, say: Say) -> list[Panel]:
    tracks: list[Table] = [t for t in findings.tables if t.name == "tracks"]
    if not tracks or not len(tracks[0]):
        return []
    rows = tracks[0].records()
    columns = TRACKS.shown(say, "track", "what", "source", "state", "first", "last")
    grid = tabled(rows[:MOST_ROWS], columns, caption=say("Redaction boxes"), source=tracks[0])
    more = len(rows) - MOST_ROWS
    return [grid, *([Paragraph(text=say("%(n)d more in the table file.", n=more))] if more > 0 else [])]
