"""Every word of this room that may leave in a level or group column, besides the groups a town admitted."""

from __future__ import annotations

from peelian.technologies.faces import equity, price, rates, searches, tables, thresholds, uncertainty
from peelian.technologies.faces.histogram import EVERYBODY

PAIRINGS = (
    "white men: threshold set here",
    "white men and Black men",
    "Black men",
    "white women",
    "Black women",
    "white women and Black women",
)
PLANNED = ("false matches over all", "false matches within each group", "false non-matches within each group")
RULES = ("rule of 3", "rule of 30")

VOCABULARY = frozenset(
    {
        *thresholds.POLICIES,
        *thresholds.SET_ON,
        *rates.MEASURES,
        *(searches.FPIR, searches.FNIR, searches.TPIR),
        *equity.NAMES,
        *price.BASES,
        *uncertainty.METHODS,
        *(uncertainty.MEASURED, uncertainty.INDICATIVE, uncertainty.NOT_DETERMINABLE),
        *(uncertainty.EXACT, uncertainty.AT_MOST, uncertainty.AT_LEAST),
        *(uncertainty.MEETS, uncertainty.FAILS, rates.NO_VERDICT),
        *(tables.OPERATING, tables.DIAGNOSIS, tables.NO_GROUP),
        *(tables.ENOUGH, tables.INDICATIVE_SIZE, tables.TOO_FEW),
        *(EVERYBODY, rates.WITHIN, "both"),
        *PAIRINGS,
        *PLANNED,
        *RULES,
    }
)
"""The levels, measures and verdicts of every capability of this room."""
