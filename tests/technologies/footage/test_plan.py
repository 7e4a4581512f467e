"""A plan says where boxes are in each picture, has one spelling, and knows whether a person reviewed it."""

from __future__ import annotations

import dataclasses

import pytest
from plans import MOVING, PLAN, STILL, box_at, boxes_by_picture

from peelian.errors import InputError
from peelian.technologies.footage.measure.plan import Cover, must_be_reviewed, must_fit, reviewed


def test_boxes_move_straight_between_keys_and_round_outwards() -> None:
    assert box_at(MOVING, 1) is None and box_at(MOVING, 7) is None
    assert box_at(MOVING, 2) == (0, 0, 10, 10) and box_at(MOVING, 6) == (8, 4, 19, 15)
    assert box_at(MOVING, 3) == (2, 1, 13, 12)


def test_a_cover_asked_in_order_says_what_each_track_says() -> None:
    for number, boxes in enumerate(boxes_by_picture(PLAN)):
        assert set(boxes) == {b for t in (MOVING, STILL) if (b := box_at(t, number))}


def test_dropped_tracks_cover_nothing() -> None:
    assert Cover(PLAN).at(0) == []


def test_a_plan_is_reviewed_by_a_person_once_nothing_is_left() -> None:
    with pytest.raises(InputError, match="1 boxes are still marked to review"):
        must_be_reviewed(PLAN)
    done = reviewed(PLAN, by="ab" * 10, at="2026-11-24T10:00:00Z")
    must_be_reviewed(done)
    assert [t.state for t in done.tracks] == ["kept", "kept", "dropped"]
    must_be_reviewed(dataclasses.replace(done, method="blur", reason="court_order"))
    with pytest.raises(InputError, match="reason for blurring missing"):
        must_be_reviewed(dataclasses.replace(done, method="blur"))


def test_a_plan_fits_only_its_own_recording() -> None:
    must_fit(PLAN, {"width": 100, "height": 80}, item="ab" * 32)
    with pytest.raises(InputError, match="another recording"):
        must_fit(PLAN, {"width": 100, "height": 80}, item="cd" * 32)
    with pytest.raises(InputError, match="width"):
        must_fit(PLAN, {"width": 80, "height": 100}, item="ab" * 32)
