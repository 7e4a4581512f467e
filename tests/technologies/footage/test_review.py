"""A review hands out what a page shows and keeps one reviewed plan, signed with the person's token and the time."""

from __future__ import annotations

import dataclasses
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.technologies.footage.example import example_clip, example_plan
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.plan import as_bytes, plan_from
from peelian.technologies.footage.proposal import review as module
from peelian.technologies.footage.proposal.review import Review


def open_review(kept: list[bytes]) -> Review:
    dataset = example_plan()
    assert dataset.stream is not None
    plan = read_plan(dataset.stream)
    waiting = tuple(dataclasses.replace(t, state="to_review") for t in plan.tracks)
    proposal = dataclasses.replace(plan, tracks=waiting, reviewer="", reviewed_at="")
    files = {"item": io.BytesIO(example_clip()), "plan": io.BytesIO(as_bytes(proposal))}
    now = "2026-11-24T10:00:00Z"
    desk = ReviewerDesk(
        by="cd" * 10, now=lambda: now, keep=kept.append, viewed=lambda role: None, done=lambda: kept.append(b"closed")
    )
    return Review(files, desk)


def test_pictures_sound_and_rate_are_handed_out() -> None:
    review = open_review([])
    assert review.picture(5).startswith(b"\xff\xd8") and review.sound(0).startswith(b"RIFF")
    assert round(review.rate) == 12 and len(review.form().rows) == 3
    assert review.times[:2] == [0, 83] and [s.start for s in review.form().spans] == ["0.3", "", ""]
    review.close()


def test_a_box_is_followed_one_at_a_time_and_never_after_closing() -> None:
    review = open_review([])
    found = review.follow(4, (10, 14, 32, 34), what="face")
    assert found.first <= 4 <= found.last and found.keys.shape[1] == 5
    stretch, waiting, going_on = review._stretch, threading.Event(), threading.Event()

    def slow(first: int, count: int) -> Any:
        waiting.set()
        going_on.wait(10)
        return stretch(first, count)

    review._stretch = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor() as pool:
        one = pool.submit(review.follow, 4, (10, 14, 32, 34), what="face")
        assert waiting.wait(10)
        with pytest.raises(InputError, match="another box"):
            review.follow(4, (10, 14, 32, 34), what="face")
        assert review.picture(3).startswith(b"\xff\xd8"), "pictures are handed out meanwhile"
        review.close()
        going_on.set()
        with pytest.raises(InputError, match="review closed"):
            one.result()


def test_a_whole_person_is_not_followed_and_no_direction_is_made_up() -> None:
    review = open_review([])
    for box, what in (((4, 4, 60, 44), "face"), ((10, 14, 32, 34), "body"), ((10, 14, 32, 34), "other")):
        with pytest.raises(InputError, match="cover a whole person by hand"):
            review.follow(4, box, what=what)
    with pytest.raises(InputError, match="no such direction"):
        review.follow(4, (10, 14, 32, 34), what="face", way="everywhere")
    found = review.follow(4, (10, 14, 32, 34), what="face", way="onward")
    assert (found.first, found.began) == (4, "joined")
    review.close()


def test_what_grows_into_a_person_is_followed_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    """The box is judged in each picture that it goes through, by the plan's faces there."""
    review = open_review([])
    judged: list[int] = []

    def too_large(plan: Any, number: int, what: str, box: Any) -> bool:
        judged.append(number)
        return number > 6

    monkeypatch.setattr(module, "is_too_large", too_large)
    found = review.follow(4, (10, 14, 32, 34), what="face")
    assert (found.last, found.ended) == (6, "large") and 7 in judged and 3 in judged
    review.close()


def test_what_was_confirmed_is_kept_under_the_persons_token() -> None:
    kept: list[bytes] = []
    review = open_review(kept)
    row = review.form().rows[0]
    fields = {"looked": ["yes"], "t1.keys": [row.keys], "t1.state": ["to_review"], "t1.what": ["plate"]}
    review.confirm(fields)
    plan = plan_from(kept[0])
    assert plan.reviewed and (plan.reviewer, plan.reviewed_at) == ("cd" * 10, "2026-11-24T10:00:00Z")
    assert plan.tracks[0].what == "plate" and plan.tracks[0].state == "kept"
    review.close()
