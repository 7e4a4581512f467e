"""The page of a field trial's plan."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures import charts
from peelian.pictures.panels import Heading, Panels, Say, tabled
from peelian.technologies.faces.field_plan.declared import PLAN


def figures(findings: Findings, say: Say) -> Panels:
    """The panels after the first page."""
    plan = findings.table("plan")
    rows = plan.records()
    return [
        Heading(text=say("Figures")),
        charts.bars(
            [say("%(claim)s, %(scope)s", claim=say(row["claim"]), scope=say(row["scope"])) for row in rows],
            [charts.Bars(name="", values=[row["power"] for row in rows])],
            value_title=say("chance that the trial shows the limit kept, if the true share is half of it"),
            caption=say("What the planned trial can show"),
            alternative=say("One bar for each claim. 80% or more is enough."),
            percent=True,
            say=say,
        ),
        tabled(
            rows,
            PLAN.shown(say, *(name for name in PLAN.columns if name != "power")),
            caption=say("Claims, and the people and faces they need"),
            source=plan,
            folded=True,
        ),
    ]
