"""Proves a meter forgets the sound, may be fed in any pieces, shows a known level, and refuses what is no signal."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.crowd.metering import Levels, Meter, Running, metered, started

METER = Meter(rate_hz=32_000)
NOISE = np.random.default_rng(4).normal(0, 0.1, 3 * 32_000)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=len(NOISE)), max_size=6))
def test_cutting_the_signal_anywhere_changes_nothing(cuts: list[int]) -> None:
    _, whole = metered(METER, started(METER), NOISE)
    running, found = started(METER), []
    edges = [0, *sorted(cuts), len(NOISE)]
    for start, end in pairwise(edges):
        running, more = metered(METER, running, NOISE[start:end])
        found += more
    assert len(found) == 3
    for ours, theirs in zip(found, whole, strict=True):
        for name in ("laeq_db", "lafmax_db", "lasmax_db", "la10_db", "la90_db"):
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=1e-9)


def test_a_calibrated_tone_has_its_level() -> None:
    tone = np.sin(2 * np.pi * 1_000 * np.arange(4 * 48_000) / 48_000)
    meter = Meter(full_scale_db=94.0 + 10 * np.log10(2))
    _, found = metered(meter, started(meter), tone)
    assert found[-1].laeq_db == pytest.approx(94.0, abs=0.01)
    assert found[-1].lafmax_db == pytest.approx(94.0, abs=0.05)
    assert found[-1].la90_db == pytest.approx(94.0, abs=0.05)


def test_what_is_kept_between_pieces_holds_no_samples() -> None:
    running, found = metered(METER, started(METER), NOISE[: 32_000 + 7_000])
    kept = sum(np.size(getattr(running, f.name)) for f in fields(Running))
    assert kept < 7_000 / 100  # filter memories, sums, and a hundred fast levels a second
    assert all(isinstance(getattr(one, f.name), float) for one in found for f in fields(Levels))


@pytest.mark.parametrize("bad", [np.array([np.nan]), np.array([np.inf, 0]), np.zeros((4, 2))])
def test_what_is_no_signal_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(InputError):
        metered(METER, started(METER), bad)


@pytest.mark.parametrize("bad", [{"rate_hz": 16_000}, {"period_seconds": 0}, {"full_scale_db": float("nan")}])
def test_a_meter_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Meter(**bad)
