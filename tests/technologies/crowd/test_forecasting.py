"""Proves a forecast rests on the past alone, follows the week, the last hours and holidays, and covers as it says."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.crowd import example
from peelian.technologies.crowd.declarations.forecast import HOUR_AHEAD, WEEK_AHEAD
from peelian.technologies.crowd.forecasting import RULE, Calendar, ahead, last_weeks

WEEKS = 30
COUNTS = example.hourly(WEEKS, 500.0, 5).astype(np.float64)


def calendar(hours: int = len(COUNTS)) -> Calendar:
    """One that knows of nothing."""
    return Calendar(holiday=np.zeros(hours, dtype=bool), alike=np.full(hours, -1, dtype=np.int64))


NOTHING = calendar()
NOON = 25 * 168 + 2 * 24 + 12


@pytest.mark.parametrize("horizon", [HOUR_AHEAD, WEEK_AHEAD])
def test_what_comes_later_changes_no_forecast(horizon: str) -> None:
    begins = NOON if horizon == HOUR_AHEAD else NOON // 168 * 168
    later = COUNTS.copy()
    later[begins:] = 9_999
    before, after = (ahead(counts, NOTHING, horizon) for counts in (COUNTS, later))
    upto = begins + (1 if horizon == HOUR_AHEAD else 168)
    assert np.array_equal(before.expected[:upto], after.expected[:upto], equal_nan=True)
    for side in ("low", "high"):
        assert np.array_equal(getattr(before, side)[:, :upto], getattr(after, side)[:, :upto], equal_nan=True)


def test_the_same_week_over_and_over_is_forecast_exactly() -> None:
    counts = np.tile(COUNTS[:168], WEEKS)
    for horizon in (HOUR_AHEAD, WEEK_AHEAD):
        found = ahead(counts, NOTHING, horizon)
        known = np.isfinite(found.expected)
        assert known[RULE.least_weeks * 168 :].all() and not known[: RULE.least_weeks * 168].any()
        assert found.expected[known] == pytest.approx(counts[known])


def test_a_busy_hour_moves_the_next_one_and_a_busy_week_the_next_week() -> None:
    busy = COUNTS.copy()
    busy[NOON] *= 3
    assert ahead(busy, NOTHING, HOUR_AHEAD).expected[NOON + 1] > 1.5 * COUNTS[NOON + 1]
    busy = COUNTS.copy()
    busy[24 * 168 : 25 * 168] *= 2
    usual, found = (ahead(counts, NOTHING, WEEK_AHEAD).expected[NOON] for counts in (COUNTS, busy))
    assert 1.3 * usual < found < 1.8 * usual


def test_a_holiday_is_expected_as_quiet_as_the_quietest_day() -> None:
    counts = np.tile(np.repeat([900.0, 900, 900, 900, 900, 500, 200], 24), WEEKS)
    known = calendar()
    known.holiday[NOON] = True
    for horizon in (HOUR_AHEAD, WEEK_AHEAD):
        assert ahead(counts, known, horizon).expected[NOON] == pytest.approx(200)
        assert ahead(counts, known, horizon).expected[NOON + 24] == pytest.approx(900)


@pytest.mark.parametrize("horizon", [HOUR_AHEAD, WEEK_AHEAD])
def test_an_event_is_expected_to_be_as_the_day_it_is_like(horizon: str) -> None:
    counts, then = np.tile(COUNTS[:168], WEEKS), NOON - 4 * 168
    counts[then] = 4_000
    known = calendar()
    known.holiday[NOON], known.alike[NOON] = True, then
    assert ahead(counts, known, horizon).expected[NOON] == pytest.approx(4_000)
    counts[then] = np.nan  # nothing was counted then: as without the event
    assert ahead(counts, known, horizon).expected[NOON] < counts[NOON]


def test_intervals_hold_as_many_counts_as_they_say_and_are_nested() -> None:
    generator = np.random.default_rng(3)
    counts = generator.poisson(np.tile(200 + 150 * np.sin(np.arange(168) * np.pi / 12), 120)).astype(float)
    for horizon in (HOUR_AHEAD, WEEK_AHEAD):
        found = ahead(counts, calendar(len(counts)), horizon)
        known = np.isfinite(found.low).all(axis=0)
        inside = ((counts >= found.low) & (counts <= found.high))[:, known].mean(axis=1)
        assert 0.79 < inside[0] < 0.84 and 0.94 < inside[1] < 0.98
        assert (found.low[1] <= found.low[0])[known].all() and (found.high[0] <= found.high[1])[known].all()
        assert (found.low[:, known] >= 0).all()
        for outside in ((counts < found.low)[:, known], (counts > found.high)[:, known]):
            assert (outside.mean(axis=1) < (0.105, 0.0215)).all(), "neither side is the narrow one"


def test_gaps_stay_gaps_and_the_rival_is_a_week_old() -> None:
    counts = COUNTS.copy()
    counts[NOON - 30 : NOON] = np.nan
    found = ahead(counts, NOTHING, HOUR_AHEAD)
    assert np.isfinite(found.expected[NOON]), "the usual count alone"
    assert np.isnan(ahead(np.full(len(COUNTS), np.nan), NOTHING, WEEK_AHEAD).expected).all()
    assert last_weeks(COUNTS)[168] == COUNTS[0] and np.isnan(last_weeks(COUNTS)[:168]).all()
