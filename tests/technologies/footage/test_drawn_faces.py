"""Made faces differ, lie in their boxes, and are darker the darker the tone."""

from __future__ import annotations

from itertools import product

import numpy as np

from peelian.technologies.footage.drawn_faces import AGES, SEXES, SIDE, TONES, a_head, drawn_face


def test_every_kind_can_be_drawn_and_has_skin_within_its_box() -> None:
    rng = np.random.default_rng(1)
    brightness = dict.fromkeys(TONES, 0.0)
    for sex, age, tone in product(SEXES, AGES, TONES):
        made = drawn_face(a_head(rng, sex, age, tone), rng)
        left, top, right, bottom = (round(at * SIDE) for at in made.box)
        assert 0 < left < right < SIDE and 0 < top < bottom < SIDE
        middle = (top + bottom) // 2
        assert made.cover[middle, left + 4 : right - 4].min() > 0.99, "covered from side to side"
        brightness[tone] += float(made.pixels[middle, left + 6 : right - 6].mean())
        assert np.isfinite(made.pixels).all() and made.pixels.max() <= 255
    assert list(brightness.values()) == sorted(brightness.values(), reverse=True)


def test_two_heads_of_one_kind_differ() -> None:
    rng = np.random.default_rng(2)
    one, other = (drawn_face(a_head(rng, "woman", "adult", "tone_3"), rng) for _ in range(2))
    assert np.abs(one.pixels - other.pixels).mean() > 5
