"""Bar charts: horizontal bars with their labels above them, one or several per label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from peelian.errors import InputError
from peelian.pictures.frame import Axis
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.scales import Scale, plain
from peelian.pictures.svg import COLOURS, LINE, WIDTH, drawing, hatch, line, tag, text_width, words, wrapped
from peelian.pictures.words import amount, english

THICK = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """One value per label (NaN for none) under one name; the name may be empty where there is one set only."""

    name: str
    values: ArrayLike


def bars(
    labels: Sequence[str],
    sets: Sequence[Bars],
    *,
    value_title: str,
    caption: str,
    alternative: str,
    label_title: str = "",
    percent: bool = False,
    say: Say = english,
) -> Picture:
    """Horizontal bars from zero, a block per label and a bar per set; sets differ in colour and hatching.

    InputError: no labels, no sets, or a set of another length. O(labels x sets).
    """
    values = [plain(one.values) for one in sets]
    if not labels or not sets or any(v.shape != (len(labels),) for v in values):
        raise InputError("bars need labels and as many values as labels in every set", accepted="one value per label")
    axis = Axis(title=value_title, percent=percent)
    longest = max(text_width(_shown(v, percent, say)) for part in values for v in part.tolist()) + 8
    across = axis.over(np.concatenate([*values, np.zeros(1)]), 0, WIDTH - longest)
    named, top = _names(sets)
    body = []
    for i, label in enumerate(labels):
        drawn, top = _block(label, [float(v[i]) for v in values], across, top, say)
        body += drawn
    body.append(line(across.one(0), 4, across.one(0), top, css="ink", stroke="#1c1c22"))
    title = wrapped(value_title, WIDTH)
    body.append(words(0, top + 16, title, soft=True))
    svg = drawing(top + LINE * len(title) + 10, [*named, *body], title=caption, description=alternative)
    rows = tuple((label, *(_shown(float(v[i]), percent, say) for v in values)) for i, label in enumerate(labels))
    titles = (label_title or say("Item"), *(one.name or value_title for one in sets))
    twin = Grid(caption=caption, titles=titles, rows=rows, numeric=frozenset(range(1, len(titles))))
    return Picture(svg=svg, alternative=alternative, caption=caption, twin=twin)


def _shown(value: float, percent: bool, say: Say) -> str:
    return amount(say, value, percent=percent)


def _names(sets: Sequence[Bars]) -> tuple[list[str], float]:
    """The sets' names with a piece of their bar, above the chart: read before the bars are."""
    drawn, top = [], 4.0
    for number, one in enumerate(sets):
        if one.name:
            lines = wrapped(one.name, WIDTH - 48)
            drawn += [*_bar(0, top, 34, number), words(44, top + 13, lines)]
            top += LINE * len(lines) + 4
    return drawn, top + 4


def _bar(x: float, y: float, width: float, number: int) -> list[str]:
    css, ink = f"mark-{number % len(COLOURS)}", COLOURS[number % len(COLOURS)]
    drawn = [tag("rect", x=x, y=y, width=max(width, 0.5), height=THICK, class_=f"{css} fill", fill=ink)]
    if number % 2 and width > 2:
        strokes = hatch(x, y, width, THICK, gap=6.0 + number)
        drawn.append(tag("path", d=strokes, class_="paper stroke", stroke="#ffffff", stroke_width=2, fill="none"))
    return drawn


def _block(label: str, values: Sequence[float], across: Scale, top: float, say: Say) -> tuple[list[str], float]:
    lines = wrapped(label, WIDTH)
    drawn = [words(0, top + 14, lines)]
    at = top + LINE * len(lines) + 3
    zero = across.one(0)
    for number, value in enumerate(values):
        end = across.one(value) if math.isfinite(value) else zero
        if end != zero:
            drawn += _bar(min(zero, end), at, abs(end - zero), number)
        drawn.append(words(max(zero, end) + 6, at + 13, _shown(value, across.percent, say), soft=True))
        at += THICK + 4
    return drawn, at + 7
