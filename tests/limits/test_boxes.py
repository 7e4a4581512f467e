"""The review follows the box of a face or a thing for a few seconds. Attempts to have it follow a person."""

from __future__ import annotations

import inspect
import io
from contextlib import closing

import clips
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.technologies.footage.measure.following import FOLLOWED, LARGE, LONGEST, MOST, Followed, is_too_large
from peelian.technologies.footage.measure.plan import CLASSES, Plan, Track, as_bytes
from peelian.technologies.footage.proposal.review import Review

WIDTH, HEIGHT, PICTURES = 320, 180, 2 * MOST + 20
PERSON = (120, 40, 180, 160)
"""Twice as high as wide, so that the proportion alone is no person's."""
FACE = (140, 42, 160, 66)
SEEN_FROM = 40


def street() -> bytes:
    """A person who stands before a street, whose face the detector finds from some frame on."""
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (HEIGHT // 10, WIDTH // 10, 3), dtype=np.uint8)
    picture = np.ascontiguousarray(np.kron(small, np.ones((10, 10, 1), dtype=np.uint8)))
    return clips.written([picture] * PICTURES, rate=25)


@pytest.fixture(scope="module")
def recording() -> bytes:
    return street()


def opened(recording: bytes, kept: list[bytes], *tracks: Track) -> Review:
    plan = Plan(item="ab" * 32, width=WIDTH, height=HEIGHT, pictures=PICTURES, milliseconds=10_000, tracks=tracks)
    desk = ReviewerDesk(by="cd" * 10, now=lambda: "", keep=kept.append, viewed=lambda role: None, done=lambda: None)
    return Review({"item": io.BytesIO(recording), "plan": io.BytesIO(as_bytes(plan))}, desk)


def face(first: int) -> Track:
    return Track(id=1, score=900, keys=((first, *FACE), (PICTURES - 1, *FACE)))


def test_a_person_under_each_name_of_a_thing(recording: bytes) -> None:
    with closing(opened(recording, [], face(0))) as review:
        for what in CLASSES:
            with pytest.raises(InputError):
                review.follow(50, PERSON, what=what)


def test_a_person_drawn_before_their_face_is_seen(recording: bytes) -> None:
    with closing(opened(recording, [], face(SEEN_FROM))) as review:
        found = review.follow(20, PERSON, what="document", way="onward")
        assert (found.last, found.ended, found.tips) == (SEEN_FROM - 1, LARGE, ())


def test_a_face_from_end_to_end_takes_a_look_every_five_seconds(recording: bytes) -> None:
    """It remains possible, as a face must be covered to its end: a click for each stretch, the positions in a plan."""
    kept: list[bytes] = []
    with closing(opened(recording, kept)) as review:
        at, box, answers = 0, FACE, []
        while not answers or answers[-1].tips:
            answers.append(review.follow(at, box, what="face", way="onward"))
            for tip in answers[-1].tips:
                at, box = tip[0], tip[1:]
        assert [one.ended for one in answers] == [LONGEST, LONGEST, "end"]
        assert all(one.last - one.first <= MOST for one in answers)
        assert kept == [], "nothing is kept but by the form"


def test_small_boxes_laid_over_a_person(recording: bytes) -> None:
    """It remains possible: each is followed alone, for one stretch, and no answer says that they belong together."""
    with closing(opened(recording, [], face(0))) as review:
        left, top, right, _ = PERSON
        tiles = [(left, top + 30 * k, right, top + 30 * (k + 1)) for k in (1, 2)]
        answers = [review.follow(0, tile, what="document", way="onward") for tile in tiles]
    assert all(one.last - one.first <= MOST for one in answers)
    assert {name for name, _ in inspect.getmembers(Followed) if not name.startswith("_")} == {
        "began", "ended", "first", "keys", "last", "tips",
    }  # fmt: skip


@given(
    st.sampled_from(FOLLOWED),
    st.tuples(st.floats(8, 60), st.floats(1.0, 1.6), st.floats(100, 200), st.floats(10, 60)),
    st.floats(3.5, 9),
    st.floats(0, 0.9),
)
def test_no_box_of_a_known_face_and_its_body_is_followed(
    what: str, of: tuple[float, float, float, float], heights: float, off: float
) -> None:
    """However wide it is drawn: from half a head above the chin, or higher, down to the hips, or lower."""
    wide, tall, x, y = of[0], of[0] * of[1], of[2], of[3]
    box = tuple(round(side) for side in (x - wide / 2, y, x + wide / 2, y + tall))
    plan = Plan(
        item="ab" * 32,
        width=WIDTH,
        height=HEIGHT,
        pictures=2,
        milliseconds=80,
        tracks=(Track(id=1, score=900, keys=((0, *box), (1, *box))),),  # type: ignore[arg-type]
    )
    body = (x - 1.1 * wide, y + off * tall, x + 1.1 * wide, y + (off + heights) * tall)
    assert is_too_large(plan, 0, what, body)
