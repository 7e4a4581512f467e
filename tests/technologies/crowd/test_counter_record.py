"""Proves counters stand side by side with their gaps, events are their own nights, and rises are put where many go."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.technologies.crowd import example
from peelian.technologies.crowd.counter_record import Record, by_hour, found_changes, nights, record_of, seen

FIRST = int(example.DAY_OF_COUNTS.astype("datetime64[h]").astype(np.int64))
NIGHT = "2024-04-12"


def record(times: float = 1.0) -> Record:
    made = record_of(example.counts())
    at = int(np.datetime64(NIGHT, "h").astype(np.int64)) - made.first_hour + 20
    made.counts[:, at : at + 4] = np.round(made.counts[:, at : at + 4] * times + (200 if times > 1 else 0))
    return made


def test_counters_stand_side_by_side() -> None:
    made = record_of(example.counts())
    assert made.sensors == tuple(sorted(example.SENSORS)) and made.first_hour == FIRST
    assert made.counts.shape == (2, 20 * 168) and np.isfinite(made.counts).all()


def test_an_event_named_is_told_and_is_no_false_alarm() -> None:
    made = record(4.0)
    unnamed, named = seen(made, ()), seen(made, (NIGHT,))
    assert unnamed.false.sum() >= 2 and named.false.sum() == unnamed.false.sum() - 2
    (event,) = nights(made, named, (NIGHT,))
    assert (event.raised, event.sensors) == (2, 2)
    (calm,) = nights(made, named, ("2024-04-05",))
    assert (calm.raised, calm.sensors) == (0, 2)
    assert by_hour(made, unnamed)["rises"][20] == 2


def test_rises_are_found_by_their_size() -> None:
    made = record()
    found = seen(made, ())
    shares = [found_changes(made, found, (ratio, 3, 50.0), (300, 1)).share for ratio in (1.2, 2.0, 4.0)]
    assert shares == sorted(shares) and shares[0] < 0.05 and shares[-1] > 0.95
    first = found_changes(made, found, (4.0, 3, 50.0), (300, 1))
    assert min(first.delays) == 3_600, "a count is known when its hour is over"


def test_falls_are_found_by_their_size_and_a_closed_day_is_no_false_alarm() -> None:
    made = record()
    found = seen(made, ())
    shares = [found_changes(made, found, (r, 3, 50.0), (300, 1), fall=True).share for r in (1.2, 3.0, 20.0)]
    assert shares == sorted(shares) and shares[0] < 0.05 and shares[-1] > 0.9
    noon = int(np.datetime64(NIGHT, "h").astype(np.int64)) - made.first_hour + 12
    made.counts[:, noon : noon + 3] = np.round(0.05 * made.counts[:, noon : noon + 3]) + 1
    unnamed, named = seen(made, ()), seen(made, (), (NIGHT,))
    assert unnamed.false_one_way(fall=True).sum() - named.false_one_way(fall=True).sum() == 2
    assert by_hour(made, unnamed)["falls"][12] == 2
    (event,) = nights(made, named, (NIGHT,), fall=True)
    assert (event.raised, event.sensors, event.fall) == (2, 2, True)


def test_too_short_a_record_and_too_few_people_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="days of counts"):
        seen(record_of(example.counts(weeks=6)), ())
    made = record()
    with pytest.raises(NotEnoughData, match="smaller least_expected"):
        found_changes(made, seen(made, ()), (3.0, 3, 1e6), (50, 1))
