"""Proves an alarm is raised only after its condition lasted, only rises while open, and clears only after quiet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from peelian.kernel.model.watch import Level, Turn
from peelian.technologies.crowd.holding import CALM, Held, Holds, broken_off, held, turned

HOLDS = Holds(levels=((Level.NOTICE, 60), (Level.URGENT, 30)), clear_seconds=60)
LOOKS = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=80)


@given(LOOKS)
def test_no_alarm_without_its_seconds_and_none_clears_that_was_not_raised(looks: list[tuple[bool, bool, bool]]) -> None:
    state, open_ = CALM, 0
    for number, (notice, urgent, quiet) in enumerate(looks):
        state, change = held(HOLDS, state, 10 * number, (notice or urgent, urgent), quiet and not notice)
        if change is None:
            continue
        if change.raised:
            which = 1 if change.level is Level.NOTICE else 2
            assert which > open_ and 10 * number - change.began >= (60, 30)[which - 1]
            back = (60, 30)[which - 1] // 10
            assert all(look[0] or look[1] for look in looks[number - back : number + 1])
            open_ = which
        else:
            assert open_ and 10 * number - change.began >= 60
            open_ = 0
    assert (state.open > 0) == (open_ > 0)


def test_a_weaker_condition_of_the_same_level_must_last_longer_and_raises_once() -> None:
    holds = Holds(levels=((Level.NOTICE, 90), (Level.NOTICE, 60), (Level.URGENT, 30)))
    state, said = CALM, []
    for at in range(0, 200, 10):
        state, change = held(holds, state, at, (True, at >= 60, at >= 150), False)
        said += [(at, change.level)] if change else []
    assert said == [(90, Level.NOTICE), (180, Level.URGENT)]


def test_a_condition_that_begins_to_hold_is_told_and_so_is_its_end() -> None:
    looks = [False, True, True, False, True, True, True, True, True, True, True, True]
    state, said = CALM, []
    for number, loud in enumerate(looks):
        before = state
        state, change = held(HOLDS, state, 10 * number, (loud, False), False)
        said.append(turned(before, state, change))
    assert said == [None, Turn.HOLD, None, Turn.CLEAR, Turn.HOLD, None, None, None, None, None, Turn.RAISE, None]


def test_a_break_forgets_what_waits_and_keeps_what_is_open() -> None:
    assert broken_off(Held(since=(10, -1))) == CALM
    assert broken_off(Held(since=(10, 20), open=2, quiet_since=30)) == Held(open=2)
