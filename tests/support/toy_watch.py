"""A watch for tests: the level of wells. It raises at a level, clears under it, and is at fault when a well is flat."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.kernel.model.capability import Asks, AuthorizationKind, Need, Purpose, Role
from peelian.kernel.model.parameters import number
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Level, Reading, Reducer, Signal, Turn, Watch, WatchExample

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WellWatch:
    """From which level on a well is watched."""

    highest: int = number(5, "Highest level of a well", 1, 100, "m")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """How high it was allowed to be, how often it was too high in a row, whether that was said."""

    highest: int
    over: int = 0
    said: bool = False
    window: tuple[float, ...] = ()  # raw: never packed


def step(well: Well, reading: Reading) -> tuple[Well, tuple[Signal, ...]]:
    level = reading.values["metres"]
    window = (*well.window, level)[-3:]
    over = well.over + 1 if level > well.highest else 0
    turn = Turn.RAISE if over == 2 and not well.said else Turn.CLEAR if over == 0 and well.said else None
    if level < 0:
        turn = Turn.FAULT
    said = turn is Turn.RAISE or (well.said and turn is not Turn.CLEAR)
    well = dataclasses.replace(well, over=over, said=said, window=window)
    if turn is None:
        return well, ()
    high = Level.URGENT if level > 2 * well.highest else Level.NOTICE
    facts = {"over": float(over), "mean": sum(window) / len(window)} if turn is Turn.RAISE else {}
    kind = "flat" if turn is Turn.FAULT else "high_well"
    return well, (Signal(zone=reading.zone, type=kind, turn=turn, level=high, time=reading.time, facts=facts),)


def refill(well: Well, reading: Reading) -> Well:
    return dataclasses.replace(well, window=(*well.window, reading.values["metres"])[-3:])


def pack(well: Well) -> Any:
    return {"over": well.over, "said": well.said}


def unpack(params: WellWatch, packed: Any) -> Well:
    return Well(highest=params.highest, over=packed["over"], said=packed["said"])


def wells(levels: list[float], sensor: str = "well-1", first: datetime = FIRST) -> Iterator[Reading]:
    """Readings of one well, a second apart."""
    for n, level in enumerate(levels):
        yield Reading(sensor=sensor, time=first + timedelta(seconds=n), what="level", values={"metres": level})


def example() -> WatchExample:
    readings = tuple(wells([1.25, 6.125, 6.375, 6.5, 1.75]))
    return WatchExample(params=WellWatch(), sensors={"well-1": "north", "well-2": "south"}, readings=readings)


REDUCER = Reducer(
    start=lambda params: Well(highest=params.highest),
    step=step,
    pack=pack,
    unpack=unpack,
    example=example,
    refill=refill,
)

HIGH = Watch(
    id="toywatch.high",
    title="High wells",
    about="Says when a well is high.",
    asks=Asks(
        params=WellWatch,
        purposes=frozenset({Purpose.SAFETY}),
        askers=frozenset({Role.COMMANDER}),
        deciders=frozenset({Role.DISPATCHER}),
        days=365,
    ),
    takes={"level": frozenset({"metres"})},
    signals={"high_well": frozenset({"over", "mean"})},
    window_seconds=3,
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL),),
    titles={"high_well": "A well is high", "level": "height of water"},
    runbooks={"high_well": ("Look at the well.", "Open the sluice.")},
    messages={"high_well": ("Keep away from the well.",)},
    reducer=lambda: REDUCER,
)
TOY_WATCH = Technology(id="toywatch", title="Wells, watched", capabilities=(), watches=(HIGH,))
