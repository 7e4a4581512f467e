"""Panels of the override audit."""

from __future__ import annotations

from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Interval, Series, intervals, lines
from peelian.pictures.panels import Grid, Panels, Picture, Say, tabled
from peelian.pictures.words import amount, between
from peelian.technologies.risk.override_words import AGREES, DOWN, OUTCOMES, TOUCHED, UP
from peelian.technologies.risk.page import board_page
from peelian.technologies.risk.suppression import SHOWN
from peelian.technologies.risk.view_words import HIDDEN, group_name, whole

TITLES = {UP: "Low scores overruled upward", DOWN: "High scores overruled downward"}


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, override rates by group and by score as pictures, tables folded. O(rows)."""
    rows = findings.table("overrides").records()
    bands = findings.table("bands").records()
    after = findings.table("after").records()
    return board_page(
        findings,
        say,
        touches={AGREES, OUTCOMES, *TOUCHED.values()},
        pictures=[_rates(rows, say, UP), _rates(rows, say, DOWN), _by_score(bands, say)],
        grids=[_grid(rows, say), *([_outcomes(after, say)] if after else [])],
    )


def _rates(rows: list[dict[str, Any]], say: Say, direction: str) -> Picture | None:
    """The override rate in one direction, for everyone and each group."""
    shown = [row for row in rows if row["direction"] == direction and row["value"] == row["value"]]
    if not shown:
        return None
    title = say(TITLES[direction])
    return intervals(
        [
            Interval(
                label=group_name(say, row["axis"], row["group"]),
                value=row["value"],
                low=row["lo"],
                high=row["hi"],
                note=say("n = %(n)s", n=whole(say, row["n"])),
                group=row["axis"] if row["axis"] != row["group"] else "",
            )
            for row in shown
        ],
        value_title=title,
        caption=title,
        alternative=say(
            "From %(least)s to %(most)s in %(n)d %(n:group|groups).",
            least=amount(say, min(row["value"] for row in shown), percent=True),
            most=amount(say, max(row["value"] for row in shown), percent=True),
            n=len(shown),
        ),
        label_title=say("Group"),
        percent=True,
        value_range=(0.0, None),
        say=say,
    )


def _by_score(bands: list[dict[str, Any]], say: Say) -> Picture | None:
    shown = [row for row in bands if row["value"] == row["value"]]
    if len(shown) < 2:
        return None
    title = say("Share decided high")
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
        x_title=say("Score"),
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


def _grid(rows: list[dict[str, Any]], say: Say) -> Grid:
    def share(row: dict[str, Any]) -> str:
        if row["suppressed"] != SHOWN:
            return say(HIDDEN[row["suppressed"]])
        return amount(say, row["value"], percent=True)

    def ends(row: dict[str, Any], low: str, high: str, *, percent: bool = False) -> str:
        return between(say, row[low], row[high], percent=percent) if row[low] == row[low] else ""

    return tabled(
        rows,
        [
            (say("Group"), lambda row: group_name(say, row["axis"], row["group"])),
            (say("Direction"), lambda row: say(row["direction"])),
            (say("Overruled"), share),
            (say("95% interval"), lambda row: ends(row, "lo", "hi", percent=True)),
            (say("Ratio at the same score"), lambda row: amount(say, row["ratio"])),
            (say("Its 95% interval"), lambda row: ends(row, "ratio_lo", "ratio_hi")),
            (say("Would be found"), lambda row: amount(say, row["detectable"])),
            (say("People"), lambda row: whole(say, row["n"]) if row["n"] else ""),
            (say("Verdict"), lambda row: say(row["verdict"]) if row["verdict"] else ""),
        ],
        caption=say("Overrides by group"),
        numeric={2, 3, 4, 5, 6, 7},
        folded=True,
    )


def _outcomes(after: list[dict[str, Any]], say: Say) -> Grid:
    return tabled(
        after,
        [
            (say("Score"), lambda row: say(row["score"])),
            (say("Decision"), lambda row: say(row["decision"])),
            (say("Share with the outcome"), lambda row: amount(say, row["value"], percent=True)),
            (
                say("95% interval"),
                lambda row: between(say, row["lo"], row["hi"], percent=True) if row["lo"] == row["lo"] else "",
            ),
            (say("People"), lambda row: whole(say, row["n"]) if row["n"] else ""),
        ],
        caption=say("What happened after score and decision, where it is known"),
        numeric={2, 3, 4},
        folded=True,
    )
