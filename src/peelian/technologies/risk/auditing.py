"""The arithmetic of `risk.audit`: what it computes, says and shows."""

from __future__ import annotations

from peelian.kernel.model.capability import Arithmetic, Shows
from peelian.technologies.risk.audit import audit
from peelian.technologies.risk.dependence import ASSESSED
from peelian.technologies.risk.example import example
from peelian.technologies.risk.publication import public
from peelian.technologies.risk.report import long_csv, report_json
from peelian.technologies.risk.view import view
from peelian.technologies.risk.vocabulary import MESSAGES, VOCABULARY

ARITHMETIC = Arithmetic(
    run=audit,
    example=example,
    messages=MESSAGES | {ASSESSED},
    vocabulary=VOCABULARY,
    public=public,
    shows=Shows(
        view=view,
        writings={"audit.json": report_json, "csv": long_csv},
    ),
)
