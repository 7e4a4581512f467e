"""Small multiples: one small chart per group on shared axes, named where it stands, so that many can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from peelian.errors import InputError
from peelian.pictures.curves import REFERENCE, Curve, Series, band, drawn, level_or_diagonal, read, twin
from peelian.pictures.frame import Axis, Frame, Key, legend, stroke
from peelian.pictures.panels import Picture, Say
from peelian.pictures.scales import Kind, Scale
from peelian.pictures.svg import BROAD, LINE, WIDTH, drawing, line, text_width, words, wrapped
from peelian.pictures.words import english

COLUMNS, GAP, HEIGHT = 3, 14.0, 76.0
TITLE_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One small chart: its name, and curves. Curves of one place in every pane have one name and one colour."""

    title: str
    series: Sequence[Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where panes stand: `left` of the first column, `width` of a pane, `top` of the first row, `step` to the next.

    All share the scales `x` and `y`.
    """

    x: Scale
    y: Scale
    left: float
    width: float
    top: float
    step: float
    columns: int

    def frame(self, number: int) -> Frame:
        """A pane's scales in place."""
        row, column = divmod(number, self.columns)
        left, top = self.left + column * (self.width + GAP), self.top + row * self.step
        return Frame(
            x=replace(self.x, start=left, end=left + self.width),
            y=replace(self.y, start=top + HEIGHT, end=top),
            drawn=(),
            bottom=top + HEIGHT,
        )


def multiples(
    panes: Sequence[Pane],
    *,
    x_title: str,
    y_title: str,
    caption: str,
    alternative: str,
    x_scale: Kind = "linear",
    y_scale: Kind = "linear",
    reference: Literal["diagonal"] | None = None,
    reference_name: str = "",
    at: float | None = None,
    at_name: str = "",
    percent: bool = False,
    x_percent: bool | None = None,
    say: Say = english,
) -> Picture:
    """Panes in rows of three (five where the picture is wide) on the same two axes, and a folded table twin.

    Linear axes begin at 0 where shares are shown.

    `reference` draws the diagonal in every pane, `at` a vertical line; their names stand in the legend.
    InputError: no panes, or a pane without points. O(points).
    """
    if not panes:
        raise InputError("small multiples need at least one pane", accepted="one or more panes")
    plain = [replace(one, marker="none") for pane in panes for one in pane.series]
    curves = [read(plain[start : start + len(pane.series)]) for pane, start in zip(panes, _starts(panes), strict=True)]
    shared = percent if x_percent is None else x_percent
    across = Axis(title=x_title, scale=x_scale, percent=shared, low=0.0 if shared and x_scale == "linear" else None)
    up = Axis(title=y_title, scale=y_scale, percent=percent, low=0.0 if percent and y_scale == "linear" else None)
    flat = [curve for pane in curves for curve in pane]
    ys = np.concatenate([part for c in flat for part in (c.y, c.low, c.high) if part is not None])
    y = up.over(ys, HEIGHT, 0)
    x = across.over(np.concatenate([c.x for c in flat]), 0, 1)
    keys = [c.key for c in curves[0] if c.name] if len(curves[0]) > 1 else []
    keys += [Key(name=reference_name, number=REFERENCE, dashed=True)] if reference and reference_name else []
    keys += [Key(name=at_name, number=REFERENCE)] if at is not None and at_name else []
    slim, broad = (
        drawing(end + 6, body, title=caption, description=alternative, width=width)
        for width in (WIDTH, BROAD)
        for body, end in [_sheet(list(zip(panes, curves, strict=True)), ((across, x), (up, y)), keys, width,
                                 lines=(reference, at), say=say)]
    )  # fmt: skip
    table = twin([_named(pane, one) for pane, own in zip(panes, curves, strict=True) for one in own],
                 across, up, caption, say)  # fmt: skip
    return Picture(svg=slim, broad=broad, alternative=alternative, caption=caption, twin=replace(table, folded=True))


def _sheet(
    panes: Sequence[tuple[Pane, Sequence[Curve]]],
    axes: tuple[tuple[Axis, Scale], tuple[Axis, Scale]],
    keys: Sequence[Key],
    width: float,
    *,
    lines: tuple[Literal["diagonal"] | None, float | None],
    say: Say,
) -> tuple[list[str], float]:
    """The panes in rows, ticks at their left and foot, the legend; and where they end."""
    (across, x), (up, y) = axes
    reference, at = lines
    place = _layout([pane for pane, _ in panes], (x, y), up.title, width, say)
    body = [words(0, LINE, wrapped(up.title, width - 8), soft=True)]
    for number, (pane, own) in enumerate(panes):
        frame = place.frame(number)
        body += _ticks(frame, number % place.columns == 0, number + place.columns >= len(panes), say)
        body += _pane(frame, _title(pane, place.width), own, at)
        body += level_or_diagonal(frame, reference)
    bottom = place.frame(len(panes) - 1).bottom + LINE + 4
    below = wrapped(across.title, width - place.left)
    body.append(words(place.left, bottom + LINE, below, soft=True))
    rows, end = legend(keys, bottom + LINE * len(below) + 8, width)
    return [*body, *rows], end


def _starts(panes: Sequence[Pane]) -> list[int]:
    return [sum(len(pane.series) for pane in panes[:number]) for number in range(len(panes))]


def _named(pane: Pane, curve: Curve) -> Curve:
    return replace(curve, name=f"{pane.title}, {curve.name}" if len(pane.series) > 1 else pane.title)


def _layout(panes: Sequence[Pane], scales: tuple[Scale, Scale], y_title: str, room: float, say: Say) -> _Layout:
    columns = min(COLUMNS if room <= WIDTH else 2 * COLUMNS - 1, len(panes))
    left = 10 + max((text_width(text) for _, text in scales[1].ticks(say, most=3)), default=0.0)
    width = (room - 8 - left - GAP * (columns - 1)) / columns
    lines = max(len(_title(pane, width)) for pane in panes)
    head = LINE * lines + 6
    return _Layout(
        x=scales[0],
        y=scales[1],
        left=left,
        width=width,
        top=8 + LINE * len(wrapped(y_title, room - 8)) + head,
        step=HEIGHT + head + 16,
        columns=columns,
    )


def _title(pane: Pane, width: float) -> list[str]:
    """The pane's name in at most three lines; a longer one is cut and ends in an ellipsis."""
    lines = wrapped(pane.title, width + GAP / 2)
    return lines if len(lines) <= TITLE_LINES else [*lines[: TITLE_LINES - 1], lines[TITLE_LINES - 1].rstrip() + "…"]


def _pane(frame: Frame, title: Sequence[str], curves: Sequence[Curve], at: float | None) -> list[str]:
    """A pane's name, box and curves, with a line upwards at `at`."""
    left, right, top, bottom = frame.x.start, frame.x.end, frame.y.end, frame.y.start
    body = [words(left, top - 6 - LINE * (len(title) - 1), title)]
    body += [line(left, end, right, end) for end in (top, bottom)]
    body += [line(end, top, end, bottom) for end in (left, right)]
    if at is not None and frame.x.low <= at <= frame.x.high:
        across = frame.x.one(at)
        body.append(stroke(np.array([across, across]), np.array([top, bottom]), Key(name="", number=REFERENCE)))
    for curve in curves:
        body += band(frame, curve)
    for curve in curves:
        body += drawn(frame, curve)
    return body


def _ticks(frame: Frame, first: bool, last: bool, say: Say) -> list[str]:
    """Hairlines, figures left of the first pane of a row, and under the last pane of a column."""
    ups = frame.y.ticks(say, most=3)
    body = [line(frame.x.start, frame.y.one(value), frame.x.end, frame.y.one(value)) for value, _ in ups]
    if first:
        body += [words(frame.x.start - 6, frame.y.one(v) + 5, text, anchor="end", soft=True) for v, text in ups]
    if last:
        free = frame.x.start
        marks = next((t for t in (frame.x.ticks(say, most=n) for n in (3, 4, 5, 6)) if len(t) > 1), ())
        for value, text in marks:
            half = text_width(text) / 2  # figures at the ends stay within their pane, and clear of each other
            middle = min(max(frame.x.one(value), frame.x.start + half), frame.x.end - half)
            if middle - half < free:
                continue
            free = middle + half + 6
            body.append(line(frame.x.one(value), frame.bottom, frame.x.one(value), frame.bottom + 4))
            body.append(words(middle, frame.bottom + LINE, text, anchor="middle", soft=True))
    return body
