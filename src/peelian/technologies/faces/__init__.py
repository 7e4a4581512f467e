"""Face recognition: audits a matcher's errors. Nothing here identifies anybody."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.faces.declarations.auditing import AUDIT, HISTOGRAM_AUDIT
from peelian.technologies.faces.declarations.lists import LISTS
from peelian.technologies.faces.declarations.planning import PLANNER
from peelian.technologies.faces.declarations.published import PUBLISHED_RATES
from peelian.technologies.faces.declarations.reviews import REVIEW


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.faces import formats_benchmark, formats_bob, formats_own, formats_pyeer

    return (*formats_own.FORMATS, *formats_bob.FORMATS, *formats_pyeer.FORMATS, *formats_benchmark.FORMATS)


def _trial() -> Trial:
    return Trial(capability="faces.audit", role="scores", purpose=Purpose.AUDIT)


CAPABILITIES = (AUDIT, HISTOGRAM_AUDIT, LISTS, REVIEW, PUBLISHED_RATES, PLANNER)

TECHNOLOGY = Technology(
    id="faces",
    title="Face recognition (audit only)",
    capabilities=CAPABILITIES,
    formats=_formats,
    trial=_trial,
)
