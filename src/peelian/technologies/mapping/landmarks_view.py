"""The risk factors on a page: each landmark type, its condition and its multiplier."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.technologies.mapping.models.risk_terrain import NOT_CAUSES, WITHIN
from peelian.technologies.mapping.views import figure, table_of


def card_panels(findings: Findings, say: Say) -> list[Panel]:
    """The risk factors as a table, the strongest first; nothing where there are none."""
    card = table_of(findings, "score_card")
    if card is None:
        return []
    rows = [dict(zip(card.names, row, strict=True)) for row in card.rows()]
    grid = Grid(
        caption=say("Risk factors and their multipliers"),
        titles=(say("Landmark"), say("Condition"), say("Multiplier")),
        rows=tuple(
            (
                str(row["landmark"]).replace("_", " "),
                say(
                    "at least one within %(metres)d m" if row["how"] == WITHIN else "high density within %(metres)d m",
                    metres=row["metres"],
                ),
                figure(say, float(row["multiplier"])),
            )
            for row in rows
        ),
        numeric=frozenset({2}),
        source=card,
    )
    words = say("Multiply the base rate by every factor that applies.")
    return [Heading(text=say("Risk factors")), Paragraph(text=f"{words} {say(NOT_CAUSES)}"), grid]
