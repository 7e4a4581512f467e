"""Soft shapes cover what they say, and resizing keeps means."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.footage.drawing import blank, block, ellipse, inside, paint, resized


def test_a_painted_ellipse_has_its_area_and_colour() -> None:
    canvas = blank(100, 200)
    paint(canvas, inside(ellipse(canvas, 0, 0, 0.5, 0.25), canvas.edge), (10, 20, 30))
    assert canvas.cover.sum() / (100 * 100) == pytest.approx(
        np.pi * 0.5 * 0.25, rel=0.02
    )  # half canvases of 100 pixels
    assert canvas.pixels[50, 100].tolist() == [10, 20, 30] and not canvas.cover[0].any()


def test_paint_lies_over_paint_as_far_as_it_covers() -> None:
    canvas = blank(10, 10)
    paint(canvas, np.ones((10, 10), np.float32), (100, 100, 100))
    paint(canvas, np.full((10, 10), 0.25, np.float32), (200, 0, 100))
    assert canvas.pixels[5, 5].tolist() == [125, 75, 100]
    paint(canvas, inside(block(canvas, -1, -1, 0, 1), 1e-3), np.zeros((10, 10, 3), np.float32))
    assert canvas.pixels[5, 0].tolist() == [0, 0, 0] and canvas.pixels[5, 9].tolist() == [125, 75, 100]


@pytest.mark.parametrize("size", [(7, 3), (40, 55), (20, 30)])
def test_resizing_keeps_the_mean(size: tuple[int, int]) -> None:
    values = np.random.default_rng(1).random((20, 30, 3), dtype=np.float32)
    made = resized(values, *size)
    assert made.shape == (*size, 3)
    np.testing.assert_allclose(made.mean(axis=(0, 1)), values.mean(axis=(0, 1)), rtol=1e-4)
