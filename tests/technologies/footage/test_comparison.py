"""A copy counts as looked through once every piece of every stretch was shown from the copy, sound and all."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Iterator

import clips
import pytest

from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.technologies.footage.example import example_clip, example_plan
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.plan import Plan, as_bytes
from peelian.technologies.footage.redaction.comparison import RECORDING, SAMPLED, SOUND, Comparison
from peelian.technologies.footage.redaction.redacting import redacted


def compared(plan: Plan, viewed: list[str], clip: bytes | None = None) -> Comparison:
    copy, clip = io.BytesIO(), clip or example_clip()
    redacted(io.BytesIO(clip), copy, plan, item=plan.item)
    files = {"item": io.BytesIO(clip), "plan": io.BytesIO(as_bytes(plan)), "redacted": copy}
    desk = ReviewerDesk(by="cd" * 10, now=str, keep=len, viewed=viewed.append, done=lambda: viewed.append("closed"))
    return Comparison(files, desk)


def plan() -> Plan:
    stream = example_plan().stream
    assert stream is not None
    return read_plan(stream)


@pytest.fixture
def viewed() -> list[str]:
    return []


@pytest.fixture
def open_copy(viewed: list[str]) -> Iterator[Comparison]:
    made = compared(plan(), viewed)
    yield made
    made.close()


def test_the_copy_differs_from_the_original_where_it_is_covered(open_copy: Comparison) -> None:
    frame = open_copy.stretches[0].first
    assert open_copy.picture(frame) != open_copy.original(frame)
    assert open_copy.picture(frame).startswith(b"\xff\xd8") and open_copy.original_sound(0).startswith(b"RIFF")


def test_nothing_counts_before_it_was_shown_from_the_copy(open_copy: Comparison, viewed: list[str]) -> None:
    box = next(one for one in open_copy.stretches if one.what != SOUND)
    every = set(box.left)
    for frame in every:
        open_copy.original(frame)
        open_copy.original_sound(frame)
    assert box.left == every and len(every) == box.pieces
    open_copy.picture(box.last)  # the last frame is of the last piece alone
    assert every - box.left == {max(every)} and viewed == []


def test_everything_must_be_looked_at_and_listened_to(open_copy: Comparison, viewed: list[str]) -> None:
    kinds = {one.what for one in open_copy.stretches}
    assert SOUND in kinds and len(kinds) > 1
    for frame in range(open_copy.plan.pictures):
        open_copy.picture(frame)
    assert open_copy.left >= 0 and viewed == [], "the replaced sound was not heard"
    while open_copy.left >= 0:
        open_copy.sound(open_copy.left)
    assert viewed == ["redacted"]
    open_copy.picture(0)
    assert viewed == ["redacted"], "it is said once"


def test_a_dropped_suggestion_is_looked_at_too(viewed: list[str]) -> None:
    dropped = tuple(dataclasses.replace(track, state="dropped") for track in plan().tracks)
    made = compared(dataclasses.replace(plan(), tracks=dropped, sound=()), viewed)
    assert made.left >= 0 and {one.state for one in made.stretches} == {"dropped", SAMPLED}
    made.close()


def test_a_copy_without_changes_must_still_be_opened_at_a_frame(viewed: list[str]) -> None:
    made = compared(dataclasses.replace(plan(), tracks=(), sound=()), viewed)
    assert made.left == 0 and viewed == []
    made.picture(0)
    assert viewed == ["redacted"]
    made.close()


def test_of_the_whole_recording_a_frame_every_five_seconds_is_looked_at(viewed: list[str]) -> None:
    """A face that nobody covered lies in no box."""
    clip = clips.clip(pictures=36, rate=3, audio=False)
    bare = dataclasses.replace(
        plan(),
        item=hashlib.sha256(clip.data).hexdigest(),
        width=clip.width,
        height=clip.height,
        pictures=36,
        tracks=(),
        sound=(),
    )
    made = compared(bare, viewed, clip.data)
    (whole,) = made.stretches
    assert (whole.what, whole.pieces, sorted(whole.left)) == (RECORDING, 3, [0, 15, 30])
    for frame in (1, 16):
        made.picture(frame)
    assert made.left == 30 and viewed == []
    made.picture(35)
    assert viewed == ["redacted"]
    made.close()
