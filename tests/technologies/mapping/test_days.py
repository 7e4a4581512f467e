"""Days: whole ISO days only, to and from the hours that the arithmetic counts in."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.days import day_of, hour_of


@pytest.mark.parametrize("day", ["1970-01-01", "1969-12-31", "2000-02-29", "2024-06-03"])
def test_a_day_is_its_hour_as_numpy_counts_it(day: str) -> None:
    hour = hour_of(day)
    assert hour == float(np.datetime64(day, "h").astype(np.int64))
    assert day_of(hour) == day == day_of(hour + 23.5)


@pytest.mark.parametrize("text", ["", "soon", "today", "2020", "2020-01", "20200106", "2020-W02-1", "2019-02-29"])
def test_what_is_no_whole_day_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        hour_of(text, "start_day")
