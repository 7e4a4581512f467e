"""Made plates bear signs of their layout, in ink that stands out."""

from __future__ import annotations

import re

import numpy as np
import pytest

from peelian.technologies.footage.drawn_plates import LAYOUTS, TALL, WIDE, a_registration, drawn_plate


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_registration_has_the_signs_of_its_layout(layout: str) -> None:
    rng = np.random.default_rng(1)
    for line, form in zip(a_registration(rng, layout), LAYOUTS[layout].lines, strict=True):
        assert re.fullmatch(form.replace("A", "[A-Z]").replace("9", "[0-9]"), line)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ink_and_ground_differ_within_the_box(layout: str) -> None:
    rng = np.random.default_rng(1)
    made = drawn_plate(a_registration(rng, layout), layout, rng)
    left, top, right, bottom = made.box
    inner = made.pixels[round(top * TALL) : round(bottom * TALL), round(left * WIDE) : round(right * WIDE)]
    light = inner.mean(axis=2)
    assert light.max() - light.min() > 100
    assert made.cover[round(top * TALL) + 1, round(left * WIDE) + 2] == 1
