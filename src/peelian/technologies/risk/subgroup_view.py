"""Panels of the subgroup search."""

from __future__ import annotations

from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Panels, Picture, Say, tabled
from peelian.pictures.words import amount, between
from peelian.technologies.risk.page import board_page
from peelian.technologies.risk.subgroup_words import NOBODY, TOUCHED
from peelian.technologies.risk.view_words import whole


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, the tested subgroups as a picture and as a folded table. O(rows)."""
    rows = findings.table("subgroups").records()
    grid = tabled(
        rows,
        [
            (say("Subgroup"), named),
            (say("Half that found it"), lambda row: amount(say, row["found"])),
            (say("Half that tested it"), lambda row: amount(say, row["ratio"])),
            (say("95% interval"), lambda row: between(say, row["lo"], row["hi"])),
            (say("Would be found"), lambda row: amount(say, row["detectable"])),
            (say("Adjusted p-value"), lambda row: amount(say, row["p"])),
            (say("People"), lambda row: whole(say, row["n"])),
            (say("Verdict"), lambda row: say(row["verdict"])),
        ],
        caption=say("Tested subgroups: observed over expected at the same score"),
        numeric={1, 2, 3, 4, 5, 6},
        folded=True,
    )
    return board_page(findings, say, touches={TOUCHED, NOBODY}, pictures=[_picture(rows, say)], grids=[grid])


def named(row: dict[str, Any]) -> str:
    """A subgroup by its columns and labels: "sex Male × age 18-24"."""
    parts = [f"{row[f'axis_{i}']} {row[f'group_{i}']}" for i in (1, 2, 3) if row[f"axis_{i}"]]
    return " × ".join(parts)


def _picture(rows: list[dict[str, Any]], say: Say) -> Picture | None:
    if not rows:
        return None
    title = say("Observed/expected at the same score")
    return intervals(
        [
            Interval(
                label=named(row),
                value=row["ratio"],
                low=row["lo"],
                high=row["hi"],
                note=say("n = %(n)s", n=whole(say, row["n"])),
            )
            for row in rows
        ],
        value_title=title,
        caption=title,
        alternative=say(
            "From %(least)s to %(most)s in %(n)d tested %(n:subgroup|subgroups), on people set aside.",
            least=amount(say, min(row["ratio"] for row in rows)),
            most=amount(say, max(row["ratio"] for row in rows)),
            n=len(rows),
        ),
        label_title=say("Subgroup"),
        reference=1.0,
        reference_name=say("As expected"),
        say=say,
    )
