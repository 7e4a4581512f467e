"""Crowd management: alarms on noise, density and counts, from levels and numbers only, never sound."""

from peelian.kernel.model.capability import AuthorizationKind, Purpose, deferred
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.crowd.declarations.counter_trial import COUNTER_TRIAL
from peelian.technologies.crowd.declarations.counter_watch import COUNTER_WATCH
from peelian.technologies.crowd.declarations.density_watch import DENSITY_WATCH
from peelian.technologies.crowd.declarations.forecast import FORECAST
from peelian.technologies.crowd.declarations.forecast_trial import FORECAST_TRIAL
from peelian.technologies.crowd.declarations.noise_trial import NOISE_TRIAL
from peelian.technologies.crowd.declarations.noise_watch import NOISE_WATCH


def _trial() -> Trial:
    return Trial(
        capability="crowd.noise_trial",
        role="levels",
        purpose=Purpose.PROOF,
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: {}},  # a stranger's file comes without a board
    )


TECHNOLOGY = Technology(
    id="crowd",
    title="Crowd management",
    capabilities=(NOISE_TRIAL, COUNTER_TRIAL, FORECAST_TRIAL, FORECAST),
    formats=deferred("peelian.technologies.crowd.formats:FORMATS"),
    trial=_trial,
    impersonal=frozenset({"levels", "counts"}),
    watches=(NOISE_WATCH, DENSITY_WATCH, COUNTER_WATCH),
)
