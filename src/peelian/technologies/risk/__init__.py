"""Risk assessment: audits an instrument that scores people, from counts, never from personal records."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.risk.auditing import AUDIT
from peelian.technologies.risk.formats import FORMATS
from peelian.technologies.risk.planner import PLANNER

CAPABILITIES = (AUDIT, PLANNER)

TECHNOLOGY = Technology(
    id="risk",
    title="Risk assessment instruments (audit only)",
    capabilities=CAPABILITIES,
    formats=FORMATS,
    trial=Trial(capability="risk.audit", role="tally", purpose=Purpose.AUDIT),
)
