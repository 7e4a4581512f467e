"""A drawn box is followed while it looks like what was drawn; where it does not, that is said, and soon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import moving
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import box_at

from peelian.errors import InputError
from peelian.technologies.footage.measure import following
from peelian.technologies.footage.measure.following import (
    CUT,
    END,
    JOINED,
    LARGE,
    LEFT,
    LONGEST,
    LOST,
    MOST,
    WAYS,
    Followed,
    followed,
)
from peelian.technologies.footage.measure.plan import Track

SIZE = (moving.WIDTH, moving.HEIGHT)


def follow(pictures: Sequence[moving.Picture], at: int, box: Any, **more: Any) -> Followed:
    def stretch(first: int, count: int) -> Sequence[moving.Picture]:
        assert first >= 0 and first + count <= len(pictures)
        return pictures[first : first + count]

    return followed(stretch, at, box, pictures=len(pictures), size=SIZE, **more)


def covered(found: Followed, box: Any, at: int) -> float:
    """How much of a box the track holds in one picture."""
    track = Track(id=1, keys=tuple(tuple(int(v) for v in key) for key in found.keys))  # type: ignore[misc]
    held = box_at(track, at)
    if held is None:
        return 0.0
    wide = min(held[2], box[2]) - max(held[0], box[0])
    tall = min(held[3], box[3]) - max(held[1], box[1])
    return float(max(wide, 0) * max(tall, 0) / ((box[2] - box[0]) * (box[3] - box[1])))


@pytest.fixture(scope="module")
def plate() -> moving.Moving:
    return moving.clip("moving plate", 7, pictures=40)


def test_a_moving_plate_is_covered_in_both_directions_to_the_ends(plate: moving.Moving) -> None:
    found = follow(plate.pictures, 20, plate.drawn(20, np.random.default_rng(1)), piece=7)
    assert (found.first, found.last, found.began, found.ended) == (0, 39, END, END)
    assert all(covered(found, plate.boxes[i], i) >= 0.9 for i in range(40))
    assert len(found.keys) <= 40 and (found.keys[:, 1:] <= [*SIZE, *SIZE]).all()


@pytest.mark.parametrize(("name", "seed"), [("nearing screen", 109), ("turning document", 106)])
def test_what_comes_nearer_or_turns_stays_covered(name: str, seed: int) -> None:
    """Without a look at a larger box the first, without padding the second loses a tenth of the thing."""
    clip = moving.clip(name, seed)
    found = follow(clip.pictures[25:75], 0, clip.drawn(25, np.random.default_rng(seed)))
    assert found.last == 49
    assert sum(covered(found, clip.boxes[25 + i], i) >= 0.9 for i in range(50)) >= 45


def test_behind_a_bus_it_is_lost_within_five_pictures() -> None:
    clip = moving.clip("hidden plate", 7, pictures=40)
    gone = int(np.flatnonzero(clip.shares < 0.05)[0])
    found = follow(clip.pictures[: gone + 8], 6, clip.drawn(6, np.random.default_rng(2)))
    assert found.ended == LOST and found.last <= gone + 5
    assert all(covered(found, clip.boxes[i], i) >= 0.9 for i in range(gone) if clip.shares[i] > 0.5)


def test_leaving_the_picture_is_said() -> None:
    clip = moving.clip("leaving document", 7, pictures=40)
    gone = int(np.flatnonzero(clip.shares < 0.05)[0])
    found = follow([*clip.pictures, *clip.pictures[-1:] * 9], 20, clip.drawn(20, np.random.default_rng(3)))
    assert found.ended == LEFT and found.last <= gone + 5


def test_it_stops_where_another_scene_begins() -> None:
    one, other = (moving.clip(name, 3, pictures=2) for name in moving.NAMES[:2])
    dark = [(255 - picture) // 3 for picture in other.pictures]
    found = follow([*one.pictures, *dark], 0, one.drawn(0, np.random.default_rng(4)))
    assert (found.last, found.ended) == (1, CUT)


def test_what_vanishes_at_once_is_lost_within_five_pictures(plate: moving.Moving) -> None:
    """The tracker alone goes on: nothing moves where the plate was, so that it sees no change but the plate."""
    left, top, right, bottom = plate.drawn(0, np.random.default_rng(5))
    without = plate.pictures[0].copy()
    without[top - 5 : bottom + 5, left - 5 : right + 5] = without[top - 40 : bottom - 30, left - 5 : right + 5]
    found = follow([plate.pictures[0]] * 3 + [without] * 8, 1, (left, top, right, bottom))
    assert found.ended == LOST and found.last <= 2 + 5


def test_a_stretch_has_a_longest_length(plate: moving.Moving) -> None:
    assert MOST <= 125 and max(max(reach) for reach in WAYS.values()) == MOST
    found = follow(plate.pictures, 20, plate.drawn(20, np.random.default_rng(1)), reach=(3, 3))
    assert (found.first, found.last, found.began, found.ended) == (17, 23, LONGEST, LONGEST)
    assert [tip[0] for tip in found.tips] == [17, 23]


def test_it_goes_on_from_where_it_ended_without_growing(plate: moving.Moving) -> None:
    """The positions are padded; what a further click starts from is not, or each would be twice as large."""
    first = follow(plate.pictures, 5, plate.drawn(5, np.random.default_rng(1)), reach=(0, 12))
    assert (first.first, first.last, first.began, first.ended) == (5, 17, JOINED, LONGEST)
    ((number, *tip),) = first.tips
    on = follow(plate.pictures, number, tip, reach=(0, 12))
    assert (on.first, on.last, on.began, on.ended) == (17, 29, JOINED, LONGEST)
    assert all(covered(on, plate.boxes[i], i) >= 0.9 for i in range(17, 30))
    ((_, left, top, right, bottom),), true = on.tips, plate.boxes[29]
    assert (right - left) * (bottom - top) <= 1.4 * (true[2] - true[0]) * (true[3] - true[1])
    back = follow(plate.pictures, number, tip, reach=(4, 0))
    assert (back.first, back.last, back.began, back.ended) == (13, 17, LONGEST, JOINED)


def test_it_stops_where_it_no_longer_fits(plate: moving.Moving) -> None:
    box = plate.drawn(20, np.random.default_rng(1))
    seen: list[int] = []

    def fits(number: int, moved: following.Box) -> bool:
        seen.append(number)
        assert abs(moved[0] - plate.boxes[number][0]) < 20, "in the picture of this number, in the plan's pixels"
        return 16 < number < 24

    found = follow(plate.pictures, 20, box, fits=fits, piece=3)
    assert (found.first, found.last, found.began, found.ended) == (17, 23, LARGE, LARGE) and found.tips == ()
    assert sorted(seen) == list(range(16, 20)) + list(range(21, 25))


def test_smaller_pictures_than_the_plans_are_followed_in_the_plans_pixels(plate: moving.Moving) -> None:
    box = tuple(2 * side for side in plate.drawn(20, np.random.default_rng(1)))
    found = followed(
        lambda first, count: plate.pictures[first : first + count], 20, box, pictures=23, size=(1280, 720), piece=2
    )
    assert found.last == 22
    assert covered(found, 2 * plate.boxes[22], 22) >= 0.9


@pytest.mark.parametrize(
    "box",
    [
        (-1, 0, 50, 50),
        (10, 10, 10, 50),
        (50, 10, 10, 50),
        (600, 10, 641, 50),
        (10, 300, 50, 361),
        (10, 10, 14, 14),
        (math.nan, 10, 50, 50),
        (10, 10, math.inf, 50),
        (10, 10, 10**40, 50),
    ],
)
def test_a_box_that_cannot_be_followed_is_refused(box: Any) -> None:
    with pytest.raises(InputError):
        follow([np.zeros((360, 640, 3), np.uint8)], 0, box)


def test_a_picture_without_any_pattern_breaks_nothing() -> None:
    found = follow([np.full((360, 640, 3), 90, np.uint8)] * 8, 4, (100, 100, 180, 160))
    assert 0 <= found.first <= 4 <= found.last <= 7


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_cover_holds_every_box_there_was(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 12))
    corner = st.tuples(st.floats(0, 500), st.floats(0, 300), st.floats(8, 100), st.floats(8, 50))
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in data.draw(st.lists(corner, min_size=n, max_size=n))])
    cover = following._cover(boxes)
    assert (cover[:, :2] <= boxes[:, :2]).all() and (cover[:, 2:] >= boxes[:, 2:]).all()
