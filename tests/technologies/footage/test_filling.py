"""A filled box holds nothing of the picture, everything else stays, and a blur stays inside its box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.technologies.footage.measure.recording import Picture
from peelian.technologies.footage.redaction.redacting import BLACK, GREY, covered


def picture(seed: int = 1, width: int = 32, height: int = 20) -> Picture:
    rng = np.random.default_rng(seed)
    shapes = [(height, width), (height // 2, width // 2), (height // 2, width // 2)]
    first, *rest = (rng.integers(0, 256, shape).astype(np.uint8) for shape in shapes)
    return Picture(number=0, at=0, planes=(first, rest[0], rest[1]))


BOXES = st.tuples(*(st.integers(-10, 50) for _ in range(4)))


@given(BOXES)
def test_inside_is_black_and_outside_is_as_it_was(box: tuple[int, int, int, int]) -> None:
    before, after = picture(), picture()
    covered(after, [box])
    left, top, right, bottom = box
    y, x = np.mgrid[: after.height, : after.width]
    inside = (x >= left) & (x < right) & (y >= top) & (y < bottom)
    assert (after.planes[0][inside] == BLACK).all()
    changed = after.planes[0] != before.planes[0]
    near = (x >= left - 1) & (x < right + 1) & (y >= top - 1) & (y < bottom + 1)
    assert not changed[~near].any()
    for plane in after.planes[1:]:
        assert (plane[inside[::2, ::2]] == GREY).all()


def test_two_pictures_filled_alike_cannot_be_told_apart() -> None:
    """Nothing of what was there can be recovered: the box is the same whatever was under it."""
    one, two = picture(1), picture(2)
    for made in (one, two):
        covered(made, [(0, 0, 32, 20)])
    assert all((a == b).all() for a, b in zip(one.planes, two.planes, strict=True))


@pytest.mark.parametrize("box", [(4, 4, 5, 5), (0, 0, 32, 20), (7, 3, 29, 17)])
def test_a_blur_smooths_its_box_only(box: tuple[int, int, int, int]) -> None:
    before, after = picture(), picture()
    covered(after, [box], method="blur")
    left, top, right, bottom = box[0] - box[0] % 2, box[1] - box[1] % 2, box[2] + box[2] % 2, box[3] + box[3] % 2
    changed = np.ones((20, 32), bool)
    changed[top:bottom, left:right] = False
    assert (after.planes[0][changed] == before.planes[0][changed]).all()
    if right - left > 10:
        inside = after.planes[0][top:bottom, left:right]
        assert inside.std() < before.planes[0][top:bottom, left:right].std() / 3
