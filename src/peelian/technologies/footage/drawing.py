"""Draws soft shapes on a small canvas: what the made faces and plates of a detector trial are painted with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Plane = NDArray[np.float32]
"""float32[height, width]: a mask or distance at every pixel."""
Colour = tuple[float, float, float] | NDArray[np.float64] | Values


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Canvas:
    """Pixels (0 to 255) and their cover (0 to 1), with each pixel's place: x from -1 to 1, y in the same unit."""

    x: Plane
    y: Plane
    pixels: Values
    cover: Plane

    @property
    def edge(self) -> float:
        """A width of one and a half pixels, over which edges fade."""
        return 3.0 / len(self.x[0])


def blank(height: int, width: int) -> Canvas:
    """An empty canvas. Square pixels: y reaches from -height/width to height/width."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return Canvas(
        x=(x + 0.5) / width * 2 - 1,
        y=((y + 0.5) * 2 - height) / width,
        pixels=np.zeros((height, width, 3), dtype=np.float32),
        cover=np.zeros((height, width), dtype=np.float32),
    )


def paint(canvas: Canvas, mask: Plane, colour: Colour) -> None:
    """Lay a colour (one, or float32[height, width, 3]) over what is there, as far as `mask` (0 to 1) covers."""
    touched = np.flatnonzero(mask.any(axis=1))
    if len(touched):
        rows = slice(int(touched[0]), int(touched[-1]) + 1)
        laid = np.asarray(colour, dtype=np.float32)
        laid = laid[rows] if laid.ndim == 3 else laid
        under, share = canvas.pixels[rows], mask[rows, :, None]
        under += (laid - under) * share
        np.maximum(canvas.cover[rows], mask[rows], out=canvas.cover[rows])


def inside(distance: NDArray[np.floating], edge: float) -> Plane:
    """Cover from a signed distance (negative inside), fading over `edge`.

    >>> inside(np.array([[-1.0, 0.0, 1.0]], np.float32), 0.1).tolist()
    [[1.0, 0.5, 0.0]]
    """
    return np.asarray(np.clip(0.5 - distance / edge, 0, 1), dtype=np.float32)


def ellipse(canvas: Canvas, x: float, y: float, wide: float, tall: float) -> Plane:
    """Signed distance, about, from an ellipse with these half axes."""
    radius = np.sqrt(((canvas.x - x) / wide) ** 2 + ((canvas.y - y) / tall) ** 2)
    return np.asarray((radius - 1) * min(wide, tall))


def block(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> Plane:
    """Signed distance from an upright rectangle."""
    across = np.maximum(left - canvas.x, canvas.x - right)
    return np.asarray(np.maximum(across, np.maximum(top - canvas.y, canvas.y - bottom)))


def bump(canvas: Canvas, x: float, y: float, wide: float, tall: float) -> Plane:
    """A soft hill of height 1: light or shade on skin."""
    return np.asarray(np.exp(-(((canvas.x - x) / wide) ** 2) - ((canvas.y - y) / tall) ** 2))


def resized(values: Values, height: int, width: int) -> Values:
    """Values (float32[h, w, ...]) in another size, each pixel the mean of the area it covers. O(pixels).

    >>> resized(np.array([[0.0, 2.0], [4.0, 6.0]], np.float32), 1, 1).tolist()
    [[3.0]]
    """
    return np.swapaxes(_means(np.swapaxes(_means(values, height), 0, 1), width), 0, 1)


def _means(values: Values, after: int) -> Values:
    """Means of `after` equal parts of the rows: differences of their running sum, read between its steps."""
    before = len(values)
    running = np.zeros((before + 2, *values.shape[1:]), dtype=np.float32)
    np.cumsum(values, axis=0, out=running[1:-1])
    running[-1] = running[-2]
    at = np.arange(after + 1) * before / after
    whole = at.astype(int)
    part = (at - whole).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    edges = running[whole] * (1 - part) + running[whole + 1] * part
    return np.asarray(np.diff(edges, axis=0) * np.float32(after / before))
