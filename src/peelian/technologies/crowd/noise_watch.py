"""The noise watch: levels of sound meters come in, and a level that stays well above its background is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, AuthorizationKind, Need, Purpose, Role, Scalar
from peelian.kernel.model.watch import Reading, Signal, Turn, Watch, WatchExample
from peelian.technologies.crowd import example, meters
from peelian.technologies.crowd.holding import turned, waiting
from peelian.technologies.crowd.meters import MeterState
from peelian.technologies.crowd.noise import RULES, NoiseChange, NoiseState
from peelian.technologies.crowd.noise_trial import covered
from peelian.technologies.crowd.packing import packed_hold, packed_trust, unpacked_hold, unpacked_trust

NOISE = "noise"
WHAT = {1: "laeq_1s", 60: "laeq_1min"}
LEVELS = frozenset({"laeq", "laeq_d", "las", "lamax", "lamin", "l10", "l90", "seconds"})  # only laeq is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseParams:
    """What the watch listens to: meters of one kind."""

    period_seconds: int = field(default=1, metadata={"help": "Seconds between two levels: 1 or 60", "unit": "s"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The state of one meter, and the kind of meter it is."""

    period_seconds: int
    meter: MeterState = meters.NEW


def check(params: NoiseParams) -> None:
    """InputError where a parameter cannot be."""
    if params.period_seconds not in RULES:
        raise InputError("not one of the choices", column="period_seconds", accepted="1 or 60")


def start(params: NoiseParams) -> Listening:
    """A meter that has told nothing yet."""
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
    """A level heard before the crash is put back into the window; it says nothing again."""
    level = reading.values.get("laeq")
    if level is None or reading.what != WHAT[state.period_seconds]:
        return state
    rule, noise = RULES[state.period_seconds], state.meter.noise
    packed = round(level * 100).to_bytes(2, "little", signed=True)
    window = (noise.window + packed)[-2 * rule.window :]
    return replace(state, meter=replace(state.meter, noise=replace(noise, window=window)))


def noise_example() -> WatchExample:
    """Forty minutes of a made-up square, two minutes of a crowd 15 dB above it, and calm again."""
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


NOISE_WATCH = Watch(
    id="crowd.noise",
    title="Noise watch",
    about="Raises an alarm when a place stays much louder than in its last hour. It uses sound levels, never sound.",
    asks=Asks(
        params=NoiseParams,
        check=check,
        purposes=frozenset({Purpose.SAFETY}),
        askers=frozenset({Role.ANALYST, Role.COMMANDER}),
        deciders=frozenset({Role.DISPATCHER}),
        days=365,
    ),
    takes=dict.fromkeys(WHAT.values(), LEVELS),
    signals={NOISE: frozenset({"above_db", "l90_db", "background_db"})},
    start=start,
    step=step,
    pack=pack,
    unpack=unpack,
    refill=refill,
    window_seconds=30.0,
    waiting=lambda state: waiting({NOISE: state.meter.noise.holding}),
    example=noise_example,
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=covered),
    ),
    titles={NOISE: "Much louder than usual"},
    fact_titles={
        "above_db": "%(value)s dB above background",
        "l90_db": "%(value)s dB now (L90)",
        "background_db": "background %(value)s dB",
    },
)
