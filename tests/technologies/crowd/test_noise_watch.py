"""Proves the noise watch listens to its own kind of meter only, says numbers only, and goes on after a crash."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest

from peelian.errors import InputError
from peelian.kernel.model.watch import Level, Turn
from peelian.technologies.crowd.declarations.noise_watch import NOISE_WATCH, NoiseParams

EXAMPLE = NOISE_WATCH.reducer().example()
READINGS = [dataclasses.replace(reading, zone="square") for reading in EXAMPLE.readings]


def test_a_rise_is_raised_and_cleared_in_its_zone() -> None:
    state, said = NOISE_WATCH.reducer().start(EXAMPLE.params), []
    for reading in READINGS:
        state, more = NOISE_WATCH.reducer().step(state, reading)
        said += more
    assert [(s.turn, s.zone, s.type) for s in said] == [
        (Turn.HOLD, "square", "noise"),
        (Turn.RAISE, "square", "noise"),
        (Turn.CLEAR, "square", "noise"),
    ]
    assert said[1].level is Level.URGENT and said[1].facts["above_db"] >= 8
    assert (said[1].time - said[0].time).total_seconds() == 30


def test_other_meters_and_other_levels_say_nothing() -> None:
    state = NOISE_WATCH.reducer().start(EXAMPLE.params)
    other = dataclasses.replace(READINGS[0], what="laeq_1min")
    without = dataclasses.replace(READINGS[0], values={"lamax": 80.0})
    assert NOISE_WATCH.reducer().step(state, other) == (state, ()) == NOISE_WATCH.reducer().step(state, without)


def test_a_packed_state_with_its_last_half_minute_heard_again_goes_on_as_before() -> None:
    assert NOISE_WATCH.reducer().refill is not None
    whole, cut, at = NOISE_WATCH.reducer().start(EXAMPLE.params), None, 2_210
    ours, theirs = [], []
    for number, reading in enumerate(READINGS):
        whole, more = NOISE_WATCH.reducer().step(whole, reading)
        theirs += more
        if cut is not None:
            cut, more = NOISE_WATCH.reducer().step(cut, reading)
            ours += more
        elif number == at:
            cut = NOISE_WATCH.reducer().unpack(
                EXAMPLE.params, json.loads(json.dumps(NOISE_WATCH.reducer().pack(whole)))
            )
            since = reading.time - timedelta(seconds=NOISE_WATCH.window_seconds)
            for again in READINGS[: number + 1]:
                if again.time > since:
                    cut = NOISE_WATCH.reducer().refill(cut, again)
    assert ours == theirs and len(ours) == 3


def test_a_faulty_meter_is_a_fault() -> None:
    state, said = NOISE_WATCH.reducer().start(EXAMPLE.params), []
    for reading in READINGS[:700]:
        state, more = NOISE_WATCH.reducer().step(state, dataclasses.replace(reading, values={"laeq": 61.0}))
        said += more
    assert [(s.turn, s.type, s.sensor) for s in said] == [(Turn.FAULT, "flat", "meter-1")]


def test_no_other_pace_may_be_asked_for() -> None:
    with pytest.raises(InputError):
        NOISE_WATCH.asks.check(NoiseParams(period_seconds=5))


def test_decibels_above_the_background_are_shown_once_there_is_one_and_the_meter_is_well() -> None:
    reducer = NOISE_WATCH.reducer()
    assert reducer.level is not None
    state, shown = reducer.start(NoiseParams()), []
    for reading in reducer.example().readings[:2_300]:
        state, _ = reducer.step(state, reading)
        shown.append(reducer.level(state))
    assert shown[0] == {} and shown[-1]["above_db"] > 8, "two minutes of a crowd"
    assert set(shown[-1]) == NOISE_WATCH.shows
    for reading in reducer.example().readings[2_300:2_320]:
        state, _ = reducer.step(state, dataclasses.replace(reading, values={"laeq": 130.0}))
    assert reducer.level(state) == {}
