"""Charts of the audit: error trade-off curves, rates by group with intervals, and pairs of groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from peelian.measure.table import Table
from peelian.pictures import charts
from peelian.pictures.panels import Panel, Paragraph, Say
from peelian.pictures.words import amount
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.rates import FMR, WITHIN
from peelian.technologies.faces.uncertainty import AT_MOST, INDICATIVE, MEASURED, NOT_DETERMINABLE
from peelian.technologies.faces.vocabulary import label

Row = dict[str, Any]
MOST_CURVES = 9


def curves(points: Table, say: Say) -> Iterator[Panel]:
    """Detection error trade-off on normal-deviate axes; stretches with fewer than 30 errors are dashed and named so."""
    drawn = []
    shown = (points["fmr"] > 0) & (points["fmr"] < 1) & (points["fnmr"] > 0) & (points["fnmr"] < 1)
    for group in list(dict.fromkeys(points["group"].tolist()))[:MOST_CURVES]:
        own = points.take(np.asarray(points["group"] == group, dtype=np.bool_) & shown)
        for adequacy in (MEASURED, INDICATIVE):
            keep = np.asarray(own["adequacy"] == adequacy, dtype=np.bool_)
            if keep.any():
                name = label(str(group), say)
                drawn.append(
                    charts.Series(
                        name=name if adequacy == MEASURED else f"{name} ({say(INDICATIVE)})",
                        x=own["fmr"],
                        y=np.where(keep, own["fnmr"], math.nan),  # a gap where the other kind of stretch lies
                        dashed=adequacy == INDICATIVE,
                    )
                )
    if not drawn:
        yield Paragraph(
            text=say("Too few errors to draw a trade-off curve (10 of each kind needed)."),
            tone="limit",
        )
        return
    yield charts.lines(
        drawn,
        x_title=say("False match rate"),
        y_title=say("False non-match rate"),
        x_scale="probit",
        y_scale="probit",
        caption=say("Error trade-off, overall and within each group"),
        alternative=say(
            "One curve per group. A lower curve means fewer false non-matches at the same false match "
            "rate. Curves far apart mean unequal errors between groups."
        ),
        say=say,
    )


def intervals_within(rows: Sequence[Row], measure: str, bar: float, say: Say) -> Iterator[Panel]:
    """A rate by group with its interval against the bar, at the headline threshold; nothing where no group has one."""
    named = [r for r in rows if r["measure"] == measure and r["group"] == r["other_group"]]
    named = [r for r in named if r["group"] not in (EVERYBODY, WITHIN)]
    made = [_interval(row, say) for row in named]
    if not any(math.isfinite(one.value) for one in made):
        return
    title = say("False match rate within the group") if measure == FMR else say("False non-match rate")
    yield charts.intervals(
        made,
        value_title=title,
        label_title=say("Group"),
        scale="log",
        reference=bar,
        reference_name=say("limit"),
        caption=say("%(rate)s at threshold “%(policy)s”", rate=title, policy=say(str(named[0]["policy"]))),
        alternative=say("One row per group with its 95% interval. The line marks the limit."),
        say=say,
    )


def matrix_of(rows: Sequence[Row], say: Say) -> Iterator[Panel]:
    """False match rates by pair of groups at the headline threshold; nothing with fewer than two groups."""
    pairs = {(r["group"], r["other_group"]): r for r in rows if r["measure"] == FMR}
    groups = list(dict.fromkeys(g for g, _ in pairs if g not in (EVERYBODY, WITHIN)))
    if len(groups) < 2:
        return
    values, text = np.full((len(groups), len(groups)), math.nan), []
    for i, g in enumerate(groups):
        text.append([""] * len(groups))
        for j, h in enumerate(groups):
            row = pairs.get((g, h), pairs.get((h, g)))
            values[i, j], text[i][j] = _cell(row, say)
    labels = [label(g, say) for g in groups]
    yield charts.matrix(
        labels,
        labels,
        values,
        row_title=say("one person's group"),
        column_title=say("the other person's group"),
        colour="log",
        text=text,
        caption=say("False match rate by pair of groups"),
        alternative=say(
            "Diagonal: comparisons within a group. Darker cells: more false matches. Star: fewer than 30 errors. "
            "Question mark: fewer than 10. ≤: none."
        ),
        say=say,
    )


def _interval(row: Row, say: Say) -> charts.Interval:
    name, n = label(row["group"], say), row["n"]
    if row["bound"] == AT_MOST:
        note = say("no error in %(n)d comparisons: upper bound", n=n)
        return charts.Interval(label=name, value=row["high"], note=note)
    note = say("%(n)d comparisons; %(sure)s", n=n, sure=say(row["adequacy"]))
    if row["adequacy"] == NOT_DETERMINABLE:
        return charts.Interval(label=name, value=math.nan, note=note)
    return charts.Interval(label=name, value=row["rate"], low=row["low"], high=row["high"], note=note)


def _cell(row: Row | None, say: Say) -> tuple[float, str]:
    if row is None or not row["n"]:
        return math.nan, "–"
    if row["bound"] == AT_MOST and math.isfinite(row["high"]):
        return math.nan, f"≤ {amount(say, row['high'])}"
    if row["adequacy"] == NOT_DETERMINABLE or math.isnan(row["rate"]):
        return math.nan, "?"
    star = "*" if row["adequacy"] == INDICATIVE else ""
    return float(row["rate"]), amount(say, row["rate"]) + star
