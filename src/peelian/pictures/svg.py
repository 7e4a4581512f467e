"""Plain SVG text: elements, wrapped labels, marks and ramps; no ids, no style attributes, no script.

Colours stand as presentation attributes so that a picture is whole on its own; the pages' style sheets may override
them by class (`ink`, `soft`, `rule`, `mark-0` … `mark-7`) for dark pages and print.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH = 400.0  # drawing units; a phone shows 328 of its pixels for them, so SIZE stays at 12 pixels there
BROAD = 720.0  # units of the same chart for a wide window and for paper, one to a pixel
SIZE = 15.0  # of text
LINE = 19.0  # from one line of text to the next
INK, SOFT, RULE = "#1c1c22", "#55555f", "#d5d5dc"
HALO: dict[str, str | float | None] = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": 6}

# Okabe and Ito's colours, those with 3:1 against white, darkened where they lacked it; never the only difference.
COLOURS = ("#0067a5", "#b84a00", "#007a5a", "#8d3f72", "#1c1c22", "#7a5c00", "#46559b", "#9b2226")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "", "7 4", "2 3", "9 3 2 3")
MARKERS = ("circle", "square", "triangle", "diamond", "cross", "plus", "ring", "box")


def tag(name: str, *children: str, **attributes: str | float | None) -> str:
    """One element: underscores in attribute names become hyphens, numbers are rounded, None is left out.

    >>> tag("rect", x=1.04, fill_opacity=0.5)
    '<rect x="1" fill-opacity="0.5"/>'
    """
    head = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{head}>{''.join(children)}</{name}>" if children else f"<{head}/>"


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0").replace("-0", "0", value == 0)


def drawing(height: float, body: Sequence[str], *, title: str, description: str, width: float = WIDTH) -> str:
    """A whole picture: scales with its frame, is one image to a screen reader, and names itself twice over."""
    return tag(
        "svg",
        tag("title", escape(title)),
        tag("desc", escape(description)),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        class_={WIDTH: "picture", BROAD: "picture broad"}.get(width, "picture wide"),
        viewBox=f"0 0 {width:g} {height:.0f}",
        width=width,
        height=round(height),
        role="img",
        aria_label=f"{title}. {description}" if title != description else title,
        font_family="system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif",
        font_size=SIZE,
    )


def words(
    x: float, y: float, lines: str | Sequence[str], *, anchor: str = "start", soft: bool = False, halo: bool = False
) -> str:
    """Lines of text from the baseline (x, y) downwards; `anchor`: start, middle or end; a halo clears lines behind."""
    lines = [lines] if isinstance(lines, str) else lines
    return "".join(
        tag(
            "text",
            escape(line),
            x=x,
            y=y + LINE * i,
            class_=("soft" if soft else "ink") + " halo" * halo,
            fill=SOFT if soft else INK,
            text_anchor=None if anchor == "start" else anchor,
            **(HALO if halo else {}),
        )
        for i, line in enumerate(lines)
    )


def text_width(text: str, size: float = SIZE) -> float:
    """An estimate of a text's width from above, for any common sans-serif font: capitals and digits are wider."""
    wide, narrow = "MWmw@%—ÆŒ", " .,:;!|'’ijlftrI()[]"
    share = sum(0.96 if c in wide else 0.39 if c in narrow else 0.73 if c.isupper() else 0.63 for c in text)
    return share * size


def wrapped(text: str, room: float, size: float = SIZE) -> list[str]:
    """`text` in lines no wider than `room`; words longer than that are broken. At least one line."""
    share = text_width(text, size) / max(len(text), 1)
    return textwrap.wrap(text, max(int(room / share), 4) if share else 80) or [""]


