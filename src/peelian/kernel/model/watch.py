"""Watch: the declaration of a standing capability, with what it takes, what it signals, and its reducer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from peelian.kernel.model.capability import Asks, Need, Read
from peelian.kernel.model.vocabulary import AuthorizationKind, Scalar

CAPACITY = "capacity"
"""The signal of a whole zone: too many people inside. A watch that counts declares it."""


class Level(StrEnum):
    """How urgent a signal is."""

    NOTICE = "notice"
    WARNING = "warning"
    URGENT = "urgent"


SHOWN = frozenset(
    {
        "count",  # people on the counted area
        "count_least",  # the least of its last three counts
        "per_m2",  # the same for each square metre
        "standing",  # 1 where people stand there, 0 where they move
        "entered",  # people that a gate's counter counted into the zone, in total
        "left",  # and out of it
        "metres",  # clear width of the gate
        "gate_error",  # standard deviation of the counter's share of counts too many or too few
        "above_db",  # decibels above the background
    }
)
"""What the console can show of a sensor. Nothing here is of a person."""


FAULTS = frozenset(
    {
        "clock-ahead",
        "broken-detector",
        "silent",
        "message-too-large",
        "flood",
        "another-sensor",  # a message holds a reading of another one
        "decoder-failed",
        "flat",
        "clipping",
        "jumps",
        "gap",
    }
)
"""Why a sensor cannot be trusted. The log says none in other words."""


class Turn(StrEnum):
    """What a signal says: a condition holds and must be seen, it began but has yet to hold, it ended; or of a sensor:
    it cannot be trusted, it can again."""

    RAISE = "raise"
    HOLD = "hold"
    CLEAR = "clear"
    FAULT = "fault"
    WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a sensor of the register measured: numbers by name, at an instant (UTC). The kernel fills in the zone."""

    sensor: str
    time: datetime
    what: str  # "laeq_1s", "count", "density"…
    values: Mapping[str, float]
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a watch says of a zone (of a sensor: turn fault or well), with numbers only."""

    zone: str
    type: str  # one of the watch's `signals`
    turn: Turn
    time: datetime  # of the reading that brought it
    level: Level = Level.NOTICE
    facts: Mapping[str, float] = field(default_factory=dict)
    sensor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchExample:
    """A small, complete watch: params, readings in order that raise and clear, zones by sensor, bodies of
    authorizations."""

    params: Any
    sensors: Mapping[str, str]  # sensor → zone
    readings: tuple[Reading, ...]
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reducer:
    """What a watch computes: a pure reducer over readings. One state is kept for each sensor, or for each zone.

    `step(state, reading)` returns the next state and what it says; readings of one sensor arrive in order of time.
    `pack` makes a state plain JSON that holds no raw reading, `unpack(params, packed)` takes it up again. Raw readings
    that a state must have seen again after a crash, up to the watch's `window_seconds` of them, are given to `refill`.
    `level` tells what the console shows of a state now: numbers that the watch declares in `shows`.
    """

    start: Callable[[Any], Any]
    step: Callable[[Any, Reading], tuple[Any, tuple[Signal, ...]]]
    pack: Callable[[Any], Any]
    unpack: Callable[[Any, Any], Any]
    example: Callable[[], WatchExample]
    refill: Callable[[Any, Reading], Any] | None = None
    waiting: Callable[[Any], Mapping[str, datetime]] | None = None  # state → signals yet to last, since when
    level: Callable[[Any], Mapping[str, float]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A capability that stands: what it takes, signals and needs. `reducer()` imports what computes. ValueError for a
    live number that is not in SHOWN."""

    id: str  # "crowd.noise"
    title: str
    about: str
    asks: Asks
    takes: Mapping[str, frozenset[str]]  # what a reading may be → the names of its values
    signals: Mapping[str, frozenset[str]]  # signal type → the names of its facts
    reducer: Callable[[], Reducer]
    needs: tuple[Need, ...] = ()
    reads: tuple[Read, ...] = ()
    state_per: str = "sensor"  # or "zone"
    window_seconds: float = 0.0
    shows: frozenset[str] = frozenset()  # live numbers of a sensor: words of SHOWN
    titles: Mapping[str, str] = field(default_factory=dict)  # signal or reading → what people call it: a message id
    runbooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # signal type → steps: message ids
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # signal type → texts to copy: message ids
    fact_titles: Mapping[str, str] = field(default_factory=dict)  # fact → the same, with %(value)s, %(letter)s
    raised_by: Callable[[Any], Mapping[str, frozenset[str]]] | None = None  # params → readings, with the values needed

    def __post_init__(self) -> None:
        if unknown := self.shows - SHOWN:
            raise ValueError(f"{self.id} would show {', '.join(sorted(unknown))}")

    @property
    def technology(self) -> str:
        return self.id.partition(".")[0]
