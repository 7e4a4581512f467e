"""Face recognition: audits a matcher's errors. Nothing here identifies anybody."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.faces import formats_benchmark, formats_bob, formats_own, formats_pyeer
from peelian.technologies.faces.auditing import AUDIT, HISTOGRAM_AUDIT
from peelian.technologies.faces.lists_view import LISTS
from peelian.technologies.faces.planning import PLANNER
from peelian.technologies.faces.published import PUBLISHED_RATES

CAPABILITIES = (AUDIT, HISTOGRAM_AUDIT, LISTS, PUBLISHED_RATES, PLANNER)

TECHNOLOGY = Technology(
    id="faces",
    title="Face recognition (audit only)",
    capabilities=CAPABILITIES,
    formats=(*formats_own.FORMATS, *formats_bob.FORMATS, *formats_pyeer.FORMATS, *formats_benchmark.FORMATS),
    trial=Trial(capability="faces.audit", role="scores", purpose=Purpose.AUDIT),
)
