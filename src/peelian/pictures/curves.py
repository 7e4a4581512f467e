"""Line charts: curves with interval bands, on linear, logarithmic, normal-deviate or time axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from peelian.errors import InputError
from peelian.pictures.frame import Axis, Frame, Key, framed, legend, stroke
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.scales import Kind, Numbers, Scale, plain
from peelian.pictures.svg import (
    BROAD,
    COLOURS,
    LINE,
    MARKERS,
    WIDTH,
    drawing,
    line,
    marker,
    path,
    tag,
    text_width,
    words,
    wrapped,
)
from peelian.pictures.words import amount, between, english

MARKS_PER_CURVE = 9  # a curve of more points carries marks at a few of them only, to tell it from the others
ROWS_PER_CURVE = 24  # of the table beside the picture
DRAWN_PER_CURVE = 1500  # points; beyond, each stretch keeps its least and its greatest
MANY = 5  # named curves: from here on none has its band
MOST = 18  # curves in one frame; more stand in frames under one another, on the same axes
APART = 15.0  # units from one number to the next


Reference = tuple[Literal["diagonal"] | float | None, str]  # what to compare with, and its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One curve: x and y of one length, with the bounds of an interval where there is one.

    `marker` is one of svg.MARKERS, "" for a mark chosen by its place in the list, or "none". Dates may be x.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    marker: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A series as numbers, with the colour, dashes and mark it is drawn in."""

    name: str
    x: Numbers
    y: Numbers
    low: Numbers | None
    high: Numbers | None
    key: Key
    dates: bool


def lines(
    series: Sequence[Series],
    *,
    x_title: str,
    y_title: str,
    caption: str,
    alternative: str,
    x_scale: Kind = "linear",
    y_scale: Kind = "linear",
    reference: Literal["diagonal"] | float | None = None,
    reference_name: str = "",
    percent: bool = False,
    x_percent: bool | None = None,
    x_range: tuple[float | None, float | None] = (None, None),
    y_range: tuple[float | None, float | None] = (None, None),
    say: Say = english,
) -> Picture:
    """Curves over one another with their bands, a legend and a table twin.

    Several curves are named at their ends, or numbered there in the order of the legend where the picture is narrow.
    Five and more have no bands; more than 18 stand in several frames under one another, on the same axes.

    `percent` shows shares as percentages on both axes (`x_percent` overrides it for x); `reference` draws the diagonal
    or a level line, named by `reference_name`. What an axis cannot show (0 on a log axis) is a gap in the curve and
    stands in the table. InputError: no series, unequal lengths, nothing to show. O(points).
    """
    curves = read(series)
    shared = percent if x_percent is None else x_percent
    across = Axis(title=x_title, scale=x_scale, percent=shared, low=x_range[0], high=x_range[1])
    shares = percent and y_scale == "linear" and all(np.nanmin(curve.y) >= 0 for curve in curves)
    lowest = 0.0 if shares and y_range[0] is None else y_range[0]  # a bound below 0 is cut: no share is less
    up = Axis(title=y_title, scale=y_scale, percent=percent, low=lowest, high=y_range[1])
    told = {"title": caption, "description": alternative}
    slim, broad = (
        _charts(curves, (across, up), (reference, reference_name), width, say=say, **told) for width in (WIDTH, BROAD)
    )
    table = twin(curves, across, up, caption, say)
    return Picture(svg=slim, broad=broad, alternative=alternative, caption=caption, twin=table)


def _charts(
    curves: Sequence[Curve], axes: tuple[Axis, Axis], reference: Reference, width: float, *, say: Say, **told: str
) -> str:
    """As many frames as the curves need, under one another."""
    everything = (
        np.concatenate([c.x for c in curves]),
        np.concatenate([part for c in curves for part in (c.y, c.low, c.high) if part is not None]),
    )
    body, end = [], 0.0
    for first in range(0, len(curves), MOST):
        drawn, height = _chart(curves[first : first + MOST], axes, everything, reference, width=width, say=say)
        body.append(tag("g", *drawn, transform=f"translate(0 {end:.1f})") if first else "".join(drawn))
        end += height + 6
    return drawing(end, body, width=width, **told)


def _chart(
    curves: Sequence[Curve],
    axes: tuple[Axis, Axis],
    everything: tuple[Numbers, Numbers],
    reference: Reference,
    *,
    width: float,
    say: Say,
) -> tuple[list[str], float]:
    """The curves in a frame, named at their ends where the picture is wide, else numbered there as in the legend; and
    where that ends."""
    (compared, name), named = reference, [c for c in curves if c.name]
    wide = width > WIDTH and len(named) > 1
    several = len(named) > 1
    height = max(300.0 if compared == "diagonal" else 230.0, several * (LINE if wide else APART) * len(named))
    right = min(max(text_width(c.name) for c in named), NAMES) + 34 if wide else 44.0 if several else 14.0
    frame = framed(*axes, everything, height=height, say=say, right=right, width=width)
    body = [*frame.drawn]
    for curve in curves:
        body += band(frame, curve) if len(named) < MANY else []  # so many would hide one another: the table has them
    for curve in curves:
        body += drawn(frame, curve)
    body += level_or_diagonal(frame, compared)
    labels, keys = at_ends(frame, named, wide) if several else ([], [c.key for c in named])
    keys = [] if wide else keys
    keys += [Key(name=name, number=REFERENCE, dashed=True)] if compared is not None and name else []
    rows, bottom = legend(keys, frame.bottom, width)
    return [*body, *labels, *rows], bottom


