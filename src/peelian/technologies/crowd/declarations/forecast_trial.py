"""The trial of the crowd forecast on past hourly counts, by rolling origin against the same hour last week."""

from __future__ import annotations

from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Findings,
    Grant,
    Need,
    Purpose,
    Read,
    Role,
    Scalar,
    deferred,
)
from peelian.kernel.model.criteria import Criterion
from peelian.technologies.crowd.declarations.columns import CRITERIA as CRITERIA_COLUMNS
from peelian.technologies.crowd.declarations.forecast import PROOF_EMITS, ForecastParams, each_once


def report_body(params: ForecastParams, findings: Findings) -> dict[str, Scalar]:
    """Body of the accuracy report: errors, coverage, and amount of data."""
    return {name: findings.facts[name] for name in REPORTED}


REPORTED = {
    "sensors": "Sensors",
    "n": "Predictions an hour ahead",
    "gain_hour": "Error saved an hour ahead, share of last week's, lower end",
    "gain_week": "Error saved a week ahead, share of last week's, lower end",
    "covered_80": "Share of counts in the 80% interval",
    "covered_95": "Share of counts in the 95% interval",
    "data_digest": "SHA-256 of the data",
}
CRITERIA = (
    Criterion(
        word="min_gain_hour",
        title="Error saved an hour ahead, share of last week's, lower end (minimum)",
        low=-1,
    ),
    Criterion(
        word="min_gain_week",
        title="Error saved a week ahead, share of last week's, lower end (minimum)",
        low=-1,
    ),
    Criterion(word="min_covered_80", title="Share of counts in the 80% interval (minimum)"),
    Criterion(word="min_covered_95", title="Share of counts in the 95% interval (minimum)"),
)


FORECAST_TRIAL = Capability(
    id="crowd.forecast_trial",
    warrant="No warrant needed, because it counts people at places or measures loudness, and tells of nobody.",
    title="Crowd forecast trial",
    about="Forecasts past hourly counts and compares the errors with those of the same hour last week.",
    asks=Asks(
        params=ForecastParams,
        together=each_once,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="counts", title="counts", shape="counts"),),
    emits=(*PROOF_EMITS, CRITERIA_COLUMNS),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="crowd.forecast",
        body=report_body,
        titles=REPORTED,
        may=lambda findings: bool(findings.facts["criteria_met"]),
    ),
    arithmetic=deferred("peelian.technologies.crowd.forecast_trial:ARITHMETIC"),
)
