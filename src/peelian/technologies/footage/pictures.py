"""Frames of a recording, upright and with even sides, one at a time, as three writable planes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.decoding import Decoding, frames_in
from peelian.technologies.footage.extras import library
from peelian.technologies.footage.probe import container, turn_of, video_of

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One decoded picture: brightness (uint8[height, width]) and two colour planes of half its sides, both writable.

    `number` counts from 0 in the order shown; `at` is its time in units of the stream's time base.
    """

    number: int
    at: int
    planes: tuple[Plane, Plane, Plane]

    @property
    def width(self) -> int:
        """Pixels from left to right, even."""
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom, even."""
        return int(self.planes[0].shape[0])


def upright(frame: Any, number: int) -> Picture:
    """A decoded frame as its own copy of planes, turned as its display matrix says and padded to even sides."""
    turned = turn_of(frame)
    plain = frame.reformat(format="yuv420p") if frame.format.name != "yuv420p" else frame
    luma, *chroma = (np.rot90(_plane(plane), -turned // 90) for plane in plain.planes)
    rows, columns = (n + n % 2 for n in luma.shape)
    planes = [_padded(luma, rows, columns), *(_padded(c, rows // 2, columns // 2) for c in chroma)]
    return Picture(number=number, at=_time(frame, number), planes=(planes[0], planes[1], planes[2]))


def pictures(file: BinaryIO, *, threads: int = 2) -> Iterator[Picture]:
    """Every picture of a recording in the order shown. Memory: a few pictures, however long it is.

    InputError: damaged, cut short, without pictures, or the picture size changes midway.
    """
    with container(file) as opened:
        stream = video_of(opened)
        for number, frame in frames_in(Decoding(opened, stream, threads=threads)):
            yield upright(frame, number)


def frame_of(picture: Picture) -> Any:
    """The picture as a frame for an encoder: 4:2:0, one copy."""
    frame = library("av").VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, values in zip(frame.planes, picture.planes, strict=True):
        rows, columns = values.shape
        np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)[:rows, :columns] = values
    return frame


def small_rgb(frame: Any, width: int, height: int) -> NDArray[np.uint8]:
    """A decoded frame as upright RGB of this size (uint8[height, width, 3]), without copying it whole."""
    turned = turn_of(frame)
    size = (height, width) if turned % 180 else (width, height)
    scaled = frame.reformat(width=size[0], height=size[1], format="rgb24", interpolation="AREA")
    return np.ascontiguousarray(np.rot90(scaled.to_ndarray(), -turned // 90))


def _plane(plane: Any) -> Plane:
    lines: Plane = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    return lines[: plane.height, : plane.width]


def _padded(values: Plane, rows: int, columns: int) -> Plane:
    """A writable copy, with its last row and column repeated where it is too small."""
    short = ((0, rows - values.shape[0]), (0, columns - values.shape[1]))
    return np.pad(values, short, mode="edge") if any(n for _, n in short) else np.array(values, order="C")


def _time(frame: Any, number: int) -> int:
    """A picture without a time of its own stands at its number; the writer keeps times rising."""
    return int(frame.pts) if frame.pts is not None else number
