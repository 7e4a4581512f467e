"""Panels of drift: each figure by quarter between its control limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Grid, Panels, Picture, Say, tabled
from peelian.pictures.words import amount, between, quarter
from peelian.technologies.risk.drift_words import METRICS, SIZE, TOUCHED
from peelian.technologies.risk.page import board_page
from peelian.technologies.risk.suppression import SHOWN
from peelian.technologies.risk.view_words import HIDDEN, whole

PICTURED = ("observed_over_expected", "auc", "high_share", "people")


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, a picture of each figure, both tables folded. O(rows)."""
    rows = findings.table("by_quarter").records()
    return board_page(
        findings,
        say,
        touches={SIZE, TOUCHED},
        pictures=[_picture(rows, say, metric) for metric in PICTURED],
        grids=[_verdicts(findings.table("drift").records(), say), _quarters(rows, say)],
    )


def _picture(rows: list[dict[str, Any]], say: Say, metric: str) -> Picture | None:
    shown = [row for row in rows if row["metric"] == metric and row["value"] == row["value"]]
    if len(shown) < 2:
        return None
    title, percent = say(METRICS[metric]), metric == "high_share"
    x = np.array([row["quarter"] for row in shown], dtype="datetime64[D]")
    limited = shown[0]["limit_low"] == shown[0]["limit_low"]
    limits = [
        Series(name=name, x=x, y=[row[key] for row in shown], dashed=True)
        for name, key in ((say("Lower limit"), "limit_low"), (say("Upper limit"), "limit_high"))
        if limited
    ]
    picture = lines(
        [Series(name=title, x=x, y=[row["value"] for row in shown]), *limits],
        x_title=say("Quarter"),
        y_title=title,
        caption=say("%(measure)s by quarter", measure=title),
        alternative=say(
            "From %(first)s in the first quarter to %(last)s in the last.",
            first=amount(say, shown[0]["value"], percent=percent),
            last=amount(say, shown[-1]["value"], percent=percent),
        ),
        percent=percent,
        x_percent=False,
        x_scale="time",
        y_range=(0.0, None) if metric == "people" else (None, None),
        say=say,
    )
    if picture.twin is None:
        return picture
    said = tuple((name, quarter(say, day), value) for name, day, value in picture.twin.rows)
    return replace(picture, twin=replace(picture.twin, rows=said))


def _verdicts(rows: list[dict[str, Any]], say: Say) -> Grid:
    def number(row: dict[str, Any], name: str) -> str:
        return amount(say, row[name], percent=row["metric"] == "high_share")

    return tabled(
        rows,
        [
            (say("Measure"), lambda row: say(METRICS[row["metric"]])),
            (say("Verdict"), lambda row: say(row["verdict"])),
            (say("Quarters"), lambda row: whole(say, row["quarters"])),
            (say("Before"), lambda row: number(row, "before")),
            (say("After"), lambda row: number(row, "after")),
            (
                say("Difference, 95% interval"),
                lambda row: (
                    between(say, row["lo"], row["hi"], percent=row["metric"] == "high_share")
                    if row["lo"] == row["lo"]
                    else ""
                ),
            ),
            (say("Would be found"), lambda row: number(row, "detectable")),
            (say("Largest difference since"), lambda row: quarter(say, row["since"]) if row["lo"] == row["lo"] else ""),
        ],
        caption=say("Largest lasting change of each figure"),
        numeric={2, 3, 4, 5, 6},
        folded=True,
    )


def _quarters(rows: list[dict[str, Any]], say: Say) -> Grid:
    def value(row: dict[str, Any]) -> str:
        if row["suppressed"] != SHOWN:
            return say(HIDDEN[row["suppressed"]])
        return amount(say, row["value"], percent=row["metric"] == "high_share")

    def limits(row: dict[str, Any]) -> str:
        known = row["limit_low"] == row["limit_low"]
        percent = row["metric"] == "high_share"
        return between(say, row["limit_low"], row["limit_high"], percent=percent) if known else ""

    return tabled(
        rows,
        [
            (say("Quarter"), lambda row: quarter(say, row["quarter"])),
            (say("Measure"), lambda row: say(METRICS[row["metric"]])),
            (say("Value"), value),
            (say("Control limits"), limits),
            (say("People"), lambda row: whole(say, row["n"]) if row["n"] else ""),
            (say("Verdict"), lambda row: say(row["verdict"]) if row["verdict"] else ""),
        ],
        caption=say("Figures by quarter"),
        numeric={2, 3, 4},
        folded=True,
    )
