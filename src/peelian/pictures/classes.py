"""Classes of a map: value ranges, their colours, and the legend that names each with how many places it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.pictures.panels import Say
from peelian.pictures.png import Colour
from peelian.pictures.scales import Numbers
from peelian.pictures.svg import LINE, hexadecimal, shade, tag, words
from peelian.pictures.words import amounts, digits_of

QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99)
"""Shares of places below each class's lower end: few places hold most incidents, so the upper classes are narrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Lower ends of the classes (rising), the class of each value (-1 for NaN), and how many each class holds."""

    lows: tuple[float, ...]
    member: NDArray[np.intp]
    n: tuple[int, ...]
    high: float

    @property
    def colours(self) -> tuple[Colour, ...]:
        """A colour per class along the ramp, from light to dark."""
        last = max(len(self.lows) - 1, 1)
        return tuple(shade(0.04 + 0.96 * i / last) for i in range(len(self.lows)))

    def names(self, say: Say) -> tuple[str, ...]:
        """Each class as a range of values."""
        ends = (*self.lows, self.high)
        shown = amounts(say, ends)
        names = [say("%(low)s to under %(high)s", low=a, high=b) for a, b in pairwise(shown)]
        if len(names) > 1 and 0 < self.lows[0] < self.lows[1] / 1000:  # next to nothing has no digits worth reading
            names[0] = say("under %(high)s", high=shown[1])
        last = shown[-2] if self.lows[-1] == self.high else say("%(low)s to %(high)s", low=shown[-2], high=shown[-1])
        return (*names[:-1], last)


def classes(values: Numbers, quantiles: Sequence[float] = QUANTILES) -> Classes:
    """Classes between quantiles of the finite values; equal ends are merged. InputError: no finite value. O(n log n).

    >>> made = classes(np.array([0.0, 0.0, 0.0, 1.0, 8.0, np.nan]), (0.5, 0.9))
    >>> made.lows, made.n
    ((0.0, 8.0), (4, 1))
    """
    known = values[np.isfinite(values)]
    if not len(known):
        raise InputError("a map needs at least one value", accepted="finite numbers")
    # figures of one digit: no class ends between two of them
    method: Literal["higher", "linear"] = "higher" if digits_of(known) == 1 else "linear"
    lows = np.unique(np.append(known.min(), np.quantile(known, list(quantiles), method=method)))
    member = np.where(np.isfinite(values), np.searchsorted(lows, values, side="right") - 1, -1)
    n = np.bincount(member[member >= 0], minlength=len(lows))
    filled = np.flatnonzero(n)
    member = np.where(member >= 0, np.searchsorted(filled, member), -1)
    return Classes(
        lows=tuple(float(low) for low in lows[filled]),
        member=member,
        n=tuple(int(count) for count in n[filled]),
        high=float(known.max()),
    )


def key(
    made: Classes, top: float, say: Say, *, counted: bool = False, by_area: bool = False
) -> tuple[list[str], float]:
    """The legend, highest class first: swatch, range, and how many squares or areas if `counted`; and its end."""
    drawn, at = [], top
    rows = list(zip(made.colours, made.names(say), made.n, strict=True))[::-1]
    for colour, name, n in rows:
        drawn.append(tag("rect", x=0, y=at, width=26, height=15, fill=hexadecimal(colour), stroke="#77777f"))
        if counted and by_area:
            name = say("%(range)s: %(n)d %(n:area|areas)", range=name, n=n)
        elif counted:
            name = say("%(range)s: %(n)d %(n:square|squares)", range=name, n=n)
        drawn.append(words(36, at + 13, name))
        at += LINE + 2
    return drawn, at
