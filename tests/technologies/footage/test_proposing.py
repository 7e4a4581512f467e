"""A proposal covers the faces of a made clip in every picture, marks all of it to review, and never skips two."""

from __future__ import annotations

import dataclasses
import io

import clips
import numpy as np
import pytest
from plans import boxes_by_picture

from peelian.errors import InputError
from peelian.technologies.footage.detector import face_detector
from peelian.technologies.footage.plan import Plan
from peelian.technologies.footage.proposing import Looking, proposed, seen_size

ITEM = "cd" * 32


def looking(**how: object) -> tuple[Looking, ...]:
    return (dataclasses.replace(Looking(detector=face_detector()), **how),)  # type: ignore[arg-type]


def wholly_covered(plan: Plan, faces: tuple[clips.Face, ...]) -> float:
    per = list(boxes_by_picture(plan))
    hits = [
        any(b[0] <= x0 and b[1] <= y0 and b[2] >= x1 and b[3] >= y1 for b in per[f.picture])
        for f in faces
        for x0, y0, x1, y1 in [f.box]
    ]
    return sum(hits) / len(hits)


@pytest.fixture(scope="module")
def clip() -> clips.Clip:
    return clips.clip(seed=4, pictures=30)


def test_every_face_of_every_picture_is_wholly_covered(clip: clips.Clip) -> None:
    plan = proposed(clip.open(), looking(), item=ITEM).plan
    assert (plan.width, plan.height, plan.pictures, plan.item) == (640, 360, 30, ITEM)
    assert wholly_covered(plan, clip.faces) == 1.0
    assert {t.state for t in plan.tracks} == {"to_review"} and {t.source for t in plan.tracks} == {"automatic"}
    assert len(plan.tracks) <= 4 and plan.milliseconds >= 1000
    assert plan.detector == face_detector().digest and not plan.reviewed


def test_a_fast_moving_small_face_is_covered_between_the_pictures_looked_at() -> None:
    made = clips.clip(seed=9, width=320, height=180, pictures=20, audio=False, sizes=(0.9,))
    assert wholly_covered(proposed(made.open(), looking(threshold=0.05), item=ITEM).plan, made.faces) == 1.0


def test_at_most_one_picture_is_skipped(clip: clips.Clip) -> None:
    with pytest.raises(InputError, match="at most one frame"):
        proposed(clip.open(), looking(every=3), item=ITEM)


def test_the_same_recording_gives_the_same_plan() -> None:
    made = clips.clip(seed=5, pictures=6, audio=False)
    assert proposed(made.open(), looking(), item=ITEM) == proposed(made.open(), looking(), item=ITEM)


def test_progress_rises_to_the_end() -> None:
    told: list[float] = []
    made = clips.written([np.zeros((48, 64, 3), np.uint8)] * 60)
    proposed(io.BytesIO(made), looking(), item=ITEM, progress=lambda says, share: told.append(share))
    assert told == sorted(told) and told[0] >= 0 and told[-1] <= 1


def test_full_size_is_the_pictures_own() -> None:
    assert seen_size(1920, 1080, full=True) == (1920, 1080)
    assert seen_size(3840, 2160, full=False) == (640, 360)
