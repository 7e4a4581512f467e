"""Noise watch: raises an alarm when a sound level stays well above its background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.kernel.model.capability import AuthorizationKind, Scalar
from peelian.kernel.model.watch import Reading, Reducer, Signal, Turn, WatchExample
from peelian.technologies.crowd import example, meters
from peelian.technologies.crowd.declarations.noise_rules import RULES
from peelian.technologies.crowd.declarations.noise_watch import NOISE, WHAT, NoiseParams
from peelian.technologies.crowd.holding import turned, waiting
from peelian.technologies.crowd.meters import MeterState
from peelian.technologies.crowd.noise import NoiseChange, NoiseState
from peelian.technologies.crowd.packing import packed_hold, packed_trust, unpacked_hold, unpacked_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The state of one meter, and the kind of meter it is."""

    period_seconds: int
    meter: MeterState = meters.NEW


def start(params: NoiseParams) -> Listening:
    """State of a meter before its first reading."""
    return Listening(period_seconds=params.period_seconds)


def step(state: Listening, reading: Reading) -> tuple[Listening, tuple[Signal, ...]]:
    """One level: the new state, an alarm raised or cleared, a fault begun or over. O(1), every five seconds O(260)."""
    level = reading.values.get("laeq")
    if level is None or reading.what != WHAT[state.period_seconds]:
        return state, ()  # a meter of the other kind, or a message without the level that is judged
    at = int(reading.time.timestamp())
    meter, change, fault = meters.step(RULES[state.period_seconds], state.meter, at, level)
    said = []
    if fault is not None:
        said.append(
            Signal(
                zone=reading.zone,
                type=str(fault.fault),
                turn=Turn.WELL if fault.well else Turn.FAULT,
                time=reading.time,
                sensor=reading.sensor,
            )
        )
    turn = turned(state.meter.noise.holding, meter.noise.holding, change.change if change else None)
    if turn is not None:
        said.append(_told(reading, turn, change))
    return replace(state, meter=meter), tuple(said)


def _told(reading: Reading, turn: Turn, change: NoiseChange | None) -> Signal:
    said = Signal(zone=reading.zone, type=NOISE, turn=turn, time=reading.time, sensor=reading.sensor)
    if change is None:
        return said
    facts = {"above_db": change.above_db, "l90_db": change.level_db, "background_db": change.background_db}
    return replace(said, level=change.change.level, facts={name: round(db, 1) for name, db in facts.items()})


def pack(state: Listening) -> dict[str, Any]:
    """The state without the levels of the last half minute, which are raw readings. About 1.3 kB of JSON."""
    noise = state.meter.noise
    return {
        "period": state.period_seconds,
        "last": noise.last,
        "stepped": noise.stepped,
        "steps": noise.steps.hex(),
        "holding": packed_hold(noise.holding),
        "trust": packed_trust(state.meter.trust),
    }


def unpack(params: NoiseParams, plain: Mapping[str, Any]) -> Listening:
    """The state as it was packed; the last half minute is heard again through `refill`, or gathers anew."""
    noise = NoiseState(
        last=plain["last"],
        stepped=int(plain["stepped"]),
        steps=bytes.fromhex(plain["steps"]),
        holding=unpacked_hold(plain["holding"]),
    )
    meter = MeterState(noise=noise, trust=unpacked_trust(plain["trust"]))
    return Listening(period_seconds=params.period_seconds, meter=meter)


def refill(state: Listening, reading: Reading) -> Listening:
    """Put a level from before a crash back into the window, without raising anything."""
    level = reading.values.get("laeq")
    if level is None or reading.what != WHAT[state.period_seconds]:
        return state
    rule, noise = RULES[state.period_seconds], state.meter.noise
    packed = round(level * 100).to_bytes(2, "little", signed=True)
    window = (noise.window + packed)[-2 * rule.window :]
    return replace(state, meter=replace(state.meter, noise=replace(noise, window=window)))


def level(state: Listening) -> Mapping[str, float]:
    """Decibels above the background; nothing while the meter is at fault, or until there is enough to compare with."""
    meter = state.meter
    if meter.noise.above is None or meter.trust.fault is not None:
        return {}
    return {"above_db": meter.noise.above / 100}


def noise_example() -> WatchExample:
    """Forty minutes of an invented square, two minutes of a crowd 15 dB above it, then calm."""
    level = example.square(41)
    level[2_200:2_320] += 15
    begin = datetime(2024, 6, 1, 12, tzinfo=UTC)
    readings = tuple(
        Reading(sensor="meter-1", time=begin + timedelta(seconds=second), what="laeq_1s", values={"laeq": one})
        for second, one in enumerate(level.tolist())
    )
    report: dict[str, Scalar] = {"period_seconds": 1}
    return WatchExample(
        params=NoiseParams(),
        sensors={"meter-1": "square"},
        readings=readings,
        authorizations={AuthorizationKind.ACCURACY_REPORT: report},
    )


REDUCER = Reducer(
    start=start,
    step=step,
    pack=pack,
    unpack=unpack,
    example=noise_example,
    refill=refill,
    level=level,
    waiting=lambda state: waiting({NOISE: state.meter.noise.holding}),
)
