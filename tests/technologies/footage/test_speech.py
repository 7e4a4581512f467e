"""Speech is heard where a synthesiser speaks and nowhere else, in pieces of any length, with its gaps and faults."""

from __future__ import annotations

import io
from itertools import pairwise

import clips
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from spoken import needs_voice, spoken

from peelian.errors import InputError
from peelian.technologies.footage.measure.sound import PAUSE, _Listened, merged, speech_in
from peelian.technologies.footage.measure.sound import SPEECH_HERTZ as HERTZ
from peelian.technologies.footage.measure.sound import SPEECH_MARGIN as MARGIN


def recording(sound: NDArray[np.float32]) -> io.BytesIO:
    """A grey recording with this sound (float32[samples] at 48 kHz)."""
    pictures = max(2, int(len(sound) / clips.RATE * 5))
    frames = [np.full((48, 64, 3), 120, np.uint8)] * pictures
    return io.BytesIO(clips.written(frames, rate=5, sound=sound[None]))


def quiet(seconds: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(7)
    return rng.normal(0, 0.003, int(seconds * clips.RATE)).astype(np.float32)


@needs_voice
def test_two_sentences_are_two_stretches_where_they_were_said() -> None:
    said = spoken()
    length = len(said) / clips.RATE
    found = speech_in(recording(np.concatenate([quiet(2), said, quiet(3), said, quiet(2)])))
    starts = (2_000, 1000 * (5 + length))
    assert len(found) >= 2
    inside = [any(start - 500 <= a and b <= start + 1000 * length + 900 for start in starts) for a, b in found]
    assert all(inside), "speech is told where nobody spoke"
    for start in starts:
        heard = sum(b - a for a, b in found if start - 500 <= a <= start + 1000 * length)
        assert heard > 700 * length, "most of a sentence is missed"


def test_nothing_is_heard_in_noise_a_hum_or_silence() -> None:
    rng, t = np.random.default_rng(3), np.arange(6 * clips.RATE) / clips.RATE
    engine = (0.2 * np.sin(2 * np.pi * 90 * t) * (1 + 0.3 * rng.normal(size=len(t)))).astype(np.float32)
    for sound in (quiet(6), engine, np.zeros(6 * clips.RATE, np.float32)):
        assert speech_in(recording(sound)) == ()


def test_a_clip_without_sound_has_no_speech_and_no_recording_is_refused() -> None:
    deaf = clips.written([np.full((48, 64, 3), 120, np.uint8)] * 5, rate=5, sound=None)
    assert speech_in(io.BytesIO(deaf)) == ()
    with pytest.raises(InputError):
        speech_in(io.BytesIO(b"not a recording" * 100))


@needs_voice
def test_a_truncated_recording_is_refused_or_heard_as_far_as_it_goes() -> None:
    whole = recording(np.concatenate([quiet(1), spoken(), quiet(1)])).getvalue()
    for share in (0.5, 0.9):
        cut = io.BytesIO(whole[: int(len(whole) * share)])
        with pytest.raises(InputError):
            speech_in(cut)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=30), st.integers(0, 2**31))
def test_pieces_of_any_length_tell_the_same(lengths: list[int], seed: int) -> None:
    """A stand-in hears speech where samples are loud; cut anywhere, the stretches are the same."""
    rng = np.random.default_rng(seed)
    samples = np.repeat(rng.integers(0, 2, 60), 1_600).astype(np.float32)[: sum(lengths) * 10]

    def loud(piece: NDArray[np.float32]) -> float:
        return float(np.abs(piece).mean())

    whole, parts, at = _Listened(loud, 512), _Listened(loud, 512), 0
    whole.take(0.0, samples)
    for length in [*lengths, len(samples)]:
        parts.take(at / HERTZ, samples[at : at + length])
        at = min(len(samples), at + length)
        if at == len(samples):
            break
    found = whole.ended()
    assert parts.ended() == found
    assert all(a < b for a, b in found) and all(b < c for (_, b), (c, _) in pairwise(found))


def test_a_gap_in_the_sound_ends_speech_and_moves_the_clock() -> None:
    listened = _Listened(lambda piece: 1.0, 512)
    listened.take(0.0, np.ones(HERTZ, np.float32))
    listened.take(10.0, np.ones(HERTZ, np.float32))
    (first, second) = listened.ended()
    assert first[0] == 0 and abs(first[1] - 1000 - MARGIN) < 40
    assert abs(second[0] - 10_000 + MARGIN) < 40 and second[1] > 10_900


def test_margins_join_what_is_close() -> None:
    assert merged([(0, 300), (300 + 2 * MARGIN, 900)]) == ((0, 900 + MARGIN),)
    assert len(merged([(0, 300), (301 + 2 * MARGIN, 900)])) == 2
    assert PAUSE > MARGIN
