"""Trial of the crowd forecast on a town's past counts. It yields the accuracy report that the forecast needs."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import (
    Arithmetic,
    AuthorizationKind,
    Context,
    Dataset,
    Example,
    Findings,
    Scalar,
    Shows,
    all_public,
)
from peelian.technologies.crowd import trials
from peelian.technologies.crowd.declarations.columns import MET, MISSED
from peelian.technologies.crowd.declarations.forecast import ForecastParams
from peelian.technologies.crowd.declarations.forecast_trial import CRITERIA
from peelian.technologies.crowd.forecast import CAVEATS, VOCABULARY, caveats, facts_of, forecast_example
from peelian.technologies.crowd.forecast import judged as forecast_judged
from peelian.technologies.crowd.forecast_proof import MESSAGES, Proof, proof_notes, proof_tables
from peelian.technologies.crowd.forecast_view import trial_view
from peelian.technologies.crowd.trials import all_met, check_criteria, judged, outcomes, verdict


def run(params: ForecastParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Forecast the past of a record and hold it against criteria. O(sensors · hours · weeks log weeks)."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    check_criteria(criteria, CRITERIA, {})
    record, proofs = forecast_judged(params, datasets, context)
    facts = facts_of(record, proofs, datasets["counts"].digest)
    bars = outcomes(criteria, CRITERIA, _reached(proofs, facts))
    return Findings(
        tables=(*proof_tables(record, proofs), judged(bars)),
        notes=(*proof_notes(proofs), verdict(bars), *caveats()),
        facts={**facts, "criteria_met": all_met(bars)},
    )


def _reached(proofs: tuple[Proof, Proof], facts: Mapping[str, Scalar]) -> dict[str, float]:
    """A gain is the lower end of its interval, as a share of last week's error."""
    hour, week = (one.gain[1] / one.rival_error for one in proofs)
    covered = {f"min_{name}": float(facts[name]) for name in ("covered_80", "covered_95")}
    return {"min_gain_hour": hour, "min_gain_week": week, **covered}


def trial_example() -> Example:
    """The example of the forecast, with criteria that it meets."""
    bars: dict[str, Scalar] = {"min_gain_hour": 0.0, "min_covered_95": 0.9}
    of_forecast = forecast_example()
    return Example(
        params=of_forecast.params,
        datasets=of_forecast.datasets,
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars},
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=trial_example,
    messages=MESSAGES | {*CAVEATS, trials.ALL_MET, trials.NONE_SET, trials.SOME_MISSED},
    vocabulary=VOCABULARY | {*(bar.word for bar in CRITERIA), MET, MISSED},
    public=all_public,
    shows=Shows(view=trial_view),
)
