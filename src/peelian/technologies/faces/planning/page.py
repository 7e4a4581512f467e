"""The page of the sample size of a trial."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Panels, Say, tabled
from peelian.technologies.faces.planning.declared import PLAN
from peelian.technologies.faces.shown import sentences


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    plan = findings.table("plan")
    return [
        *sentences(findings, say),
        tabled(
            plan.records(),
            PLAN.shown(say),
            caption=say("Comparisons and subjects needed for each claim"),
            source=plan,
        ),
    ]
