"""Charts of the audit: error trade-off curves, rates by group with intervals, and pairs of groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from peelian.measure.table import Table
from peelian.pictures import charts
from peelian.pictures.columns import Columns, dots
from peelian.pictures.panels import Column, Panel, Paragraph, Picture, Say
from peelian.pictures.words import amount, between
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.rates import FMR, WITHIN
from peelian.technologies.faces.reading import Floats
from peelian.technologies.faces.uncertainty import AT_MOST, FEW_ERRORS, INDICATIVE, MEASURED, NOT_DETERMINABLE
from peelian.technologies.faces.vocabulary import label

Row = dict[str, Any]
TOGETHER = 4  # curves in one frame; more are drawn side by side


def curves(points: Table, say: Say) -> Iterator[Panel]:
    """Detection error trade-off on normal-deviate axes; stretches with fewer than 30 errors are dashed and named so.

    Up to four curves share a frame. More stand side by side on the same axes, each with the curve of all.
    """
    shown = points.take((points["fmr"] > 0) & (points["fmr"] < 1) & (points["fnmr"] > 0) & (points["fnmr"] < 1))
    groups = list(dict.fromkeys(str(group) for group in shown["group"].tolist()))
    held = {group: _stretches(shown, group) for group in groups}
    held = {group: stretches for group, stretches in held.items() if stretches}
    if not held:
        yield Paragraph(
            text=say("Too few errors to draw a trade-off curve (10 of each kind needed)."),
            tone="limit",
        )
        return
    caption = say("Error trade-off, overall and within each group")
    alternative = say(
        "One curve per group. A lower curve means fewer false non-matches at the same false match "
        "rate. Curves far apart mean unequal errors between groups."
    )
    x_title, y_title = say("False match rate"), say("False non-match rate")
    if len(held) <= TOGETHER:
        picture = charts.lines(
            [one for group, stretches in held.items() for one in _named(group, stretches, say)],
            x_title=x_title,
            y_title=y_title,
            x_scale="probit",
            y_scale="probit",
            caption=caption,
            alternative=alternative,
            say=say,
        )
        yield _folded(picture, len(picture.twin.rows) if picture.twin else 0)
        return
    everybody = held.pop(EVERYBODY, {})
    yield charts.multiples(
        [charts.Pane(title=label(group, say), series=_beside(own, everybody, say)) for group, own in held.items()],
        x_title=x_title,
        y_title=y_title,
        x_scale="probit",
        y_scale="probit",
        caption=caption,
        alternative=alternative,
        say=say,
    )


def by_threshold(points: Table, threshold: float, say: Say) -> Iterator[Panel]:
    """Both error rates by threshold, a small chart per group on the same axes; nothing where too few errors tell."""
    panes = []
    for group in dict.fromkeys(str(group) for group in points["group"].tolist()):
        own = points.take(np.asarray(points["group"] == group, dtype=np.bool_))
        rates = [_enough(own, name) for name in ("fmr", "fnmr")]
        known = np.isfinite(np.array(rates)).any(axis=0)
        own, rates = own.take(np.flatnonzero(known)), [rate[known] for rate in rates]
        if all(np.isfinite(rate).any() for rate in rates):
            titles = (say("False match rate"), say("False non-match rate"))
            series = [
                charts.Series(name=title, x=own["threshold"], y=rate, dashed=title == titles[1])
                for title, rate in zip(titles, rates, strict=True)
            ]
            panes.append(charts.Pane(title=label(group, say), series=series))
    if not panes:
        return
    yield charts.multiples(
        panes,
        x_title=say("Threshold"),
        y_title=say("Error rate"),
        x_percent=False,
        y_scale="log",
        at=threshold,
        at_name=say("threshold of the first page"),
        caption=say("Error rates by threshold, overall and within each group"),
        alternative=say(
            "One small chart per group. Moving the threshold trades one error for the other. Groups whose curves lie "
            "apart are treated unequally at any common threshold."
        ),
        say=say,
    )


Stretches = dict[str, tuple[Floats, Floats]]


def _stretches(points: Table, group: str) -> Stretches:
    """A group's curve by how sure it is, each with gaps where the other kind of stretch lies."""
    sure = np.asarray((points["group"] == group) & (points["adequacy"] != NOT_DETERMINABLE), dtype=np.bool_)
    own = points.take(sure)
    found: Stretches = {}
    for adequacy in (MEASURED, INDICATIVE):
        keep = np.asarray(own["adequacy"] == adequacy, dtype=np.bool_)
        if keep.any():
            found[adequacy] = (own["fmr"], np.where(keep, own["fnmr"], math.nan))
    return found


