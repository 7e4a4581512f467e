"""The sheet of a detector trial: 120 made faces and 60 made plates, each in three sizes, in 40 made pictures.

The sheet ships as this program: a seed draws it, and the same seed draws the same pixels. A trial takes its seed from
the model's digest, so that a model cannot have been made for the pictures it is tried on. Pictures have the shape of a
720p recording, so that a model cannot know a trial by its margins. Faces, plates and other things are mixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.drawing import Values, blank, block, ellipse, inside, paint, resized
from peelian.technologies.footage.drawn_faces import AGES, SEXES, TONES, Drawn, a_head, drawn_face
from peelian.technologies.footage.drawn_plates import LAYOUTS, a_registration, drawn_plate

VERSION = 1
WIDTH, HEIGHT = 1280, 720
FACE, PLATE = "face", "plate"
SIZES: Mapping[str, float] = {"large": 1.4, "medium": 0.95, "small": 0.6}
"""Sizes as shares of the drawing: made faces about 115, 75 and 48 pixels high, plates 116, 77 and 49 wide and more."""
FACES_OF_A_KIND, PLATES_OF_A_LAYOUT, DECOYS = 4, 12, 60
_COLUMNS, _ROWS = 5, 3
_CELL_WIDE, _CELL_TALL = WIDTH // _COLUMNS, HEIGHT // _ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One view of one made thing: what, which one, in which size, and its exact box in pixels of its picture."""

    what: str
    number: int
    size: str
    groups: Mapping[str, str]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One picture of the sheet (RGB, uint8[HEIGHT, WIDTH, 3]) and everything in it that can be looked for."""

    pixels: NDArray[np.uint8]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    """A drawn thing; a decoy is of no class."""

    drawn: Drawn
    what: str = ""
    number: int = 0
    groups: Mapping[str, str] = field(default_factory=dict)


def groups_of(what: str) -> tuple[dict[str, str], ...]:
    """The groups that each made thing of a class belongs to, by its number: known before anything is drawn."""
    if what == PLATE:
        return tuple({"layout": layout} for layout in LAYOUTS for _ in range(PLATES_OF_A_LAYOUT))
    kinds = product(SEXES, AGES, TONES, range(FACES_OF_A_KIND))
    return tuple({"sex": sex, "age": age, "tone": tone} for sex, age, tone, _ in kinds)


def pages(seed: int) -> Iterator[Page]:
    """The pictures of the sheet that `seed` draws, one after the other. O(pictures), one in memory."""
    rng = np.random.default_rng(seed)
    shown = [(thing, size) for thing in _things(rng) for size in SIZES]
    shown += [(_Thing(drawn=_decoy(rng)), "large") for _ in range(DECOYS)]
    order, a_page = rng.permutation(len(shown)), _COLUMNS * _ROWS
    for start in range(0, len(shown), a_page):
        canvas, items = _ground(rng), []
        for cell, index in enumerate(order[start : start + a_page].tolist()):
            thing, size = shown[index]
            box = _placed(canvas, thing.drawn, SIZES[size] * rng.uniform(0.95, 1.05), cell, rng)
            if thing.what:
                items.append(Item(what=thing.what, number=thing.number, size=size, groups=thing.groups, box=box))
        canvas += 3 * rng.standard_normal((HEIGHT, WIDTH, 1), dtype=np.float32)
        yield Page(pixels=canvas.clip(0, 255).astype(np.uint8), items=tuple(items))


def _things(rng: np.random.Generator) -> list[_Thing]:
    made = []
    for number, kind in enumerate(groups_of(FACE)):
        face = drawn_face(a_head(rng, kind["sex"], kind["age"], kind["tone"]), rng)
        made.append(_Thing(what=FACE, number=number, groups=kind, drawn=face))
    for number, kind in enumerate(groups_of(PLATE)):
        plate = drawn_plate(a_registration(rng, kind["layout"]), kind["layout"], rng)
        made.append(_Thing(what=PLATE, number=number, groups=kind, drawn=plate))
    return made


def _decoy(rng: np.random.Generator) -> Drawn:
    """Something that is neither: a ball, a striped board or a window."""
    canvas = blank(110, 110)
    colour, other = (rng.integers(30, 225, 3).astype(float) for _ in range(2))
    kind = int(rng.integers(3))
    if kind == 0:
        light = 0.6 + 0.5 * np.clip(1 - ellipse(canvas, -0.2, -0.3, 0.9, 0.9), 0, 1)
        paint(canvas, inside(ellipse(canvas, 0, 0, 0.7, 0.7), canvas.edge), colour * light[..., None])
    else:
        paint(canvas, inside(block(canvas, -0.75, -0.6, 0.75, 0.6), canvas.edge), colour)
        bars = np.sin(canvas.x * rng.uniform(6, 14) + (canvas.y * 8 if kind == 1 else 0)) > 0.3
        paint(canvas, inside(block(canvas, -0.65, -0.5, 0.65, 0.5), canvas.edge) * bars, other)
    return Drawn(pixels=canvas.pixels.clip(0, 255), cover=canvas.cover, box=(0, 0, 1, 1))


def _ground(rng: np.random.Generator) -> Values:
    """A background of patches in two sizes: no face and no plate in it."""
    coarse = np.repeat(np.repeat(rng.uniform(35, 140, (6, 8, 3)), 4, axis=0), 4, axis=1)
    patches = (coarse + rng.uniform(-25, 25, (24, 32, 3)) + rng.uniform(0, 50)).astype(np.float32)
    return np.repeat(np.repeat(patches, HEIGHT // 24, axis=0), WIDTH // 32, axis=1)


def _placed(
    canvas: Values, drawn: Drawn, scale: float, cell: int, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Lay something into its cell of the picture, at a chance place; its box in pixels."""
    tall, wide = (max(8, round(n * scale)) for n in drawn.cover.shape)
    row, column = divmod(cell, _COLUMNS)
    top = row * _CELL_TALL + int(rng.integers(_CELL_TALL - tall + 1))
    left = column * _CELL_WIDE + int(rng.integers(_CELL_WIDE - wide + 1))
    cover = resized(drawn.cover, tall, wide)[..., None]
    light = rng.uniform(0.8, 1.1)
    under = canvas[top : top + tall, left : left + wide]
    under += (resized(drawn.pixels, tall, wide) * np.float32(light) - under) * cover
    x0, y0, x1, y1 = drawn.box
    return (left + x0 * wide, top + y0 * tall, left + x1 * wide, top + y1 * tall)
