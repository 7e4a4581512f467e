"""Proves the forecast's trial holds to criteria fixed before, on real months of Auckland too."""

from __future__ import annotations

import pytest
from auckland import auckland_counts

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings, Scalar
from peelian.technologies.crowd.declarations.forecast import FORECAST, ForecastParams
from peelian.technologies.crowd.declarations.forecast_trial import FORECAST_TRIAL

EXAMPLE = FORECAST_TRIAL.arithmetic().example()


def run(datasets: dict[str, Dataset], bars: dict[str, Scalar]) -> Findings:
    context = Context(
        seed=3, progress=lambda says, share: None, authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars}
    )
    return FORECAST_TRIAL.arithmetic().run(ForecastParams(), datasets, context)


def test_the_hour_ahead_is_proven_better_in_auckland() -> None:
    found = run({"counts": auckland_counts()}, {"min_gain_hour": 0.2, "min_covered_80": 0.7, "min_covered_95": 0.9})
    hour, _ = found.table("ahead_proof").records()
    assert hour["verdict"] == "better" and hour["gain_low"] > 0
    assert found.facts["criteria_met"]


def test_bars_decide_whether_a_report_may_be_earned() -> None:
    grants = FORECAST_TRIAL.grants
    assert grants is not None and grants.serves == FORECAST.id
    met = run(dict(EXAMPLE.datasets), {"min_gain_hour": 0.0})
    assert grants.may(met)
    assert grants.body(EXAMPLE.params, met)["covered_95"] == met.facts["covered_95"]
    assert not grants.may(run(dict(EXAMPLE.datasets), {"min_gain_week": 0.9}))
    with pytest.raises(InputError):
        run(dict(EXAMPLE.datasets), {"min_recall": 0.5})
