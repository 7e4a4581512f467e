"""The page of a comparison, of drift, of subgroups or overrides: what a board reads first, then pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from peelian.kernel.model.capability import Findings, Note, Scalar, told
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say
from peelian.pictures.words import quarter
from peelian.technologies.risk.counts import EVERYONE

LEFT_OUT = "Figures of groups are left out here: they could reveal small groups."


def board_page(
    findings: Findings,
    say: Say,
    *,
    touches: Set[str],
    pictures: Sequence[Picture | None],
    grids: Sequence[Grid],
) -> Panels:
    """Findings under "Answer" (those in `touches` under "Whom it touches"), explanations, caveats; then the rest."""

    def chosen(keep: Callable[[Note], bool]) -> list[Panel]:
        kept = told([note for note in findings.notes if keep(note)], say, values=lambda given: spoken(given, say))
        return kept or [Paragraph(text=say(LEFT_OUT))]

    return [
        Heading(text=say("Answer")),
        *chosen(lambda note: note.kind == "finding" and note.text not in touches),
        Heading(text=say("How sure this is")),
        *chosen(lambda note: note.kind == "explanation"),
        Heading(text=say("Whom it touches")),
        *chosen(lambda note: note.text in touches),
        Heading(text=say("What is not known")),
        *chosen(lambda note: note.kind == "caveat"),
        *(picture for picture in pictures if picture is not None),
        *grids,
    ]


def spoken(values: Mapping[str, Scalar], say: Say) -> Mapping[str, object]:
    """A sentence's values as readers see them: everyone is a word of the page, a day its quarter, labels the data's."""

    def said(name: str, value: Scalar) -> object:
        if value == EVERYONE:
            return say("everyone")
        return quarter(say, value) if name == "since" else value

    return {name: said(name, value) for name, value in values.items()}
