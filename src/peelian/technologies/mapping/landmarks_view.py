"""The score card on a page: each kind of landmark, how near or dense, and by how much it multiplies."""

from __future__ import annotations

from peelian.governance.capability import Findings
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.technologies.mapping.models.risk_terrain import NOT_CAUSES, WITHIN
from peelian.technologies.mapping.views import figure, table_of


def card_panels(findings: Findings, say: Say) -> list[Panel]:
    """The card as a table, the strongest factor first; nothing where no model is a score card."""
    card = table_of(findings, "score_card")
    if card is None:
        return []
    rows = [dict(zip(card.names, row, strict=True)) for row in card.rows()]
    grid = Grid(
        caption=say("Score card: what multiplies the expected count of a place"),
        titles=(say("Landmark"), say("How"), say("Multiplies by")),
        rows=tuple(
            (
                str(row["landmark"]).replace("_", " "),
                say(
                    "one within %(metres)d m" if row["how"] == WITHIN else "many within %(metres)d m",
                    metres=row["metres"],
                ),
                figure(say, float(row["multiplier"])),
            )
            for row in rows
        ),
        numeric=frozenset({2}),
        source=card,
    )
    words = say("Factors multiply one another; a place where none applies has the base rate.")
    return [Heading(text=say("The score card")), Paragraph(text=f"{words} {say(NOT_CAUSES)}"), grid]
