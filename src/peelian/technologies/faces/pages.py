"""A report's first page: the answer, how sure it is, whom it touches, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Set

from peelian.kernel.model.capability import Findings, Note, Scalar, told
from peelian.measure.categories import CATEGORIES
from peelian.pictures.panels import Heading, Panel, Say
from peelian.pictures.words import quarter
from peelian.technologies.faces.shapes import JOIN
from peelian.technologies.faces.vocabulary import SPOKEN


def first_page(findings: Findings, say: Say, *, whom: Set[str], words: Set[str]) -> list[Panel]:
    """Findings are the answer, those among `whom` say whom it touches; explanations say how sure it is, caveats what is
    not known. `words` are those of the capability that have a translation."""
    touches = [note for note in findings.notes if note.text in whom]
    rest = [note for note in findings.notes if note.text not in whom]

    def of(notes: list[Note], kind: str) -> list[Panel]:
        return told(notes, say, kind, values=lambda values: _translated(values, say, words))

    return [
        *of(rest, "finding"),
        Heading(text=say("How sure this is"), answers=True),
        *of(rest, "explanation"),
        Heading(text=say("Whom it touches"), answers=True),
        *of(touches, "finding"),
        Heading(text=say("What is not known"), answers=True),
        *of(rest, "caveat"),
    ]


def word(text: str, say: Say, words: Set[str]) -> str:
    """A word of the capability or a group's label, translated part by part; a day as its quarter, an offence category
    by its title; other labels stay."""
    if text in CATEGORIES:
        return say(CATEGORIES[text].title)
    return JOIN.join(say(part) if part in words or part in SPOKEN else quarter(say, part) for part in text.split(JOIN))


def _translated(values: Mapping[str, Scalar], say: Say, words: Set[str]) -> dict[str, object]:
    return {name: word(value, say, words) if isinstance(value, str) else value for name, value in values.items()}
