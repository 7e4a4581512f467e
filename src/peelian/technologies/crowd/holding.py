"""Timers: how long a condition lasts before its alarm, and how long it is over before the alarm clears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from peelian.kernel.model.watch import Level, Turn

NEVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """Seconds that each level's condition must last, in rising order, and seconds of quiet that clear an alarm.

    A level may stand there twice, with a weaker condition that must last longer.
    """

    levels: tuple[tuple[Level, int], ...]
    clear_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Start of each level's condition (-1: none), the open level, and start of the quiet time."""

    since: tuple[int, ...] = ()
    open: int = 0  # 0: none; 1 is the first level
    quiet_since: int = NEVER

    @property
    def waits(self) -> bool:
        """Whether a condition is pending: begun, but not yet an alarm."""
        return self.open == 0 and any(then != NEVER for then in self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An alarm raised, raised further, or cleared; `began` is when its condition began."""

    level: Level
    raised: bool
    began: int


CALM = Held()


def held(holds: Holds, before: Held, at: int, conditions: tuple[bool, ...], quiet: bool) -> tuple[Held, Change | None]:
    """Update the timers at `at` seconds: the new state and the change, if any.

    A level is raised when its condition lasted; an open alarm only rises, until `clear_seconds` of quiet clear it.

    >>> holds = Holds(levels=((Level.NOTICE, 60),))
    >>> state, change = held(holds, CALM, 0, (True,), False)
    >>> state, change = held(holds, state, 60, (True,), False)
    >>> change.level, change.raised
    (<Level.NOTICE: 'notice'>, True)
    """
    if before.open == 0 and not any(conditions):
        return CALM, None  # nearly always
    earlier = before.since or (NEVER,) * len(conditions)
    since = tuple(
        (then if then != NEVER else at) if now else NEVER for then, now in zip(earlier, conditions, strict=True)
    )
    ripe = 0
    for number, (began, (_, seconds)) in enumerate(zip(since, holds.levels, strict=True), start=1):
        if began != NEVER and at - began >= seconds:
            ripe = number
    if ripe > before.open:
        level = holds.levels[ripe - 1][0]
        known = before.open > 0 and holds.levels[before.open - 1][0] is level
        change = None if known else Change(level=level, raised=True, began=since[ripe - 1])
        return Held(since=since, open=ripe), change
    quiet_since = (before.quiet_since if before.quiet_since != NEVER else at) if quiet and before.open else NEVER
    if quiet_since != NEVER and at - quiet_since >= holds.clear_seconds:
        level = holds.levels[before.open - 1][0]
        return CALM, Change(level=level, raised=False, began=quiet_since)
    return Held(since=since, open=before.open, quiet_since=quiet_since), None


def turned(before: Held, after: Held, change: Change | None) -> Turn | None:
    """Change of an alarm at one update: raised, cleared, pending, or no longer pending."""
    if change is not None:
        return Turn.RAISE if change.raised else Turn.CLEAR
    if after.waits and not before.waits:
        return Turn.HOLD
    return Turn.CLEAR if before.waits and not after.waits and not after.open else None


def waiting(held: Mapping[str, Held]) -> dict[str, datetime]:
    """Pending signals, each with its start.

    >>> waiting({"noise": Held(since=(NEVER, 60)), "gate": Held(since=(0,), open=1)})["noise"].minute
    1
    """
    begun = {type: min(then for then in one.since if then != NEVER) for type, one in held.items() if one.waits}
    return {type: datetime.fromtimestamp(then, UTC) for type, then in begun.items()}


def broken_off(before: Held) -> Held:
    """After a gap in the data: pending conditions start again, open alarms stay open."""
    return Held(open=before.open) if before.open else CALM
