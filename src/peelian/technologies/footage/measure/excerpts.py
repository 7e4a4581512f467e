"""Single frames and a few seconds of sound of a recording, for the reviewer of its plan."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.technologies.footage.measure.plan import Plan
from peelian.technologies.footage.measure.recording import Decoding, container, in_words, library, small_rgb, video_of
from peelian.technologies.footage.measure.sound import loudness, waveform

WIDEST = 960
HEARD = 8  # seconds of sound at once
HERTZ = 16_000
_AHEAD = 60  # pictures that are decoded on the way rather than sought


class Bench:
    """An open recording that can be asked for any picture; close it, or use it as a context. For one thread at a time.

    Opening reads the times of all pictures: O(packets), 8 bytes each. A picture costs decoding from the last key frame.
    """

    def __init__(self, item: BinaryIO, plan: Plan) -> None:
        self.plan = plan
        self._closing = ExitStack()
        item.seek(0)
        self._opened = self._closing.enter_context(container(item))
        self._video = video_of(self._opened)
        self._base = Fraction(self._video.time_base or Fraction(1, 1000))
        try:
            with in_words():
                self._times = self._all_times()
        except InputError:
            self.close()
            raise
        self._damaged = len(self._times) != plan.pictures
        if self._damaged:  # a plan of what can be decoded counts fewer pictures than there are pieces
            self._times = self._whole_times()
        if len(self._times) != plan.pictures:
            self.close()
            raise InputError("plan made for other frames", accepted="a plan suggested for this recording")
        self._frames: Any = None
        self._wave = b""
        self._next = -1  # the number of the picture that `_frames` gives next

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the recording go."""
        self._closing.close()

    def milliseconds(self, number: int) -> int:
        """When a picture is shown, from the first one on."""
        return int((self._times[number] - self._times[0]) * self._base * 1000)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures that are handed out."""
        share = min(1.0, WIDEST / self.plan.width)
        return max(2, round(self.plan.width * share / 2) * 2), max(2, round(self.plan.height * share / 2) * 2)

    def picture(self, number: int, *, full: bool = False) -> bytes:
        """One picture as JPEG, upright, at most 960 wide or in full. InputError: there is none of this number."""
        return jpeg(self.pixels(number, full=full))

    def stretch(self, first: int, count: int) -> list[NDArray[np.uint8]]:
        """Pixels of `count` pictures from one on: RGB, as large as `picture` gives them. Memory: all of them."""
        return [self.pixels(number) for number in range(first, first + count)]

    def pixels(self, number: int, *, full: bool = False) -> NDArray[np.uint8]:
        """One picture as RGB, upright, at most 960 wide or in full. InputError: there is none of this number."""
        if not 0 <= number < len(self._times):
            raise InputError("no such frame", accepted=sentence("0 to %(most)d", most=len(self._times) - 1))
        with in_words():
            if self._frames is not None and 0 <= number - self._next <= _AHEAD:
                frame = self._onward(number)
            else:  # containers without an index may be sought too far: then once more, from the beginning
                frame = self._sought(self._times[number], number) or self._sought(self._times[0], number)
        if frame is None:
            self._frames = None
            raise InputError("frame cannot be decoded", accepted="an undamaged recording")
        return small_rgb(frame, *((self.plan.width, self.plan.height) if full else self.size))

    def _sought(self, start: int, number: int) -> Any:
        self._opened.seek(start, stream=self._video, backward=True)
        self._frames = self._decoded() if self._damaged else self._opened.decode(self._video)
        return self._onward(number)

    def _onward(self, number: int) -> Any:
        """The frame of this number, decoding on from where we are; None where it does not come."""
        for frame in self._frames:
            at = bisect_left(self._times, int(frame.pts)) if frame.pts is not None else number
            self._next = at + 1
            if at >= number:
                return frame if at == number and frame.pts in (None, self._times[number]) else None
        return None

    def waveform(self) -> bytes:
        """The sound of the whole recording as SVG, with the speech that the plan tells; empty without sound.

        Drawn once: O(samples), then O(1).
        """
        if not self._opened.streams.audio:
            return b""
        if not self._wave:
            self._frames = None  # what follows moves the reading position
            length = self.milliseconds(len(self._times) - 1)
            self._wave = waveform(loudness(self._opened, length), self.plan.speech, length)
            self._opened.seek(0)
        return self._wave

    def sound(self, milliseconds: int) -> bytes:
        """Eight seconds of sound from here on, as WAV; empty where the recording has no sound."""
        if not self._opened.streams.audio:
            return b""
        stream = self._opened.streams.audio[0]
        start = float(self._times[0] * self._base) + milliseconds / 1000
        self._frames = None  # what follows moves the reading position
        with in_words():
            return wav(self._heard(stream, start))

    def _heard(self, stream: Any, start: float) -> NDArray[np.int16]:
        self._opened.seek(int(start / float(stream.time_base)), stream=stream, backward=True)
        plain = library("av").AudioResampler(format="s16", layout="mono", rate=HERTZ)
        parts: list[NDArray[np.int16]] = []
        for frame in self._opened.decode(stream):
            if frame.time is not None and frame.time > start + HEARD:
                break
            if frame.time is None or frame.time + frame.samples / frame.sample_rate > start:
                parts += [made.to_ndarray()[0] for made in plain.resample(frame)]
        return np.concatenate([*parts, np.zeros(0, dtype=np.int16)])

    def _decoded(self) -> Iterator[Any]:
        """What can be decoded from here on, in the order shown."""
        decoding = Decoding(self._opened, self._video, damaged=True)
        for packet in decoding.packets():
            yield from decoding.pictures(packet)

    def _whole_times(self) -> list[int]:
        """The times of the pictures that can be decoded: all are decoded once."""
        self._opened.seek(0)
        times = [int(frame.pts) for frame in self._decoded() if frame.pts is not None]
        self._opened.seek(0)
        return times

    def _all_times(self) -> list[int]:
        """The times of all pictures, in the order shown."""
        times = [
            int(packet.pts)
            for packet in self._opened.demux(self._video)
            if packet.size and packet.pts is not None and not packet.is_discard
        ]
        self._opened.seek(0)
        return sorted(times)


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG of RGB pixels (uint8[height, width, 3], even sides)."""
    av = library("av")
    height, width = pixels.shape[:2]
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin, encoder.qmax = 3, 3
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def wav(samples: NDArray[np.int16]) -> bytes:
    """A WAV file of mono samples (RIFF, PCM of 16 bits).

    >>> wav(np.zeros(2, np.int16))[:4], len(wav(np.zeros(2, np.int16)))
    (b'RIFF', 48)
    """
    data = samples.astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, HERTZ, 2 * HERTZ, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
