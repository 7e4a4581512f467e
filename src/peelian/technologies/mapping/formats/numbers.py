"""Reads numbers from text with decimal points or commas; missing values and unreadable text are told apart."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from peelian.measure.table import Values

PLAIN = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d{1,3})?", re.ASCII)


def numbers(values: Values) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values (float64, or text) as float64 with NaN for missing, and which of them are text that is no number.

    >>> found, bad = numbers(np.array(["1,5", "", "x", "-2.25"], dtype=object))
    >>> found.tolist(), bad.tolist()
    ([1.5, nan, nan, -2.25], [False, False, True, False])
    """
    if values.dtype.kind in "fiu":
        found = values.astype(np.float64)
        return found, np.isinf(found)
    texts = [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values.tolist()]
    found = np.array([_number(text.strip()) for text in texts], dtype=np.float64)
    bad = np.isinf(found)
    found[bad] = np.nan
    return found, bad


def whole_numbers(values: Values) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Values as whole numbers (-1 where there is none), which are missing, and which are something else.

    >>> found, missing, bad = whole_numbers(np.array(["7", "", "7.5", "12.0"], dtype=object))
    >>> found.tolist(), missing.tolist(), bad.tolist()
    ([7, -1, -1, 12], [False, True, False, False], [False, False, True, False])
    """
    found, bad = numbers(values)
    missing = np.isnan(found) & ~bad
    bad = bad | (~missing & (np.nan_to_num(found) % 1 != 0)) | (np.abs(np.nan_to_num(found)) > 2**53)
    return np.where(bad | missing, -1, np.nan_to_num(found)).astype(np.int64), missing, bad


def _number(text: str) -> float:
    """The number, NaN for nothing, infinity for something that is no number."""
    if not text or text.lower() in ("nan", "null", "none", "na", "n/a"):
        return float("nan")
    return float(text.replace(",", ".")) if PLAIN.fullmatch(text) else float("inf")
