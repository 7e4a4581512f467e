"""Risk assessment: audits an instrument that scores people, from counts, never from personal records."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.risk.declarations.audit import AUDIT
from peelian.technologies.risk.declarations.planner import PLANNER


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.risk.formats import FORMATS

    return FORMATS


def _trial() -> Trial:
    return Trial(capability="risk.audit", role="tally", purpose=Purpose.AUDIT)


CAPABILITIES = (AUDIT, PLANNER)

TECHNOLOGY = Technology(
    id="risk",
    title="Risk assessment instruments (audit only)",
    capabilities=CAPABILITIES,
    formats=_formats,
    trial=_trial,
)
