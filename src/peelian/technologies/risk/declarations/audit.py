"""The audit of an instrument that scores people."""

from __future__ import annotations

from peelian.technologies.risk.declarations.columns import (
    FIGURES_COLUMNS,
    LEAKAGE_COLUMNS,
    RATES_COLUMNS,
    RIVAL_COLUMNS,
    RULE_COLUMNS,
    VERDICT_COLUMNS,
)
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
    emits={
        "verdicts": VERDICT_COLUMNS,
        "rates": RATES_COLUMNS,
        "figures": FIGURES_COLUMNS,
        "leakage": LEAKAGE_COLUMNS,
        "rivals": RIVAL_COLUMNS,
        "rules": RULE_COLUMNS,
    },
    reads=("tally", "tally", "tally"),
)
