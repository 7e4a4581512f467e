"""Body cameras: custody of recordings, redaction, disclosure with proof, activation audit. No biometrics."""

from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import Technology
from peelian.technologies.footage.declarations.activation_audit import ACTIVATION, SAMPLE
from peelian.technologies.footage.declarations.disclosure import DISCLOSE
from peelian.technologies.footage.declarations.proposal import PROPOSE
from peelian.technologies.footage.declarations.redact import REDACT


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.footage import formats, plan_format

    return (*formats.FORMATS, plan_format.REDACTION_PLAN)


CAPABILITIES = (PROPOSE, REDACT, DISCLOSE, ACTIVATION, SAMPLE)

TECHNOLOGY = Technology(
    id="footage",
    title="Body cameras: custody, redaction and disclosure",
    capabilities=CAPABILITIES,
    formats=_formats,
    impersonal=frozenset({"dispatch", "recordings"}),  # units and times
    former={"footage.detector_trial": "Detector trial"},
)
