"""Sealed windows: a table says everything of a window and comes back as it was; nobody brings such a table in."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.technologies.sensors.sealed_windows import FORMAT, quarters_table, windows_of
from peelian.technologies.sensors.windows import Window

T = datetime(2026, 3, 1, 23, 45, tzinfo=UTC)
WINDOWS = (
    Window(sensor="s-1", measure="people", start=T, n=3, count=17),
    Window(sensor="s-2", measure="noise", start=T + timedelta(minutes=15), n=900, laeq=57.25, lamax=81.5),
    Window(sensor="s-3", measure="energy", start=T, n=1, kwh=12.5),
)


def test_windows_come_back_from_their_table_through_arrow_as_they_were() -> None:
    back = windows_of(Table.from_arrow(quarters_table(WINDOWS).to_arrow()))
    assert [(w.sensor, w.measure, w.start, w.n, w.count) for w in back] == [
        (w.sensor, w.measure, w.start, w.n, w.count) for w in WINDOWS
    ]
    assert back[1].laeq == 57.25 and back[1].lamax == 81.5 and back[2].kwh == 12.5 and math.isnan(back[0].laeq)
    assert windows_of(quarters_table(())) == ()


def test_no_file_comes_in_as_such_windows() -> None:
    with pytest.raises(InputError, match="gateway only"):
        FORMAT.convert(quarters_table(WINDOWS), {})
