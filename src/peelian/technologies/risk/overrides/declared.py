"""The audit of overrides: decisions that depart from the score."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Emit
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, count, level, rate
from peelian.technologies.risk.shared import (
    EVERYONE,
    GROUPED,
    PEOPLE,
    SCALE,
    SUPPRESSED,
    ScoreParams,
    an_audit,
    interval,
    tested,
)

BY_GROUP = Emit(
    table="overrides",
    title="overrides by group",
    whole=EVERYONE,
    columns={
        **GROUPED,
        "direction": level("Direction"),
        "value": rate("Overruled"),
        **interval(percent=True),
        "ratio": amount("Ratio at the same score"),
        "ratio_lo": amount("Lower end of the ratio's interval"),
        "ratio_hi": amount("Upper end of the ratio's interval"),
        **tested(),
        **PEOPLE,
        "people": count("People in the group"),
        "verdict": level("Verdict"),
        **SUPPRESSED,
    },
)
BY_SCORE = Emit(
    table="bands",
    title="share decided high, by score",
    by=("at",),
    columns={"at": amount("Score"), "value": rate("Share decided high"), **interval(percent=True), **PEOPLE},
)
AFTERWARDS = Emit(
    table="after",
    title="what happened after score and decision",
    columns={
        "score": level("Score"),
        "decision": level("Decision"),
        "value": rate("Share with the outcome"),
        **interval(percent=True),
        **PEOPLE,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideParams(ScoreParams):
    """Which scores advise the strict decision."""

    cut: float | None = number(
        None, "Cut-off score for high risk (default: about as many people high as were decided high)", why=SCALE
    )


OVERRIDES = an_audit(
    "risk.overrides",
    "Override audit of a risk instrument",
    "Counts how often and in which direction decisions depart from the score, by group, never by decision-maker.",
    OverrideParams,
    folder="overrides",
    emits=(BY_GROUP, BY_SCORE, AFTERWARDS),
    reads=("overrides", "scores and decisions", "overrides"),
)
