"""The tables of an audit of a risk instrument, column by column."""

from __future__ import annotations

from peelian.measure.table import Kind

RIVAL_COLUMNS = {
    "rival": Kind.LEVEL,
    "auc": Kind.AMOUNT,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "difference": Kind.AMOUNT,
    "difference_lo": Kind.AMOUNT,
    "difference_hi": Kind.AMOUNT,
    "p": Kind.AMOUNT,
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
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "n": Kind.COUNT,
}
LEAKAGE_COLUMNS = {
    "axis": Kind.GROUP,
    "group": Kind.GROUP,
    "source": Kind.GROUP,
    "auc": Kind.AMOUNT,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "n": Kind.COUNT,
}
RATES_COLUMNS = {
    "axis": Kind.GROUP,
    "group": Kind.GROUP,
    "metric": Kind.LEVEL,
    "at": Kind.AMOUNT,
    "value": Kind.RATE,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "num": Kind.COUNT,
    "den": Kind.COUNT,
    "suppressed": Kind.LEVEL,
}
FIGURES_COLUMNS = {
    "axis": Kind.GROUP,
    "group": Kind.GROUP,
    "against": Kind.GROUP,
    "metric": Kind.LEVEL,
    "at": Kind.AMOUNT,
    "value": Kind.AMOUNT,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "suppressed": Kind.LEVEL,
}
VERDICT_COLUMNS = {
    "axis": Kind.GROUP,
    "group": Kind.GROUP,
    "n": Kind.COUNT,
    "events": Kind.COUNT,
    "others": Kind.COUNT,
    "discrimination": Kind.LEVEL,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}
