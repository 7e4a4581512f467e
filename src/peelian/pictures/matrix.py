"""Matrices: a shaded cell per pair of row and column, with its figure in it where it fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from peelian.errors import InputError
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.scales import Numbers, forward, plain
from peelian.pictures.svg import (
    LINE,
    WIDTH,
    drawing,
    hatch,
    hexadecimal,
    readable_on,
    shade,
    tag,
    text_width,
    words,
    wrapped,
)
from peelian.pictures.words import amount, english

TEXT = 13.0  # of the figures within cells


def matrix(
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    values: ArrayLike,
    *,
    caption: str,
    alternative: str,
    row_title: str = "",
    column_title: str = "",
    colour: Literal["linear", "log"] = "linear",
    text: Sequence[Sequence[str]] | None = None,
    say: Say = english,
) -> Picture:
    """A shaded matrix (rows x columns); NaN is hatched; `text` replaces the figures in cells and table.

    Wider than a phone where the columns need it: the page then lets it scroll. InputError: empty, or a shape that does
    not match the labels. O(rows x columns).
    """
    numbers = plain(values)
    if not len(row_labels) or not len(column_labels) or numbers.shape != (len(row_labels), len(column_labels)):
        raise InputError("a matrix needs one value per row and column label", accepted="rows x columns values")
    shown = _texts(numbers, text, say)
    shares = _shares(numbers, colour)
    cell = max(34.0, 10 + max(text_width(t, TEXT) for row in shown for t in row))
    names = [wrapped(label, 130) for label in row_labels]
    left = 8 + max(text_width(part) for name in names for part in name)
    width = max(WIDTH, left + cell * len(column_labels) + 2)
    cell = max(cell, min((width - left - 2) / len(column_labels), 84.0))
    body, top = _heads(column_labels, row_title, column_title, left, cell)
    for i, name in enumerate(names):
        high = max(34.0, LINE * len(name) + 6)
        body.append(words(left - 8, top + high / 2 + 5 - LINE * (len(name) - 1) / 2, name, anchor="end"))
        for j in range(len(column_labels)):
            body += _cell(left + j * cell, top, (cell, high), float(shares[i, j]), shown[i][j])
        top += high
    ramp, top = _ramp(numbers, colour, top, say)
    svg = drawing(top, [*body, *ramp], title=caption, description=alternative, width=width)
    corner = " / ".join(part for part in (row_title, column_title) if part) or say("Item")
    rows = tuple((label, *shown[i]) for i, label in enumerate(row_labels))
    twin = Grid(
        caption=caption,
        titles=(corner, *column_labels),
        rows=rows,
        numeric=frozenset(range(1, len(column_labels) + 1)),
    )
    return Picture(svg=svg, alternative=alternative, caption=caption, twin=twin)


def _texts(values: Numbers, text: Sequence[Sequence[str]] | None, say: Say) -> list[list[str]]:
    if text is None:
        return [[amount(say, v) for v in row] for row in values.tolist()]
    if [len(row) for row in text] != [values.shape[1]] * values.shape[0]:
        raise InputError("a matrix's texts must be as many as its values", accepted="rows x columns texts")
    return [list(row) for row in text]


def _shares(values: Numbers, colour: Literal["linear", "log"]) -> Numbers:
    """Values as shares of the ramp; NaN where a cell has none, and 0 on a log ramp is its light end."""
    straight = forward(colour, values)
    known = straight[np.isfinite(straight)]
    if not len(known):
        return np.where(np.isnan(values), np.nan, 0.0)
    low, high = float(known.min()), float(known.max())
    shares = (straight - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    return np.where(np.isnan(shares) & ~np.isnan(values), 0.0, np.where(np.isnan(values), np.nan, shares))


def _heads(
    labels: Sequence[str], row_title: str, column_title: str, left: float, cell: float
) -> tuple[list[str], float]:
    """Titles, then the column labels: level where they fit their column, else turned upright."""
    body, top = [], 4.0
    for title in (row_title and f"↓ {row_title}", column_title and f"→ {column_title}"):
        if title:
            lines = wrapped(title, WIDTH)
            body.append(words(0, top + 14, lines, soft=True))
            top += LINE * len(lines)
    top += 4
    if all(text_width(label) <= cell - 2 for label in labels):
        body += [words(left + (j + 0.5) * cell, top + 15, label, anchor="middle") for j, label in enumerate(labels)]
        return body, top + LINE + 4
    names = [_turned(label, max(int(cell // LINE), 1)) for label in labels]
    tall = max(text_width(part) for name in names for part in name) + 6
    for j, name in enumerate(names):
        for k, part in enumerate(name):
            x = left + (j + 0.5) * cell + 5 + LINE * (k - (len(name) - 1) / 2)
            turned = words(0, 0, part)
            body.append(tag("g", turned, transform=f"translate({x:.1f} {top + tall:.1f}) rotate(-90)"))
    return body, top + tall + 6


def _turned(label: str, most: int) -> list[str]:
    """An upright label in at most so many lines side by side, as long as it needs; only a very long one is cut."""
    for room in (130.0, 190.0, 260.0):
        lines = wrapped(label, room)
        if len(lines) <= most:
            return lines
    return [*lines[: most - 1], lines[most - 1] + " …"]


def _cell(x: float, y: float, size: tuple[float, float], share: float, text: str) -> list[str]:
    width, height = size
    if math.isnan(share):
        frame = tag("rect", x=x, y=y, width=width - 1, height=height - 1, class_="paper fill", fill="#ffffff")
        strokes = hatch(x, y, width - 1, height - 1, gap=9)
        return [frame, tag("path", d=strokes, class_="rule stroke", stroke="#d5d5dc", fill="none")]
    paint = shade(share)
    return [
        tag("rect", x=x, y=y, width=width - 1, height=height - 1, fill=hexadecimal(paint)),
        tag(
            "text",
            text.replace("&", "&amp;").replace("<", "&lt;"),
            x=x + width / 2,
            y=y + height / 2 + 4.5,
            text_anchor="middle",
            font_size=TEXT,
            fill=readable_on(paint),
        ),
    ]


def _ramp(values: Numbers, colour: Literal["linear", "log"], top: float, say: Say) -> tuple[list[str], float]:
    """The ramp with the least and greatest value at its ends."""
    known = values[np.isfinite(forward(colour, values))]
    if not len(known):
        return [], top + 8
    low, high = (amount(say, float(v)) for v in (known.min(), known.max()))
    start = text_width(low) + 8
    body = [words(0, top + 24, low, soft=True), words(start + 8 * 12 + 8, top + 24, high, soft=True)]
    body += [
        tag("rect", x=start + 8 * i, y=top + 11, width=8, height=15, fill=hexadecimal(shade(i / 11))) for i in range(12)
    ]
    return body, top + 36
