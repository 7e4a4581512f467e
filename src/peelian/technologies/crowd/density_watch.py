"""Density watch: crowd density of an area, and flow through a gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.kernel.model.watch import Level, Reading, Reducer, Signal, Turn, WatchExample
from peelian.technologies.crowd import density, faults, gates
from peelian.technologies.crowd.capacity import RUNNING
from peelian.technologies.crowd.declarations.density_watch import DENSITY, GATE, DensityParams
from peelian.technologies.crowd.density import DensityState, Ground
from peelian.technologies.crowd.faults import HUNDRED, UNKNOWN, FaultState
from peelian.technologies.crowd.gates import Gate, GateState
from peelian.technologies.crowd.holding import broken_off, turned, waiting
from peelian.technologies.crowd.packing import packed_hold, packed_trust, unpacked_hold, unpacked_trust

LETTERS = "ABCDEF"
NO_FACTS: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """State of one counter: its area, its gate and its faults."""

    params: DensityParams
    ground: DensityState = density.EMPTY
    gate: GateState = gates.OPEN
    trust: FaultState = faults.TRUSTED
    running: tuple[float, ...] = ()  # its newest counts: in memory only


def start(params: DensityParams) -> Looking:
    """State of a counter before its first reading."""
    return Looking(params=params)


def step(state: Looking, reading: Reading) -> tuple[Looking, tuple[Signal, ...]]:
    """One count: the new state, an alarm raised or cleared, a fault begun or over. InputError: an impossible count."""
    if reading.what == "occupants" and "count" in reading.values:
        return _on_the_ground(state, reading)
    if reading.what == "people" and {"towards", "away", "seconds"} <= set(reading.values):
        return _at_the_gate(state, reading)
    return state, ()


def _on_the_ground(state: Looking, reading: Reading) -> tuple[Looking, tuple[Signal, ...]]:
    count, at = reading.values["count"], int(reading.time.timestamp())
    newer = state.ground.last is None or at > state.ground.last
    state = replace(state, running=(*state.running, count)[-RUNNING:] if newer else state.running)
    trust, told = faults.step(faults.people_on(state.params.area_m2), state.trust, at, count)
    said: list[Signal] = []
    if told is not None:
        health = Turn.WELL if told.well else Turn.FAULT
        said.append(
            Signal(zone=reading.zone, type=str(told.fault), turn=health, time=reading.time, sensor=reading.sensor)
        )
    if trust.fault is not None:
        waiting = replace(state.ground, holding=broken_off(state.ground.holding)) if told else state.ground
        turn = turned(state.ground.holding, waiting.holding, None)
        return replace(state, ground=waiting, trust=trust, running=()), (*said, *_told(reading, DENSITY, turn))
    where = Ground(area_m2=state.params.area_m2, standing=state.params.standing)
    ground, change = density.step(where, state.ground, at, count)
    turn = turned(state.ground.holding, ground.holding, change.change if change else None)
    if change is not None:
        service = density.level_of_service(change.per_m2, standing=state.params.standing)
        facts = {
            "per_m2": round(change.per_m2, 2),
            "count": change.count,
            "level_of_service": LETTERS.index(service) + 1,
        }
        said += _told(reading, DENSITY, turn, change.change.level, facts)
    else:
        said += _told(reading, DENSITY, turn)
    return replace(state, ground=ground, trust=trust), tuple(said)


def _at_the_gate(state: Looking, reading: Reading) -> tuple[Looking, tuple[Signal, ...]]:
    counted = (reading.values["towards"], reading.values["away"], reading.values["seconds"])
    where = Gate(width_metres=state.params.gate_metres)
    at = int(reading.time.timestamp())
    gate, change = gates.step(where, state.gate, at, counted, queue=state.params.gate_queue)
    turn = turned(state.gate.holding, gate.holding, change.change if change else None)
    if change is None:
        return replace(state, gate=gate), _told(reading, GATE, turn)
    facts = {"inflow": round(change.inflow, 2), "outflow": round(change.outflow, 2)}
    return replace(state, gate=gate), _told(reading, GATE, turn, change.change.level, facts)


def level(state: Looking) -> Mapping[str, float]:
    """People on the area now, unless their counter is at fault; of a gate, the totals of both ways and its width."""
    found: dict[str, float] = {}
    if state.trust.last is not None and state.trust.value != UNKNOWN and state.trust.fault is None:
        count = state.trust.value / HUNDRED
        per_m2 = density.density(count, state.params.area_m2)
        found = {"count": count, "per_m2": per_m2, "standing": float(state.params.standing)}
        if len(state.running) == RUNNING:
            found["count_least"] = min(state.running)
    if state.gate.last is not None:
        found |= {"entered": state.gate.entered, "left": state.gate.left}
        found |= {"metres": state.params.gate_metres, "gate_error": state.params.gate_error}
    return found


def _told(
    reading: Reading, type: str, turn: Turn | None, level: Level = Level.NOTICE, facts: Mapping[str, float] = NO_FACTS
) -> tuple[Signal, ...]:
    if turn is None:
        return ()
    signal = Signal(zone=reading.zone, type=type, turn=turn, time=reading.time, sensor=reading.sensor)
    return (replace(signal, level=level, facts=facts),)


def pack(state: Looking) -> dict[str, Any]:
    """The state without any single count: a gate's totals, and no more."""
    return {
        "ground": {"last": state.ground.last, "holding": packed_hold(state.ground.holding)},
        "gate": {
            "last": state.gate.last,
            "entered": state.gate.entered,
            "left": state.gate.left,
            "holding": packed_hold(state.gate.holding),
        },
        "trust": packed_trust(state.trust),
    }


def unpack(params: DensityParams, plain: Mapping[str, Any]) -> Looking:
    """The state as it was packed."""
    ground, gate = plain["ground"], plain["gate"]
    return Looking(
        params=params,
        ground=DensityState(last=ground["last"], holding=unpacked_hold(ground["holding"])),
        gate=GateState(
            last=gate["last"],
            entered=float(gate.get("entered", 0.0)),  # a checkpoint from before totals has none
            left=float(gate.get("left", 0.0)),
            holding=unpacked_hold(gate["holding"]),
        ),
        trust=unpacked_trust(plain["trust"]),
    )


def density_example() -> WatchExample:
    """Ten minutes of an area of 100 m² that fills to 4.5 persons per m² and empties."""
    begin = datetime(2024, 6, 1, 20, tzinfo=UTC)
    counts = [80, 160, 240, 320, 400, 440, 450, 448, 452, 449, 451, 447, 450, 452, 380, 300, 220, 150, 120, 110]
    counts += [100 + k % 3 for k in range(20)]
    readings = tuple(
        Reading(
            sensor="counter-1",
            time=begin + timedelta(seconds=15 * k),
            what="occupants",
            values={"count": float(count)},
        )
        for k, count in enumerate(counts)
    )
    return WatchExample(params=DensityParams(), sensors={"counter-1": "stage"}, readings=readings)


REDUCER = Reducer(
    start=start,
    step=step,
    pack=pack,
    unpack=unpack,
    example=density_example,
    level=level,
    waiting=lambda state: waiting({DENSITY: state.ground.holding, GATE: state.gate.holding}),
)
