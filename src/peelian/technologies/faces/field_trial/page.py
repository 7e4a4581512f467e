"""The page of a field trial's score."""

from __future__ import annotations

import math

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Column, Heading, Panels, Picture, Say, tabled
from peelian.technologies.faces.field_trial.declared import MISSED, PER_ALERT, PER_FACE, SCORES
from peelian.technologies.faces.shown import label, shares_picture


def figures(findings: Findings, say: Say) -> Panels:
    """The panels after the first page."""
    rows = findings.table("field")
    group = SCORES.column(say, "group", lambda row: label(row["group"], say))
    return [
        Heading(text=say("Figures")),
        *_pictures(rows, group, say),
        tabled(
            rows.records(),
            (
                SCORES.column(say, "measure"),
                group,
                *SCORES.shown(say, "errors", "n", "counted", "people", "rate"),
                Columns(say=say, percent=lambda row: True).interval(say("95% interval")),
                *SCORES.shown(say, "limit", "verdict", "compared"),
            ),
            caption=say("False alerts and missed passages, by group"),
            source=rows,
            folded=True,
        ),
    ]


def _pictures(rows: Table, group: Column, say: Say) -> list[Picture]:
    captions = {
        PER_FACE: say("False alerts per face seen"), PER_ALERT: say("False alerts per alert"),
        MISSED: say("Missed passages of crossers"),
    }  # fmt: skip
    made = []
    for measure, caption in captions.items():
        shown = [r for r in rows.records() if r["measure"] == measure and math.isfinite(r["low"])]
        limit = {"reference": shown[0]["limit"], "reference_name": say("limit")} if shown else {}
        made.append(shares_picture(shown, group, caption, say, **limit))
    return [picture for picture in made if picture]
