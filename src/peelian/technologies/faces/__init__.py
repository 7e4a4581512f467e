"""Face recognition: audits a matcher's errors. Nothing here identifies anybody."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import RecordWords, Technology, Trial
from peelian.technologies.faces.audit.declared import AUDIT, HISTOGRAM_AUDIT
from peelian.technologies.faces.compare.declared import COMPARE
from peelian.technologies.faces.field_plan.declared import FIELD_PLAN
from peelian.technologies.faces.field_trial.declared import FIELD_TRIAL
from peelian.technologies.faces.lists.declared import LISTS
from peelian.technologies.faces.planning.declared import PLANNER
from peelian.technologies.faces.published.declared import PUBLISHED_RATES
from peelian.technologies.faces.reviews.declared import REVIEW
from peelian.technologies.faces.search_log.declared import SEARCH_LOG


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.faces import formats_benchmark
    from peelian.technologies.faces.formats import bob, field, own, pairs, pyeer, search_log

    every = (own, bob, pyeer, formats_benchmark, pairs, search_log, field)
    return tuple(one for module in every for one in module.FORMATS)


def _trial() -> Trial:
    return Trial(capability="faces.audit", role="scores", purpose=Purpose.AUDIT)


CAPABILITIES = (
    AUDIT,
    HISTOGRAM_AUDIT,
    LISTS,
    REVIEW,
    PUBLISHED_RATES,
    PLANNER,
    COMPARE,
    SEARCH_LOG,
    FIELD_PLAN,
    FIELD_TRIAL,
)

TECHNOLOGY = Technology(
    id="faces",
    title="Face recognition (audit only)",
    capabilities=CAPABILITIES,
    formats=_formats,
    trial=_trial,
    impersonal=frozenset({"face_histogram", "face_bounds", "face_published_rates"}),
    records={"": RecordWords(many="records of a test of face matching")},
)
