"""The loudness of a recording over its whole length as a picture, with the stretches where speech was heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.extras import library
from peelian.technologies.footage.probe import video_of

COLUMNS, HEIGHT = 800, 48
HERTZ = 8_000
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
    plain = library("av").AudioResampler(format="flt", layout="mono", rate=HERTZ)
    opened.seek(0)
    for frame in _frames(opened, stream):
        for made in plain.resample(frame):
            samples = np.abs(made.to_ndarray()[0])
            at = 1000 * (float(made.time or 0.0) - begin + np.arange(len(samples)) / HERTZ) / milliseconds
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
