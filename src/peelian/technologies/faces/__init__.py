"""Face recognition: audits a matcher's errors. Nothing here identifies anybody."""

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.faces.declarations.auditing import AUDIT, HISTOGRAM_AUDIT
from peelian.technologies.faces.declarations.compare import COMPARE
from peelian.technologies.faces.declarations.field import FIELD_PLAN, FIELD_TRIAL
from peelian.technologies.faces.declarations.lists import LISTS
from peelian.technologies.faces.declarations.planning import PLANNER
from peelian.technologies.faces.declarations.published import PUBLISHED_RATES
from peelian.technologies.faces.declarations.reviews import REVIEW
from peelian.technologies.faces.declarations.search_log import SEARCH_LOG


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.faces import (
        formats_benchmark,
        formats_bob,
        formats_field,
        formats_own,
        formats_pairs,
        formats_pyeer,
        formats_search_log,
    )

    return (
        *formats_own.FORMATS,
        *formats_bob.FORMATS,
        *formats_pyeer.FORMATS,
        *formats_benchmark.FORMATS,
        *formats_pairs.FORMATS,
        *formats_search_log.FORMATS,
        *formats_field.FORMATS,
    )


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
)
