"""Energy by day in public: whole days, enough homes, merged where neighbours are named."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.technologies.sensors.counts_format import Rows, admitted_hours
from peelian.technologies.sensors.declarations.reporting import neighbours_of
from peelian.technologies.sensors.energy_days import energy_days


def areas(homes: int, hours: int = 24, names: str = "AB") -> Table:
    hour = np.datetime64("2026-03-01T00", "h") + np.tile(np.arange(hours), len(names))
    area = np.repeat(np.array(list(names), dtype=object), hours)
    rows = Rows(area=area, hour=hour, value=np.full(len(hour), 10.0))
    options = {"measure": "energy", "homes": str(homes), "largest_share": "0.1"}
    return admitted_hours(rows, options, np.arange(len(hour))).table


@pytest.mark.parametrize(("homes", "n", "merged"), [(100, 2, 1), (99, 1, 2), (50, 1, 2), (49, 0, 0)])
def test_areas_are_shown_alone_merged_or_not_at_all(homes: int, n: int, merged: int) -> None:
    made = energy_days(areas(homes), ["A~B"])
    assert len(made) == n and (not n or set(made["areas"].tolist()) == {merged})


def test_a_day_that_lacks_an_hour_is_no_day() -> None:
    assert len(energy_days(areas(200, hours=23), [])) == 0


@pytest.mark.parametrize("pair", ["A", "~B", "A~", "A~A", ""])
def test_what_is_no_pair_is_named(pair: str) -> None:
    with pytest.raises(InputError, match="neighbours"):
        neighbours_of([pair])
