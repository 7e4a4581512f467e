"""The published near-repeat table of 970 Chicago burglaries (NearRepeat, W. Steenbeek): every count exactly."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np

from peelian.technologies.mapping.diagnostics.knox import KnoxPlan, knox

PUBLISHED = [[28, 5, 5], [141, 69, 27], [186, 140, 100], [237, 192, 128]]


def test_the_table_is_reproduced(shared_data: Path) -> None:
    """Distances along the streets' two directions, weeks closed on the left: [0, 7), [7, 14), [14, 21)."""
    with (shared_data / "chicago" / "burglaries_first_month.csv").open() as file:
        rows = list(csv.reader(file))
    assert len(rows) == 970
    east, north = (np.array([float(row[k]) for row in rows]) for k in (0, 1))
    days = np.array([float(date.fromisoformat(row[2]).toordinal()) for row in rows])
    found = knox((east, north), days, KnoxPlan(manhattan=True, permutations=199, seed=1))
    assert found.observed.tolist() == PUBLISHED
    assert found.p[0, 0] == 1 / 200, "repeats at the same address within a week are no chance"
    assert (found.p > 0).all()
