"""Tracks cover every picture between, before and after sightings, and few keys say so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import box_at

from peelian.technologies.footage.measure.plan import Track
from peelian.technologies.footage.measure.tracking import HOLD, LONGEST_GAP, dense, padded, thinned, tracks_of

SIZE = {"width": 1000, "height": 1000}


def box(x: float, y: float, side: float = 100, score: float = 0.9) -> list[float]:
    return [x, y, x + side, y + side, score]


def seen(*boxes: list[float]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 5)


def as_track(keys: np.ndarray) -> Track:
    return Track(id=1, keys=tuple(tuple(int(v) for v in key) for key in keys))  # type: ignore[misc]


def test_a_moving_face_is_one_track_that_covers_the_pictures_between() -> None:
    sightings = [(i, seen(box(100 + 6 * i, 300))) for i in range(0, 60, 2)]
    (track,) = tracks_of(sightings, pictures=60, **SIZE)
    assert track.seen == 30
    for i in range(60):
        left, top, right, bottom = box_at(as_track(track.keys), i) or (9e9, 9e9, 0, 0)
        assert left <= 100 + 6 * i and right >= 200 + 6 * i and top <= 300 and bottom >= 400


def test_ends_are_held_in_both_directions_within_the_recording() -> None:
    (track,) = tracks_of([(i, seen(box(100, 100))) for i in range(10, 21, 2)], pictures=100, **SIZE)
    assert (track.keys[0, 0], track.keys[-1, 0]) == (10 - HOLD, 20 + HOLD)
    (track,) = tracks_of([(0, seen(box(100, 100))), (2, seen(box(100, 100)))], pictures=3, **SIZE)
    assert (track.keys[0, 0], track.keys[-1, 0]) == (0, 2)


def test_a_gap_is_bridged_and_a_long_one_is_not() -> None:
    first = [(i, seen(box(100, 100))) for i in range(0, 10, 2)]
    gone = [(i, seen()) for i in range(10, 10 + LONGEST_GAP - 4, 2)]
    back = [(10 + LONGEST_GAP - 4 + i, seen(box(120, 100))) for i in range(0, 4, 2)]
    assert len(tracks_of([*first, *gone, *back], pictures=99, **SIZE)) == 1
    late = [(200 + i, seen(box(120, 100))) for i in range(0, 4, 2)]
    assert len(tracks_of([*first, *late], pictures=300, **SIZE)) == 2


def test_two_faces_that_cross_stay_covered() -> None:
    sightings = [(i, seen(box(100 + 8 * i, 300), box(700 - 8 * i, 330))) for i in range(0, 70, 2)]
    tracks = tracks_of(sightings, pictures=70, **SIZE)
    for i in range(0, 70):
        boxes = [b for t in tracks if (b := box_at(as_track(t.keys), i))]
        for x, y in ((100 + 8 * i, 300), (700 - 8 * i, 330)):
            assert any(b[0] <= x and b[2] >= x + 100 and b[1] <= y and b[3] >= y + 100 for b in boxes), i


def test_a_fast_face_that_never_overlaps_itself_is_still_followed() -> None:
    sightings = [(i, seen(box(20 + 45 * i, 300, side=60))) for i in range(0, 20, 2)]
    tracks = tracks_of(sightings, pictures=20, **SIZE)
    for i in range(19):
        x = 20 + 45 * i
        boxes = [b for t in tracks if (b := box_at(as_track(t.keys), i))]
        assert any(b[0] <= x + 10 and b[2] >= x + 50 for b in boxes), i


def test_a_face_that_stands_still_needs_few_keys() -> None:
    (track,) = tracks_of([(i, seen(box(100, 100))) for i in range(0, 1000, 2)], pictures=1000, **SIZE)
    assert len(track.keys) < 20


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=30), st.integers(1, 5))
def test_thinned_keys_cover_every_box(places: list[tuple[int, int]], apart: int) -> None:
    """Whatever the movement, the straight way between the kept keys holds every box."""
    numbers = np.arange(len(places)) * apart + 3
    boxes = np.array([[x, y, x + 60, y + 80] for x, y in places], float)
    every, way = dense(numbers, padded(boxes), ends=10_000)
    keys = thinned(every, way, **SIZE)
    track = as_track(keys)
    for at, wanted in zip(every, way.clip(0, 1000), strict=True):
        found = box_at(track, int(at))
        assert found is not None
        inside = wanted[2] - wanted[0] > 1 and wanted[3] - wanted[1] > 1
        if inside:
            assert found[0] <= wanted[0] + 1e-6 and found[1] <= wanted[1] + 1e-6
            assert found[2] >= wanted[2] - 1e-6 and found[3] >= wanted[3] - 1e-6


def test_nothing_seen_is_no_track() -> None:
    assert tracks_of([], **SIZE) == []
    assert tracks_of([(0, seen()), (2, seen())], **SIZE) == []


@pytest.mark.parametrize("side", [3000.0, 0.5])
def test_absurd_boxes_become_boxes_inside_the_picture(side: float) -> None:
    (track,) = tracks_of([(0, seen(box(990, 990, side=side)))], pictures=1, **SIZE)
    left, top, right, bottom = track.keys[0, 1:]
    assert 0 <= left < right <= 1000 and 0 <= top < bottom <= 1000
