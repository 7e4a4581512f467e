"""Body cameras: custody of recordings, redaction, disclosure with proof, and whether cameras were on. No biometrics."""

from peelian.kernel.model.technology import Technology
from peelian.technologies.footage import formats, other_detectors, plan_format
from peelian.technologies.footage.activation_audit import ACTIVATION, SAMPLE
from peelian.technologies.footage.disclosure import DISCLOSE
from peelian.technologies.footage.proposal import PROPOSE
from peelian.technologies.footage.redact import REDACT

CAPABILITIES = (PROPOSE, REDACT, DISCLOSE, ACTIVATION, SAMPLE)

TECHNOLOGY = Technology(
    id="footage",
    title="Body cameras: custody, redaction and disclosure",
    capabilities=CAPABILITIES,
    formats=(*formats.FORMATS, plan_format.REDACTION_PLAN, other_detectors.BOX_DETECTOR),
)
