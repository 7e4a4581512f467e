"""Panels of the comparison of two scores."""

from __future__ import annotations

from collections.abc import Sequence

from peelian.kernel.model.capability import Findings
from peelian.pictures.columns import Line
from peelian.pictures.panels import Panels, Picture, Say, tabled
from peelian.pictures.words import amount
from peelian.technologies.risk.compare.declared import COMPARISON
from peelian.technologies.risk.compare.words import BY_GROUP, MOVED
from peelian.technologies.risk.panels import Columns, board_page, columns_of, picture_of

PERCENT = frozenset({"high_share", "fpr", "fnr", "expected"})
PICTURED = (("auc", "Difference in AUC"), ("fpr", "Difference in false positive rate"))


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, differences by group as pictures, the whole table folded. O(rows)."""
    rows = findings.table("comparison").records()
    of = columns_of(findings, say, COMPARISON, percent=lambda row: row["metric"] in PERCENT)
    grid = tabled(
        rows,
        [
            of.group,
            of.shown("metric"),
            of.shown("first", why=True),
            of.shown("second"),
            of.shown("difference"),
            of.interval(say("95% interval")),
            of.shown("detectable"),
            of.people,
            *of.different,
            of.shown("verdict"),
        ],
        caption=say("Both scores by group"),
        folded=True,
    )
    pictures = [_picture([row for row in rows if row["metric"] == name], of, say(title)) for name, title in PICTURED]
    return board_page(findings, say, touches={MOVED, BY_GROUP}, pictures=pictures, grids=[grid])


def _picture(rows: Sequence[Line], of: Columns, title: str) -> Picture | None:
    """Second minus first with its interval, for everyone and each group."""
    say, percent = of.say, any(row["metric"] in PERCENT for row in rows)
    return picture_of(
        rows,
        of,
        title,
        "difference",
        lambda shown: say(
            "Second score minus first, for %(n)d %(n:group|groups). Everyone: %(all)s.",
            n=len(shown),
            all=amount(say, shown[0]["difference"], percent=percent),
        ),
        reference=0.0,
        reference_name=say("No difference"),
    )
