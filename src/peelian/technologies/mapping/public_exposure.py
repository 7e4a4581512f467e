"""Exposure as the public see it: few digits, wide intervals, and none of few cells, so that no selected cell follows.

Outlines, census and grid of a town are public. From exact shares of four groups anybody can find the one set of cells
that gives them. Rounded as here, many sets give the same figures (`docs/decisions/0058-exposure-for-the-public.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Findings, Note, Scalar
from peelian.measure.table import Column, Table

Floats = NDArray[np.float64]

FEWEST_CELLS = 20
SHOWN = ("group", "n", "exposed", "against_others", "against_others_low", "against_others_high")
STEPS = np.array([1.0, 2.0, 5.0, 10.0])  # intervals end at 1, 2 or 5 times a power of ten
ROUNDED = (
    "Public figures on exposure are rounded and their intervals widened, so that no selected cell follows from them."
)
FEW = "Exposure by group is public from %(least)d selected cells on. With fewer, it would tell which cells they are."
MESSAGES = (ROUNDED, FEW)


def exposure_for_the_public(findings: Findings, cells: int) -> tuple[tuple[Table, ...], tuple[Note, ...]]:
    """The table of exposure rounded, and what is to be said of it; no table for fewer than 20 cells. O(groups)."""
    found = next((one for one in findings.tables if one.name == "exposure"), None)
    if found is None:
        return (), ()
    if cells < FEWEST_CELLS:
        return (), (Note(text=FEW, values={"least": FEWEST_CELLS}, kind="caveat"),)
    made = replace(found, columns=tuple(_rounded(one) for one in found.columns if one.name in SHOWN))
    return (made,), (Note(text=ROUNDED, kind="caveat"),)


def coarse(values: Floats | float) -> Floats:
    """Two significant digits, below 1 one; nan and inf stay.

    >>> coarse(np.array([1.47, 0.0123, 12.6, 0.0, np.nan])).tolist()
    [1.5, 0.01, 13.0, 0.0, nan]
    """
    return _digits(values, np.where(np.abs(values) < 1, 1, 2))


def coarsely(values: Mapping[str, Scalar], names: Iterable[str]) -> dict[str, Scalar]:
    """The same values, those named with few digits. O(values)."""
    some = frozenset(names)
    return {n: float(coarse(float(value))) if n in some else value for n, value in values.items()}


def _rounded(column: Column) -> Column:
    values = column.values
    if column.name == "exposed":
        return replace(column, values=_digits(np.asarray(values, dtype=np.float64), 1))
    if column.name == "against_others":
        return replace(column, values=coarse(np.asarray(values, dtype=np.float64)))
    if column.name.startswith("against_others_"):
        return replace(column, values=_outward(np.asarray(values, dtype=np.float64), up=column.name.endswith("high")))
    return column


def _digits(values: Floats | float, digits: NDArray[np.int64] | int) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    known = np.isfinite(found) & (found != 0)
    step = 10.0 ** (np.floor(np.log10(np.where(known, np.abs(found), 1.0))) - digits + 1)
    return np.where(known, np.round(found / step) * step, found)


def _outward(values: Floats, *, up: bool) -> Floats:
    """The next of 1, 2 and 5 times a power of ten at or above each value, or at or below it."""
    known = np.isfinite(values) & (values > 0)
    power = 10.0 ** np.floor(np.log10(np.where(known, values, 1.0)))
    over = np.where(known, values, 1.0) / power
    at = (
        np.searchsorted(STEPS, over - 1e-9, side="left")
        if up
        else np.searchsorted(STEPS, over + 1e-9, side="right") - 1
    )
    return np.where(known, STEPS[np.clip(at, 0, len(STEPS) - 1)] * power, values)
