"""Predictive mapping: expected reported incidents by cell and window, back-tested, with exposure by group."""

from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.mapping.declarations.advising import LIMITS
from peelian.technologies.mapping.declarations.backtest import BACKTEST
from peelian.technologies.mapping.declarations.counting import COUNTS
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.declarations.nearness import KNOX
from peelian.technologies.mapping.declarations.scanning import SCAN
from peelian.technologies.mapping.declarations.scoring import SCORE
from peelian.technologies.mapping.declarations.sealing import SEAL
from peelian.technologies.mapping.declarations.stressing import STRESS
from peelian.technologies.mapping.declarations.vendor import VENDOR
from peelian.technologies.mapping.fitting import CRITERIA_OF_A_TRIAL, fitted, runs
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.trial_view import overview, run_title

TECHNOLOGY = Technology(
    id="mapping",
    title="Predictive mapping",
    capabilities=(BACKTEST, SEAL, SCORE, FORECAST, LIMITS, KNOX, SCAN, STRESS, VENDOR, COUNTS),
    formats=FORMATS,
    trial=Trial(
        capability="mapping.backtest",
        role="incidents",
        purpose=Purpose.PROOF,
        fitted=fitted,
        runs=runs,
        title=run_title,
        overview=overview,
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: CRITERIA_OF_A_TRIAL},
    ),
)
