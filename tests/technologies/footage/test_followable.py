"""A drawn box is followed where it can be a face, a plate, a screen or a document, and never where it is a person."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.footage.measure.following import FOLLOWED, is_too_large, must_be_followable
from peelian.technologies.footage.measure.plan import CLASSES, Plan, Track
from peelian.technologies.footage.measure.tracking import padded

FACE = (600.0, 200.0, 640.0, 250.0)
"""A face as the detector boxes it, in a frame of 1280 by 720, in frames 10 to 20. It moves to the right by 100."""


def plan_with(*faces: tuple[float, float, float, float], **more: Any) -> Plan:
    tracks = []
    for number, face in enumerate(faces, 1):
        left, top, right, bottom = (round(side) for side in padded(np.array([face]))[0])
        keys = ((10, left, top, right, bottom), (20, left + 100, top, right + 100, bottom))
        tracks.append(dataclasses.replace(Track(id=number, score=900, keys=keys), **more))
    return Plan(item="ab" * 32, width=1280, height=720, pictures=50, milliseconds=2000, tracks=tuple(tracks))


PLAN = plan_with(FACE)
HEAD = (585, 180, 655, 265)  # with its hair
PERSON = (565, 175, 675, 560)
WIDER = (470, 170, 770, 565)  # the person with ground on both sides, so that the proportion is none of a person's
CHEST = (545, 175, 695, 390)  # head and chest
BELOW = (540, 262, 700, 560)  # all but the head


@pytest.mark.parametrize("what", FOLLOWED)
def test_a_head_is_followed_and_so_is_what_lies_beside_it(what: str) -> None:
    must_be_followable(PLAN, 10, what, HEAD)
    must_be_followable(PLAN, 10, what, (100, 500, 220, 530))


@pytest.mark.parametrize("what", FOLLOWED)
@pytest.mark.parametrize("box", [PERSON, WIDER, BELOW, (0, 0, 1280, 720)])
def test_a_person_is_not_followed_under_any_name(what: str, box: Any) -> None:
    with pytest.raises(InputError, match="draw the box around the face or plate; cover a whole person by hand"):
        must_be_followable(PLAN, 10, what, box)


def test_head_and_chest_are_no_face() -> None:
    assert is_too_large(PLAN, 10, "face", CHEST)


@pytest.mark.parametrize("what", [*sorted(set(CLASSES) - set(FOLLOWED)), "", "person", "FACE"])
def test_what_is_no_face_plate_screen_or_document_is_not_followed(what: str) -> None:
    with pytest.raises(InputError, match="only a face, a plate, a screen or a document"):
        must_be_followable(PLAN, 10, what, HEAD)


def test_without_a_known_face_the_proportion_tells_who_stands() -> None:
    """From behind, or before the first frame where the detector found them."""
    for number in (9, 21):
        assert is_too_large(PLAN, number, "face", PERSON)
        assert not is_too_large(PLAN, number, "screen", (600, 200, 640, 288)), "a telephone held upright"


def test_a_face_is_known_where_it_is_between_two_positions() -> None:
    there = (WIDER[0] + 100, WIDER[1], WIDER[2] + 100, WIDER[3])
    assert is_too_large(PLAN, 20, "document", there) and not is_too_large(PLAN, 10, "document", (820, 170, 1000, 400))


def test_a_face_counts_that_the_plan_drops_and_none_that_somebody_drew() -> None:
    box = (560, 180, 680, 320)
    assert is_too_large(plan_with(FACE, state="dropped"), 10, "face", box)
    assert not is_too_large(plan_with(FACE, source="manual", score=0), 10, "face", box)
    assert not is_too_large(plan_with(FACE, what="plate"), 10, "face", box)


def test_a_near_face_is_followed_before_a_far_one() -> None:
    """The larger of two faces in a box says how large it may be."""
    far = (620.0, 230.0, 628.0, 240.0)
    assert is_too_large(plan_with(far), 10, "face", HEAD)
    assert not is_too_large(plan_with(far, FACE), 10, "face", HEAD)


def test_a_document_shown_to_the_camera_is_followed() -> None:
    must_be_followable(PLAN, 10, "document", (570, 280, 690, 445))
    must_be_followable(PLAN, 10, "plate", (400, 500, 760, 590))


@given(st.sampled_from(FOLLOWED), st.floats(0, 900), st.floats(0, 400), st.floats(8, 380), st.floats(8, 320))
def test_what_is_followed_may_be_smaller(what: str, x: float, y: float, wide: float, tall: float) -> None:
    """Around one middle, in one proportion."""
    if not is_too_large(PLAN, 40, what, (x, y, x + wide, y + tall)):
        inner = (x + wide / 4, y + tall / 4, x + wide * 3 / 4, y + tall * 3 / 4)
        assert not is_too_large(PLAN, 40, what, inner)


def test_without_a_known_face_a_share_of_the_frame_is_the_limit() -> None:
    sixth, quarter = (0, 0, 480, 320), (0, 0, 640, 360)
    assert not is_too_large(PLAN, 40, "face", sixth) and is_too_large(PLAN, 40, "face", (0, 0, 481, 320))
    assert not is_too_large(PLAN, 40, "screen", quarter) and is_too_large(PLAN, 40, "screen", (0, 0, 641, 360))
