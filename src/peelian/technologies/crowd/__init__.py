"""Crowd management: noise, density and counts that tell an operator in time; levels and numbers only, never sound."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.crowd.counter_trial import COUNTER_TRIAL
from peelian.technologies.crowd.counter_watch import COUNTER_WATCH
from peelian.technologies.crowd.density_watch import DENSITY_WATCH
from peelian.technologies.crowd.formats import FORMATS
from peelian.technologies.crowd.noise_trial import NOISE_TRIAL
from peelian.technologies.crowd.noise_watch import NOISE_WATCH

TECHNOLOGY = Technology(
    id="crowd",
    title="Crowd management",
    capabilities=(NOISE_TRIAL, COUNTER_TRIAL),
    formats=FORMATS,
    trial=Trial(capability="crowd.noise_trial", role="levels", purpose=Purpose.PROOF),
    watches=(NOISE_WATCH, DENSITY_WATCH, COUNTER_WATCH),
)
