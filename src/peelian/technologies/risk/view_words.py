"""How groups, figures and intervals are written in an audit's tables and pictures."""

from __future__ import annotations

import math

from peelian.pictures.panels import Say
from peelian.pictures.words import MISSING, amount, between
from peelian.technologies.risk.counts import EVERYONE
from peelian.technologies.risk.extract import Row
from peelian.technologies.risk.suppression import BARE, FEW, PARTNER

LEGEND = (
    "“under 10”: hidden, a group of fewer than 10 people; “under 30”: not shown, too few people for a rate; "
    "“kept back”: hidden because it would give a small group away."
)
HIDDEN = {
    FEW: "under 10",
    BARE: "under 30",
    PARTNER: "kept back",
}


def group_name(say: Say, axis: str, group: str) -> str:
    """A group as readers see it; labels are the data's own words."""
    return say("Everyone") if axis == EVERYONE else group


def with_interval(say: Say, row: Row | None, *, percent: bool = False, n: bool = False) -> str:
    """ "44.9% (42.6% to 47.2%)", with "n" where asked; a hidden figure says why it is hidden."""
    if row is None:
        return MISSING
    if not row.shown:
        return say(HIDDEN.get(row.suppressed, HIDDEN[BARE]))
    text = amount(say, row.value, percent=percent)
    if not (math.isnan(row.low) and math.isnan(row.high)):
        text = f"{text} ({_ends(say, row, percent)})"
    return f"{text}; n {whole(say, row.den)}" if n else text


def _ends(say: Say, row: Row, percent: bool) -> str:
    if math.isinf(row.high):
        return say("at least %(low)s", low=amount(say, row.low, percent=percent))
    return between(say, row.low, row.high, percent=percent)


def whole(say: Say, value: float) -> str:
    """A whole number of people."""
    return amount(say, float(value), decimals=0)
