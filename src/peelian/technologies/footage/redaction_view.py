"""Pages of suggested redactions and of redacted copies: sentences first, then the boxes."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings, told
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Panel, Panels, Paragraph, Say

MOST_ROWS = 200
REVIEW_IT = "Nothing is covered yet. Review the suggestions, then keep the plan."
WORDS = {
    "face": "face",
    "plate": "plate",
    "screen": "screen",
    "document": "paper document",
    "body": "whole body",
    "other": "something else",
    "automatic": "automatic",
    "manual": "by hand",
    "to_review": "to review",
    "kept": "kept",
    "dropped": "dropped",
    "fill": "solid fill",
    "blur": "blur",
}


def proposal_view(findings: Findings, say: Say) -> Panels:
    """Suggested redactions: their number, their limits, and the boxes to review."""
    waiting = [Paragraph(text=say(REVIEW_IT), tone="warning")] if findings.facts.get("to_review") else []
    return [*told(findings.notes, say), *waiting, _facts(findings, say), *_tracks(findings, say)]


def redaction_view(findings: Findings, say: Say) -> Panels:
    """A redacted copy: what was covered, what was left out, and the limits."""
    return [
        *told(findings.notes, say),
        _facts(findings, say),
        *_tracks(findings, say),
    ]


def word(name: str, say: Say) -> str:
    """A word of the vocabulary in the reader's language.

    >>> word("to_review", lambda text: text)
    'to review'
    """
    return say(WORDS[name]) if name in WORDS else name


def _facts(findings: Findings, say: Say) -> Grid:
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


def _tracks(findings: Findings, say: Say) -> list[Panel]:
    tracks: list[Table] = [t for t in findings.tables if t.name == "tracks"]
    if not tracks or not len(tracks[0]):
        return []
    rows = list(
        zip(*(tracks[0][name].tolist() for name in ("track", "what", "source", "state", "first", "last")), strict=True)
    )
    shown = tuple(
        (str(i), word(what, say), word(source, say), word(state, say), f"{first:,}", f"{last:,}")
        for i, what, source, state, first, last in rows[:MOST_ROWS]
    )
    titles = (say("Box"), say("Item"), say("Source"), say("State"), say("First frame"), say("Last frame"))
    grid = Grid(
        caption=say("Redaction boxes"), titles=titles, rows=shown, numeric=frozenset({0, 4, 5}), source=tracks[0]
    )
    more = len(rows) - len(shown)
    return [grid, *([Paragraph(text=say("%(n)d more in the table file.", n=more))] if more else [])]
