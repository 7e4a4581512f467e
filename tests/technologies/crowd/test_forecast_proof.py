"""Proves "better" is said only where the whole interval says so, never of a rival that cannot be beaten."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.technologies.crowd import example
from peelian.technologies.crowd.counter_record import Record, record_of
from peelian.technologies.crowd.declarations.forecast import HOUR_AHEAD, WEEK_AHEAD
from peelian.technologies.crowd.forecast_proof import (
    BETTER,
    UNSURE,
    WORSE,
    Proof,
    calendar_of,
    proof_notes,
    proof_tables,
    proven,
    with_a_week_to_come,
)


def record(weeks: int = 24) -> Record:
    return with_a_week_to_come(record_of(example.counts(weeks)))


def proof(made: Record, horizon: str = WEEK_AHEAD) -> Proof:
    return proven(made, calendar_of(made), horizon)


def test_a_week_to_come_follows_whole_weeks() -> None:
    whole = record_of(example.counts(12))
    cut = dataclasses.replace(whole, first_hour=whole.first_hour + 5, counts=whole.counts[:, 5:])
    made = with_a_week_to_come(cut)
    assert made.counts.shape == (2, 12 * 168) and np.isnan(made.counts[:, -168:]).all()
    assert made.first_hour == whole.first_hour + 168
    assert np.array_equal(made.counts[:, :-168], whole.counts[:, 168:])


def test_holidays_are_whole_days() -> None:
    made = record()
    marked = calendar_of(made, ("2024-01-02", "1999-01-01")).holiday
    assert np.flatnonzero(marked).tolist() == list(range(24, 48))


def test_each_hour_of_an_event_is_like_the_same_hour_of_the_day_it_names() -> None:
    made = record()
    alike = calendar_of(made, events=("2024-02-10=2024-01-02", "2024-01-20=2023-12-31", "1999-01-01=1998-01-01")).alike
    begins = 40 * 24
    assert np.flatnonzero(alike >= 0).tolist() == list(range(begins, begins + 24))
    assert alike[begins : begins + 24].tolist() == list(range(24, 48))


def test_ordinary_counts_are_forecast_better_than_by_last_week() -> None:
    for horizon in (HOUR_AHEAD, WEEK_AHEAD):
        found = proof(record(), horizon)
        mean, low, high = found.gain
        assert low < mean < high and found.verdict == BETTER
        assert mean == pytest.approx(found.rival_error - found.error)
        assert found.n == 2 * 13 * 168


def test_no_better_is_said_where_last_week_is_all_that_can_be_known() -> None:
    generator = np.random.default_rng(1)
    said = []
    for _ in range(20):
        steps = np.cumsum(generator.normal(0, 0.5, (2, 40, 168)), axis=1)
        made = with_a_week_to_come(Record(sensors=("a", "b"), first_hour=0, counts=np.exp(5 + steps).reshape(2, -1)))
        said.append(proof(made).verdict)
    assert BETTER not in said and WORSE in said


def test_no_difference_is_no_better() -> None:
    flat = Record(sensors=("a",), first_hour=0, counts=np.full((1, 30 * 168), 100.0))
    found = proof(with_a_week_to_come(flat))
    assert found.verdict == UNSURE and found.gain == (0.0, 0.0, 0.0)
    assert any("not shown to be better" in note.text for note in proof_notes([found]))


def test_a_short_record_proves_nothing() -> None:
    with pytest.raises(NotEnoughData, match="only 14 weeks"):
        proof(record(14))


def test_counters_that_were_never_judged_are_left_out() -> None:
    made = record()
    made.counts[1] = np.nan
    whole, places = proof_tables(made, [proof(made)])
    assert [row["area"] for row in places.records()] == [made.sensors[0]]
    (row,) = whole.records()
    assert row["n"] == 13 * 168 and 0.7 < row["covered_80"] < 0.9 < row["covered_95"] <= 1
