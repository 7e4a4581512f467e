"""Cuts of a recording: where one scene ends and another begins, so that no track goes over it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_ROWS, _COLUMNS = 9, 16  # fields of a picture whose brightness is compared
_LEAST = 0.6  # mean change of a field's brightness at a cut, in standard deviations of the picture's fields
_TIMES = 3.0  # as large as the usual change before it: a shaken or panned camera makes no cut
_FLAT = 4.0  # of 255: a picture whose fields differ by less is taken to differ by this much
_USUAL = 12  # changes that say what is usual


@dataclass(slots=True)
class Scenes:
    """Fed with pictures in rising order. `cuts` are the first pictures of every scene but the first."""

    cuts: list[int] = field(default_factory=list)
    _before: NDArray[np.float32] | None = None
    _changes: list[float] = field(default_factory=list)

    def take(self, number: int, picture: NDArray[np.uint8]) -> None:
        """One more picture (uint8[height, width, 3]). O(pixels / 16)."""
        now = fields(picture)
        if self._before is not None:
            change = float(np.abs(now - self._before).mean())
            usual = float(np.median(self._changes)) if self._changes else 0.0
            if change > max(_LEAST, _TIMES * usual):
                self.cuts.append(number)
                self._changes = []
            else:
                self._changes = [*self._changes[1 - _USUAL :], change]
        self._before = now


def fields(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Brightness (green) of 9 x 16 fields, in standard deviations from their mean: a flash changes little of it."""
    few = picture[::4, ::4, 1].astype(np.float32)
    rows, columns = (np.arange(n) * size // n for n, size in ((_ROWS, few.shape[0]), (_COLUMNS, few.shape[1])))
    sums = np.add.reduceat(np.add.reduceat(few, rows, axis=0), columns, axis=1)
    counts = np.diff([*rows, few.shape[0]])[:, None] * np.diff([*columns, few.shape[1]])[None]
    means = sums / np.maximum(counts, 1)
    return np.asarray((means - means.mean()) / max(_FLAT, float(means.std())), dtype=np.float32)
