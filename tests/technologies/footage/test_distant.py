"""Faces too small for the small picture are found at full size now and then, and followed in both directions."""

from __future__ import annotations

import crowds
import numpy as np
import pytest

from peelian.technologies.footage.measure.detector import (
    LOOK,
    NONE,
    Distant,
    doubted,
    face_detector,
    followed,
    overlaps,
    shifted,
    small_faces,
)

FACE = 14


@pytest.fixture(scope="module")
def scene() -> list[crowds.Shown]:
    """Two distant people in front of photographs, at 640 x 360; the camera is panned."""
    made = crowds.mixed_scene(6, face=FACE, pictures=LOOK + 5, far=2, near=(), photographs=True, size=(640, 360))
    return list(made)


def looked(scene: list[crowds.Shown], *, least: float = 28) -> Distant:
    distant = Distant(detector=face_detector(), least=least, threshold=0.1)
    for number, (picture, _) in enumerate(scene):
        if number % 2 == 0:
            distant.take(number, picture, NONE)
    return distant


def found(box: tuple[float, ...], boxes: np.ndarray) -> bool:
    return bool(len(boxes)) and bool((overlaps(np.array(box), boxes) > 0.3).any())


def test_a_look_finds_every_small_face_and_nothing_else(scene: list[crowds.Shown]) -> None:
    picture, faces = scene[0]
    boxes = small_faces(face_detector(), picture, least=28, threshold=0.1)
    assert len(boxes) == len(faces) == 2 and all(found(face.box, boxes) for face in faces)
    assert len(small_faces(face_detector(), picture, least=8, threshold=0.1)) == 0  # a large face belongs elsewhere


def test_faces_are_followed_through_the_pictures_between_two_looks(scene: list[crowds.Shown]) -> None:
    chains = looked(scene).finish()
    assert len(chains) == 2
    for number in range(0, len(scene), 2):
        boxes = np.array([box for chain in chains for at, box in chain if at == number])
        assert sum(found(face.box, boxes) for face in scene[number][1]) == 2, number
    for chain in chains:
        numbers = [at for at, _ in chain]
        assert numbers == sorted(set(numbers))


def test_a_face_that_comes_after_a_look_is_followed_back_to_where_it_came(scene: list[crowds.Shown]) -> None:
    empty = crowds.wall(640, 360)
    late = [(empty, ()) if number < 6 else shown for number, shown in enumerate(scene)]
    chains = looked(late).finish()
    firsts = sorted(chain[0][0] for chain in chains)
    assert len(chains) == 2 and firsts == [6, 6]


def test_what_the_small_picture_has_already_is_left_to_it(scene: list[crowds.Shown]) -> None:
    distant = Distant(detector=face_detector(), least=28, threshold=0.1)
    picture, faces = scene[0]
    left, top, right, bottom = faces[0].box
    distant.take(0, picture, np.array([[left - 20, top - 20, right + 20, bottom + 20, 0.9]], np.float32))
    assert len(distant.finish()) == 1


def test_a_face_that_is_gone_is_given_up(scene: list[crowds.Shown]) -> None:
    box = np.array([*scene[0][1][0].box, 0.9], np.float32)
    blank = np.full_like(scene[0][0], 120)
    held = [(number, scene[number][0] if number < 3 else blank) for number in range(12)]
    assert [at for at, _ in followed(face_detector(), box, held, threshold=0.05)] == [1, 2]


def test_a_weak_box_on_nothing_is_doubted_and_a_face_or_a_strong_box_is_not(scene: list[crowds.Shown]) -> None:
    picture, faces = scene[0]
    rows = [[*faces[0].box, 0.12], [500, 300, 530, 336, 0.12], [500, 300, 530, 336, 0.5]]
    told = doubted(face_detector(), picture, np.array(rows, np.float32), threshold=0.1)
    assert np.sign(told[:, 4]).tolist() == [1, -1, 1] and np.allclose(np.abs(told), rows)


def test_a_shift_is_that_of_its_own_place_and_not_of_the_rest() -> None:
    rng = np.random.default_rng(3)
    before = rng.integers(0, 255, (200, 300, 3), np.uint8)
    after = np.roll(before, (4, -9), axis=(0, 1))
    after[:, 200:] = before[:, 200:]
    here, there = (np.array([x, 90, x + 14, 104, 1], np.float32) for x in (80, 250))
    assert shifted(before, after, here).tolist() == [-9, 4] and shifted(before, after, there).tolist() == [0, 0]


@pytest.mark.parametrize("size", [(2, 2), (33, 31), (64, 20)])
def test_tiny_pictures_are_looked_at_too(size: tuple[int, int]) -> None:
    distant = Distant(detector=face_detector(), least=28, threshold=0.1)
    for number in range(0, LOOK + 2, 2):
        distant.take(number, np.zeros((size[1], size[0], 3), np.uint8), NONE)
    assert distant.finish() == []
