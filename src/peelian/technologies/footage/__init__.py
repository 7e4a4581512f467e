"""Body cameras: custody of recordings, redaction, disclosure with proof, activation audit. No biometrics."""

from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import RecordWords, Technology
from peelian.technologies.footage.activation.declared import ACTIVATION
from peelian.technologies.footage.disclosure.declared import DISCLOSE
from peelian.technologies.footage.proposal.declared import PROPOSE
from peelian.technologies.footage.redaction.declared import REDACT
from peelian.technologies.footage.sample.declared import SAMPLE


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.footage.formats.lists import DISPATCH_CSV, RECORDINGS_CSV
    from peelian.technologies.footage.formats.plan import REDACTION_PLAN
    from peelian.technologies.footage.formats.video import VIDEO

    return (VIDEO, DISPATCH_CSV, RECORDINGS_CSV, REDACTION_PLAN)


CAPABILITIES = (PROPOSE, REDACT, DISCLOSE, ACTIVATION, SAMPLE)

TECHNOLOGY = Technology(
    id="footage",
    title="Body cameras: custody, redaction and disclosure",
    capabilities=CAPABILITIES,
    formats=_formats,
    impersonal=frozenset({"dispatch", "recordings"}),  # units and times
    former={"footage.detector_trial": "Detector trial"},
    records={
        "footage": RecordWords(many="recordings of body cameras", one="recording"),
        "redacted_footage": RecordWords(many="redacted copies of recordings", one="redacted copy"),
        "footage_package": RecordWords(many="packages with a redacted copy", one="recipient package"),
        "redaction_plan": RecordWords(many="plans for redaction", one="redaction plan"),
        "proposed_plan": RecordWords(many="plans for redaction", one="proposed plan"),
    },
)
