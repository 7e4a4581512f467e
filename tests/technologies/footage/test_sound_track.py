"""A sound stream keeps its length and its place: gaps become silence, odd rates become one that AAC knows."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import clips
import numpy as np
import pytest

from peelian.technologies.footage.measure.plan import Span
from peelian.technologies.footage.measure.sound import sound_track


def passed(data: bytes, spans: tuple[Span, ...] = ()) -> tuple[np.ndarray, int]:
    """The sound of a recording after its way, and its rate."""
    file = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(file, mode="w", format="mp4") as out:
        (stream,) = source.streams.audio
        way = sound_track(out, stream, spans, start=Fraction(0))
        for packet in source.demux(stream):
            for heard in packet.decode():
                way.take(heard)
        way.finish()
    with av.open(io.BytesIO(file.getvalue())) as opened:
        frames = list(opened.decode(audio=0))
        return np.concatenate([f.to_ndarray() for f in frames], axis=1), frames[0].sample_rate


def wav(rate: int, channels: int = 1, seconds: float = 1.0) -> bytes:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    t = np.arange(int(rate * seconds)) / rate
    sound = np.tile(0.3 * np.sin(2 * np.pi * 440 * t), (channels, 1))
    file = io.BytesIO()
    with av.open(file, mode="w", format="matroska") as out:
        stream = out.add_stream("pcm_s16le", rate=rate, layout=layout)
        values = (sound.T.reshape(1, -1) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(values), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (16_000, 2), (44_100, 2), (48_000, 6), (9_000, 1)])
def test_length_and_pitch_stay(rate: int, channels: int) -> None:
    sound, made = passed(wav(rate, channels))
    assert made == (rate if rate != 9_000 else 48_000)
    assert sound.shape[1] / made == pytest.approx(1.0, abs=0.3)
    spectrum = np.abs(np.fft.rfft(sound[0, : made // 2 * 2]))
    assert spectrum.argmax() * made / (made // 2 * 2) == pytest.approx(440, abs=5)


def test_a_silenced_whole_is_silent() -> None:
    sound, _ = passed(wav(16_000), (Span(start=0, end=10_000),))
    assert not sound.any()


def test_a_gap_becomes_silence_so_that_later_sound_keeps_its_place() -> None:
    first = clips.voice(0.5)
    file = io.BytesIO()
    with av.open(file, mode="w", format="matroska") as out:
        stream = out.add_stream("pcm_f32le", rate=clips.RATE, layout="mono")
        for at in (0, 2 * clips.RATE):
            frame = av.AudioFrame.from_ndarray(first, format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = clips.RATE, at, Fraction(1, clips.RATE)
            out.mux(stream.encode(frame))
    sound, rate = passed(file.getvalue())
    loud = np.abs(sound[0]) > 0.02
    assert not loud[int(0.6 * rate) : int(1.9 * rate)].any()
    assert loud[int(2.1 * rate) : int(2.4 * rate)].any() and sound.shape[1] >= 2.4 * rate
