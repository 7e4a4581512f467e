"""A cut is found where a scene ends; a shaken camera and a flash are none."""

from __future__ import annotations

import clips
import crowds
import numpy as np

from peelian.technologies.footage.measure.tracking import Scenes, fields

SIZE = (640, 360)


def cuts_of(frames: list[np.ndarray]) -> list[int]:
    scenes = Scenes()
    for number, frame in enumerate(frames):
        scenes.take(number, frame)
    return scenes.cuts


def shots(*seeds: int, count: int = 6, shake: float = 1.0) -> list[np.ndarray]:
    return [
        canvas
        for seed in seeds
        for canvas, _ in crowds.mixed_scene(seed, pictures=count, size=SIZE, near=(0.9,), shake=shake)
    ]


def test_every_cut_is_found_at_the_first_picture_of_its_scene() -> None:
    assert cuts_of(shots(1, 2, 3, 4)) == [6, 12, 18]


def test_a_shaken_camera_makes_no_cut() -> None:
    assert cuts_of(shots(5, count=50, shake=3.0)) == []


def test_a_flash_and_a_dark_picture_make_no_cut() -> None:
    calm = shots(6, count=1)[0]
    flash, dark = ((calm * share + more).astype(np.uint8) for share, more in ((0.4, 140), (0.3, 0)))
    assert cuts_of([calm] * 4 + [flash] + [calm] * 4 + [dark] * 4 + [calm]) == []


def test_noise_on_a_plain_wall_makes_no_cut() -> None:
    rng = np.random.default_rng(1)
    walls = [rng.normal(90, 6, (360, 640, 3)).clip(0, 255).astype(np.uint8) for _ in range(8)]
    assert cuts_of(walls) == []


def test_small_and_odd_pictures_have_fields_too() -> None:
    for width, height in ((64, 48), (33, 17), (4, 2)):
        assert fields(np.zeros((height, width, 3), np.uint8)).shape == (9, 16)
    assert clips.background(np.random.default_rng(1), 64, 48).shape == (48, 64, 3)
