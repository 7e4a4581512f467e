"""Sensor faults: flat lines, clipping, jumps and gaps. A fault raises no alarm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

LEAST_JUMP = 30.0  # people: on a small area as many come and go between two counts
HUNDRED = 100  # values are kept in hundredths, as whole numbers
UNKNOWN = -(10**9)  # a value nothing has: the last reading before a crash is not kept


class Fault(StrEnum):
    """What is wrong with a sensor."""

    FLAT = "flat"
    CLIPPING = "clipping"
    JUMPS = "jumps"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """Fault limits of a sensor type; None where a check does not apply.

    `flat_above`: only values above it may not stay equal (nobody in a street all night is no fault). `well_seconds`:
    how long a sensor must be good before it is trusted again.
    """

    gap_seconds: int
    flat_seconds: int = 600
    flat_above: float = -1_000.0
    ceiling: float | None = None
    clips: int = 3
    jump: float | None = None
    jumps: int = 3
    window_seconds: int = 60  # in which clips and jumps are counted
    well_seconds: int = 60


SOUND_EACH_SECOND = FaultRule(gap_seconds=30, ceiling=130.0, jump=40.0)
SOUND_EACH_MINUTE = FaultRule(gap_seconds=300, ceiling=130.0, clips=1, jump=40.0, window_seconds=600, well_seconds=180)
PEOPLE_NOW = FaultRule(gap_seconds=120, flat_above=20.0)
PEOPLE_PER_HOUR = FaultRule(gap_seconds=25 * 3_600, flat_seconds=24 * 3_600, well_seconds=3_600)


def people_on(area_m2: float) -> FaultRule:
    """Limits of a counter of people on an area: three changes within a minute by a person per m² come from a counter
    that was knocked askew, not from people."""
    return replace(PEOPLE_NOW, jump=max(LEAST_JUMP, area_m2))


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultState:
    """Memory of one sensor for fault checks: seconds, and values in hundredths."""

    last: int | None = None
    value: int = 0
    same_since: int = 0
    clipped: tuple[int, ...] = ()
    jumped: tuple[int, ...] = ()
    fault: Fault | None = None
    bad_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultChange:
    """A fault that begins or ends (`fault` is its kind)."""

    fault: Fault
    well: bool
    since: int


TRUSTED = FaultState()


def step(
    rule: FaultRule, state: FaultState, at: int, value: float, *, dead: bool = False
) -> tuple[FaultState, FaultChange | None]:
    """Take in one value at `at` seconds: the new state, and whether the sensor became faulty or well. O(1).

    A reading as old as the newest one, or older, changes nothing. `dead`: the value cannot be so, a flat line already.
    """
    if state.last is not None and at <= state.last:
        return state, None
    whole = round(value * HUNDRED)
    same_since = state.same_since if state.last is not None and whole == state.value else at
    clipped, jumped = state.clipped, state.jumped
    if rule.ceiling is not None and value >= rule.ceiling:
        clipped = (*clipped, at)
    if (
        rule.jump is not None
        and state.last is not None
        and state.value != UNKNOWN
        and abs(whole - state.value) >= rule.jump * HUNDRED
    ):
        jumped = (*jumped, at)
    if clipped or jumped:
        clipped, jumped = (
            tuple(then for then in times if at - then < rule.window_seconds) for times in (clipped, jumped)
        )
    wrong = _wrong(rule, state, (at, value, same_since), (len(clipped), len(jumped))) or (Fault.FLAT if dead else None)
    fault, change = _told(rule, state, at, wrong)
    after = FaultState(
        last=at, value=whole, same_since=same_since, clipped=clipped, jumped=jumped, fault=fault,
        bad_at=at if wrong else state.bad_at,
    )  # fmt: skip
    return after, change


def _wrong(rule: FaultRule, state: FaultState, now: tuple[int, float, int], counted: tuple[int, int]) -> Fault | None:
    at, value, same_since = now
    if state.last is not None and at - state.last > rule.gap_seconds:
        return Fault.GAP
    if at - same_since > rule.flat_seconds and value > rule.flat_above:
        return Fault.FLAT
    if counted[0] >= rule.clips:
        return Fault.CLIPPING
    return Fault.JUMPS if counted[1] >= rule.jumps else None


def _told(rule: FaultRule, state: FaultState, at: int, wrong: Fault | None) -> tuple[Fault | None, FaultChange | None]:
    if wrong is not None and state.fault is None:
        return wrong, FaultChange(fault=wrong, well=False, since=at)
    if wrong is None and state.fault is not None and at - state.bad_at >= rule.well_seconds:
        return None, FaultChange(fault=state.fault, well=True, since=at)
    return state.fault, None
