"""Text of groups, figures and intervals in the audit's tables and charts."""

from __future__ import annotations

import math

from peelian.errors import MISSING
from peelian.pictures.panels import Say
from peelian.pictures.words import amount, between, whole
from peelian.technologies.risk.counts import EVERYONE
from peelian.technologies.risk.extract import Row
from peelian.technologies.risk.suppression import BARE, FEW, PARTNER

LEGEND = "Hidden are groups of fewer than 10 people, rates with n under 30, and values that would reveal a small group."
HIDDEN = {
    FEW: "hidden (under 10 people)",
    BARE: "hidden (n under 30)",
    PARTNER: "hidden (would reveal a small group)",
}


def group_name(say: Say, axis: str, group: str) -> str:
    """A group as readers see it; labels are the data's own words."""
    return say("Everyone") if axis == EVERYONE else group


def with_interval(say: Say, row: Row | None, *, percent: bool = False, n: bool = False) -> str:
    """ "44.9% (42.6% to 47.2%)", with "n = …" where asked; a hidden figure says why it is hidden."""
    if row is None:
        return MISSING
    if not row.shown:
        return say(HIDDEN.get(row.suppressed, HIDDEN[BARE]))
    text = amount(say, row.value, percent=percent)
    if not (math.isnan(row.low) and math.isnan(row.high)):
        text = f"{text} ({_ends(say, row, percent)})"
    return f"{text}; n = {whole(say, row.den)}" if n else text


def _ends(say: Say, row: Row, percent: bool) -> str:
    if math.isinf(row.high):
        return say("at least %(low)s", low=amount(say, row.low, percent=percent))
    return between(say, row.low, row.high, percent=percent)
