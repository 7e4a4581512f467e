"""Timelines: what lasted from when to when, lane by lane, and moments as marks; for recordings and histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError
from peelian.pictures.frame import Axis
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.scales import Kind, Scale, plain
from peelian.pictures.svg import (
    COLOURS,
    LINE,
    MARKERS,
    WIDTH,
    drawing,
    hatch,
    line,
    marker,
    tag,
    text_width,
    words,
    wrapped,
)
from peelian.pictures.words import amount, english

THICK = 14.0
Moment = float | np.datetime64


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something that lasted from `start` to `end` (a moment where `end` is None), in a lane, of a kind."""

    lane: str
    start: Moment
    end: Moment | None = None
    kind: str = ""


def timeline(
    spans: Sequence[Span],
    *,
    time_title: str,
    caption: str,
    alternative: str,
    lane_title: str = "",
    say: Say = english,
) -> Picture:
    """Lanes one under another; kinds differ in colour and hatching, moments in their mark. Dates or plain numbers.

    The table twin lists every span. InputError: no span, dates mixed with numbers, an end before its start. O(spans).
    """
    starts, ends, dates = _read(spans)
    scale: Kind = "time" if dates else "linear"
    across = Axis(title=time_title, scale=scale).over(np.concatenate([starts, ends]), 6, WIDTH - 6)
    kinds = list(dict.fromkeys(span.kind for span in spans))
    lanes = list(dict.fromkeys(span.lane for span in spans))
    lasting = {span.kind for span, start, end in zip(spans, starts, ends, strict=True) if end > start}
    body, top = _names(kinds, lasting)
    first = top
    for lane in lanes:
        label = wrapped(lane, WIDTH)
        body.append(words(0, top + 14, label, halo=True))
        at = top + LINE * len(label) + 3
        for i in (i for i, span in enumerate(spans) if span.lane == lane):
            body += _drawn(across, (float(starts[i]), float(ends[i])), at, kinds.index(spans[i].kind))
        top = at + THICK + 9
    base, top = _base(across, time_title, (first, top), say)
    svg = drawing(top, [*base, *body], title=caption, description=alternative)
    twin = _twin(spans, (time_title, lane_title), caption, say)
    return Picture(svg=svg, alternative=alternative, caption=caption, twin=twin)


def _read(spans: Sequence[Span]) -> tuple[np.ndarray, np.ndarray, bool]:
    if not spans:
        raise InputError("a timeline needs at least one span", accepted="one or more spans")
    given = [(span.start, span.start if span.end is None else span.end) for span in spans]
    kinds = {isinstance(part, np.datetime64) for pair in given for part in pair}
    if len(kinds) > 1:
        raise InputError("a timeline mixes dates and numbers", accepted="dates only, or numbers only")
    starts, ends = (plain(np.array([pair[i] for pair in given])) for i in (0, 1))
    if not (np.isfinite(starts).all() and np.isfinite(ends).all() and (starts <= ends).all()):
        raise InputError("a span ends before it starts, or has no start", accepted="a start, and an end not before it")
    return starts, ends, kinds == {True}


def _names(kinds: Sequence[str], lasting: set[str]) -> tuple[list[str], float]:
    """The kinds with a piece of their bar, or with their mark where they only have moments, above the lanes."""
    drawn, top = [], 4.0
    for number, kind in enumerate(kinds):
        if kind:
            lines = wrapped(kind, WIDTH - 48)
            drawn += _bar(0, 34, top, number) if kind in lasting else _mark(17, top, number)
            drawn.append(words(44, top + 13, lines))
            top += LINE * len(lines) + 4
    return drawn, top + 4


def _bar(start: float, end: float, top: float, number: int) -> list[str]:
    colour = number % len(COLOURS)
    width = max(end - start, 1.5)
    drawn = [tag("rect", x=start, y=top, width=width, height=THICK, class_=f"mark-{colour} fill", fill=COLOURS[colour])]
    if number % 2 and width > 3:
        strokes = hatch(start, top, width, THICK, gap=6.0 + number)
        drawn.append(tag("path", d=strokes, class_="paper stroke", stroke="#ffffff", stroke_width=2, fill="none"))
    return drawn


def _drawn(across: Scale, ends: tuple[float, float], top: float, number: int) -> list[str]:
    start, end = (across.one(value) for value in ends)
    if ends[0] == ends[1]:
        return _mark(start, top, number)
    return _bar(start, end, top, number)


def _mark(x: float, top: float, number: int) -> list[str]:
    """A moment's mark on a disc of paper, so that it stands out on a bar."""
    y = top + THICK / 2
    disc = tag("circle", cx=x, cy=y, r=9, class_="paper fill", fill="#ffffff")
    return [disc, marker(MARKERS[number % 4], x, y, number, radius=5)]


def _base(across: Scale, title: str, ends: tuple[float, float], say: Say) -> tuple[list[str], float]:
    """The time axis under all lanes, with hairlines up through them."""
    first, top = ends
    drawn = [line(0, top, WIDTH, top)]
    for value, text in across.ticks(say, most=4):
        at, half = across.one(value), text_width(text) / 2
        drawn.append(line(at, first, at, top + 4))
        drawn.append(words(min(max(at, half), WIDTH - half), top + LINE, text, anchor="middle", soft=True))
    below = wrapped(title, WIDTH)
    return [*drawn, words(0, top + LINE * 2 + 2, below, soft=True)], top + LINE * (1 + len(below)) + 10


def _twin(spans: Sequence[Span], titles: tuple[str, str], caption: str, say: Say) -> Grid:
    kinds = any(span.kind for span in spans)
    rows = tuple(
        (span.lane, *((span.kind,) if kinds else ()), _shown(span.start, say), _shown(span.end, say)) for span in spans
    )
    heads = (titles[1] or say("Item"), *((say("Kind"),) if kinds else ()), say("From"), say("Until"))
    return Grid(caption=f"{caption} ({titles[0]})", titles=heads, rows=rows)


def _shown(moment: Moment | None, say: Say) -> str:
    if moment is None:
        return ""
    if isinstance(moment, np.datetime64):
        return str(moment.astype("datetime64[m]")).replace("T", "\u00a0").removesuffix("\u00a000:00")
    return amount(say, moment)
