"""Panels of the comparison of two scores."""

from __future__ import annotations

from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Grid, Panels, Picture, Say, tabled
from peelian.pictures.words import amount, between
from peelian.technologies.risk.compare_words import BY_GROUP, METRICS, MOVED
from peelian.technologies.risk.page import board_page
from peelian.technologies.risk.suppression import SHOWN
from peelian.technologies.risk.view_words import HIDDEN, group_name, whole

PERCENT = frozenset({"high_share", "fpr", "fnr", "expected"})
PICTURED = (("auc", "Difference in AUC"), ("fpr", "Difference in false positive rate"))


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, differences by group as pictures, the whole table folded. O(rows)."""
    rows = findings.table("comparison").records()
    return board_page(
        findings,
        say,
        touches={MOVED, BY_GROUP},
        pictures=[_picture(rows, say, metric, say(title)) for metric, title in PICTURED],
        grids=[_grid(rows, say)],
    )


def _picture(rows: list[dict[str, Any]], say: Say, metric: str, title: str) -> Picture | None:
    """Second minus first with its interval, for everyone and each group."""
    shown = [row for row in rows if row["metric"] == metric and row["difference"] == row["difference"]]
    if not shown:
        return None
    percent = metric in PERCENT
    return intervals(
        [
            Interval(
                label=group_name(say, row["axis"], row["group"]),
                value=row["difference"],
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
            "Second score minus first, for %(n)d %(n:group|groups). Everyone: %(all)s.",
            n=len(shown),
            all=amount(say, shown[0]["difference"], percent=percent),
        ),
        label_title=say("Group"),
        percent=percent,
        reference=0.0,
        reference_name=say("No difference"),
        say=say,
    )


def _grid(rows: list[dict[str, Any]], say: Say) -> Grid:
    def number(row: dict[str, Any], name: str) -> str:
        if row["suppressed"] != SHOWN:
            return say(HIDDEN[row["suppressed"]]) if name == "first" else ""
        return amount(say, row[name], percent=row["metric"] in PERCENT)

    def ends(row: dict[str, Any]) -> str:
        known = row["lo"] == row["lo"]
        return between(say, row["lo"], row["hi"], percent=row["metric"] in PERCENT) if known else ""

    return tabled(
        rows,
        [
            (say("Group"), lambda row: group_name(say, row["axis"], row["group"])),
            (say("Measure"), lambda row: say(METRICS[row["metric"]])),
            (say("First score"), lambda row: number(row, "first")),
            (say("Second score"), lambda row: number(row, "second")),
            (say("Difference"), lambda row: number(row, "difference")),
            (say("95% interval"), ends),
            (say("Would be found"), lambda row: number(row, "detectable")),
            (say("People"), lambda row: whole(say, row["n"]) if row["n"] else ""),
            (say("Verdict"), lambda row: say(row["verdict"]) if row["verdict"] else ""),
        ],
        caption=say("Both scores by group"),
        numeric={2, 3, 4, 5, 6, 7},
        folded=True,
    )