def _named(group: str, stretches: Stretches, say: Say) -> Iterator[charts.Series]:
    name = label(group, say)
    for adequacy, (x, y) in stretches.items():
        indicative = adequacy == INDICATIVE
        yield charts.Series(name=f"{name} ({say(INDICATIVE)})" if indicative else name, x=x, y=y, dashed=indicative)


def _beside(own: Stretches, everybody: Stretches, say: Say) -> list[charts.Series]:
    """A pane's curves: the group's, its stretches of few errors, and that of all to compare with."""
    none = (np.array([math.nan]), np.array([math.nan]))
    names = (say("within the group"), say("within the group, fewer than 30 errors"), say("all"))
    held = (own.get(MEASURED, none), own.get(INDICATIVE, none), everybody.get(MEASURED, none))
    return [charts.Series(name=name, x=x, y=y) for name, (x, y) in zip(names, held, strict=True)]


def _enough(points: Table, name: str) -> Floats:
    """A rate where ten errors or more stand behind it, else nan."""
    rate, n = points[name], points[f"{name}_n"]
    made: Floats = np.where(np.round(rate * n) >= FEW_ERRORS, rate, math.nan)
    return made


def intervals_within(rows: Sequence[Row], measure: str, bar: float, say: Say) -> Iterator[Panel]:
    """A rate by group with its interval against the bar (0: none was set), at the headline threshold; nothing where no
    group has one."""
    named = [r for r in rows if r["measure"] == measure and r["group"] == r["other_group"]]
    named = [r for r in named if r["group"] not in (EVERYBODY, WITHIN)]
    made = [_interval(row, say) for row in named]
    if not any(math.isfinite(one.value) for one in made):
        return
    title = say("False match rate within the group") if measure == FMR else say("False non-match rate")
    yield _folded(
        charts.intervals(
            made,
            value_title=title,
            label_title=say("Group"),
            scale="log",
            reference=bar or None,
            reference_name=say("limit"),
            caption=say("%(rate)s at threshold “%(policy)s”", rate=title, policy=say(str(named[0]["policy"]))),
            alternative=say("One row per group with its 95% interval. The line marks the limit.")
            if bar
            else say("One row per group with its 95% interval."),
            say=say,
        ),
        len(made),
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
    yield _folded(
        charts.matrix(
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
        ),
        len(groups),
    )


def shares_picture(rows: Sequence[Row], name: Column, caption: str, say: Say, **drawn: Any) -> Picture | None:
    """A share with its 95% interval for each row, called by the column `name`."""
    return dots(
        rows,
        Columns(say=say, percent=lambda row: True),
        name,
        "rate",
        lambda shown: say("A dot and its 95%% interval for each of %(n)d lines.", n=len(shown)),
        note="of %(n)d",
        value_title=say("share"),
        caption=caption,
        value_range=(0.0, None),
        **drawn,
    )


def _folded(picture: Picture, rows: int) -> Picture:
    """The picture, its table folded where it has many rows."""
    if picture.twin is None or rows <= TOGETHER:
        return picture
    return replace(picture, twin=replace(picture.twin, folded=True))


def _interval(row: Row, say: Say) -> charts.Interval:
    name, n = label(row["group"], say), row["n"]
    if row["bound"] == AT_MOST:
        note = say("no error in %(n)d %(n:comparison|comparisons): upper bound", n=n)
        return charts.Interval(label=name, value=row["high"], note=note)
    note = say("%(n)d %(n:comparison|comparisons); %(sure)s", n=n, sure=say(row["adequacy"]))
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


def rate_text(row: dict[str, Any], say: Say) -> str:
    """A rate as text: with its interval, its bound, or "undetermined"."""
    rate, low, high = (float(row[name]) for name in ("rate", "low", "high"))
    if row["bound"] == AT_MOST and math.isfinite(high):
        return f"≤ {amount(say, high)}"
    if row["adequacy"] == NOT_DETERMINABLE or math.isnan(rate):
        return say(NOT_DETERMINABLE)
    text = amount(say, rate)
    if math.isfinite(low):
        text = f"{text} ({between(say, low, high)})"
    return qualified(text, row["adequacy"], say)


def qualified(text: str, adequacy: str, say: Say) -> str:
    if adequacy == NOT_DETERMINABLE:
        return say(NOT_DETERMINABLE)
    return f"{text}, {say(INDICATIVE)}" if adequacy == INDICATIVE else text