NAMES = 220.0  # units for the names at the ends of curves
REFERENCE = 4  # the plain ink among the colours


def read(series: Sequence[Series]) -> list[Curve]:
    """The series as numbers of one length each; InputError where they are none."""
    if not series:
        raise InputError("a line chart needs at least one series", accepted="one or more series")
    curves = []
    for i, one in enumerate(series):
        x, y = plain(one.x), plain(one.y)
        low, high = (None if part is None else plain(part) for part in (one.low, one.high))
        if {part.shape for part in (x, y, low, high) if part is not None} != {(len(x),)} or not len(x):
            raise InputError(f"series {i + 1} must have points, as many x as y and as bounds", accepted="1-d arrays")
        rounds, place = divmod(i % MOST, len(COLOURS) - 1)  # plain ink is kept for the reference
        number = rounds * len(COLOURS) + place + (place >= REFERENCE)
        shape = one.marker or MARKERS[(number + rounds) % len(MARKERS)]
        key = Key(name=one.name, number=number, shape="" if shape == "none" else shape, dashed=one.dashed)
        dates = np.asarray(one.x).dtype.kind == "M"
        curves.append(Curve(name=one.name, x=x, y=y, low=low, high=high, key=key, dates=dates))
    return curves


def at_ends(frame: Frame, curves: Sequence[Curve], names: bool) -> tuple[list[str], list[Key]]:
    """`names` or numbers at the curves' ends, from the top down, and the legend's keys with numbers in that order.

    A hairline leads from one that had to be moved to its curve. O(points + curves log curves).
    """
    ends = []
    for curve in curves:
        x, y = frame.x.clipped(curve.x), frame.y.clipped(curve.y)
        last = np.flatnonzero(np.isfinite(x) & np.isfinite(y))[-1:]
        ends.append((float(y[last[0]]), float(x[last[0]])) if len(last) else (frame.y.start, frame.x.end))
    order = sorted(range(len(curves)), key=lambda i: ends[i])
    gap = LINE if names else APART
    heights = apart(np.array([ends[i][0] for i in order]), gap, (frame.y.end, frame.y.start))
    body, right = [], frame.x.end + 22
    for number, (i, height) in enumerate(zip(order, heights.tolist(), strict=True), start=1):
        lines = wrapped(curves[i].name, NAMES)
        text = lines[0] + "…" * (len(lines) > 1) if names else str(number)
        body += [line(ends[i][1] + 4, ends[i][0], right - 2, height), words(right, height + 5, text)]
    keys = [curves[i].key for i in order]
    return body, [replace(key, name=f"{number}  {key.name}") for number, key in enumerate(keys, start=1)]


def apart(at: Numbers, gap: float, ends: tuple[float, float]) -> Numbers:
    """Rising positions moved as little as needed to be `gap` or more from one another, between the ends. O(n).

    >>> apart(np.array([1.0, 5.0, 5.0, 9.0]), 2.0, (0.0, 9.0)).tolist()
    [1.0, 4.0, 6.0, 9.0]
    """
    steps = np.arange(len(at)) * gap
    free = at - steps
    moved = (np.maximum.accumulate(free) + np.minimum.accumulate(free[::-1])[::-1]) / 2 + steps
    return np.asarray(np.maximum(np.minimum(moved, ends[1] - steps[::-1]), ends[0] + steps), dtype=np.float64)


def level_or_diagonal(frame: Frame, reference: Literal["diagonal"] | float | None) -> list[str]:
    """The line to compare with, dashed in plain ink."""
    if reference is None:
        return []
    key = Key(name="", number=REFERENCE, dashed=True)
    if reference != "diagonal":
        ends = np.array([frame.x.start, frame.x.end])
        return [stroke(ends, frame.y.clipped(np.full(2, reference)), key)]
    low, high = max(frame.x.low, frame.y.low), min(frame.x.high, frame.y.high)
    if not low < high:
        return []
    # Drawn through positions evenly spread on the x axis: it bends where the two axes' scales differ.
    spread = np.linspace(frame.x.one(low), frame.x.one(high), 65)
    values = _inverse(frame.x, spread)
    return [stroke(spread, frame.y.clipped(values), key)]


