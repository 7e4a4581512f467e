"""Site map: zones of an event's plan by level of service, in colour, pattern and letter, and gates as arrows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from peelian.pictures.svg import LINE, SIZE, drawing, tag, text_width, words

Point = tuple[float, float]  # longitude, latitude: WGS 84
MARGIN, LARGEST = 24.0, 460.0  # around the zones; the height of the picture
BROAD = 720.0
LETTERS = "ABCDEF"
NEEDED = 8.0  # units around a label
LEAST_LETTERS = 4  # of a name that was cut: fewer tell nothing
WHOLE_ARROW = 90.0  # units across a zone, for an arrow in full size


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnZone:
    """A zone: its outline, its words, and how it is drawn: a letter A to F, "none" (no sensor), "old" or "unknown"."""

    outline: Sequence[Point]
    name: str
    says: str
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnGate:
    """A gate at a point, the middle of its zone, and which ways it is open: "in", "out" or "both"."""

    name: str
    at: Point
    inside: Point
    direction: str


def centre(outline: Sequence[Point]) -> Point:
    """The mean of an outline's corners."""
    return sum(x for x, _ in outline) / len(outline), sum(y for _, y in outline) / len(outline)


def site_map(zones: Sequence[DrawnZone], gates: Iterable[DrawnGate], *, title: str, description: str) -> str:
    """The plan as SVG, its classes coloured by the pages' style sheet. O(zones + gates).

    North is up; degrees are drawn flat around the middle of the site, which is right for a few kilometres.
    """
    lat = centre([centre(zone.outline) for zone in zones])[1]
    squeeze = math.cos(math.radians(lat))
    points = [(x * squeeze, -y) for zone in zones for x, y in zone.outline]
    west, top = min(x for x, _ in points), min(y for _, y in points)
    wide, high = max(x for x, _ in points) - west, max(y for _, y in points) - top
    scale = min((BROAD - 2 * MARGIN) / wide, (LARGEST - 2 * MARGIN) / high)
    left = (BROAD - wide * scale) / 2

    def drawn(point: Point) -> Point:
        return left + (point[0] * squeeze - west) * scale, MARGIN + (-point[1] - top) * scale

    body = [tag("defs", *(_pattern(letter) for letter in LETTERS[1:]))]
    for zone in zones:
        body += _zone(zone, [drawn(point) for point in zone.outline])
    across = min(max(x for x, _ in zone.outline) - min(x for x, _ in zone.outline) for zone in zones)
    size = min(1.0, max(0.25, across * squeeze * scale / WHOLE_ARROW))
    body += [_arrow(gate, drawn(gate.at), drawn(gate.inside), size) for gate in gates]
    for zone in zones:
        body.append(_label(zone, [drawn(point) for point in zone.outline]))
    height = high * scale + 2 * MARGIN
    return drawing(height, body, title=title, description=description, width=BROAD).replace(
        'class="picture broad"', 'class="site"'
    )


def _zone(zone: DrawnZone, corners: Sequence[Point]) -> list[str]:
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    found = [tag("polygon", points=outline, class_=f"zone los-{zone.look.lower()}")]
    if zone.look in LETTERS[1:]:
        found.append(tag("polygon", points=outline, class_="hatch", fill=f"url(#los-{zone.look.lower()})"))
    return found


def _label(zone: DrawnZone, corners: Sequence[Point]) -> str:
    x, y = centre(corners)
    room = max(x for x, _ in corners) - min(x for x, _ in corners) - NEEDED
    says = zone.says if text_width(zone.says) <= room else zone.look if zone.look in LETTERS else ""
    lines = [line for line in (_cut(zone.name, room), says) if line]
    found = words(x, y - LINE * (len(lines) - 1) / 2 + SIZE / 3, lines, anchor="middle")
    return tag("g", tag("title", escape(f"{zone.name} {zone.says}")), found, class_="label")


def _cut(text: str, room: float) -> str:
    """As much of a name as there is room for, or nothing; the whole of it stands beside the map."""
    if text_width(text) <= room:
        return text
    kept = next((n for n in range(len(text) - 1, LEAST_LETTERS - 1, -1) if text_width(text[:n] + "…") <= room), 0)
    return text[:kept] + "…" if kept else ""


def _arrow(gate: DrawnGate, at: Point, inside: Point, size: float) -> str:
    """An arrow across the gate, towards its zone, away from it, or both."""
    way = math.hypot(inside[0] - at[0], inside[1] - at[1]) or 1.0
    east, south = size * (inside[0] - at[0]) / way, size * (inside[1] - at[1]) / way
    heads = {"in": (1,), "out": (-1,), "both": (1, -1)}[gate.direction]
    shaft = f"M{at[0] - 12 * east:.1f} {at[1] - 12 * south:.1f}L{at[0] + 12 * east:.1f} {at[1] + 12 * south:.1f}"
    points = []
    for sign in heads:
        x, y, dx, dy = at[0] + sign * 18 * east, at[1] + sign * 18 * south, sign * east, sign * south
        points.append(
            f"M{x:.1f} {y:.1f}L{x - 10 * dx - 6 * dy:.1f} {y - 10 * dy + 6 * dx:.1f}"
            f"L{x - 10 * dx + 6 * dy:.1f} {y - 10 * dy - 6 * dx:.1f}z"
        )
    return tag("g", tag("title", escape(gate.name)), tag("path", d=shaft + "".join(points)), class_="gate")


def _pattern(letter: str) -> str:
    """Lines that lie closer the fuller it is; from E on they cross."""
    step = {"B": 26, "C": 18, "D": 12, "E": 12, "F": 8}[letter]
    lines = f"M0 {step}L{step} 0" + (f"M0 0L{step} {step}" if letter in "EF" else "")
    return tag(
        "pattern",
        tag("path", d=lines, class_="hatching"),
        id=f"los-{letter.lower()}",
        width=step,
        height=step,
        patternUnits="userSpaceOnUse",
    )


def sparkline(values: Sequence[float | None], *, says: str, wide: float = 160.0, high: float = 36.0) -> str:
    """A small trend, evenly spaced, gaps left open, drawn from zero; "" where there are fewer than two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    top, bottom = max(max(known), 0.0) or 1.0, min(min(known), 0.0)
    drawn, down = [], False
    for nth, value in enumerate(values):
        if value is None:
            down = False
            continue
        x, y = 2 + (wide - 4) * nth / (len(values) - 1), high - 3 - (high - 6) * (value - bottom) / (top - bottom)
        drawn.append(f"{'L' if down else 'M'}{x:.1f} {y:.1f}")
        down = True
    return tag(
        "svg",
        tag("path", d="".join(drawn)),
        xmlns="http://www.w3.org/2000/svg",
        class_="spark",
        viewBox=f"0 0 {wide:g} {high:g}",
        width=wide,
        height=high,
        preserveAspectRatio="none",
        role="img",
        aria_label=says,
    )
