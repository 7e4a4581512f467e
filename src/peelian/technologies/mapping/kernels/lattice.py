"""A fine lattice of square bins over a town: where the state of the self-exciting process and its background live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

MOST_BINS = 16_000_000  # 400 MB of state; a town of 25 km at 50 m has 250,000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """Bins of `bin_metres` from the south-west corner (`east`, `north`, metres): `rows` to the north, `cols` east."""

    east: float
    north: float
    bin_metres: float
    rows: int
    cols: int

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return self.rows * self.cols


def lattice_over(extent: tuple[float, float, float, float], bin_metres: float) -> Lattice:
    """The lattice that covers `extent` (west, south, east, north in metres).

    >>> lattice_over((0.0, 0.0, 1000.0, 240.0), 50.0)
    Lattice(east=0.0, north=0.0, bin_metres=50.0, rows=5, cols=20)
    """
    west, south, east, north = (float(edge) for edge in extent)
    if not (np.isfinite([west, south, east, north]).all() and east > west and north > south and bin_metres > 0):
        raise InputError("extent is not a rectangle in metres", accepted="west < east and south < north")
    rows, cols = (max(1, int(np.ceil(side / bin_metres))) for side in (north - south, east - west))
    if rows * cols > MOST_BINS:
        size = f"{(east - west) / 1000:,.0f} × {(north - south) / 1000:,.0f} km"
        says = sentence("too many bins of %(bin)g m in %(size)s", bin=bin_metres, size=size)
        accepted = sentence("at most %(most)d bins (the extent of one town, without stray points)", most=MOST_BINS)
        raise InputError(says, accepted=accepted)
    return Lattice(east=west, north=south, bin_metres=float(bin_metres), rows=rows, cols=cols)


def positions(east: Floats, north: Floats, lattice: Lattice) -> Singles:
    """Places in units of bins from the lattice's corner, float32[n, 2] (column, row); all must lie inside. O(n)."""
    spots = np.empty((len(east), 2), dtype=np.float32)
    for axis, (metres, corner, most) in enumerate(
        ((east, lattice.east, lattice.cols), (north, lattice.north, lattice.rows))
    ):
        along = (np.asarray(metres, dtype=np.float64) - corner) / lattice.bin_metres
        if len(along) and not (along.min() >= 0 and along.max() <= most):
            raise InputError("location outside the extent", accepted="locations inside it")
        np.minimum(along, most * (1 - 1e-6), out=along)  # the far edge belongs to the last bin
        spots[:, axis] = along
    return spots


def histogram(spots: Singles, weights: Floats | Singles | None, lattice: Lattice, per: int = 1) -> Floats:
    """The weight of places per block of `per` x `per` bins, float64[ceil(rows / per), ceil(cols / per)]. O(n)."""
    rows, cols = -(-lattice.rows // per), -(-lattice.cols // per)
    flat = (spots[:, 1].astype(np.intp) // per) * cols + spots[:, 0].astype(np.intp) // per
    return np.bincount(flat, weights=weights, minlength=rows * cols).astype(np.float64, copy=False).reshape(rows, cols)


def share_out(across: Floats, upward: Floats, weight: Floats, shape: tuple[int, int]) -> Floats:
    """Each weight shared linearly between the four nodes (whole numbers) around its place: float64[rows, cols]. O(n).

    Places are in units of nodes; those outside the first and last node are moved onto it. The mean place is kept, and
    a variance of 1/6 on average is added along each axis.

    >>> share_out(np.array([0.25]), np.array([0.0]), np.ones(1), (2, 2)).tolist()
    [[0.75, 0.25], [0.0, 0.0]]
    """
    rows, cols = shape
    x, y = (np.clip(along, 0, most - 1) for along, most in ((across, cols), (upward, rows)))
    col, row = (np.minimum(along.astype(np.intp), max(most - 2, 0)) for along, most in ((x, cols), (y, rows)))
    x, y = x - col, y - row
    total = np.zeros((rows + 1) * (cols + 1))  # one spare row and column, for towns of one node
    at = row * (cols + 1) + col
    for step, part in ((0, (1 - x) * (1 - y)), (1, x * (1 - y)), (cols + 1, (1 - x) * y), (cols + 2, x * y)):
        total += np.bincount(at + step, weights=weight * part, minlength=len(total))
    return total.reshape(rows + 1, cols + 1)[:rows, :cols]
