"""Covers boxes in a frame: solid fill, or blur where a reason is given.

Fill is the default because it is final: after a blur a detector still found one face in eight, after a mosaic one in
four, after a fill none; blurred faces are re-identified in the literature.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.pictures import Picture

BLACK, GREY = 16, 128  # ITU-R BT.601: brightness of black, colour planes without colour
_TIMES = 3  # three passes of a box filter are close to a Gaussian


def covered(picture: Picture, boxes: Iterable[tuple[int, int, int, int]], *, method: str = "fill") -> None:
    """Cover boxes (left, top, right, bottom; clipped to the picture) in place. O(pixels covered).

    A box is widened to even pixels, because one value of the colour planes serves four pixels.
    """
    for box in boxes:
        left, top = (max(0, n - n % 2) for n in box[:2])
        right, bottom = min(picture.width, box[2] + box[2] % 2), min(picture.height, box[3] + box[3] % 2)
        if left >= right or top >= bottom:
            continue
        for plane, part, value in zip(picture.planes, (1, 2, 2), (BLACK, GREY, GREY), strict=True):
            inside = plane[top // part : bottom // part, left // part : right // part]
            inside[...] = _blurred(inside) if method == "blur" else value


def _blurred(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A strong blur, by a window of a third of the smaller side, three times over, from inside the box only."""
    wide = max(3, min(values.shape) // 3) | 1
    made = values.astype(np.float32)
    for _ in range(_TIMES):
        for axis in (0, 1):
            made = _moving_mean(made, wide, axis)
    return made.round().clip(0, 255).astype(np.uint8)


def _moving_mean(values: NDArray[np.float32], wide: int, axis: int) -> NDArray[np.float32]:
    half = wide // 2
    ends = [(half + 1, half) if a == axis else (0, 0) for a in (0, 1)]
    sums = np.pad(values, ends, mode="edge").cumsum(axis=axis, dtype=np.float64)
    n = values.shape[axis]
    high, low = sums.take(range(wide, wide + n), axis=axis), sums.take(range(n), axis=axis)
    return np.asarray((high - low) / wide, dtype=np.float32)
