"""The scores of sealed forecasts, once their windows have ended."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Findings,
    Grant,
    Purpose,
    Read,
    Role,
    Scalar,
    deferred,
)
from peelian.technologies.mapping.declarations.backtest import COVERED, REPORT_TITLES, REPORTED, attempt
from peelian.technologies.mapping.declarations.exposure import EXPOSURE
from peelian.technologies.mapping.declarations.scores import EMITS
from peelian.technologies.mapping.declarations.sealing import SHAPE
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreParams:
    """Nothing can be chosen any more: everything was sealed with the forecasts."""


def report_body(params: ScoreParams, findings: Findings) -> dict[str, Scalar]:
    """The accuracy report's body, as a back-test's; and that it was earned ahead of the facts."""
    kept = (*COVERED, *REPORTED, "prospective")
    return {name: value for name, value in findings.facts.items() if name in kept or name.startswith("shift")}


SCORE = Capability(
    id="mapping.score",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Score sealed forecasts",
    about="Opens sealed forecasts after their last window and scores them against recorded incidents.",
    asks=Asks(
        params=ScoreParams,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(
        Read(role="sealed", title="sealed forecasts", shape=SHAPE, history=True),
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True, preferred=True),
    ),
    emits=(*EMITS, TOWN_MAP, EXPOSURE),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="mapping.forecast",
        body=report_body,
        titles={**REPORT_TITLES, "prospective": "Tested before the facts"},
        may=lambda findings: bool(findings.facts["criteria_met"]),
        attempt=attempt,
    ),
    arithmetic=deferred("peelian.technologies.mapping.scoring:ARITHMETIC"),
)
