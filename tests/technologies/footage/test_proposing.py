"""A proposal covers the faces of a made clip in every picture, marks all of it to review, and never skips two."""

from __future__ import annotations

import dataclasses
import io

import clips
import crowds
import numpy as np
import pytest
from plans import boxes_by_picture
from sizes import size

from peelian.errors import InputError
from peelian.technologies.footage.measure.detector import face_detector
from peelian.technologies.footage.measure.plan import Plan
from peelian.technologies.footage.proposal.search import Looking, least_found, look_size, proposed, seen_size

ITEM = "cd" * 32


def looking(**how: object) -> Looking:
    return dataclasses.replace(Looking(detector=face_detector()), **how)  # type: ignore[arg-type]


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


def half_covered(plan: Plan, faces: tuple[clips.Face, ...]) -> float:
    """The share of faces of which one box holds half or more."""
    per = list(boxes_by_picture(plan))
    return float(np.mean([any(_share(b, f.box) >= 0.5 for b in per[f.picture]) for f in faces]))


def _share(box: tuple[int, ...], face: tuple[float, ...]) -> float:
    wide = min(box[2], face[2]) - max(box[0], face[0])
    tall = min(box[3], face[3]) - max(box[1], face[1])
    return max(0.0, wide) * max(0.0, tall) / ((face[2] - face[0]) * (face[3] - face[1]))


def test_distant_faces_are_covered_in_every_picture_and_only_in_the_default() -> None:
    shown = size(15, 36)
    made = crowds.recorded(crowds.mixed_scene(5, pictures=shown, near=(0.9,), photographs=True))
    far = tuple(face for face in made.faces if face.who >= crowds.FAR)
    both, small = (proposed(made.open(), looking(distant=on), item=ITEM).plan for on in (True, False))
    assert len(far) == 4 * shown and half_covered(both, far) >= 0.95
    assert half_covered(small, far) < 0.6
    near = tuple(face for face in made.faces if face.who < crowds.FAR)
    assert wholly_covered(both, near) == wholly_covered(small, near) == 1.0


def test_seven_people_who_cross_are_few_boxes_and_all_covered() -> None:
    made = crowds.recorded(crowds.crossing_scene(2, pictures=size(40, 75)))
    plan = proposed(made.open(), looking(), item=ITEM).plan
    assert len(plan.tracks) <= size(11, 15) and half_covered(plan, made.faces) >= 0.995


def test_no_box_goes_over_a_cut_every_second() -> None:
    """Four scenes of half a second: a face covered in one may be held a few pictures into the next, and no longer."""
    shots = [list(crowds.mixed_scene(seed, pictures=12, near=(0.9,), far=0)) for seed in (1, 2, 3, 4)]
    made = crowds.recorded(shown for shot in shots for shown in shot)
    plan = proposed(made.open(), looking(distant=False), item=ITEM).plan
    assert all(track.last // 12 - max(0, track.first + 4) // 12 <= 1 for track in plan.tracks)
    longest = max(track.last - track.first + 1 for track in plan.tracks)
    assert len(plan.tracks) >= 4 and longest <= 12 + 8
    faces = tuple(
        dataclasses.replace(f, picture=12 * k + f.picture) for k, s in enumerate(shots) for _, fs in s for f in fs
    )
    assert wholly_covered(plan, faces) >= 0.99


def test_sixty_people_in_one_picture_are_all_covered() -> None:
    canvas = crowds.wall(1280, 720).copy()
    faces = [
        clips.Face(
            picture=at,
            who=10 * row + column,
            box=crowds.put(canvas, row + column, 24, 20 + 124 * column, 15 + 115 * row),
        )
        for row in range(6)
        for column in range(10)
        for at in range(3)
    ]
    made = io.BytesIO(clips.written([canvas] * 3))
    plan = proposed(made, looking(), item=ITEM).plan
    assert len(faces) == 180 and half_covered(plan, tuple(faces)) >= 0.99
    assert 60 <= len(plan.tracks) <= 66


def test_4k_is_looked_at_in_bounded_size_and_its_faces_are_covered() -> None:
    assert look_size(3840, 2160) == (1920, 1080) and least_found(3840, 2160, "distant") == 28
    scene = crowds.mixed_scene(5, face=30, pictures=3, near=(), far=3, photographs=True, size=(3840, 2160))
    made = crowds.recorded(scene)
    assert half_covered(proposed(made.open(), looking(), item=ITEM).plan, made.faces) == 1.0


def test_distant_faces_of_a_turned_recording_with_a_variable_rate_are_covered_upright() -> None:
    shown = list(crowds.mixed_scene(5, pictures=6, near=(), far=3, photographs=True))
    lying = [np.ascontiguousarray(np.rot90(canvas)) for canvas, _ in shown]
    data = clips.turned(clips.written(lying, times=[0, 40, 90, 400, 410, 500]), 90)
    plan = proposed(io.BytesIO(data), looking(), item=ITEM).plan
    faces = tuple(face for _, faces in shown for face in faces)
    assert (plan.width, plan.height, plan.pictures) == (1280, 720, 6) and half_covered(plan, faces) >= 0.95


@pytest.mark.parametrize(
    ("looked", "width", "height", "least"),
    [("distant", 1280, 720, 14), ("small", 1280, 720, 28), ("full", 3840, 2160, 14), ("small", 320, 240, 14)],
)
def test_from_which_size_on_faces_are_found_follows_the_size_that_is_looked_at(
    looked: str, width: int, height: int, least: int
) -> None:
    assert least_found(width, height, looked) == least
