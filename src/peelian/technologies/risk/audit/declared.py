"""The audit of an instrument that scores people: what it asks, and its tables, column by column."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.capability import Emit
from peelian.kernel.model.parameters import flag, number, text
from peelian.kernel.model.tables import amount, count, group, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.risk.shared import (
    EVERYONE,
    FEWEST_EVENTS,
    GROUPED,
    PEOPLE,
    SCALE,
    SUPPRESSED,
    Plan,
    a_cut,
    an_audit,
    interval,
    rises_with_risk,
)

VERDICTS = Emit(
    table="verdicts",
    title="verdicts by group",
    whole=EVERYONE,
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
    whole=EVERYONE,
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
    whole=EVERYONE,
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
    whole=EVERYONE,
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

LEAST_BOOTSTRAPS, MOST_BOOTSTRAPS, MOST_CUTS = 100, 20_000, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParams(Titled):
    """Parameters of the audit; all are recorded in the evidence."""

    cut: float | None = a_cut()
    axes: tuple[str, ...] = text((), "Group columns to compare (default: all)")
    crossed: bool = flag(True, "Include intersections of all axes")
    reference: tuple[str, ...] = text((), "Reference group of each axis (default: the largest)")
    cuts: tuple[float, ...] = number(
        (), "Other cut-offs to keep exact when there are many scores", why=SCALE, several=(0, MOST_CUTS)
    )
    low_is_high_risk: bool = flag(False, "A low score means high risk")
    probability: bool = flag(False, "Scores are probabilities of the outcome")
    complete_window_only: bool = flag(False, "Only people with complete follow-up")
    bootstraps: int = number(2_000, "Bootstrap replicates", LEAST_BOOTSTRAPS, MOST_BOOTSTRAPS)
    level: float = number(0.95, "Confidence level of intervals, for example 0.95", 0.5, 0.999)
    # The minimum may be raised, but not lowered below what the literature asks of a validation.
    fewest_events: int = number(
        FEWEST_EVENTS,
        "Minimum number with and without the outcome to validate a group",
        FEWEST_EVENTS,
        1_000_000,
        "people",
    )
    recording: tuple[float, ...] = number(
        (1.1, 1.25, 1.5, 2.0), "Under-recording factors to test, for example 1.25", 1, 10
    )

    def plan(self) -> Plan:
        """How the tally is to be counted."""
        return Plan(
            axes=self.axes,
            crossed=self.crossed,
            cut=self.cut,
            cuts=self.cuts,
            reference=self.reference,
            low_is_high_risk=self.low_is_high_risk,
            level=self.level,
        )


def fitting(params: AuditParams) -> None:
    """InputError where a probability is said to fall with risk, or an axis is named twice."""
    rises_with_risk(params)
    if len(set(params.axes)) != len(params.axes):
        raise InputError("axis named twice", column="axes", accepted="different columns")


AUDIT = an_audit(
    "risk.audit",
    "Risk instrument audit",
    "Checks calibration, error rates and validation of a risk score by group, from counts, never from personal "
    "records.",
    AuditParams,
    fitting,
    folder="audit",
    emits=(VERDICTS, RATES, FIGURES, LEAKAGE, RIVALS, RULES),
    reads=("tally", "tally", "tally"),
)
