"""The contact sheet shows the original at the left and the copy at the right, evenly spread."""

from __future__ import annotations

import io

import clips
import numpy as np
import pytest
from PIL import Image

from peelian.technologies.footage.redaction.contact_sheet import MARGIN, WIDE, contact_sheet, rgb_png


def shown(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)))


def test_a_png_holds_the_pixels() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3)).astype(np.uint8)
    assert (shown(rgb_png(pixels)) == pixels).all()


@pytest.mark.parametrize("count", [1, 3, 20])
def test_left_is_before_and_right_is_after(count: int) -> None:
    white = clips.written([np.full((48, 64, 3), 255, np.uint8)] * count)
    black = clips.written([np.zeros((48, 64, 3), np.uint8)] * count)
    sheet = shown(contact_sheet(io.BytesIO(white), io.BytesIO(black), count=count, pairs=4))
    rows, tall = min(count, 4), round(WIDE * 48 / 64)
    assert sheet.shape == (rows * (tall + MARGIN) + MARGIN, 2 * WIDE + 3 * MARGIN, 3)
    for row in range(rows):
        middle = MARGIN + row * (tall + MARGIN) + tall // 2
        assert sheet[middle, MARGIN + 20].min() > 230 and sheet[middle, 2 * MARGIN + WIDE + 20].max() < 25
