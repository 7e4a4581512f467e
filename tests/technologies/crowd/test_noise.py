"""Proves the detector tells a rise that lasts, and passes over bangs, sirens, stuck meters and gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd import example, noise
from peelian.technologies.crowd.declarations.noise_rules import EACH_MINUTE, EACH_SECOND, NoiseRule
from peelian.technologies.crowd.noise import NoiseChange

CALM_MINUTES = 45


def run(levels: np.ndarray, rule: NoiseRule = EACH_SECOND, state: noise.NoiseState = noise.QUIET) -> list:
    told = []
    for second, level in enumerate(levels.tolist()):
        state, change = noise.step(rule, state, second * rule.period_seconds, level)
        if change is not None:
            told.append((second, change))
    return told


def with_rise(db: float, seconds: int = 300) -> np.ndarray:
    level = example.square(60)
    at = CALM_MINUTES * 60
    level[at : at + seconds] += db
    return level


@pytest.mark.parametrize(("db", "level"), [(7.5, Level.NOTICE), (15.0, Level.URGENT)])
def test_a_rise_that_lasts_is_told_once_and_clears(db: float, level: Level) -> None:
    told = run(with_rise(db))
    raised = [(second, change) for second, change in told if change.change.raised]
    assert raised[0][1].change.level in (level, Level.NOTICE)
    assert level in {change.change.level for _, change in raised}
    assert 30 <= raised[0][0] - CALM_MINUTES * 60 <= 180
    assert not told[-1][1].change.raised and len(raised) <= 2
    assert isinstance(told[0][1], NoiseChange) and told[0][1].above_db >= 6


@pytest.mark.parametrize(
    ("db", "seconds", "told"), [(6.2, 80, True), (6.2, 40, False), (4.6, 170, True), (4.6, 90, False)]
)
def test_less_above_the_background_must_last_longer(db: float, seconds: int, told: bool) -> None:
    level = np.tile([48.0, 50.0, 52.0], 1_200)  # L90 48 dB, and no chance in it
    level[CALM_MINUTES * 60 : CALM_MINUTES * 60 + seconds] += db
    assert bool(run(level)) is told


def test_every_notice_is_the_same_area_above_three_decibels() -> None:
    notices = [(db, seconds) for level, db, seconds in EACH_SECOND.bars if level is Level.NOTICE]
    assert [seconds for _, seconds in notices] == [150, 120, 100, 80, 60]
    assert [(db - 3) * seconds for db, seconds in notices] == pytest.approx([180] * 5)
    assert notices[-1] == (6.0, 60), "the page's own bar is the last of them"


def test_equal_levels_for_less_than_the_whole_window_are_no_stuck_meter() -> None:
    level = example.square(60)
    level[CALM_MINUTES * 60 : CALM_MINUTES * 60 + 120] += 15
    level[CALM_MINUTES * 60 + 10 : CALM_MINUTES * 60 + 34] = 70.0
    assert run(level)[0][0] <= CALM_MINUTES * 60 + 48


@pytest.mark.parametrize("seconds", [1, 3, 20, 27])
def test_a_bang_or_a_siren_is_no_rise(seconds: int) -> None:
    assert run(with_rise(35.0, seconds)) == []


def test_nothing_is_told_before_the_background_is_known() -> None:
    level = example.square(29)
    level[1_500:] += 30
    assert run(level) == []


def test_a_meter_that_is_stuck_raises_nothing() -> None:
    level = example.square(60)
    level[CALM_MINUTES * 60 :] = 95.0
    assert run(level) == []


def test_a_noise_that_stays_becomes_the_background() -> None:
    level = example.square(140)
    level[2_700:] += 12
    told = run(level)
    assert [change.change.raised for _, change in told][-1] is False
    assert 2_700 + 1_800 <= told[-1][0] <= 2_700 + 3_000


def test_a_reading_again_or_late_changes_nothing() -> None:
    state = noise.QUIET
    for second in range(40):
        state, _ = noise.step(EACH_SECOND, state, second, 50.0 + second % 3)
    for old in (39, 20, 0):
        assert noise.step(EACH_SECOND, state, old, 90.0) == (state, None)


def test_after_a_gap_the_window_fills_anew_and_after_an_hour_all_is_learnt_anew() -> None:
    state = noise.QUIET
    for second, level in enumerate(example.square(45).tolist()):
        state, _ = noise.step(EACH_SECOND, state, second, level)
    soon, _ = noise.step(EACH_SECOND, state, 2_700 + 60, 55.0)
    late, _ = noise.step(EACH_SECOND, state, 2_700 + 4_000, 55.0)
    back, _ = noise.step(EACH_SECOND, state, 2_700 - 7_200, 55.0)
    assert len(soon.window) == 2 and soon.steps == state.steps
    assert (len(late.window), late.steps) == (2, b"") == (len(back.window), back.steps)


def test_one_minute_meters_tell_ten_decibels_that_last_three_minutes() -> None:
    level = 50 + np.random.default_rng(0).normal(0, 1, 240)
    level[120:130] += 14
    told = run(level, EACH_MINUTE)
    assert [change.change.level for _, change in told] == [Level.NOTICE, Level.NOTICE]
    assert told[0][0] == 123 and not told[1][1].change.raised
    level[120:130] -= 6
    assert run(level, EACH_MINUTE) == []


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -60.0, 250.0])
def test_what_is_no_level_is_refused(bad: float) -> None:
    with pytest.raises(InputError, match="not a sound level"):
        noise.step(EACH_SECOND, noise.QUIET, 0, bad)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 400), st.floats(-50, 200)), max_size=120))
def test_the_state_stays_small_whatever_comes(readings: list[tuple[int, float]]) -> None:
    state, at = noise.QUIET, 0
    for step, level in readings:
        at += step
        state, _ = noise.step(EACH_SECOND, state, at, level)
    assert len(state.window) <= 60 and len(state.steps) <= 520
