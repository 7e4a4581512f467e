"""Pictures of a recording, upright and with even sides, one at a time: three planes that can be painted on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.footage.extras import library
from peelian.technologies.footage.probe import ACCEPTED, container, turn_of, video_of

Plane = NDArray[np.uint8]
_CUT = "the recording is damaged or cut short"
_WHOLE = "the whole file as the camera wrote it"


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
        prepare(stream, threads)
        for number, frame in frames_in(opened, stream):
            yield upright(frame, number)


def frames_in(opened: Any, stream: Any) -> Iterator[tuple[int, Any]]:
    """Number and decoded frame, in the order shown, checked to be whole; as `pictures`, without a copy."""
    size, number, reach = None, 0, Reach(opened, stream)
    for packet in opened.demux(stream, *opened.streams.audio):
        reach.take(packet)
        if packet.stream.index != stream.index:
            continue
        for frame in packet.decode():
            size = size or (frame.width, frame.height)
            must_be_alike((frame.width, frame.height), size)
            yield number, frame
            number += 1
    reach.must_be_complete()
    if not number:
        raise InputError("the recording holds no picture", accepted=ACCEPTED)


def prepare(stream: Any, threads: int) -> None:
    """Decode with few threads, and fail on damage instead of guessing what was there."""
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = threads
    stream.codec_context.options = {"err_detect": "explode"}


class Reach:
    """How far into a recording its packets reach, held against what its header promises."""

    def __init__(self, opened: Any, stream: Any) -> None:
        self.opened, self.stream = opened, stream
        self.video = self.all = 0.0  # seconds

    def take(self, packet: Any) -> None:
        """Note one packet; InputError where the container itself marks it as damaged or incomplete."""
        if packet.is_corrupt:
            raise InputError(_CUT, accepted=_WHOLE)
        if packet.pts is None:
            return
        end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
        self.all = max(self.all, end)
        if packet.stream.index == self.stream.index:
            self.video = max(self.video, end)

    def must_be_complete(self) -> None:
        """InputError where the header promises clearly more time than there was."""
        own = self.stream.duration is not None
        promised = float(self.stream.duration * self.stream.time_base if own else (self.opened.duration or 0) / 1e6)
        start = (self.stream.start_time or 0) * self.stream.time_base if own else (self.opened.start_time or 0) / 1e6
        there = (self.video if own else self.all) - float(start)
        if there < promised * 0.98 and promised - there > 0.25:
            raise InputError(_CUT, accepted=_WHOLE)


def must_be_alike(size: tuple[int, int], first: tuple[int, int]) -> None:
    """InputError where a picture has another size than the first."""
    if size != first:
        raise InputError("the picture size changes midway", accepted="one size: split the recording there")


def frame_of(picture: Picture) -> Any:
    """The picture as a frame for an encoder: 4:2:0, one copy."""
    frame = library("av").VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, values in zip(frame.planes, picture.planes, strict=True):
        rows, columns = values.shape
        np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)[:rows, :columns] = values
    return frame


def rgb_of(picture: Picture) -> NDArray[np.uint8]:
    """The picture as RGB (uint8[height, width, 3])."""
    return np.ascontiguousarray(frame_of(picture).to_ndarray(format="rgb24"))


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
