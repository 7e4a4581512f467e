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
from peelian.pictures.svg import BROAD, COLOURS, LINE, WIDTH, drawing, line, marker, tag, text_width, words, wrapped
from peelian.pictures.words import amount, between, english, few

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
    digits: int = 0  # significant ones of the value, where it was rounded to fewer than three


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
    told = {"title": caption, "description": alternative}
    slim, broad = (_drawn(rows, axis, (reference, reference_name), width, say=say, **told) for width in (WIDTH, BROAD))
    twin = _twin(rows, axis, caption, label_title, say)
    return Picture(svg=slim, broad=broad, alternative=alternative, caption=caption, twin=twin)


def _drawn(
    rows: Sequence[Interval], axis: Axis, reference: tuple[float | None, str], width: float, *, say: Say, **told: str
) -> str:
    """The rows over one axis: figures above each whisker, or beside it where the picture is wide."""
    compared, name = reference
    shown = [row for row in rows if not row.beyond] or rows
    known = [v for row in shown for v in (row.value, row.low, row.high)] + ([] if compared is None else [compared])
    figures = max(text_width(_figures(row, percent=axis.percent, say=say)) for row in rows)
    left, right = (LABELS, width - figures - 24) if width > WIDTH else (8.0, width - 8)
    across = axis.over(np.array(known, dtype=np.float64), left, right)
    groups = list(dict.fromkeys(row.group for row in rows))
    body, top = [], 8.0
    for row in rows:
        drawn, top = (_broad_row if width > WIDTH else _row)(row, across, groups.index(row.group), top, say)
        body += drawn
    base, top = _base(across, axis.title, (top, width), say)
    keys = [Key(name=g, number=i, shape=SHAPES[i % len(SHAPES)]) for i, g in enumerate(groups) if g]
    if compared is not None:
        at = float(across.clipped(np.array([compared]))[0])
        level = Key(name=name, number=REFERENCE, dashed=True)
        base.append(stroke(np.array([at, at]), np.array([4.0, _under(top, axis.title, width)]), level))
        keys += [level] if name else []
    named, top = legend(keys, top, width)
    return drawing(top + 6, [*base, *body, *named], width=width, **told)


LABELS = 230.0  # units for the labels of a wide picture
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
    return [*body, *_dot(row, across, number, at)], at + 17


def _broad_row(row: Interval, across: Scale, number: int, top: float, say: Say) -> tuple[list[str], float]:
    """Label, dot and whisker, and figures side by side."""
    note = row.note or (say("Beyond the axis") if row.beyond else "")
    label, note_lines = wrapped(row.label, LABELS - 20), wrapped(note, LABELS - 20) if note else []
    body = [words(0, top + 14, label), words(0, top + 14 + LINE * len(label), note_lines, soft=True)]
    height = LINE * (len(label) + len(note_lines))
    at = top + height / 2
    body.append(words(BROAD, at + 5, _figures(row, percent=across.percent, say=say), anchor="end"))
    return [*body, *_dot(row, across, number, at)], top + height + 7


def _dot(row: Interval, across: Scale, number: int, at: float) -> list[str]:
    """The value's mark and its whisker; an arrow where the value lies beyond the axis."""
    body = []
    x, low, high = across.clipped(np.array([row.value, row.low, row.high])).tolist()
    css, ink = f"mark-{number % len(COLOURS)}", COLOURS[number % len(COLOURS)]
    if row.beyond:
        outline = f"M{x:.1f} {at:.1f}l{12 if x <= across.start else -12} -6v12z"
        return [tag("path", d=outline, class_=f"{css} fill", fill=ink)]
    if math.isfinite(low) and math.isfinite(high):
        whisker = f"M{low:.1f} {at - 5:.1f}v10M{high:.1f} {at - 5:.1f}v10M{low:.1f} {at:.1f}H{high:.1f}"
        body.append(tag("path", d=whisker, class_=f"{css} stroke", stroke=ink, stroke_width=2, fill="none"))
    if math.isfinite(x) and math.isfinite(across.one(row.value)):
        body.append(marker(SHAPES[number % len(SHAPES)], x, at, number, radius=5))
    return body


def _value(row: Interval, *, percent: bool, say: Say) -> str:
    if row.digits:
        return few(say, row.value, row.digits, percent=percent)
    return amount(say, row.value, percent=percent)


def _figures(row: Interval, *, percent: bool, say: Say) -> str:
    """The value and its bounds, with two digits of the interval's width: more would not be known."""
    width = (row.high - row.low) * (100 if percent else 1)
    if not (math.isfinite(row.value) and math.isfinite(width) and width > 0):
        return _value(row, percent=percent, say=say)
    digits = max(0, 1 - math.floor(math.log10(width)))
    if digits > 6:
        return f"{amount(say, row.value, percent=percent)} ({between(say, row.low, row.high, percent=percent)})"
    value, low, high = (amount(say, v, percent=percent, decimals=digits) for v in (row.value, row.low, row.high))
    return f"{value} ({say('%(low)s to %(high)s', low=low, high=high)})"


def _under(top: float, title: str, width: float) -> float:
    return top - LINE * (1 + len(wrapped(title, width))) - 6


def _base(across: Scale, title: str, ends: tuple[float, float], say: Say) -> tuple[list[str], float]:
    """The axis under all rows, with hairlines up through them."""
    top, width = ends
    drawn = [line(0, top, width, top)]
    ticks = across.ticks(say, most=5)
    for value, text in ticks:
        at, half = across.one(value), text_width(text) / 2
        drawn.append(line(at, 4, at, top + 4))
        drawn.append(words(min(max(at, half), width - half), top + LINE, text, anchor="middle", soft=True))
    below = wrapped(title, width)
    drawn.append(words(0, top + LINE * 2 + 2, below, soft=True))
    return drawn, top + LINE * (1 + len(below)) + 6


def _twin(rows: Sequence[Interval], axis: Axis, caption: str, label_title: str, say: Say) -> Grid:
    noted = any(row.note for row in rows)
    grouped = any(row.group for row in rows)
    cells = []
    for row in rows:
        bounds = "" if math.isnan(row.low) else between(say, row.low, row.high, percent=axis.percent)
        cell = [row.label, *([row.group] if grouped else []), _value(row, percent=axis.percent, say=say), bounds]
        cells.append((*cell, row.note) if noted else tuple(cell))
    titles = [label_title or say("Item"), *([say("Axis")] if grouped else []), axis.title, say("Interval")]
    titles += [say("Note")] if noted else []
    return Grid(caption=caption, titles=tuple(titles), rows=tuple(cells), numeric=frozenset({1 + grouped, 2 + grouped}))
