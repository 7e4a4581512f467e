"""Parameters of the audit, and what they say of one another."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.parameters import flag, number, text
from peelian.kernel.model.titles import Titled
from peelian.technologies.risk.declarations.shared import SCALE, a_cut, rises_with_risk

FEWEST_EVENTS = 100
"""Events, and as many others, that an external validation needs (Collins, Ogundimu, Altman 2016; Vergouwe 2005)."""
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
