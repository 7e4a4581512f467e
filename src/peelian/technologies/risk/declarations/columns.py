"""The tables of an audit of a risk instrument, column by column."""

from __future__ import annotations

from peelian.kernel.model.capability import Emit
from peelian.kernel.model.tables import amount, count, group, level, rate
from peelian.technologies.risk.declarations.shared import GROUPED, PEOPLE, SUPPRESSED, WHOLE, interval

VERDICTS = Emit(
    table="verdicts",
    title="verdicts by group",
    whole=WHOLE,
    columns={
        **GROUPED,
        **PEOPLE,
        "events": count("With outcome"),
        "others": count("Without outcome"),
        "discrimination": level("Discrimination"),
        "verdict": level("Calibration"),
        **SUPPRESSED,
    },
)
RATES = Emit(
    table="rates",
    title="error rates and other shares by group",
    whole=WHOLE,
    by=("axis", "group", "metric", "at"),
    columns={
        **GROUPED,
        "metric": level("Measure"),
        "at": amount("Score"),
        "value": rate("Share"),
        **interval(percent=True),
        "num": count("Numerator"),
        "den": count("Denominator"),
        **SUPPRESSED,
    },
)
FIGURES = Emit(
    table="figures",
    title="other figures by group",
    whole=WHOLE,
    by=("axis", "group", "against", "metric", "at"),
    columns={
        **GROUPED,
        "against": group("Reference group"),
        "metric": level("Measure"),
        "at": amount("Score"),
        "value": amount("Value"),
        **interval(),
        **SUPPRESSED,
    },
)
LEAKAGE = Emit(
    table="leakage",
    title="how well variables tell the group",
    whole=WHOLE,
    columns={
        **GROUPED,
        "source": group("Variable"),
        "auc": amount("AUC"),
        **interval(),
        "p": amount("P-value"),
        "n": count("People"),
    },
)
RIVALS = Emit(
    table="rivals",
    title="the instrument and two simple models",
    columns={
        "rival": level("Model"),
        "auc": amount("AUC", decimals=3),
        **interval(decimals=3),
        "difference": amount("Difference from the instrument", decimals=3),
        "difference_lo": amount("Lower end of the difference's interval", decimals=3),
        "difference_hi": amount("Upper end of the difference's interval", decimals=3),
        "p": amount("P-value"),
        "feature": group("First feature"),
        "second_feature": group("Second feature"),
        "n": count("People"),
    },
)
RULES = Emit(
    table="rules",
    title="three-line rule list",
    by=("line", "feature", "test", "level"),
    columns={
        "line": count("Rule", "rank"),
        "feature": group("Feature"),
        "test": level("Condition"),
        "level": group("Value"),
        "share": rate("Share with the outcome"),
        **interval(percent=True),
        "n": count("People"),
    },
)
