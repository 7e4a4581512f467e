"""Incidents as partitions without an office: files laid out as sealed ones are, and rows that engines disagree on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa

from peelian.integrations.incident_counts import ROWS, Engine, counted
from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.counts import Bins, CellCounts
from peelian.measure.geoparquet import to_points
from peelian.measure.projection import Projection
from peelian.measure.table import Table

NAN = float("nan")
ALMOST = np.nextafter(125.0, 0.0)
BELOW_BORDER = np.nextafter(-125.0, -200.0)  # numpy rounds it onto the border of the moved grid, and not of the grid
PLACES: tuple[tuple[float, float], ...] = (
    (0.0, 0.0), (-0.0, 0.0), (250.0, 250.0), (125.0, -125.0), (ALMOST, -ALMOST), (BELOW_BORDER, BELOW_BORDER),
    (-250.0, np.nextafter(-250.0, 0.0)), (np.nextafter(250.0, 0.0), 249.99999999999997), (-1e-300, 5e-324),
    (-5e-324, 6e-322),
    (1e6 + 0.1, -1e6 - 0.1), (99_999_875.0, -99_999_999.9), (1e9, 0.0), (-1e300, 0.0), (NAN, 0.0), (0.0, NAN),
    (float("inf"), 0.0), (0.0, -float("inf")), (33_333.333333333336, -0.1),
)  # fmt: skip
EDGES = tuple(k * cell / 2 for cell in (250.0, 333.3) for k in (-3, -1, 1, 2, 5))  # of cells and of half cells
PLACES += tuple((np.nextafter(one, to), -np.nextafter(one, to)) for one in EDGES for to in (one, -1e9, 1e9))
SPRING = 424_274.0  # hours from 1970 to 02:00 on 2018-05-27; any day: hours are civil before they are counted
WHENS = (
    (SPRING, SPRING, NAN), (SPRING, SPRING + 1, SPRING + 1), (SPRING, SPRING + 22, SPRING + 24), (-1.0, -1.0, NAN),
    (SPRING, SPRING + 30, SPRING + 31), (SPRING, SPRING + 744, SPRING + 9_000), (SPRING, SPRING + 745, NAN),
    (SPRING, SPRING - 1, SPRING), (NAN, SPRING, SPRING), (SPRING, NAN, SPRING + 50), (NAN, NAN, NAN),
    (1e12, 1e12, 1e12), (SPRING, SPRING, -1e15), (-24.0, 0.0, 0.0), (0.0, 24.0, 24.0), (-25.0, 1.0, 2.0),
    (float("inf"), SPRING, -float("inf")),
)  # fmt: skip


def adversarial() -> pa.Table:
    """Every place with every time in three categories, some of it twice: what engines see."""
    made = [(c, *when, *where) for c in (0, 1, 7) for when in WHENS for where in PLACES]
    made += made[::3]
    arrays = [pa.array([row[k] for row in made], type=pa.type_for_alias(kind)) for k, kind in enumerate(ROWS.values())]
    return pa.table(arrays, names=list(ROWS))


def digest(tables: Sequence[pa.Table]) -> str:
    """SHA-256 over names, types and values, the rows in order of their columns."""
    made = hashlib.sha256()
    for given in tables:
        one = given.sort_by([(name, "ascending") for name in given.column_names])
        for name in one.column_names:
            values = np.asarray(one.column(name).combine_chunks())
            made.update(f"{name} {values.dtype} {len(values)};".encode() + np.ascontiguousarray(values).tobytes())
    return made.hexdigest()


def in_partitions(dataset: Dataset, engine: Engine, pieces: int = 1) -> Dataset:
    """The dataset as one of a month's files each (or `pieces` of them), whose rows nobody sees."""
    return replace(dataset, table=Table(name="", columns=()), counts=partial(_counted, dataset, engine, pieces))


def _counted(dataset: Dataset, engine: Engine, pieces: int, bins: Bins) -> CellCounts:
    return counted(months_of(dataset, pieces), bins, engine)


def months_of(dataset: Dataset, pieces: int = 1) -> Iterator[Iterator[pa.Table]]:
    """The dataset's rows by month of their start, each month in `pieces` files."""
    rows, projection = (
        dataset.table,
        Projection(**{name: float(dataset.facts[name]) for name in ("centre_lon", "centre_lat")}),
    )
    month = rows["start_hour"].astype("datetime64[M]")
    for one in np.unique(month):
        there = np.array_split(np.flatnonzero(month == one), pieces)
        yield (to_points(rows.take(some), projection) for some in there)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One partition's line of a manifest, as far as a counter looks at it."""

    month: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Partitions in memory: a counter opens them as an office's."""

    listed: tuple[Listed, ...]
    read: Callable[[Listed], pa.Table]

    def opened(self, chosen: Sequence[Listed]) -> Iterator[pa.Table]:
        """Each of these, one at a time."""
        return (self.read(one) for one in chosen)
