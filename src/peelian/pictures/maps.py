"""Maps without a map server: cells as an image inside an SVG, one legend, one statement beneath.

A cell map is one picture: a PNG of one pixel per cell (a million cells are some hundred kilobytes) under vector
borders, marks, scale bar and legend. Every map states what it may and may not support: `statement` is not optional.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peelian.errors import InputError
from peelian.pictures.borders import Lines, borders, no_lines, numbered
from peelian.pictures.classes import Classes, classes, key
from peelian.pictures.ground import MARKED, Ground, furniture, label, ruled, sheet, stated
from peelian.pictures.panels import Grid, Picture, Say
from peelian.pictures.png import png
from peelian.pictures.scales import Numbers, plain
from peelian.pictures.svg import LINE, WIDTH, drawing, tag, words, wrapped
from peelian.pictures.words import english

Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMap:
    """Square cells with their values: row and column (from the map's centre, rows to the north) of one length.

    `borders` are lines in metres where areas meet, as `borders` finds them; `marked` are indexes of cells to be framed
    and, where there is room, numbered in that order; `marked_title` names them in the legend.
    """

    row: Cells
    col: Cells
    values: Numbers
    cell_metres: float
    marked: Sequence[int] = ()
    marked_title: str = ""
    borders: Lines = field(default_factory=no_lines)

    def __post_init__(self) -> None:
        lengths = {len(self.row), len(self.col), len(self.values)}
        if not len(self.row) or len(lengths) > 1:
            raise InputError(
                "a map needs cells, each with a row, a column and a value", accepted="arrays of one length"
            )

    def ground(self, width: float = WIDTH - 8, x: float = 4.0, y: float = 4.0) -> Ground:
        """The rectangle the cells lie in."""
        size = self.cell_metres
        return Ground(
            west=float(self.col.min()) * size,
            south=float(self.row.min()) * size,
            east=float(self.col.max() + 1) * size,
            north=float(self.row.max() + 1) * size,
            width=width,
            x=x,
            y=y,
        )


def cells_of(
    places: Sequence[str],
    values: ArrayLike,
    *,
    marked: Sequence[int] = (),
    marked_title: str = "",
    areas: Sequence[str] = (),
) -> CellMap:
    """A cell map from places' names `metres:row:col`, all of one size. O(places).

    `areas` names the area of each place, "" for none, or is empty: borders are drawn where two meet.

    >>> cells_of(["250:0:3", "250:1:4"], [1.0, 2.0]).col.tolist()
    [3, 4]
    """
    import pyarrow as pa  # heavy, and quick: a town may have a million cells
    import pyarrow.compute as pc

    try:
        parts = pc.split_pattern(pa.array(places, type=pa.string()), ":")
        numbers = pc.cast(parts.flatten(), pa.float64()).to_numpy(zero_copy_only=False)
        size, row, col = numbers.reshape(-1, 3).T
        well_formed = bool((pc.list_value_length(parts).to_numpy() == 3).all() and (numbers == np.rint(numbers)).all())
    except ValueError:  # Arrow's errors are of this kind, too
        well_formed = False
    if not well_formed:
        raise InputError("a place's name is no cell", accepted="metres:row:column, for example 250:12:-7")
    if not len(size) or (size != size[0]).any():
        raise InputError("cells of different sizes, or none, cannot be one map", accepted="cells of one size")
    if len(areas) not in (0, len(size)):
        raise InputError("each place of a map with areas needs one", accepted="as many areas as places")
    row, col, metres = row.astype(np.int64), col.astype(np.int64), float(size[0])
    return CellMap(
        row=row,
        col=col,
        values=plain(values),
        cell_metres=metres,
        marked=marked,
        marked_title=marked_title,
        borders=borders(row, col, numbered(areas)[1], metres) if len(areas) else no_lines(),
    )


def grid_map(
    cells: CellMap,
    *,
    value_title: str,
    statement: str,
    caption: str,
    alternative: str,
    areas: Sequence[str] = (),
    twin: Grid | None = None,
    say: Say = english,
) -> Picture:
    """A map of cells in classes, with legend, scale bar, north arrow and statement.

    The table twin lists the classes with how many places each holds, as the legend does; or it is the caller's own.
    `areas` names each cell's area where all cells of an area share its figure: areas are counted, then, and not cells.
    InputError: no cells, no finite value. O(cells).
    """
    made = classes(cells.values)
    ground = cells.ground()
    body = [sheet(ground), _image(cells, made.member, made, ground), *_lines(cells, ground)]
    body += _marks(cells, ground)
    framed = cells.marked_title if len(cells.marked) else ""
    text = _Words(value_title, statement, caption, alternative, say, framed, by_area=bool(areas))
    counted = replace(made, n=_areas_in(made, areas)) if areas else made
    return _finished(body, ground, counted, text, twin, counted=twin is None)


def _areas_in(made: Classes, areas: Sequence[str]) -> tuple[int, ...]:
    """How many areas each class holds, by any cell of each. O(cells)."""
    known = {name: int(k) for name, k in zip(areas, made.member, strict=True) if name and k >= 0}
    return tuple(np.bincount(list(known.values()), minlength=len(made.lows)).tolist())


def small_maps(
    cells: CellMap,
    panels: Sequence[tuple[str, ArrayLike]],
    *,
    value_title: str,
    statement: str,
    caption: str,
    alternative: str,
    say: Say = english,
) -> Picture:
    """Small maps two abreast, (title, values per cell) each, in one set of classes so that they can be compared.

    The legend names the classes; the table twin counts the places of each map in them.
    `cells.values` is not drawn. InputError: no panel, or values of another length. O(cells x panels).
    """
    values = [plain(part) for _, part in panels]
    if not values or any(part.shape != cells.values.shape for part in values):
        raise InputError("small maps need one value per cell each", accepted="arrays as long as the cells")
    made = classes(np.concatenate(values))
    width = (WIDTH - 24) / 2
    body, top, members = [], 0.0, np.split(made.member, len(values))
    for first in range(0, len(panels), 2):
        pair = range(first, min(first + 2, len(panels)))
        titles = [wrapped(panels[i][0], width) for i in pair]
        under = top + LINE * max(len(title) for title in titles) + 8
        for i, title in zip(pair, titles, strict=True):
            ground = cells.ground(width, 4 + (i - first) * (width + 16), under)
            body += [words(ground.x, top + 15, title), sheet(ground), _image(cells, members[i], made, ground)]
            body += _lines(cells, ground)
        top = under + cells.ground(width).height + 10
    whole = cells.ground(width, 4, top - cells.ground(width).height - 4)
    text = _Words(value_title, statement, caption, alternative, say)
    counts = {
        title: np.bincount(m[m >= 0], minlength=len(made.lows)).tolist()
        for (title, _), m in zip(panels, members, strict=True)
    }
    return _finished(body, whole, made, text, _counted(made, text, counts), counted=False)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words around a map."""

    value_title: str
    statement: str
    caption: str
    alternative: str
    say: Say
    framed: str = ""  # what the framed cells are
    by_area: bool = False


def _counted(made: Classes, text: _Words, counts: Mapping[str, Sequence[int]]) -> Grid:
    """The table twin: the classes, highest first, and how many places each map has in them, by its title."""
    say, names = text.say, made.names(text.say)
    rows = tuple((name, *(say("%(n)d", n=int(n[k])) for n in counts.values())) for k, name in enumerate(names))
    titles = (text.value_title, *counts)
    return Grid(caption=text.caption, titles=titles, rows=rows[::-1], numeric=frozenset(range(len(titles))))


def _finished(
    body: list[str], ground: Ground, made: Classes, text: _Words, twin: Grid | None, *, counted: bool = True
) -> Picture:
    """Furniture, legend and statement under the ground, then the whole picture. `counted`: places in the legend."""
    if not text.statement:
        raise InputError("a map must state what it may and may not support", accepted="a sentence or two")
    say = text.say
    drawn, top = furniture(ground, ground.y + ground.height + 10, say)
    title = wrapped(text.value_title, WIDTH)
    drawn.append(words(0, top + 16, title, soft=True))
    legend, top = key(made, top + LINE * len(title) + 8, say, counted=counted, by_area=text.by_area)
    if text.framed:
        lines = wrapped(text.framed, WIDTH - 36)
        legend.append(tag("rect", x=8, y=top + 3, width=9, height=9, fill="none", stroke=MARKED, stroke_width=1.8))
        legend.append(words(36, top + 13, lines))
        top += LINE * len(lines) + 2
    below, top = stated(text.statement, top + 2)
    twin = twin or _counted(made, text, {say("Areas") if text.by_area else say("Squares"): made.n})
    told = f"{text.alternative} {text.statement}"
    svg = drawing(top, [*body, *drawn, *legend, *below], title=text.caption, description=told)
    svg = svg.replace('class="picture"', 'class="picture map"', 1)
    return Picture(svg=svg, alternative=told, caption=text.caption, twin=twin)


def _shape(cells: CellMap) -> tuple[int, int]:
    return int(np.ptp(cells.row)) + 1, int(np.ptp(cells.col)) + 1


def _png(cells: CellMap, member: NDArray[np.intp], made: Classes, times: int) -> bytes:
    """Palette index 0 is see-through: no cell, or a cell without a value."""
    plane = np.zeros(_shape(cells), dtype=np.uint8)
    plane[cells.row.max() - cells.row, cells.col - cells.col.min()] = member + 1
    return png(plane, [(255, 255, 255), *made.colours], clear=0, times=times)


def _image(cells: CellMap, member: NDArray[np.intp], made: Classes, ground: Ground) -> str:
    # Enlarged to some 1,200 pixels, so that viewers that smooth images blur no cell into its neighbour.
    times = max(1, min(16, 1200 // max(_shape(cells))))
    data = base64.b64encode(_png(cells, member, made, times)).decode()
    return tag(
        "image",
        href=f"data:image/png;base64,{data}",
        x=ground.x,
        y=ground.y,
        width=ground.width,
        height=ground.height,
        image_rendering="pixelated",
        preserveAspectRatio="none",
    )


def _lines(cells: CellMap, ground: Ground) -> list[str]:
    """The borders between areas."""
    return [ruled(ground, cells.borders)] if len(cells.borders) else []


def _marks(cells: CellMap, ground: Ground) -> list[str]:
    """Frames around marked cells, with their number in the order where no earlier number is in the way."""
    side = cells.cell_metres * ground.units_per_metre
    frames: list[str] = []
    numbers: list[str] = []
    taken: list[tuple[float, float]] = []
    for number, i in enumerate(cells.marked, start=1):
        west, north = float(cells.col[i]) * cells.cell_metres, float(cells.row[i] + 1) * cells.cell_metres
        x, y = (float(part) for part in ground.at(west, north))
        grown = max(0.0, (7 - side) / 2)  # a frame of at least 7 units, so that one cell of a large town is seen
        frame = {"x": x - grown, "y": y - grown, "width": side + 2 * grown, "height": side + 2 * grown}
        frames.append(tag("rect", fill="none", stroke=MARKED, stroke_width=1.8, **frame))
        if all(abs(x - at[0]) > 20 or abs(y - at[1]) > 16 for at in taken):
            middle = west + cells.cell_metres / 2
            above = north + (grown + 11) / ground.units_per_metre
            numbers.append(label(ground, middle, above, str(number)))
            taken.append((x, y))
    return frames + numbers
