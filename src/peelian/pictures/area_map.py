"""A map of whole areas in a few steps of colour, with points over it: outlines, key, scale bar and statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.pictures.ground import MARKED, OUTLINE, Ground, furniture, sheet, stated
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.svg import LINE, WIDTH, drawing, hexadecimal, shade, tag, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps of a map's key, lowest first: their title and names."""

    title: str
    names: Sequence[str]

    @property
    def colours(self) -> list[str]:
        """A colour for each step, from light to dark."""
        last = max(len(self.names) - 1, 1)
        return [hexadecimal(shade(0.04 + 0.8 * k / last)) for k in range(len(self.names))]


def area_map(
    outlines: Sequence[shapely.Geometry],
    step: Sequence[int],
    steps: Steps,
    *,
    points: NDArray[np.float64],
    points_title: str,
    statement: str,
    caption: str,
    say: Say,
) -> Picture:
    """Outlines in metres, each in the colour of its step, and points (n x 2, metres) over them where they are inside.

    The table twin counts the areas of each step. InputError: no outline. O(corners + points).
    """
    if not len(outlines):
        raise InputError("a map needs areas with outlines", accepted="polygons in metres")
    west, south, east, north = shapely.total_bounds(outlines).tolist()
    ground = Ground(west=west, south=south, east=east, north=north, width=WIDTH - 8, x=4.0, y=4.0)
    drawn = [sheet(ground)]
    for shape, k in zip(outlines, step, strict=True):
        drawn.append(tag("path", d=_path(shape, ground), fill=steps.colours[k], fill_rule="evenodd", stroke=OUTLINE))
    inside = (points >= (west, south)).all(axis=1) & (points <= (east, north)).all(axis=1)
    for x, y in zip(*(part.tolist() for part in ground.at(*points[inside].T)), strict=True):
        drawn.append(tag("circle", cx=x, cy=y, r=4, fill=MARKED, stroke="#ffffff", stroke_width=1.5))
    body, top = furniture(ground, ground.y + ground.height + 10, say)
    body.append(words(0, top + 16, steps.title, soft=True))
    top += LINE + 8
    n = np.bincount(step, minlength=len(steps.names)).tolist()
    for colour, name in list(zip(steps.colours, steps.names, strict=True))[::-1]:
        body.append(tag("rect", x=0, y=top, width=26, height=15, fill=colour, stroke="#77777f"))
        body.append(words(36, top + 13, name))
        top += LINE + 2
    if inside.any():
        body += [tag("circle", cx=13, cy=top + 8, r=4, fill=MARKED), words(36, top + 13, points_title)]
        top += LINE + 2
    below, top = stated(statement, top + 2)
    rows = tuple((name, say("%(n)d", n=count)) for name, count in zip(steps.names, n, strict=True))[::-1]
    twin = Grid(caption=caption, titles=(steps.title, say("Areas")), rows=rows, numeric=frozenset({1}))
    svg = drawing(top, [*drawn, *body, *below], title=caption, description=statement)
    svg = svg.replace('class="picture"', 'class="picture map"', 1)
    return Picture(svg=svg, alternative=statement, caption=caption, twin=twin)


def _path(shape: shapely.Geometry, ground: Ground) -> str:
    """The rings of a polygon or of several, closed."""
    made = []
    for ring in shapely.get_rings(shapely.get_parts(shape)).tolist():
        x, y = ground.at(*shapely.get_coordinates(ring)[:-1].T)
        made.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)) + "Z")
    return "".join(made)
