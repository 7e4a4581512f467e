"""The risk factors on a page: each landmark type, its condition and its multiplier."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Heading, Panel, Paragraph, Say, tabled
from peelian.technologies.mapping.declarations.landmarks import LANDMARK_CARD
from peelian.technologies.mapping.models.risk_terrain import DENSE, NOT_CAUSES, WITHIN
from peelian.technologies.mapping.views import table_of


def card_panels(findings: Findings, say: Say) -> list[Panel]:
    """The risk factors as a table, the strongest first; nothing where there are none."""
    card = table_of(findings, "score_card")
    if card is None:
        return []
    how = {WITHIN: "at least one within %(metres)d m", DENSE: "high density within %(metres)d m"}
    grid = tabled(
        card.records(),
        (
            LANDMARK_CARD.column(say, "landmark", lambda row: row["landmark"].replace("_", " ")),
            LANDMARK_CARD.column(say, "how", lambda row: say(how[row["how"]], metres=row["metres"])),
            LANDMARK_CARD.column(say, "multiplier"),
        ),
        caption=say("Risk factors and their multipliers"),
        source=card,
    )
    words = say("Multiply the base rate by every factor that applies.")
    return [Heading(text=say("Risk factors")), Paragraph(text=f"{words} {say(NOT_CAUSES)}"), grid]
