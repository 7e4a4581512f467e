"""Public space sensors: a gateway that accepts counts and levels only, and refuses data that could follow a person."""

from peelian.kernel.model.capability import Purpose, Role, deferred
from peelian.kernel.model.formats import Format
from peelian.kernel.model.technology import Technology, Trial
from peelian.technologies.sensors.declarations.reporting import REPORT


def _formats() -> tuple[Format, ...]:
    from peelian.technologies.sensors.counts_format import FORMATS
    from peelian.technologies.sensors.sealed_windows import FORMAT

    return (*FORMATS, FORMAT)


def _trial() -> Trial:
    return Trial(capability="sensors.report", role="windows", purpose=Purpose.AUDIT)


CAPABILITIES = (REPORT,)
DUTIES = {
    # 15-minute sums: to be released with noise, or put together for the day's report
    "quarters": frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER, Role.ANALYST, Role.CUSTODIAN, Role.AUDITOR})
}

TECHNOLOGY = Technology(
    id="sensors",
    title="Public space sensors: counts and levels only",
    capabilities=CAPABILITIES,
    formats=_formats,
    trial=_trial,
    duties=DUTIES,
    impersonal=frozenset({"windows", "quarters"}),  # of places, or of enough homes together
    says=deferred("peelian.technologies.sensors.saying:may_say"),
)
