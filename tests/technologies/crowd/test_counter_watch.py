"""Proves the counter watch goes by the town's clock, passes over what is no hour, and tells a crowd from a closure."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.watch import Reading, Signal, Turn
from peelian.technologies.crowd import example
from peelian.technologies.crowd.counter_watch import Counting
from peelian.technologies.crowd.declarations.counter_watch import COUNTER_WATCH, CounterParams

EXAMPLE = COUNTER_WATCH.reducer().example()


def test_the_evening_is_told_once_and_clears() -> None:
    state, said = COUNTER_WATCH.reducer().start(EXAMPLE.params), []
    for reading in EXAMPLE.readings:
        state, more = COUNTER_WATCH.reducer().step(state, dataclasses.replace(reading, zone="station"))
        said += more
    assert [(s.turn, s.type) for s in said] == [(Turn.RAISE, "more_people"), (Turn.CLEAR, "more_people")]
    assert said[0].facts["count"] > 1.5 * said[0].facts["expected"]
    assert COUNTER_WATCH.reducer().unpack(EXAMPLE.params, COUNTER_WATCH.reducer().pack(state)).counter == state.counter


def closed(hours: int, share: float) -> tuple[list[Signal], Counting]:
    """Nine weeks of every hour, and then `hours` at noon with that share of the people."""
    counts = example.hourly(10, 400.0, 1).astype(float)
    noon = 9 * 168 + 12
    counts[noon : noon + hours] = np.round(share * counts[noon : noon + hours])
    state, said = COUNTER_WATCH.reducer().start(EXAMPLE.params), []
    for hour, count in enumerate(counts[: noon + hours + 4].tolist()):
        time = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        reading = Reading(sensor="c", time=time, what="people", values={"count": count}, zone="station")
        state, more = COUNTER_WATCH.reducer().step(state, reading)
        said += more
    return said, state


def test_a_closure_is_a_fall_and_says_what_the_quietest_day_brings() -> None:
    said, state = closed(3, 0.1)
    assert [(s.turn, s.type) for s in said] == [(Turn.RAISE, "fewer_people"), (Turn.CLEAR, "fewer_people")]
    assert set(said[0].facts) == COUNTER_WATCH.signals["fewer_people"]
    assert said[0].facts["count"] < said[0].facts["least"] <= said[0].facts["expected"] and said[0].facts["z"] <= -4
    packed = COUNTER_WATCH.reducer().pack(state)
    assert COUNTER_WATCH.reducer().unpack(EXAMPLE.params, packed).counter == state.counter
    del packed["falling"]
    assert COUNTER_WATCH.reducer().unpack(EXAMPLE.params, packed).counter == state.counter, "of an earlier release"


def test_a_dead_counter_is_a_fault_and_no_fall() -> None:
    said, _ = closed(5, 0.0)
    assert [(s.turn, s.type) for s in said] == [(Turn.FAULT, "flat"), (Turn.WELL, "flat")]


def test_monday_at_eight_is_one_by_the_clock_on_the_wall() -> None:
    def hour(month: int, zone: str) -> int:
        reading = Reading(
            sensor="c", time=datetime(2024, month, 1, 8, tzinfo=UTC), what="people", values={"count": 5.0}
        )
        state, _ = COUNTER_WATCH.reducer().step(COUNTER_WATCH.reducer().start(CounterParams(zone=zone)), reading)
        return int(state.counter.hour) % 24

    assert (hour(1, "Europe/Paris"), hour(7, "Europe/Paris"), hour(1, "Etc/UTC")) == (9, 10, 8)


def test_a_count_of_another_length_says_nothing() -> None:
    state = COUNTER_WATCH.reducer().start(EXAMPLE.params)
    values = {"count": 500.0, "seconds": 60.0}
    assert COUNTER_WATCH.reducer().step(state, dataclasses.replace(EXAMPLE.readings[0], values=values)) == (state, ())


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(InputError):
        COUNTER_WATCH.asks.check(CounterParams(zone=zone))
