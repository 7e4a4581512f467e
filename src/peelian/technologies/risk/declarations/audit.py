"""The audit of an instrument that scores people."""

from __future__ import annotations

from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.technologies.risk.declarations.columns import (
    FIGURES_COLUMNS,
    LEAKAGE_COLUMNS,
    RATES_COLUMNS,
    RIVAL_COLUMNS,
    RULE_COLUMNS,
    VERDICT_COLUMNS,
)
from peelian.technologies.risk.params import AuditParams, check

AUDIT = Capability(
    id="risk.audit",
    title="Risk instrument audit",
    about=(
        "Checks calibration, error rates and validation of a risk score by group, from counts, never from "
        "personal records."
    ),
    asks=Asks(
        params=AuditParams,
        check=check,
        # No authorization is needed: an audit of counts harms nobody, and any town should be able to check.
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    ),
    reads=(Read(role="tally", title="tally", shape="tally"),),
    emits=(
        Emit(table="verdicts", columns=VERDICT_COLUMNS),
        Emit(table="rates", columns=RATES_COLUMNS),
        Emit(table="figures", columns=FIGURES_COLUMNS),
        Emit(table="leakage", columns=LEAKAGE_COLUMNS),
        Emit(table="rivals", columns=RIVAL_COLUMNS),
        Emit(table="rules", columns=RULE_COLUMNS),
    ),
    arithmetic=deferred("peelian.technologies.risk.auditing:ARITHMETIC"),
)
