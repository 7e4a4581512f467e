"""Declare the capability `risk.audit`: what it reads and returns, who may request it and who decides."""

from __future__ import annotations

from peelian.kernel.model.capability import Arithmetic, Asks, Capability, Emit, Purpose, Read, Role, Shows
from peelian.technologies.risk.audit import audit
from peelian.technologies.risk.contest import RIVAL_COLUMNS, RULE_COLUMNS
from peelian.technologies.risk.example import example
from peelian.technologies.risk.leakage import LEAKAGE_COLUMNS
from peelian.technologies.risk.params import AuditParams, check
from peelian.technologies.risk.publication import public
from peelian.technologies.risk.report import long_csv, report_json
from peelian.technologies.risk.rows import FIGURES_COLUMNS, RATES_COLUMNS
from peelian.technologies.risk.verdicts import VERDICT_COLUMNS
from peelian.technologies.risk.view import view
from peelian.technologies.risk.vocabulary import MESSAGES, VOCABULARY

ARITHMETIC = Arithmetic(
    run=audit,
    example=example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public,
    shows=Shows(
        view=view,
        writings={"audit.json": report_json, "csv": long_csv},
    ),
)

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
    reads=(Read(role="tally", shape="tally"),),
    emits=(
        Emit(table="verdicts", columns=VERDICT_COLUMNS),
        Emit(table="rates", columns=RATES_COLUMNS),
        Emit(table="figures", columns=FIGURES_COLUMNS),
        Emit(table="leakage", columns=LEAKAGE_COLUMNS),
        Emit(table="rivals", columns=RIVAL_COLUMNS),
        Emit(table="rules", columns=RULE_COLUMNS),
    ),
    arithmetic=lambda: ARITHMETIC,
)
