"""A report's first page: the answer, how sure it is, whom it touches, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from peelian.kernel.model.capability import Note, Scalar, note_paragraphs
from peelian.pictures.panels import Heading, Panel, Paragraph, Say

LEFT_OUT = "Figures of groups are left out here: they could reveal small groups."


def first_page(
    sections: Sequence[Sequence[Note]],
    say: Say,
    *,
    values: Callable[[Mapping[str, Scalar]], Mapping[str, object]] = dict,
) -> list[Panel]:
    """The answer, then three sections under their titles; `values` puts the values of notes into words. O(notes)."""
    titles = ("", say("How sure this is"), say("Whom it touches"), say("What is not known"))
    panels: list[Panel] = []
    for title, notes in zip(titles, sections, strict=True):
        panels += [Heading(text=title, answers=True)] if title else []
        panels += note_paragraphs(notes, say, values=values) or [Paragraph(text=say(LEFT_OUT))]
    return panels


def by_kind(notes: Sequence[Note], touches: Set[str]) -> list[list[Note]]:
    """Notes by section: those in `touches` say whom it touches, other findings answer, explanations say how sure."""
    rest = [note for note in notes if note.text not in touches]
    answer, sure, unknown = ([n for n in rest if n.kind == kind] for kind in ("finding", "explanation", "caveat"))
    return [answer, sure, [note for note in notes if note.text in touches], unknown]


def by_text(notes: Sequence[Note], *texts: Sequence[str]) -> list[list[Note]]:
    """Notes by section, each of which names its sentences."""
    return [[note for note in notes if note.text in section] for section in texts]
