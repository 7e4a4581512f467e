"""Dot-and-whisker plots: one value with its interval per row, labels above so that they fit a phone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError
from peelian.pictures.frame import Axis, Key, legend, stroke
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.scales import Kind, Scale
from peelian.pictures.svg import COLOURS, LINE, WIDTH, drawing, line, marker, tag, text_width, words, wrapped
from peelian.pictures.words import amount, between, english

REFERENCE = 4  # the plain ink among the colours


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One row: a value with its bounds (NaN for none), and a note such as its n. `group` chooses mark and colour.

    `beyond`: the value would squash all others. The axis is drawn without it, and an arrow and a note say where it is.
    """

    label: str
    value: float
    low: float = math.nan
    high: float = math.nan
    note: str = ""
    group: str = ""
    beyond: bool = False


def intervals(
    rows: Sequence[Interval],
    *,
    value_title: str,
    caption: str,
    alternative: str,
    label_title: str = "",
    scale: Kind = "linear",
    percent: bool = False,
    reference: float | None = None,
    reference_name: str = "",
    value_range: tuple[float | None, float | None] = (None, None),
    say: Say = english,
) -> Picture:
    """A row per interval: label and figures above, dot and whisker below; a line across all rows at `reference`.

    InputError: no rows, or no value the scale can show. O(rows).
    """
    if not rows:
        raise InputError("a plot of intervals needs at least one row", accepted="one or more rows")
    axis = Axis(title=value_title, scale=scale, percent=percent, low=value_range[0], high=value_range[1])
    shown = [row for row in rows if not row.beyond] or rows
    known = [v for row in shown for v in (row.value, row.low, row.high)] + ([] if reference is None else [reference])
    across = axis.over(np.array(known, dtype=np.float64), 8, WIDTH - 8)
    groups = list(dict.fromkeys(row.group for row in rows))
    body, top = [], 8.0
    for row in rows:
        drawn, top = _row(row, across, groups.index(row.group), top, say)
        body += drawn
    base, top = _base(across, value_title, top, say)
    keys = [Key(name=g, number=i, shape=SHAPES[i % len(SHAPES)]) for i, g in enumerate(groups) if g]
    if reference is not None:
        at = float(across.clipped(np.array([reference]))[0])
        level = Key(name=reference_name, number=REFERENCE, dashed=True)
        base.append(stroke(np.array([at, at]), np.array([4.0, _under(top, value_title)]), level))
        keys += [level] if reference_name else []
    named, top = legend(keys, top)
    svg = drawing(top + 6, [*base, *body, *named], title=caption, description=alternative)
    return Picture(svg=svg, alternative=alternative, caption=caption, twin=_twin(rows, axis, caption, label_title, say))


SHAPES = ("circle", "square", "triangle", "diamond")


def _row(row: Interval, across: Scale, number: int, top: float, say: Say) -> tuple[list[str], float]:
    """Label left, figures right, dot and whisker beneath; returns them and where the next row begins."""
    shown = _figures(row, percent=across.percent, say=say)
    label = wrapped(row.label, WIDTH - 20 - text_width(shown))
    if text_width(shown) > WIDTH * 0.62:
        label = [*wrapped(row.label, WIDTH), ""]
    told = row.note or (say("Beyond the axis") if row.beyond else "")
    note = wrapped(told, WIDTH) if told else []
    body = [words(0, top + 14, label, halo=True)]
    body.append(words(WIDTH, top + 14 + LINE * (len(label) - 1), shown, anchor="end", halo=True))
    body.append(words(0, top + 14 + LINE * len(label), note, soft=True, halo=True) if note else "")
    at = top + LINE * (len(label) + len(note)) + 9
    x, low, high = across.clipped(np.array([row.value, row.low, row.high])).tolist()
    css, ink = f"mark-{number % len(COLOURS)}", COLOURS[number % len(COLOURS)]
    if row.beyond:
        outline = f"M{x:.1f} {at:.1f}l{12 if x <= across.start else -12} -6v12z"
        return [*body, tag("path", d=outline, class_=f"{css} fill", fill=ink)], at + 17
    if math.isfinite(low) and math.isfinite(high):
        whisker = f"M{low:.1f} {at - 5:.1f}v10M{high:.1f} {at - 5:.1f}v10M{low:.1f} {at:.1f}H{high:.1f}"
        body.append(tag("path", d=whisker, class_=f"{css} stroke", stroke=ink, stroke_width=2, fill="none"))
    if math.isfinite(x) and math.isfinite(across.one(row.value)):
        body.append(marker(SHAPES[number % len(SHAPES)], x, at, number, radius=5))
    return body, at + 17


def _figures(row: Interval, *, percent: bool, say: Say) -> str:
    """The value and its bounds, with two digits of the interval's width: more would not be known."""
    width = (row.high - row.low) * (100 if percent else 1)
    if not (math.isfinite(row.value) and math.isfinite(width) and width > 0):
        return amount(say, row.value, percent=percent)
    digits = max(0, 1 - math.floor(math.log10(width)))
    if digits > 6:
        return f"{amount(say, row.value, percent=percent)} ({between(say, row.low, row.high, percent=percent)})"
    value, low, high = (amount(say, v, percent=percent, decimals=digits) for v in (row.value, row.low, row.high))
    return f"{value} ({say('%(low)s to %(high)s', low=low, high=high)})"


def _under(top: float, title: str) -> float:
    return top - LINE * (1 + len(wrapped(title, WIDTH))) - 6


def _base(across: Scale, title: str, top: float, say: Say) -> tuple[list[str], float]:
    """The axis under all rows, with hairlines up through them."""
    drawn = [line(0, top, WIDTH, top)]
    ticks = across.ticks(say, most=5)
    for value, text in ticks:
        at, half = across.one(value), text_width(text) / 2
        drawn.append(line(at, 4, at, top + 4))
        drawn.append(words(min(max(at, half), WIDTH - half), top + LINE, text, anchor="middle", soft=True))
    below = wrapped(title, WIDTH)
    drawn.append(words(0, top + LINE * 2 + 2, below, soft=True))
    return drawn, top + LINE * (1 + len(below)) + 6


def _twin(rows: Sequence[Interval], axis: Axis, caption: str, label_title: str, say: Say) -> Grid:
    noted = any(row.note for row in rows)
    grouped = any(row.group for row in rows)
    cells = []
    for row in rows:
        bounds = "" if math.isnan(row.low) else between(say, row.low, row.high, percent=axis.percent)
        cell = [row.label, *([row.group] if grouped else []), amount(say, row.value, percent=axis.percent), bounds]
        cells.append((*cell, row.note) if noted else tuple(cell))
    titles = [label_title or say("Item"), *([say("Axis")] if grouped else []), axis.title, say("Interval")]
    titles += [say("Note")] if noted else []
    return Grid(caption=caption, titles=tuple(titles), rows=tuple(cells), numeric=frozenset({1 + grouped, 2 + grouped}))
