"""Panels of drift: each figure by quarter between its control limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Series, lines
from peelian.pictures.columns import Line
from peelian.pictures.panels import Grid, Panels, Picture, Say, tabled
from peelian.pictures.words import amount, quarter
from peelian.technologies.risk.drift.declared import CHANGES, METRICS, QUARTERLY
from peelian.technologies.risk.drift.words import SIZE, TOUCHED
from peelian.technologies.risk.panels import Columns, board_page, columns_of

PICTURED = ("observed_over_expected", "auc", "high_share", "people")


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, a picture of each figure, both tables folded. O(rows)."""
    rows = findings.table("by_quarter").records()
    quarters, changes = (
        columns_of(findings, say, emit, percent=lambda row: row["metric"] == "high_share")
        for emit in (QUARTERLY, CHANGES)
    )
    return board_page(
        findings,
        say,
        touches={SIZE, TOUCHED},
        pictures=[_picture(rows, quarters, metric) for metric in PICTURED],
        grids=[_verdicts(findings.table("drift").records(), changes), _quarters(rows, quarters)],
    )


def _picture(rows: Sequence[Line], of: Columns, metric: str) -> Picture | None:
    shown = [row for row in rows if row["metric"] == metric and row["value"] == row["value"]]
    if len(shown) < 2:
        return None
    say, percent = of.say, metric == "high_share"
    title = say(METRICS[metric])
    x = np.array([row["quarter"] for row in shown], dtype="datetime64[D]")
    limited = shown[0]["limit_low"] == shown[0]["limit_low"]
    limits = [
        Series(name=name, x=x, y=[row[key] for row in shown], dashed=True)
        for name, key in ((of.title(key), key) for key in ("limit_low", "limit_high"))
        if limited
    ]
    picture = lines(
        [Series(name=title, x=x, y=[row["value"] for row in shown]), *limits],
        x_title=of.title("quarter"),
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


def _verdicts(rows: Sequence[Line], of: Columns) -> Grid:
    say = of.say
    return tabled(
        rows,
        [
            *map(of.shown, ("metric", "verdict", "quarters", "before", "after")),
            of.interval(say("Difference, 95% interval")),
            of.shown("detectable"),
            (of.title("since"), lambda row: quarter(say, row["since"]) if row["lo"] == row["lo"] else ""),
        ],
        caption=say("Largest lasting change of each figure"),
        folded=True,
    )


def _quarters(rows: Sequence[Line], of: Columns) -> Grid:
    say = of.say
    return tabled(
        rows,
        [
            (of.title("quarter"), lambda row: quarter(say, row["quarter"])),
            of.shown("metric"),
            of.shown("value", why=True),
            of.interval(say("Control limits"), "limit_low", "limit_high"),
            of.people,
            of.shown("verdict"),
        ],
        caption=say("Figures by quarter"),
        folded=True,
    )
