"""Proves a record is listened to once, rises are put in where it was calm, and two sounds add their energy."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.technologies.crowd import example, noise_record
from peelian.technologies.crowd.declarations.noise_rules import EACH_SECOND
from peelian.technologies.crowd.noise_record import Record, found_rises, listened, raised_by_short_sounds


def record(level: np.ndarray) -> Record:
    return Record(second=np.arange(len(level)), level=level, rule=EACH_SECOND)


def test_alarms_and_faults_of_a_record_are_told_apart() -> None:
    level = example.square(80)
    level[2_700:2_800] += 15
    level[4_000:4_700] = 70.0
    heard = listened(record(level))
    assert len(heard.raised) == 1 and 2_700 < heard.raised[0].second < 2_800
    assert heard.faults == {"flat": 1}


def test_rises_are_found_and_larger_ones_sooner_and_short_sounds_pass() -> None:
    made = record(example.square(80))
    heard = listened(made)
    found = {one.word: one for one in found_rises(made, heard, 40, 1)}
    assert found["rise_10_db"].share == 1.0 and found["rise_10_db"].share >= found["rise_6_db"].share
    assert found["rise_10_db"].median_delay <= found["rise_6_db"].median_delay
    assert raised_by_short_sounds(made, heard, 40, 1).share == 0
    again = {one.word: one for one in found_rises(made, heard, 40, 1)}
    assert again == found, "the same seed draws the same moments"


def test_a_short_record_is_refused_with_what_is_needed() -> None:
    made = record(example.square(30))
    with pytest.raises(NotEnoughData, match="20 needed"):
        list(found_rises(made, listened(made), 20, 1))


def test_two_equal_sounds_are_three_decibels_more() -> None:
    assert noise_record._added(np.array([60.0]), 60.0)[0] == pytest.approx(63.01, abs=0.01)
