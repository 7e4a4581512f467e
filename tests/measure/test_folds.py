"""Windows follow one another, never overlap, and never see what came after their embargo."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, NotEnoughData
from peelian.measure.folds import rolling_origins


@given(st.integers(1, 60), st.floats(1, 500), st.floats(0, 300))
def test_they_follow_one_another_to_the_end(origins: int, hours: float, embargo: float) -> None:
    span = (0.0, origins * hours + 1000.0)
    folds = rolling_origins(span, window_hours=hours, origins=origins, embargo_hours=embargo)
    assert len(folds) == origins
    assert folds[-1].until == pytest.approx(span[1])
    for before, after in pairwise(folds):
        assert after.origin == pytest.approx(before.until)
    assert all(fold.train_until == pytest.approx(fold.origin - embargo) for fold in folds)


def test_a_first_origin_is_kept() -> None:
    folds = rolling_origins((0.0, 1000.0), window_hours=100.0, origins=3, first_origin=500.0)
    assert [fold.origin for fold in folds] == [500.0, 600.0, 700.0]


@pytest.mark.parametrize("first", [None, 500.0, 0.0])
def test_what_does_not_fit_says_how_many_would(first: float | None) -> None:
    with pytest.raises(NotEnoughData, match=r"\d+ windows of 7 days in the recording, 12 needed"):
        rolling_origins((0.0, 1000.0), window_hours=168.0, origins=12, first_origin=first)


@pytest.mark.parametrize(("hours", "origins", "embargo"), [(0.0, 3, 0.0), (10.0, 0, 0.0), (10.0, 3, -1.0)])
def test_nonsense_is_refused(hours: float, origins: int, embargo: float) -> None:
    with pytest.raises(InputError):
        rolling_origins((0.0, 1000.0), window_hours=hours, origins=origins, embargo_hours=embargo)
