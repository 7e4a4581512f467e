"""SVG text: escaped, bounded, without ids, styles or scripts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.pictures.svg import (
    MARKERS,
    drawing,
    hatch,
    luminance,
    marker,
    path,
    readable_on,
    shade,
    tag,
    text_width,
    words,
    wrapped,
)


def test_labels_and_attributes_are_escaped() -> None:
    text = words(0, 0, '<script>alert("x")</script>') + tag("g", aria_label='"><script>')
    assert "<script" not in text and "&lt;script&gt;" in text


def test_a_drawing_names_itself_and_is_one_image() -> None:
    svg = drawing(100, ["<g/>"], title="A & B", description="It rises.")
    assert svg.startswith("<svg ")
    assert 'role="img"' in svg and "<title>A &amp; B</title>" in svg and "<desc>It rises.</desc>" in svg
    assert " style=" not in svg and " id=" not in svg


def test_nan_lifts_the_pen() -> None:
    x, y = np.arange(5.0), np.array([1, 2, np.nan, 3, 4.0])
    assert path(x, y) == "M0.0 1.0L1.0 2.0M3.0 3.0L4.0 4.0"


@given(st.text(max_size=80), st.floats(min_value=20, max_value=400))
def test_wrapped_lines_lose_no_word_and_keep_to_their_room(text: str, room: float) -> None:
    lines = wrapped(text, room)
    assert lines
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_long_label_is_wrapped_within_its_room() -> None:
    assert all(text_width(part) < 140 for part in wrapped("Neighbourhoods of the north-eastern suburbs", 120))


@pytest.mark.parametrize("shape", MARKERS)
def test_every_marker_draws_a_different_mark(shape: str) -> None:
    drawn = {marker(other, 10, 10, 0) for other in MARKERS}
    assert len(drawn) == len(MARKERS) and marker(shape, 10, 10, 0) in drawn


def test_the_ramp_darkens_steadily_so_that_order_survives_grey_printing() -> None:
    lights = [luminance(shade(share)) for share in np.linspace(0, 1, 101)]
    assert all(a > b for a, b in pairwise(lights))


@given(st.floats(min_value=0, max_value=1))
def test_text_on_the_ramp_has_the_contrast_wcag_asks_for(share: float) -> None:
    ground = luminance(shade(share))
    text = 0.0 if readable_on(shade(share)) == "#000000" else 1.0
    assert (max(ground, text) + 0.05) / (min(ground, text) + 0.05) >= 4.5


def test_hatching_stays_within_its_rectangle() -> None:
    numbers = [float(n) for n in hatch(10, 20, 30, 15).replace("M", " ").replace("L", " ").split()]
    assert min(numbers[::2]) >= 10 and max(numbers[::2]) <= 40
    assert min(numbers[1::2]) >= 20 and max(numbers[1::2]) <= 35
