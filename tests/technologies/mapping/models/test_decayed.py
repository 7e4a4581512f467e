"""The default learns its weights from what each part had said, and its recursion is the sum it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.decayed import COMPONENTS, HALF_LIVES_DAYS, UNTRIED, Decayed
from peelian.technologies.mapping.models.long_run import LongRun

GRID = square_grid(cell_metres=250.0, rows=16, cols=16)
WEEK = 168.0


def town(drift: bool, weeks: int = 100, per_week: int = 60) -> History:
    """A town whose busy places stay, or move every ten weeks."""
    chance = np.random.default_rng(2)
    n = weeks * per_week
    hour = np.sort(chance.uniform(0, weeks * WEEK, n))
    era = (hour // (10 * WEEK)).astype(int) if drift else np.zeros(n, dtype=int)
    middles = chance.uniform(300, 3700, (weeks // 10, 4, 2))
    points = np.clip(middles[era, chance.integers(0, 4, n)] + chance.normal(0, 120, (n, 2)), 1, 3999)
    return history(GRID, (hour, points[:, 0], points[:, 1]), until_hour=weeks * WEEK, from_hour=0.0)


def test_fading_counts_are_the_sums_they_stand_for() -> None:
    past = town(False)
    fitted = Decayed().fit(past, window_hours=WEEK)
    for days, plane in zip(HALF_LIVES_DAYS, fitted.state.fading, strict=True):
        age = (past.until_hour - past.hour) / 24
        exact = np.bincount(past.cell, weights=0.5 ** (age / days), minlength=len(GRID))
        np.testing.assert_allclose(plane, exact, rtol=1e-9)
    assert fitted.state.plain.tolist() == past.counts().tolist()


def test_a_drifting_town_weighs_the_new_and_a_steady_one_the_old() -> None:
    def weight_of_new(past: History) -> float:
        kept = Decayed().fit(past, window_hours=WEEK).settings()
        return sum(float(kept[f"weight_{name}"]) for name in COMPONENTS if "_28_" in name or "_56_" in name)

    assert weight_of_new(town(True)) > 0.6
    assert weight_of_new(town(False)) < 0.2


def test_in_a_drifting_town_it_beats_the_count_map_in_a_steady_one_it_does_not_lose() -> None:
    for drift, least in ((True, 0.3), (False, -0.005)):
        past = town(drift)
        gain = 0.0
        n = 0
        start = None
        for k in range(12, 0, -1):
            until = past.until_hour - k * WEEK
            then, window = past.between(until, until + WEEK), Window(start_hour=until, hours=WEEK)
            start = Decayed().fit(past.before(until), window_hours=WEEK, start=start)
            shares = [
                fitted.forecast(window).expected / fitted.forecast(window).expected.sum()
                for fitted in (start, LongRun().fit(past.before(until), window_hours=WEEK))
            ]
            gain += float(np.log2(shares[0][then.cell] / shares[1][then.cell]).sum())
            n += len(then)
        assert gain / n > least


def test_with_little_to_learn_from_it_is_the_count_map() -> None:
    few = town(False, weeks=10, per_week=2)
    fitted = Decayed().fit(few, window_hours=WEEK)
    assert fitted.weights[0] > 0.95
    assert fitted.tuned == pytest.approx(np.array(UNTRIED), abs=0.1) and sum(UNTRIED) == pytest.approx(1.0)


def test_a_steady_town_does_not_support_eight_weights_and_a_drifting_one_does() -> None:
    steady, drifting = (Decayed().fit(town(drift), window_hours=WEEK) for drift in (False, True))
    assert steady.weights[0] > 0.9 > steady.tuned[0]
    assert np.allclose(drifting.weights, drifting.tuned, atol=0.02)


def test_a_late_record_makes_the_counts_anew_and_what_was_said_stays_said() -> None:
    past = town(False)
    until = past.until_hour - WEEK
    seen = np.arange(len(past)) != 50
    early = history(
        GRID, (past.hour[seen], past.east[seen], past.north[seen]), until_hour=past.until_hour, from_hour=0.0
    )
    start = Decayed().fit(early.before(until), window_hours=WEEK)
    again, cold = (Decayed().fit(past, window_hours=WEEK, start=s) for s in (start, None))
    assert np.allclose(again.components, cold.components, rtol=1e-12)
    assert again.state.seen == cold.state.seen
    kept = zip(again.ledger.said, start.ledger.said[len(start.ledger) - len(again.ledger) + 1 :], strict=False)
    assert len(again.ledger) and all(np.array_equal(now, then) for now, then in kept)


def test_where_much_becomes_known_late_the_ledger_is_replayed_with_it() -> None:
    """Months-only records come a month at a time: a window was nearly empty when it was noted first."""
    past = town(True)
    until = past.until_hour - WEEK
    late = (past.hour > until - 8 * WEEK) & (past.hour < until) & (np.arange(len(past)) % 2 == 0)
    early = history(
        GRID, (past.hour[~late], past.east[~late], past.north[~late]), until_hour=past.until_hour, from_hour=0.0
    )
    start = Decayed().fit(early.before(until), window_hours=WEEK)
    warm, cold = (Decayed().fit(past, window_hours=WEEK, start=s) for s in (start, None))
    assert warm.ledger.incidents == cold.ledger.incidents > start.ledger.incidents
    assert np.allclose(warm.weights, cold.weights, atol=1e-6)