def path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Path data through the points; NaN lifts the pen. O(points)."""
    drawn, down = [], False
    for px, py in zip(x.tolist(), y.tolist(), strict=True):
        if math.isnan(px) or math.isnan(py):
            down = False
            continue
        drawn.append(f"{'L' if down else 'M'}{px:.1f} {py:.1f}")
        down = True
    return "".join(drawn)


def marker(shape: str, x: float, y: float, colour: int, radius: float = 4.0) -> str:
    """A mark at (x, y): one of MARKERS, in the colour of that number."""
    ink = COLOURS[colour % len(COLOURS)]
    css = f"mark-{colour % len(COLOURS)}"
    hollow = shape in ("ring", "box", "cross", "plus")
    paint: dict[str, str | float | None] = (
        {"class_": f"{css} stroke", "stroke": ink, "stroke_width": 2, "fill": "none"}
        if hollow
        else {"class_": f"{css} fill", "fill": ink}
    )
    if shape in ("circle", "ring"):
        return tag("circle", cx=x, cy=y, r=radius, **paint)
    return tag("path", d=_outline(shape, x, y, radius), **paint)


def _outline(shape: str, x: float, y: float, r: float) -> str:
    outlines = {
        "square": f"M{x - r:.1f} {y - r:.1f}h{2 * r:.1f}v{2 * r:.1f}h{-2 * r:.1f}z",
        "box": f"M{x - r:.1f} {y - r:.1f}h{2 * r:.1f}v{2 * r:.1f}h{-2 * r:.1f}z",
        "triangle": f"M{x:.1f} {y - 1.2 * r:.1f}l{1.2 * r:.1f} {2.1 * r:.1f}h{-2.4 * r:.1f}z",
        "diamond": f"M{x:.1f} {y - 1.4 * r:.1f}l{1.4 * r:.1f} {1.4 * r:.1f}l{-1.4 * r:.1f} {1.4 * r:.1f}"
        f"l{-1.4 * r:.1f} {-1.4 * r:.1f}z",
        "cross": f"M{x - r:.1f} {y - r:.1f}l{2 * r:.1f} {2 * r:.1f}m0 {-2 * r:.1f}l{-2 * r:.1f} {2 * r:.1f}",
        "plus": f"M{x - 1.2 * r:.1f} {y:.1f}h{2.4 * r:.1f}M{x:.1f} {y - 1.2 * r:.1f}v{2.4 * r:.1f}",
    }
    return outlines[shape]


def line(x1: float, y1: float, x2: float, y2: float, *, css: str = "rule", **paint: str | float | None) -> str:
    """A straight line; a hairline of the page's rule colour unless told otherwise."""
    given: dict[str, str | float | None] = {"stroke": RULE, "stroke_width": 1, **paint}
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=f"{css} stroke", **given)


def hatch(x: float, y: float, width: float, height: float, gap: float = 7.0) -> str:
    """Diagonal strokes within a rectangle, as path data: a second sign beside colour, without a pattern's id."""
    strokes = []
    at = gap
    while at < width + height:
        x1, y1 = (x + at, y) if at <= width else (x + width, y + at - width)
        x2, y2 = (x, y + at) if at <= height else (x + at - height, y + height)
        strokes.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
        at += gap
    return "".join(strokes)


RAMP = np.array([(240, 244, 250), (190, 211, 232), (125, 170, 209), (62, 122, 178), (22, 76, 134), (8, 34, 74)])
"""A single-hue ramp from light to dark: order survives every kind of colour blindness and grey printing."""


def shade(share: float) -> tuple[int, int, int]:
    """The ramp's colour at `share` (0 to 1).

    >>> shade(0.0), shade(1.0)
    ((240, 244, 250), (8, 34, 74))
    """
    at = min(max(share, 0.0), 1.0) * (len(RAMP) - 1)
    low = min(int(at), len(RAMP) - 2)
    mixed = RAMP[low] + (RAMP[low + 1] - RAMP[low]) * (at - low)
    red, green, blue = np.rint(mixed).astype(int).tolist()
    return red, green, blue


def hexadecimal(colour: tuple[int, int, int]) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    parts = [c / 255 for c in colour]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable_on(colour: tuple[int, int, int]) -> str:
    """Black or white, whichever stands out more on `colour` (at least 4.5:1 on any colour)."""
    return "#000000" if luminance(colour) > 0.179 else "#ffffff"
