"""Smart surveillance: a gateway that takes counts and levels in, aggregates, and refuses whatever follows somebody."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.sensors.counts_format import FORMATS
from peelian.technologies.sensors.reporting import REPORT
from peelian.technologies.sensors.sealed_windows import FORMAT as QUARTERS

CAPABILITIES = (REPORT,)

TECHNOLOGY = Technology(
    id="sensors",
    title="Public space sensors: counts and levels only",
    capabilities=CAPABILITIES,
    formats=(*FORMATS, QUARTERS),
    trial=Trial(capability="sensors.report", role="windows", purpose=Purpose.AUDIT),
)
