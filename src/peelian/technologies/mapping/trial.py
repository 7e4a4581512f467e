"""What `peelian try` does with a file of incidents: a back-test fitted to it, in each frequent category."""

from __future__ import annotations

from peelian.kernel.model.technology import Trial
from peelian.kernel.model.vocabulary import AuthorizationKind, Purpose
from peelian.technologies.mapping.fitting import CRITERIA_OF_A_TRIAL, first, fitted, runs
from peelian.technologies.mapping.trial_view import overview, run_title

TRIAL = Trial(
    capability="mapping.backtest",
    role="incidents",
    purpose=Purpose.PROOF,
    fitted=fitted,
    runs=runs,
    first=first,
    title=run_title,
    overview=overview,
    authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: CRITERIA_OF_A_TRIAL},
)
