"""Panels of the override audit."""

from __future__ import annotations

from collections.abc import Sequence

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Series, lines
from peelian.pictures.columns import Line
from peelian.pictures.panels import Grid, Panels, Picture, Say, tabled
from peelian.pictures.words import amount
from peelian.technologies.risk.overrides.declared import AFTERWARDS, BY_GROUP, BY_SCORE
from peelian.technologies.risk.overrides.words import AGREES, DOWN, OUTCOMES, TOUCHED, UP
from peelian.technologies.risk.panels import Columns, board_page, columns_of, picture_of

TITLES = {UP: "Low scores overruled upward", DOWN: "High scores overruled downward"}


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, override rates by group and by score as pictures, tables folded. O(rows)."""
    rows, bands, after = (findings.table(name).records() for name in ("overrides", "bands", "after"))
    return board_page(
        findings,
        say,
        touches={AGREES, OUTCOMES, *TOUCHED.values()},
        pictures=[_rates(rows, say, UP), _rates(rows, say, DOWN), _by_score(bands, say)],
        grids=[_grid(rows, findings, say), *([_outcomes(after, findings, say)] if after else [])],
    )


def _rates(rows: Sequence[Line], say: Say, direction: str) -> Picture | None:
    """The override rate in one direction, for everyone and each group."""
    return picture_of(
        [row for row in rows if row["direction"] == direction],
        Columns(say=say, emit=BY_GROUP).like("value"),
        say(TITLES[direction]),
        "value",
        lambda shown: say(
            "From %(least)s to %(most)s in %(n)d %(n:group|groups).",
            least=amount(say, min(row["value"] for row in shown), percent=True),
            most=amount(say, max(row["value"] for row in shown), percent=True),
            n=len(shown),
        ),
        value_range=(0.0, None),
    )


def _by_score(bands: Sequence[Line], say: Say) -> Picture | None:
    shown = [row for row in bands if row["value"] == row["value"]]
    if len(shown) < 2:
        return None
    title = say(BY_SCORE.columns["value"].title)
    return lines(
        [
            Series(
                name=say("Everyone"),
                x=[row["at"] for row in shown],
                y=[row["value"] for row in shown],
                low=[row["lo"] for row in shown],
                high=[row["hi"] for row in shown],
            )
        ],
        x_title=say(BY_SCORE.columns["at"].title),
        y_title=title,
        caption=say("Share decided high, by score"),
        alternative=say(
            "From %(first)s at the lowest score to %(last)s at the highest.",
            first=amount(say, shown[0]["value"], percent=True),
            last=amount(say, shown[-1]["value"], percent=True),
        ),
        percent=True,
        x_percent=False,
        y_range=(0.0, None),
        say=say,
    )


def _grid(rows: Sequence[Line], findings: Findings, say: Say) -> Grid:
    of = columns_of(findings, say, BY_GROUP)
    return tabled(
        rows,
        [
            of.group,
            of.shown("direction"),
            of.shown("value", why=True),
            of.like("lo").interval(say("95% interval")),
            of.shown("ratio"),
            of.interval(say("Its 95% interval"), "ratio_lo", "ratio_hi"),
            of.shown("detectable"),
            of.people,
            *of.different,
            of.shown("verdict"),
        ],
        caption=say("Overrides by group"),
        folded=True,
    )


def _outcomes(after: Sequence[Line], findings: Findings, say: Say) -> Grid:
    of = columns_of(findings, say, AFTERWARDS)
    return tabled(
        after,
        [
            *map(of.shown, ("score", "decision", "value")),
            of.like("lo").interval(say("95% interval")),
            of.people,
        ],
        caption=say("What happened after score and decision, where it is known"),
        folded=True,
    )
