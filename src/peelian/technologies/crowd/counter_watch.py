"""Counter watch: raises an alarm for an hour with far more people than usual, or far fewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peelian.kernel.model.watch import Reading, Reducer, Signal, Turn, WatchExample
from peelian.technologies.crowd import counters, example, faults
from peelian.technologies.crowd.counters import RULE, CounterChange, CounterState
from peelian.technologies.crowd.declarations.counter_watch import FEWER, MORE, CounterParams
from peelian.technologies.crowd.faults import FaultState
from peelian.technologies.crowd.holding import CALM, broken_off
from peelian.technologies.crowd.packing import packed_hold, packed_trust, unpacked_hold, unpacked_trust

HOUR_SECONDS = (3_599.0, 3_601.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """The state of one counter, and its clock."""

    zone: str
    counter: CounterState = counters.NEW
    trust: FaultState = faults.TRUSTED


def start(params: CounterParams) -> Counting:
    """State of a counter before its first reading."""
    return Counting(zone=params.zone)


def step(state: Counting, reading: Reading) -> tuple[Counting, tuple[Signal, ...]]:
    """One hour's count: the new state, an alarm raised or cleared, a fault begun or over.

    A count of another length than an hour says nothing here. The hour that a clock set back repeats is passed over.
    Nobody at all where many are always expected is a fault: no crowd leaves a street that empty for an hour.
    """
    count, seconds = reading.values.get("count"), reading.values.get("seconds", 3_600.0)
    if count is None or not HOUR_SECONDS[0] <= seconds <= HOUR_SECONDS[1]:
        return state, ()
    at = int(reading.time.timestamp())
    hour = _wall_hour(reading.time, state.zone)
    dead = counters.dead(RULE, state.counter, hour, count)
    trust, told = faults.step(faults.PEOPLE_PER_HOUR, state.trust, at, count, dead=dead)
    said: list[Signal] = []
    if told is not None:
        turn = Turn.WELL if told.well else Turn.FAULT
        said.append(
            Signal(zone=reading.zone, type=str(told.fault), turn=turn, time=reading.time, sensor=reading.sensor)
        )
    if trust.fault is not None:  # its counts are no part of what is usual either
        rising, falling = broken_off(state.counter.rising), broken_off(state.counter.falling)
        waiting = replace(state.counter, rising=rising, falling=falling)
        return replace(state, counter=waiting, trust=trust), tuple(said)
    counter, _, changes = counters.step(RULE, state.counter, hour, count)
    said += [_told(reading, change) for change in changes]
    return replace(state, counter=counter, trust=trust), tuple(said)


def _wall_hour(time: datetime, zone: str) -> int:
    wall = time.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    return int(wall.timestamp()) // 3_600


def _told(reading: Reading, change: CounterChange) -> Signal:
    return Signal(
        zone=reading.zone,
        type=FEWER if change.fall else MORE,
        turn=Turn.RAISE if change.change.raised else Turn.CLEAR,
        time=reading.time,
        level=change.change.level,
        facts={
            "count": change.count,
            "expected": round(change.expected, 1),
            "z": round(change.z, 2),
            **({"least": round(change.least, 1)} if change.fall else {}),
        },
        sensor=reading.sensor,
    )


def pack(state: Counting) -> dict[str, Any]:
    """The state: eight weeks of logarithms of hourly counts and of deviations. About 11 kB of JSON."""
    counter = state.counter
    return {
        "hour": counter.hour,
        "logs": counter.logs.hex(),
        "deviations": counter.deviations.hex(),
        "unmoved": counter.unmoved.hex(),
        "holding": packed_hold(counter.rising),
        "falling": packed_hold(counter.falling),
        "trust": packed_trust(state.trust),
    }


def unpack(params: CounterParams, plain: Mapping[str, Any]) -> Counting:
    """The state as it was packed."""
    counter = CounterState(
        hour=plain["hour"],
        logs=bytes.fromhex(plain["logs"]),
        deviations=bytes.fromhex(plain["deviations"]),
        unmoved=bytes.fromhex(plain["unmoved"]),
        rising=unpacked_hold(plain["holding"]),
        falling=unpacked_hold(plain["falling"]) if "falling" in plain else CALM,  # a checkpoint from before falls
    )
    return Counting(zone=params.zone, counter=counter, trust=unpacked_trust(plain["trust"]))


def counter_example() -> WatchExample:
    """Nine weeks of a made-up counter that counts three evening hours a day, the last day with four times as many."""
    begin = datetime(2024, 1, 1, 19, tzinfo=UTC)
    counts = example.hourly(10, 400.0, 1)
    told = []
    for day in range(9 * 7 + 2):
        for hour in range(3):
            count = float(counts[day * 24 + 19 + hour]) * (4 if day == 9 * 7 + 1 and hour == 0 else 1)
            time = begin + timedelta(days=day, hours=hour)
            told.append(Reading(sensor="counter-1", time=time, what="people", values={"count": count}))
    return WatchExample(params=CounterParams(), sensors={"counter-1": "station"}, readings=tuple(told))


REDUCER = Reducer(
    start=start,
    step=step,
    pack=pack,
    unpack=unpack,
    example=counter_example,
)
