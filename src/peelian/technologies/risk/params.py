"""Parameters of the audit, and their checks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from peelian.errors import InputError, out_of_range, sentence
from peelian.kernel.model.titles import Titled
from peelian.technologies.risk.declarations.shared import check_score

FEWEST_EVENTS = 100
"""Events, and as many others, that an external validation needs (Collins, Ogundimu, Altman 2016; Vergouwe 2005)."""
LEAST_BOOTSTRAPS, MOST_BOOTSTRAPS, MOST_CUTS = 100, 20_000, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParams(Titled):
    """Parameters of the audit; all are recorded in the evidence."""

    cut: float | None = field(
        default=None,
        metadata={"help": "Cut-off score for high risk (default: about as many people as had the outcome)"},
    )
    axes: tuple[str, ...] = field(default=(), metadata={"help": "Group columns to compare (default: all)"})
    crossed: bool = field(default=True, metadata={"help": "Include intersections of all axes"})
    reference: tuple[str, ...] = field(
        default=(), metadata={"help": "Reference group of each axis (default: the largest)"}
    )
    cuts: tuple[float, ...] = field(
        default=(), metadata={"help": "Other cut-offs to keep exact when there are many scores"}
    )
    low_is_high_risk: bool = field(default=False, metadata={"help": "A low score means high risk"})
    probability: bool = field(default=False, metadata={"help": "Scores are probabilities of the outcome"})
    complete_window_only: bool = field(default=False, metadata={"help": "Only people with complete follow-up"})
    bootstraps: int = field(default=2_000, metadata={"help": "Bootstrap replicates"})
    level: float = field(default=0.95, metadata={"help": "Confidence level of intervals, for example 0.95"})
    fewest_events: int = field(
        default=FEWEST_EVENTS,
        metadata={"help": "Minimum number with and without the outcome to validate a group", "unit": "people"},
    )
    recording: tuple[float, ...] = field(
        default=(1.1, 1.25, 1.5, 2.0), metadata={"help": "Under-recording factors to test, for example 1.25"}
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


def check(params: AuditParams) -> None:
    """InputError where a parameter is invalid whatever the data."""
    check_score(params)
    _within(params.bootstraps, "bootstraps", LEAST_BOOTSTRAPS, MOST_BOOTSTRAPS)
    _within(params.level, "level", 0.5, 0.999)
    # The minimum may be raised, but not lowered below what the literature asks of a validation.
    _within(params.fewest_events, "fewest_events", FEWEST_EVENTS, 1_000_000)
    if len(params.cuts) > MOST_CUTS or not all(math.isfinite(cut) for cut in params.cuts):
        raise InputError(
            "too many cut-offs, or not numbers",
            column="cuts",
            accepted=sentence("at most %(n)d numbers", n=MOST_CUTS),
        )
    for factor in params.recording:
        _within(factor, "recording", 1.0, 10.0)
    if len(set(params.axes)) != len(params.axes):
        raise InputError("axis named twice", column="axes", accepted="different columns")


def _within(value: float, name: str, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise out_of_range(name, low, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to count a tally; the fields are those of `AuditParams`."""

    axes: tuple[str, ...] = ()
    crossed: bool = True
    cut: float | None = None
    cuts: tuple[float, ...] = ()
    reference: tuple[str, ...] = ()
    low_is_high_risk: bool = False
    level: float = 0.95
