"""Risk assessment: the audit of an instrument that scores people, from counts and never from people."""

from peelian.kernel.model.capability import Purpose, Technology, Trial
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