def _inverse(scale: Scale, positions: Numbers) -> Numbers:
    """Values at positions, by interpolation over the scale itself: exact enough for a drawn line."""
    values = (
        np.linspace(scale.low, scale.high, 4001) if scale.kind != "log" else np.geomspace(scale.low, scale.high, 4001)
    )
    return np.interp(positions, scale.at(values), values)


def band(frame: Frame, curve: Curve) -> list[str]:
    """The interval around a curve, where it has one."""
    if curve.low is None or curve.high is None:
        return []
    keep = np.isfinite(frame.x.at(curve.x)) & np.isfinite(curve.low) & np.isfinite(curve.high)
    if not keep.any():
        return []
    x = frame.x.at(curve.x)[keep]
    there, back = frame.y.clipped(curve.low[keep]), frame.y.clipped(curve.high[keep])[::-1]
    number = curve.key.number % len(COLOURS)
    outline = path(np.concatenate([x, x[::-1]]), np.concatenate([there, back])) + "z"
    return [tag("path", d=outline, class_=f"mark-{number} fill band", fill=COLOURS[number], fill_opacity=0.2)]


def drawn(frame: Frame, curve: Curve) -> list[str]:
    """The curve's stroke and marks within the frame."""
    x, y = frame.x.at(curve.x), frame.y.at(curve.y)
    inside = (y >= min(frame.y.end, frame.y.start) - 0.01) & (y <= max(frame.y.end, frame.y.start) + 0.01)
    inside &= (x >= frame.x.start - 0.01) & (x <= frame.x.end + 0.01)
    y = np.where(inside, y, np.nan)
    kept = thinned(y, DRAWN_PER_CURVE)
    body = [stroke(x[kept], y[kept], curve.key)]
    if curve.key.shape:
        shown = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        for i in _spread(shown, MARKS_PER_CURVE):
            body.append(marker(curve.key.shape, float(x[i]), float(y[i]), curve.key.number))
    return body


def thinned(values: Numbers, most: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indexes of at most about `most` points that keep every stretch's ends, least, greatest and gaps. O(points)."""
    if len(values) <= most:
        return np.arange(len(values))
    kept: set[int] = {0, len(values) - 1}
    for block in np.array_split(np.arange(len(values)), most // 4):
        part = values[block]
        known = np.flatnonzero(np.isfinite(part))
        if len(known) < len(part):
            kept.add(int(block[np.flatnonzero(~np.isfinite(part))[0]]))
        if len(known):
            kept |= {int(block[known[0]]), int(block[known[np.argmin(part[known])]])}
            kept |= {int(block[known[-1]]), int(block[known[np.argmax(part[known])]])}
    return np.array(sorted(kept), dtype=np.intp)


def _spread(indexes: np.ndarray[tuple[int], np.dtype[np.intp]], most: int) -> list[int]:
    """At most `most` of the indexes, evenly spread, the first and the last among them."""
    if len(indexes) <= most:
        return [int(i) for i in indexes]
    return [int(indexes[i]) for i in np.unique(np.linspace(0, len(indexes) - 1, most).round().astype(int))]


def twin(curves: Sequence[Curve], x: Axis, y: Axis, caption: str, say: Say) -> Grid:
    """The curves as a table: a row per point, at most ROWS_PER_CURVE of each."""
    banded = any(c.low is not None and c.high is not None for c in curves)
    rows, cut = [], False
    for curve in curves:
        chosen = _spread(np.arange(len(curve.x)), ROWS_PER_CURVE)
        cut = cut or len(chosen) < len(curve.x)
        for i in chosen:
            row = [curve.name, _x_text(curve, i, x, say), amount(say, float(curve.y[i]), percent=y.percent)]
            if banded:
                row.append(_interval(curve, i, y, say))
            rows.append(tuple(row))
    titles = (say("Curve"), x.title, y.title, *((say("Interval"),) if banded else ()))
    if cut:
        caption = say("%(caption)s (%(n)d evenly spaced points per curve)", caption=caption, n=ROWS_PER_CURVE)
    if all(not c.name for c in curves):
        titles, rows = titles[1:], [row[1:] for row in rows]
    return Grid(
        caption=caption,
        titles=titles,
        rows=tuple(rows),
        numeric=frozenset(range(len(titles) - 1 - banded, len(titles))),
    )


def _x_text(curve: Curve, i: int, axis: Axis, say: Say) -> str:
    if curve.dates:
        stamp = str(np.datetime64(int(curve.x[i]), "s")).replace("T", " ")
        return stamp.removesuffix(":00").removesuffix(" 00:00")
    return amount(say, float(curve.x[i]), percent=axis.percent)


def _interval(curve: Curve, i: int, axis: Axis, say: Say) -> str:
    if curve.low is None or curve.high is None:
        return ""
    return between(say, float(curve.low[i]), float(curve.high[i]), percent=axis.percent)
