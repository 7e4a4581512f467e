"""The ground of a map: metres to drawing units, borders, the scale bar, the north arrow and the map's statement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peelian.errors import InputError
from peelian.pictures.panels import Say
from peelian.pictures.scales import nice_step
from peelian.pictures.svg import HALO, INK, LINE, WIDTH, tag, text_width, words, wrapped
from peelian.pictures.words import amount

Metres = NDArray[np.float64]
OUTLINE, MARKED = "#3b3b44", "#b84a00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A rectangle of ground in metres (west, south, east, north) drawn `width` units wide with its corner at (x, y)."""

    west: float
    south: float
    east: float
    north: float
    width: float = WIDTH
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        if not (self.west < self.east and self.south < self.north):
            raise InputError("a map needs ground of some width and height", accepted="metres east and north")

    @property
    def units_per_metre(self) -> float:
        """The map's scale."""
        return self.width / (self.east - self.west)

    @property
    def height(self) -> float:
        """In drawing units."""
        return (self.north - self.south) * self.units_per_metre

    def at(self, east: ArrayLike, north: ArrayLike) -> tuple[Metres, Metres]:
        """Drawing units of points in metres."""
        x = self.x + (np.asarray(east, np.float64) - self.west) * self.units_per_metre
        y = self.y + (self.north - np.asarray(north, np.float64)) * self.units_per_metre
        return x, y


def sheet(ground: Ground) -> str:
    """White ground under a map, on dark pages too: the ramp's order must not turn over."""
    size = {"width": ground.width + 8, "height": ground.height + 8}
    return tag("rect", fill="#ffffff", x=ground.x - 4, y=ground.y - 4, **size)


def ruled(ground: Ground, lines: Metres) -> str:
    """Straight lines (n x 4, metres: east, north, east, north) over a map, as one path."""
    x, y = ground.at(lines[:, 0], lines[:, 1])
    right, down = ground.at(lines[:, 2], lines[:, 3])
    data = "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for a, b, c, d in np.column_stack([x, y, right, down]).tolist())
    style = {"stroke_width": 0.8 * ground.width / WIDTH, "stroke_opacity": 0.6}
    return tag("path", d=data, fill="none", stroke=OUTLINE, **style) if data else ""


def furniture(ground: Ground, top: float, say: Say) -> tuple[list[str], float]:
    """A scale bar of a round length and an arrow to the north, beneath the map."""
    metres = nice_step((ground.east - ground.west) / 5)
    long = metres * ground.units_per_metre
    text = f"{amount(say, metres / 1000)} km" if metres >= 1000 else f"{amount(say, metres)} m"
    y = top + 8
    bar = f"M0.5 {y:.1f}v7h{long:.1f}v-7"
    x = WIDTH - 10
    arrow = f"M{x:.1f} {top + 1:.1f}l6 15l-6 -4l-6 4z"
    return [
        tag("path", d=bar, class_="ink stroke", fill="none", stroke=INK, stroke_width=1.5),
        words(long + 8, y + 9, text),
        tag("path", d=arrow, class_="ink fill", fill=INK),
        words(x - 12, top + 15, say("N"), anchor="end"),
    ], top + 26


def stated(text: str, top: float) -> tuple[list[str], float]:
    """What the map may and may not support, beneath it: it travels with the picture."""
    lines = wrapped(text, WIDTH)
    return [words(0, top + 15, lines, soft=True)], top + LINE * len(lines) + 6


def label(ground: Ground, east: float, north: float, text: str) -> str:
    """A name on the map, kept within its frame."""
    x, y = (float(part) for part in ground.at(east, north))
    half = text_width(text) / 2
    x = min(max(x, ground.x + half), ground.x + ground.width - half)
    return tag(
        "text", text.replace("&", "&amp;").replace("<", "&lt;"), x=x, y=y + 5, text_anchor="middle", fill=INK, **HALO
    )
