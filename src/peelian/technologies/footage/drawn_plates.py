"""Made licence plates: letters and digits in five layouts, on the rear of a drawn car, for the trial of a detector.

The registrations are drawn by chance and belong to nobody that we know of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.drawing import Canvas, Values, blank, block, ellipse, inside, paint, resized
from peelian.technologies.footage.drawn_faces import Drawn

WIDE, TALL = 168, 120
_PIXELS_A_UNIT = WIDE / 2
_FONT = {
    "A": "0e11111f111111", "B": "1e11111e11111e", "C": "0e11101010110e", "D": "1e11111111111e",
    "E": "1f10101e10101f", "F": "1f10101e101010", "G": "0e11101711110f", "H": "1111111f111111",
    "J": "0702020202120c", "K": "11121418141211", "L": "1010101010101f", "M": "111b1515111111",
    "N": "11191513111111", "P": "1e11111e101010", "R": "1e11111e141211", "S": "0f10100e01011e",
    "T": "1f040404040404", "V": "11111111110a04", "W": "11111115151b11", "X": "11110a040a1111",
    "Y": "11110a04040404", "Z": "1f01020408101f", "0": "0e11131519110e", "1": "040c040404040e",
    "2": "0e11010204081f", "3": "1f02040201110e", "4": "02060a121f0202", "5": "1f101e0101110e",
    "6": "0608101e11110e", "7": "1f010204080808", "8": "0e11110e11110e", "9": "0e11110f01020c",
}  # fmt: skip
"""5 x 7 pixels a sign: seven rows of two hexadecimal digits, the left pixel in bit 4."""
_LETTERS, _DIGITS = "".join(s for s in _FONT if s.isalpha()), "0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How plates of one kind look: half width and height, colours, and lines of A (letter), 9 (digit) and blanks."""

    half_width: float
    half_height: float
    ground: tuple[int, int, int]
    ink: tuple[int, int, int]
    lines: tuple[str, ...]
    band: bool = False


LAYOUTS = {
    "long_white": Layout(
        half_width=0.52, half_height=0.12, ground=(238, 238, 234), ink=(20, 20, 22), lines=("AA 999 AA",), band=True
    ),
    "long_yellow": Layout(
        half_width=0.52, half_height=0.12, ground=(240, 200, 40), ink=(20, 20, 22), lines=("AA99 AAA",)
    ),
    "wide_blue": Layout(
        half_width=0.34, half_height=0.17, ground=(236, 238, 242), ink=(30, 60, 140), lines=("AAAA 999",)
    ),
    "dark": Layout(half_width=0.38, half_height=0.15, ground=(26, 28, 30), ink=(228, 228, 224), lines=("999 AAA",)),
    "two_lines": Layout(
        half_width=0.28, half_height=0.22, ground=(238, 238, 234), ink=(20, 20, 22), lines=("AAA", "9999")
    ),
}


def a_registration(rng: np.random.Generator, layout: str) -> tuple[str, ...]:
    """Lines of signs by chance, as the layout has them."""
    signs = {"A": _LETTERS, "9": _DIGITS}
    return tuple(
        "".join(str(rng.choice(list(signs[sign]))) if sign in signs else sign for sign in line)
        for line in LAYOUTS[layout].lines
    )


def drawn_plate(lines: tuple[str, ...], layout: str, rng: np.random.Generator) -> Drawn:
    """The plate on a car of chance colour, on an empty canvas. O(pixels)."""
    canvas, kind = blank(TALL, WIDE), LAYOUTS[layout]
    y = float(rng.uniform(0.05, 0.25))
    _car(canvas, rng)
    wide, tall, edge = kind.half_width, kind.half_height, canvas.edge
    paint(canvas, inside(block(canvas, -wide - 0.02, y - tall - 0.02, wide + 0.02, y + tall + 0.02), edge), (40,) * 3)
    light = rng.uniform(0.75, 1.0)
    paint(canvas, inside(block(canvas, -wide, y - tall, wide, y + tall), edge), np.array(kind.ground) * light)
    start = -wide
    if kind.band:
        start += 0.09
        paint(canvas, inside(block(canvas, -wide, y - tall, start, y + tall), edge), (30, 60, 150))
    room = 2 * tall / len(lines)
    for number, line in enumerate(lines):
        top = y - tall + room * number
        _write(canvas, line, (start, top, wide, top + room), np.array(kind.ink) * light)
    top, bottom = ((at * _PIXELS_A_UNIT + TALL / 2) / TALL for at in (y - tall, y + tall))
    box = ((1 - wide) / 2, top, (1 + wide) / 2, bottom)
    return Drawn(pixels=canvas.pixels.clip(0, 255), cover=canvas.cover, box=box)


def _car(canvas: Canvas, rng: np.random.Generator) -> None:
    """The rear of a car: body, window, lamps, bumper and tyres."""
    edge, body = canvas.edge, rng.integers(20, 230, 3).astype(float)
    for side in (-1, 1):
        paint(canvas, inside(block(canvas, side * 0.72 - 0.14, 0.35, side * 0.72 + 0.14, 0.68), edge), (22, 22, 24))
    paint(canvas, inside(ellipse(canvas, 0, -0.25, 0.72, 0.42), edge), body * 0.9)
    paint(canvas, inside(ellipse(canvas, 0, -0.28, 0.60, 0.30), edge), (50, 60, 70))
    paint(canvas, inside(block(canvas, -0.92, -0.22, 0.92, 0.42), edge), body)
    paint(canvas, inside(block(canvas, -0.94, 0.42, 0.94, 0.56), edge), body * 0.5)
    for side in (-1, 1):
        paint(canvas, inside(block(canvas, side * 0.80 - 0.10, -0.16, side * 0.80 + 0.10, 0.0), edge), (170, 20, 24))


def _write(canvas: Canvas, line: str, room: tuple[float, float, float, float], ink: NDArray[np.float64]) -> None:
    """One line of signs, as large as its room allows."""
    left, top, right, bottom = room
    mask = np.hstack([_sign(sign) for sign in line])[:, :-1]
    size = min((right - left) * 0.92 / mask.shape[1], (bottom - top) * 0.78 / mask.shape[0])
    tall, wide = (max(1, round(n * size * _PIXELS_A_UNIT)) for n in mask.shape)
    whole = np.zeros_like(canvas.cover)
    row = round(((top + bottom) / 2) * _PIXELS_A_UNIT + canvas.x.shape[0] / 2 - tall / 2)
    column = round(((left + right) / 2 + 1) * _PIXELS_A_UNIT - wide / 2)
    whole[row : row + tall, column : column + wide] = resized(mask, tall, wide)
    paint(canvas, whole, ink)


def _sign(sign: str) -> Values:
    """float32[7, 6]: one sign and the gap after it."""
    rows = bytes.fromhex(_FONT.get(sign, "00" * 7))
    return np.array([[row >> bit & 1 for bit in (4, 3, 2, 1, 0)] + [0] for row in rows], dtype=np.float32)
