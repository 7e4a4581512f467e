"""Risk assessment: audits an instrument that scores people, from counts, never from personal records."""

from peelian.kernel.model.capability import Purpose, deferred
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.risk.audit.declared import AUDIT
from peelian.technologies.risk.compare.declared import COMPARE
from peelian.technologies.risk.drift.declared import DRIFT
from peelian.technologies.risk.overrides.declared import OVERRIDES
from peelian.technologies.risk.planner.declared import PLANNER
from peelian.technologies.risk.subgroups.declared import SUBGROUPS


def _trial() -> Trial:
    return Trial(capability="risk.audit", role="tally", purpose=Purpose.AUDIT)


CAPABILITIES = (AUDIT, PLANNER, COMPARE, DRIFT, SUBGROUPS, OVERRIDES)

TECHNOLOGY = Technology(
    id="risk",
    title="Risk assessment instruments (audit only)",
    capabilities=CAPABILITIES,
    formats=deferred("peelian.technologies.risk.formats.tally:FORMATS"),
    trial=_trial,
    impersonal=frozenset({"tally", "pair", "quarters", "overrides"}),  # counts: people are left at the door
)
