"""The audit of an instrument that scores people."""

from __future__ import annotations

from peelian.technologies.risk.declarations.columns import FIGURES, LEAKAGE, RATES, RIVALS, RULES, VERDICTS
from peelian.technologies.risk.declarations.shared import an_audit
from peelian.technologies.risk.params import AuditParams, fitting

AUDIT = an_audit(
    "risk.audit",
    "Risk instrument audit",
    "Checks calibration, error rates and validation of a risk score by group, from counts, never from personal "
    "records.",
    AuditParams,
    fitting,
    arithmetic="auditing",
    emits=(VERDICTS, RATES, FIGURES, LEAKAGE, RIVALS, RULES),
    reads=("tally", "tally", "tally"),
)
