"""One sound stream in a redaction: decoded, made gapless, spans replaced, encoded as AAC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.footage.extras import library
from peelian.technologies.footage.plan import Span
from peelian.technologies.footage.sound import replaced

RATES = frozenset({8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000})
_OTHERWISE = 48_000
_BLOCK = 48_000  # samples of silence written at once where the recording has none
_MOST_GAP = 24 * 3_600  # seconds
_TOLERANCE = 1_024  # samples by which times may be off before a gap is believed


class SoundTrack:
    """Takes the decoded sound of one stream and writes its replaced sound. Memory: one block, however long it is."""

    def __init__(self, out: Any, stream: Any, spans: Sequence[Span], *, start: Fraction) -> None:
        rate = int(stream.codec_context.sample_rate or 0)
        self.rate = rate if rate in RATES else _OTHERWISE
        self.layout = "mono" if int(stream.codec_context.channels or 1) == 1 else "stereo"
        self.out, self.spans, self.start = out, spans, start
        self.target = out.add_stream("aac", rate=self.rate, layout=self.layout)
        self.target.bit_rate = 64_000 if self.layout == "mono" else 128_000
        self.plain = library("av").AudioResampler(format="fltp", layout=self.layout, rate=self.rate)
        self.next = 0  # the sample that comes next, counted from the recording's start

    def take(self, frame: Any) -> None:
        """One decoded piece of sound."""
        at = None if frame.pts is None else round((frame.pts * frame.time_base - self.start) * self.rate)
        frame.pts = None
        for made in self.plain.resample(frame):
            self._place(made.to_ndarray(), at)
            at = None

    def finish(self) -> None:
        """What resampler and encoder still hold."""
        for made in self.plain.resample(None):
            self._place(made.to_ndarray(), None)
        self.out.mux(self.target.encode(None))

    def _place(self, samples: NDArray[np.float32], at: int | None) -> None:
        """Sound at its time: a gap becomes silence, what overlaps with sound already written is left out."""
        gap = 0 if at is None else at - self.next
        if gap > _MOST_GAP * self.rate:
            raise InputError("sound gap longer than one day", accepted="a recording with correct times")
        if gap > _TOLERANCE:
            for size in _blocks(gap):
                self._write(np.zeros((samples.shape[0], size), dtype=np.float32))
        elif gap < -_TOLERANCE:
            samples = samples[:, min(-gap, samples.shape[1]) :]
        if samples.shape[1]:
            self._write(samples)

    def _write(self, samples: NDArray[np.float32]) -> None:
        made = np.ascontiguousarray(replaced(samples, self.next, self.rate, self.spans))
        frame = library("av").AudioFrame.from_ndarray(made, format="fltp", layout=self.layout)
        frame.sample_rate, frame.pts, frame.time_base = self.rate, self.next, Fraction(1, self.rate)
        self.out.mux(self.target.encode(frame))
        self.next += samples.shape[1]


def sound_track(out: Any, stream: Any, spans: Sequence[Span], *, start: Fraction) -> SoundTrack:
    """The redaction of one sound stream. InputError: unknown coding."""
    if stream.codec_context is None:
        raise InputError("unknown sound coding", accepted="AAC, MP3, Opus, Vorbis, PCM, AMR or similar")
    return SoundTrack(out, stream, spans, start=start)


def _blocks(samples: int) -> Iterator[int]:
    while samples > 0:
        yield min(samples, _BLOCK)
        samples -= _BLOCK
