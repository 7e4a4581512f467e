"""Flow through a gate: alarm when arrivals exceed it."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.holding import CALM, Change, Held, Holds, held

LEAST_FLOW = 0.8  # persons per metre of width and second that a gate should let through when people press for it
LEAST_SURPLUS = 0.1  # so many more come than get through: less is within what counting a few people makes of chance
MOST_FLOW = 10.0
HOLDS = Holds(levels=((Level.WARNING, 60),))


WIDTH_METRES = (0.5, 200.0)
"""The least and the largest clear width of a gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate, and its clear width in metres."""

    width_metres: float

    def __post_init__(self) -> None:
        if not WIDTH_METRES[0] <= self.width_metres <= WIDTH_METRES[1]:
            raise InputError("gate width out of range", accepted="0.5 to 200 m")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """Newest second counted, conditions pending or open, and totals of both ways since the watch began."""

    last: int | None = None
    entered: float = 0.0
    left: float = 0.0
    holding: Held = CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChange:
    """An alarm raised or cleared, with both flows in persons per metre and second."""

    change: Change
    inflow: float
    outflow: float


OPEN = GateState()


def flow(count: float, seconds: float, width_metres: float) -> float:
    """Specific flow: persons per metre of width and second.

    >>> flow(48, 10.0, 4.0)
    1.2
    """
    return count / seconds / width_metres


def step(
    gate: Gate, state: GateState, at: int, counted: tuple[float, float, float], *, queue: bool = True
) -> tuple[GateState, GateChange | None]:
    """Take in (arrived, got through, seconds) at `at` seconds: the new state and the alarm raised or cleared.

    Raised where for a minute less than 0.8 persons per metre and second get through while more arrive (by 0.1 at
    least), so that people gather before it: a gate that lets few through because few come is no danger. Clears after a
    minute in which no more arrive than get through. `queue`: people queue before it; else both ways are only added up,
    as at an entrance, where more come than leave while a zone fills. A count as old as the newest one changes nothing.
    InputError where the counts can be none of this gate.
    """
    arrived, through, seconds = counted
    if not 0 < seconds <= 600:
        raise InputError("gate counting time out of range", accepted="up to 600 seconds")
    inflow, outflow = flow(arrived, seconds, gate.width_metres), flow(through, seconds, gate.width_metres)
    if not (0 <= inflow <= MOST_FLOW and 0 <= outflow <= MOST_FLOW):
        raise InputError("count impossible for this gate", accepted="0 to 10 persons per metre and second")
    if state.last is not None and at <= state.last:
        return state, None
    pressing = queue and outflow < LEAST_FLOW and inflow - outflow >= LEAST_SURPLUS
    holding, change = held(HOLDS, state.holding, at, (pressing,), inflow <= outflow)
    after = GateState(last=at, entered=state.entered + arrived, left=state.left + through, holding=holding)
    return after, None if change is None else GateChange(change=change, inflow=inflow, outflow=outflow)
