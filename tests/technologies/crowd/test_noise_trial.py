"""Proves the trial holds the detector to bars fixed before, earns its report only so, and says what it cannot tell."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context, Findings, Scalar
from peelian.technologies.crowd.declarations.noise_trial import NOISE_TRIAL, NoiseTrialParams
from peelian.technologies.crowd.noise_trial import NO_SHOTS

EXAMPLE = NOISE_TRIAL.arithmetic().example()


def run(bars: dict[str, Scalar], params: NoiseTrialParams = EXAMPLE.params) -> Findings:
    context = Context(
        seed=3, progress=lambda says, share: None, authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars}
    )
    return NOISE_TRIAL.arithmetic().run(params, EXAMPLE.datasets, context)


def test_bars_decide_whether_a_report_may_be_earned() -> None:
    assert NOISE_TRIAL.grants is not None and NOISE_TRIAL.grants.serves == "crowd.noise"
    assert NOISE_TRIAL.grants.may(run({"min_recall_10_db": 0.5}))
    assert not NOISE_TRIAL.grants.may(run({"min_recall_10_db": 0.5, "min_sensor_days": 1.0}))
    body = NOISE_TRIAL.grants.body(EXAMPLE.params, run({"min_recall_10_db": 0.5}))
    assert body["period_seconds"] == 1 and body["recall_10_db"] == 1.0


def test_it_says_on_purpose_what_it_does_not_detect() -> None:
    assert NO_SHOTS in {note.text for note in run({"min_recall_10_db": 0.5}).notes if note.kind == "caveat"}


@pytest.mark.parametrize("change", [{"period_seconds": 7}, {"rises": 5}, {"short_sounds": 10**6}])
def test_params_that_cannot_be_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(InputError):
        NOISE_TRIAL.asks.check(dataclasses.replace(EXAMPLE.params, **change))


def test_criteria_for_another_meter_and_a_record_of_another_meter_are_refused() -> None:
    with pytest.raises(InputError, match="another period seconds"):
        run({"period_seconds": 60, "min_recall_10_db": 0.5})
    with pytest.raises(InputError, match="a level every 1 seconds"):
        run({"min_recall_10_db": 0.5}, dataclasses.replace(EXAMPLE.params, period_seconds=60))
