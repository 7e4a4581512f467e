"""Linking makes fewer boxes to review, uncovers nothing, and never goes over a cut."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.technologies.footage.measure.tracking import LINK_GAP, Part, joined, linked


def part(start: int, end: int, x: float, *, pace: float = 0.0, side: float = 50, score: float = 0.9) -> Part:
    """A box that moves sideways, seen in every second picture."""
    numbers = np.arange(start, end)
    left = x + pace * (numbers - start)
    boxes = np.stack([left, np.full(len(numbers), 100.0), left + side, np.full(len(numbers), 100 + side)], axis=1)
    return Part(start=start, boxes=boxes, numbers=numbers[::2], sights=boxes[::2], score=score)


def covers(parts: list[Part], number: int, box: np.ndarray) -> bool:
    """Whether one of the parts holds a box whole in a picture."""
    now = [p.boxes[number - p.start] for p in parts if p.start <= number < p.end]
    return any((b[:2] <= box[:2]).all() and (b[2:] >= box[2:]).all() for b in now)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(1, 60), st.floats(0, 600), st.floats(-6, 6), st.floats(10, 120)),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.integers(1, 150), max_size=3).map(sorted),
)
def test_what_the_parts_covered_stays_covered(
    drawn: list[tuple[int, int, float, float, float]], cuts: list[int]
) -> None:
    """Every box of every part lies whole in one linked box of the same picture; nothing is invented out of nowhere."""
    parts = [part(start, start + count, x, pace=pace, side=side) for start, count, x, pace, side in drawn]
    whole = linked(parts, cuts=cuts)
    assert 1 <= len(whole) <= len(parts)
    for one in parts:
        assert all(covers(whole, one.start + k, box) for k, box in enumerate(one.boxes))
    assert {p.start for p in whole} <= {p.start for p in parts} and {p.end for p in whole} <= {p.end for p in parts}


def test_a_face_that_comes_back_where_it_was_going_is_one() -> None:
    before = part(0, 41, 100, pace=5)
    after = part(80, 120, 100 + 5 * 80, pace=5)
    (whole,) = linked([before, after])
    assert (whole.start, whole.end) == (0, 120)
    assert covers([whole], 60, np.array([405.0, 102, 445, 148]))  # and it is covered on the way


def test_one_elsewhere_or_much_later_or_much_larger_is_another() -> None:
    first = part(0, 41, 100)
    assert len(linked([first, part(60, 90, 400)])) == 2
    assert len(linked([first, part(40 + LINK_GAP, 80 + LINK_GAP, 100)])) == 1
    assert len(linked([first, part(42 + LINK_GAP, 80 + LINK_GAP, 100)])) == 2
    assert len(linked([first, part(60, 90, 100, side=120)])) == 2


def test_doubles_of_one_face_are_one_and_neighbours_stay_two() -> None:
    assert len(linked([part(0, 60, 100), part(10, 30, 104, side=40), part(20, 50, 96)])) == 1
    assert len(linked([part(0, 60, 100), part(0, 60, 134)])) == 2  # both were often seen in one picture
    assert len(linked([part(0, 60, 100), part(29, 39, 134)])) == 1  # never in one picture: the box jumped aside


def test_two_who_cross_stay_two() -> None:
    assert len(linked([part(0, 100, 0, pace=6), part(0, 100, 600, pace=-6)])) == 2


def test_nothing_is_linked_over_a_cut() -> None:
    before, after = part(0, 41, 100), part(44, 80, 100)
    assert len(linked([before, after])) == 1
    assert len(linked([before, after], cuts=[42])) == 2
    assert len(linked([before, after], cuts=[44])) == 2
    assert len(linked([before, after], cuts=[45])) == 1  # the second was seen before that cut, too
    held = part(38, 80, 100)
    seen_after = Part(start=38, boxes=held.boxes, numbers=held.numbers[3:], sights=held.sights[3:], score=0.5)
    assert len(linked([before, seen_after], cuts=[42])) == 2  # their held boxes overlap; they are still two


def test_a_link_keeps_the_stronger_score_and_doubts_only_what_both_doubt() -> None:
    one, other = part(0, 20, 100, score=0.3), part(10, 30, 100, score=0.8)
    assert joined(one, other).score == 0.8 and not joined(one, other).doubted
    numbers = joined(one, other).numbers
    assert (np.diff(numbers) > 0).all() and set(numbers) == {*one.numbers, *other.numbers}
