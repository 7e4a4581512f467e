"""The frame every chart stands in: two axes with titles and ticks, and a legend beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peelian.pictures.panels import Say
from peelian.pictures.scales import Kind, Numbers, Scale, fitted
from peelian.pictures.svg import COLOURS, DASHES, LINE, SIZE, WIDTH, line, marker, tag, text_width, words, wrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an axis shows: its title with the unit, its scale, and its ends where they are given."""

    title: str
    scale: Kind = "linear"
    percent: bool = False
    low: float | None = None
    high: float | None = None

    def over(self, values: Numbers, start: float, end: float) -> Scale:
        """The scale that shows `values` between two positions."""
        low, high = fitted(self.scale, values, self.low, self.high)
        return Scale(kind=self.scale, low=low, high=high, start=start, end=end, percent=self.percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One line of a legend: a number that chooses colour and dashes, and a mark's shape ("" for none)."""

    name: str
    number: int
    shape: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Scales in place, the axes already drawn, and where the next thing beneath them begins."""

    x: Scale
    y: Scale
    drawn: tuple[str, ...]
    bottom: float


def framed(
    x: Axis,
    y: Axis,
    values: tuple[Numbers, Numbers],
    *,
    height: float,
    say: Say,
    right: float = 14.0,
    width: float = WIDTH,
) -> Frame:
    """Axes around a plot of `height` units: the y title above it, the x title below, so that nothing is turned.

    `right` of the `width` units are left free beside the plot.
    """
    title = wrapped(y.title, width - 8)
    top = 8 + LINE * len(title) + 8
    vertical = y.over(values[1], top + height, top)
    ups = vertical.ticks(say, most=6)
    left = 12 + max((text_width(text) for _, text in ups), default=0.0)
    across = x.over(values[0], left, width - right)
    drawn = [words(0, 4 + SIZE, title, soft=True)]
    for value, text in ups:
        at = vertical.one(value)
        drawn += [line(left, at, width - right, at), words(left - 8, at + 5, text, anchor="end", soft=True)]
    drawn += _x_ticks(across, say, (top, top + height), width)
    below = wrapped(x.title, width - left)
    drawn.append(words(left, top + height + LINE * 2 + 6, below, soft=True))
    return Frame(x=across, y=vertical, drawn=tuple(drawn), bottom=top + height + LINE * (2 + len(below)) + 4)


def _x_ticks(scale: Scale, say: Say, ends: tuple[float, float], width: float) -> list[str]:
    """Ticks under the plot, as many as fit without touching each other."""
    (top, bottom), room = ends, scale.end - scale.start
    for most in (6, 5, 4, 3, 2, 1):
        ticks = scale.ticks(say, most=most)
        if sum(text_width(text) + 14 for _, text in ticks) <= room + 30:
            break
    drawn = []
    for value, text in ticks:
        at, half = scale.one(value), text_width(text) / 2
        middle = min(max(at, half), width - half)
        drawn += [line(at, top, at, bottom + 5), words(middle, bottom + LINE + 3, text, anchor="middle", soft=True)]
    return drawn


def legend(keys: Sequence[Key], top: float, width: float = WIDTH) -> tuple[list[str], float]:
    """Rows of mark, stroke and name, one under another; returns them and where they end."""
    drawn, at = [], top + 4
    for key in keys:
        lines = wrapped(key.name, width - 48)
        drawn += [stroke(np.array([0.0, 36.0]), np.array([at + 9, at + 9]), key)]
        if key.shape:
            drawn.append(marker(key.shape, 18, at + 9, key.number))
        drawn.append(words(46, at + 14, lines))
        at += LINE * len(lines) + 3
    return drawn, at


def stroke(x: Numbers, y: Numbers, key: Key) -> str:
    """A line through points in the key's colour and dashes."""
    from peelian.pictures.svg import path

    number = key.number % len(COLOURS)
    turned = key.number + key.number // len(COLOURS)  # a colour that comes again has other dashes
    dash = DASHES[turned % len(DASHES)] or ("7 4" if key.dashed else "")
    return tag(
        "path",
        d=path(x, y),
        class_=f"mark-{number} stroke",
        fill="none",
        stroke=COLOURS[number],
        stroke_width=2,
        stroke_linejoin="round",
        stroke_dasharray=dash or None,
    )
