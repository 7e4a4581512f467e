"""The tables of an audit of a risk instrument, column by column."""

from __future__ import annotations

from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import GROUPED, amounts

RIVAL_COLUMNS = {
    "rival": Kind.LEVEL,
    **amounts("auc", "lo", "hi", "difference", "difference_lo", "difference_hi", "p"),
    "feature": Kind.GROUP,
    "second_feature": Kind.GROUP,
    "n": Kind.COUNT,
}
RULE_COLUMNS = {
    "line": Kind.COUNT,
    "feature": Kind.GROUP,
    "test": Kind.LEVEL,
    "level": Kind.GROUP,
    "share": Kind.RATE,
    **amounts("lo", "hi"),
    "n": Kind.COUNT,
}
LEAKAGE_COLUMNS = {**GROUPED, "source": Kind.GROUP, **amounts("auc", "lo", "hi", "p"), "n": Kind.COUNT}
RATES_COLUMNS = {
    **GROUPED,
    "metric": Kind.LEVEL,
    "at": Kind.AMOUNT,
    "value": Kind.RATE,
    **amounts("lo", "hi"),
    "num": Kind.COUNT,
    "den": Kind.COUNT,
    "suppressed": Kind.LEVEL,
}
FIGURES_COLUMNS = {
    **GROUPED,
    "against": Kind.GROUP,
    "metric": Kind.LEVEL,
    **amounts("at", "value", "lo", "hi"),
    "suppressed": Kind.LEVEL,
}
VERDICT_COLUMNS = {
    **GROUPED,
    **dict.fromkeys(("n", "events", "others"), Kind.COUNT),
    "discrimination": Kind.LEVEL,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}
