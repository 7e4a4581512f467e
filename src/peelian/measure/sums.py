"""Sums of products in one thread and one order: the same figures on every machine, and no idle threads on a busy one.

Numpy hands `@` and `dot` to a BLAS that splits large sums among as many threads as there are cores: their last digits,
and so the digest of a finding, would depend on the machine. These functions do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def inner(first: ArrayLike, second: ArrayLike) -> float:
    """Σ first·second of two arrays of one length.

    >>> inner([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    return float(np.einsum("i,i->", np.asarray(first, np.float64), np.asarray(second, np.float64)))


def mixture(weights: ArrayLike, rows: ArrayLike) -> Floats:
    """Σ weight·row: weights[k], rows[k, n] → [n].

    >>> mixture([0.25, 0.75], [[4.0, 0.0], [0.0, 4.0]]).tolist()
    [1.0, 3.0]
    """
    return np.asarray(np.einsum("k,kn->n", np.asarray(weights, np.float64), np.asarray(rows, np.float64)))


def inners(rows: ArrayLike, column: ArrayLike) -> Floats:
    """Each row's inner product with one column: rows[k, n], column[n] → [k].

    >>> inners([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0]).tolist()
    [11.0, 4.0]
    """
    return np.asarray(np.einsum("kn,n->k", np.asarray(rows, np.float64), np.asarray(column, np.float64)))
