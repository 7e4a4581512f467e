"""Replaced spans hold nothing of the original; everything else stays sample for sample."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.footage.measure.plan import Span
from peelian.technologies.footage.measure.sound import MARGIN, TONE_HERTZ, TONE_LEVEL, replaced

RATE = 8_000


def noise(count: int = 80_000) -> np.ndarray:
    return np.random.default_rng(5).normal(0, 0.3, (2, count)).astype(np.float32)


def test_a_silenced_span_and_its_margin_are_zero_and_the_rest_is_untouched() -> None:
    sound = noise()
    made = replaced(sound, 0, RATE, [Span(start=3000, end=4000)])
    first, last = 3 * RATE - MARGIN, 4 * RATE + MARGIN
    assert not made[:, first:last].any()
    assert (made[:, :first] == sound[:, :first]).all() and (made[:, last:] == sound[:, last:]).all()
    assert sound[:, first:last].all()  # the original array was not changed


def test_a_tone_is_the_same_whatever_was_said() -> None:
    span = [Span(start=0, end=10_000, how="tone")]
    made = replaced(noise(), 0, RATE, span)
    assert (made == replaced(np.zeros_like(noise()), 0, RATE, span)).all()
    spectrum = np.abs(np.fft.rfft(made[0]))
    assert spectrum.argmax() * RATE / made.shape[1] == TONE_HERTZ
    assert abs(made).max() == pytest.approx(TONE_LEVEL)


def test_blocks_say_the_same_as_the_whole() -> None:
    spans = [Span(start=3000, end=3500, how="tone"), Span(start=6000, end=6100)]
    whole = replaced(noise(), 0, RATE, spans)
    blocks = [replaced(noise()[:, at : at + 1024], at, RATE, spans) for at in range(0, 80_000, 1024)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole)


def test_without_spans_nothing_is_copied() -> None:
    sound = noise(100)
    assert replaced(sound, 0, RATE, []) is sound
