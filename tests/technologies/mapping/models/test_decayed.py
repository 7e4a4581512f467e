"""The default learns its weights from what each part had said, and its recursion is the sum it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.decayed import (
    ALL_COMPONENTS,
    ALL_HALF_LIVES_DAYS,
    COMPONENTS,
    HALF_LIVES_DAYS,
    UNTRIED,
    Decayed,
)
from peelian.technologies.mapping.models.long_run import LongRun
from peelian.technologies.mapping.models.shares import EVERY_PART

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


def beside(own: History, others: History) -> History:
    """A history with another category's incidents; all of them together stand beside its own."""
    parts = (np.concatenate([getattr(one, name) for one in (own, others)]) for name in ("hour", "east", "north"))
    return replace(own, all_reported=history(GRID, tuple(parts), until_hour=own.until_hour, from_hour=0.0))  # type: ignore[arg-type]


def thinned(past: History, every: int) -> History:
    kept = np.arange(len(past)) % every == 0
    points = (past.hour[kept], past.east[kept], past.north[kept])
    return history(GRID, points, until_hour=past.until_hour, from_hour=0.0)


def test_a_rare_category_that_lies_where_the_others_do_learns_from_them() -> None:
    past = beside(thinned(town(True), 20), town(True))
    fitted = Decayed().fit(past, window_hours=WEEK)
    kept = fitted.settings()
    assert sum(float(kept[f"weight_{name}"]) for name in ALL_COMPONENTS) > 0.2
    window = Window(start_hour=past.until_hour, hours=WEEK)
    cell = int(np.argmax(fitted.share))
    told = fitted.explain(cell, window)
    expected = fitted.forecast(window).expected[cell]
    assert told.background + told.recent == pytest.approx(expected) and 0 < told.all_reported < expected
    every = next(note for note in told.notes if note.text == EVERY_PART)
    assert past.all_reported is not None
    assert every.values["here"] == round(past.all_reported.counts(past.until_hour - 56 * 24)[cell])


def test_a_category_that_lies_elsewhere_does_not_follow_the_others() -> None:
    chance = np.random.default_rng(5)
    hour = np.sort(chance.uniform(0, 100 * WEEK, 6000))
    strewn = history(GRID, (hour, *chance.uniform(0, 4000, (2, 6000))), until_hour=100 * WEEK, from_hour=0.0)
    kept = Decayed().fit(beside(town(False), strewn), window_hours=WEEK).settings()
    assert sum(float(kept[f"weight_{name}"]) for name in ALL_COMPONENTS) < 0.05


def test_counts_of_all_categories_are_the_sums_they_stand_for_and_warm_is_cold() -> None:
    past = beside(thinned(town(True), 10), town(True))
    every = past.all_reported
    assert every is not None
    before = Decayed().fit(past.before(past.until_hour - WEEK), window_hours=WEEK)
    warm, cold = (Decayed().fit(past, window_hours=WEEK, start=start) for start in (before, None))
    for days, planes in zip(ALL_HALF_LIVES_DAYS, zip(warm.state.every, cold.state.every, strict=True), strict=True):
        exact = np.bincount(
            every.cell, weights=0.5 ** ((past.until_hour - every.hour) / 24 / days), minlength=len(GRID)
        )
        for plane in planes:
            np.testing.assert_allclose(plane, exact, rtol=1e-9)
    assert warm.ledger.components == len(COMPONENTS) + len(ALL_COMPONENTS)


def test_alone_it_has_the_eight_parts_it_always_had() -> None:
    alone = Decayed().fit(town(True), window_hours=WEEK)
    named = {name for name in alone.settings() if name.startswith("weight_")}
    assert named == {f"weight_{name}" for name in COMPONENTS} and len(COMPONENTS) == 8
    told = alone.explain(3, Window(start_hour=alone.history.until_hour, hours=WEEK))
    assert told.all_reported == 0 and EVERY_PART not in {note.text for note in told.notes}
