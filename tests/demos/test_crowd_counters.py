"""Auckland's counters in the demonstration: hours in order, a day from six to six, a zone for each counter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from peelian.demos.crowd_counters import FIRST, LAST, hours, sensors
from peelian.kernel.alarms.watched_sensors import WORD


def test_the_hours_come_in_order_and_the_small_ones_belong_to_the_next_morning() -> None:
    told = list(hours())
    times = [time for time, _ in told]
    assert times[0] == FIRST and times[-1] == LAST - timedelta(hours=1)
    assert all(after - before == timedelta(hours=1) for before, after in pairwise(times))
    eve = dict(told)[datetime(2024, 1, 1, 0, tzinfo=UTC)]
    usual = dict(told)[datetime(2023, 12, 18, 0, tzinfo=UTC)]
    assert sum(r.values["count"] for r in eve) > 5 * sum(r.values["count"] for r in usual), "the crowds after midnight"


def test_every_counter_has_an_id_and_a_zone_of_its_own() -> None:
    known = sensors()
    assert len(known) == 21 and all(WORD.fullmatch(id) and zone == id for id, zone in known.items())
