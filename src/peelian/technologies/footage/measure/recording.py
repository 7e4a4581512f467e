"""A recording: what is in it, its pictures one at a time, and what is left of a damaged one.

The optional libraries are imported where they are used, with the command that installs them.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence

INSTALL = "pip install 'peelian[vision]'"


def library(name: str) -> Any:
    """The module of the `vision` extra with this name; InputError gives the one line that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        says = sentence("footage needs %(name)s, which is not installed", name=name)
        raise InputError(says, accepted=INSTALL) from None


# Describes a recording: streams, size, frame rate, rotation and length, or says why it cannot be read.

ACCEPTED = "MP4, MOV, MKV, WebM, AVI, MPEG-TS or MPEG-PS with one video stream"
CONTAINERS = frozenset({"mov", "mp4", "m4a", "3gp", "matroska", "webm", "avi", "mpegts", "mpeg", "asf", "mjpeg", "gif"})
"""Containers that hold their own streams. Playlists and scripts, which point to further files, are none."""
LARGEST_SIDE = 8_192
MOST_STREAMS = 16
PROTOCOLS = {"protocol_whitelist": "", "max_streams": str(MOST_STREAMS), "probesize": "5000000"}
"""A recording is bytes that lie before us: whatever it names, nothing further is fetched or opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One recording. `width` and `height` are as shown, after `rotation` (0, 90, 180 or 270 degrees clockwise)."""

    container: str
    video_codec: str
    width: int
    height: int
    rotation: int
    milliseconds: int
    rate: Fraction  # pictures per second, on average
    audio_streams: int
    other_streams: int  # subtitles, data, attachments: none of them leaves
    tags: int  # metadata entries of container and streams: none of them leaves
    cut: bool = False  # its index names pieces that lie beyond its end


@contextmanager
def container(file: BinaryIO) -> Iterator[Any]:
    """The recording opened for reading. Decoder failures become an InputError that quotes no content."""
    av = library("av")
    with in_words(), av.open(file, mode="r", options=PROTOCOLS, metadata_errors="replace") as opened:
        names = set(opened.format.name.split(","))
        if not names & CONTAINERS:
            raise InputError("unsupported container", accepted=ACCEPTED)
        yield opened


@contextmanager
def in_words() -> Iterator[None]:
    """Turns decoder failures inside into an InputError that quotes no content of the recording."""
    av = library("av")
    try:
        yield
    except av.error.FFmpegError:
        raise InputError(
            "recording damaged, truncated or of another kind",
            accepted=ACCEPTED,
        ) from None


def video_of(opened: Any) -> Any:
    """The one video stream. InputError: none, or several, of which one could show what another hides."""
    streams = [s for s in opened.streams.video if not _is_cover(s)]
    if not streams:
        raise InputError("no video stream", accepted=ACCEPTED)
    if len(streams) > 1:
        says = sentence("%(n)d video streams", n=len(streams))
        raise InputError(says, accepted="one video stream: split the recording and keep each part separately")
    stream = streams[0]
    context = stream.codec_context
    if context is None or not 0 < context.width <= LARGEST_SIDE or not 0 < context.height <= LARGEST_SIDE:
        accepted = sentence("1 to %(most)d pixels a side", most=LARGEST_SIDE)
        raise InputError("frame size of the video stream cannot be decoded", accepted=accepted)
    return stream


def probed(file: BinaryIO) -> Probe:
    """Header and first frame of a recording. InputError says what is wrong in general terms."""
    with container(file) as opened:
        stream = video_of(opened)
        first = next(iter(opened.decode(stream)), None)
        if first is None:
            raise InputError("recording without frames", accepted=ACCEPTED)
        return described(opened, stream, first)


def described(opened: Any, stream: Any, first: Any) -> Probe:
    """An opened recording, its video stream and its first picture in words and numbers."""
    turned = turn_of(first)
    width, height = (first.height, first.width) if turned % 180 else (first.width, first.height)
    others = [s for s in opened.streams if s.type not in ("video", "audio")]
    return Probe(
        container=opened.format.name.split(",")[0],
        video_codec=str(stream.codec_context.name),
        width=width,
        height=height,
        rotation=turned,
        milliseconds=_milliseconds(opened, stream),
        rate=Fraction(stream.average_rate or stream.guessed_rate or 25),
        audio_streams=len(opened.streams.audio),
        other_streams=len(others),
        tags=len(opened.metadata) + sum(len(s.metadata) for s in opened.streams),
        cut=_is_cut(opened),
    )


def is_hdr(stream: Any) -> bool:
    """Whether a video stream has a high dynamic range: by PQ (SMPTE ST 2084) or HLG (ARIB STD-B67), as it says itself
    (transfer characteristics 16 and 18 of ITU-T H.273)."""
    return int(stream.codec_context.color_trc or 0) in (16, 18)


def turn_of(frame: Any) -> int:
    """By how many degrees clockwise a decoded picture must be turned to stand upright: 0, 90, 180 or 270."""
    degrees = -int(frame.rotation) % 360  # the display matrix says it anticlockwise
    if degrees % 90:
        raise InputError("unsupported rotation", accepted="rotation by 0, 90, 180 or 270 degrees")
    return degrees


def _is_cut(opened: Any) -> bool:
    """Whether the index names pieces beyond the end of the file: known without decoding. O(streams)."""
    for stream in opened.streams:
        entries = stream.index_entries
        if len(entries) and (last := entries[len(entries) - 1]).pos + last.size > opened.size > 0:
            return True
    return False


def _milliseconds(opened: Any, stream: Any) -> int:
    if stream.duration and stream.time_base:
        return int(stream.duration * stream.time_base * 1000)
    return int(opened.duration / 1000) if opened.duration else 0


def _is_cover(stream: Any) -> bool:
    """A still picture attached as cover art: it is dropped like all metadata."""
    return bool(stream.disposition & type(stream.disposition).attached_pic)


# Decodes a recording's packets in order. A damaged recording is refused unless a person allows its decodable part.
#
# A damaged recording may be the one a court needs. What is not whole is then left out, never guessed: after a fault
# nothing is shown until the next picture that stands by itself, because a decoder would paint the rest from what it
# lost.

CUT = "recording damaged or truncated"
WHOLE = "the whole file as the camera wrote it; to use the decodable part, set damaged"


class Decoding:
    """One recording that is being read. Growth: nothing but counts, however long it is.

    `damaged`: faults are counted in `faults` and left out; else the first one is an InputError. One thread then: with
    more, a decoder reports a fault at another picture than the one that has it.
    """

    def __init__(self, opened: Any, stream: Any, *, damaged: bool = False, threads: int = 2) -> None:
        self.opened, self.stream, self.damaged = opened, stream, damaged
        self.faults = 0
        self._reach = _Reach(opened, stream)
        self._size: tuple[int, int] | None = None
        self._waiting = False  # for a picture that stands by itself
        self._fault: type[Exception] = library("av").error.FFmpegError
        if stream.codec_context.is_open:  # read from another place once more
            return
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 1 if damaged else threads
        stream.codec_context.options = {"err_detect": "explode"}  # fail on damage instead of guessing what was there

    def packets(self, *streams: Any) -> Iterator[Any]:
        """Packets of the video stream and of these in the order of the file; InputError where one is marked damaged."""
        packets = iter(self.opened.demux(self.stream, *streams))
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except self._fault:
                if not self.damaged:
                    raise
                self.faults += 1
                return
            if self._whole(packet):
                self._reach.take(packet)
                yield packet

    def pictures(self, packet: Any) -> Iterator[Any]:
        """The pictures of one packet of the video stream, all of one size."""
        if self._waiting and packet.size and not packet.is_keyframe:
            return
        self._waiting = self._waiting and not packet.size
        try:
            frames = packet.decode()
        except self._fault:
            if not self.damaged:
                raise
            frames = self._rescued()
        for frame in frames:
            if self._is_alike(frame):
                yield frame

    def sounds(self, packet: Any) -> Iterator[Any]:
        """The sound of one packet of another stream; what is damaged is left out and becomes a gap."""
        try:
            yield from packet.decode()
        except self._fault:
            if not self.damaged:
                raise
            self.faults += 1

    def finish(self) -> None:
        """InputError where the header promises clearly more time than there was."""
        if self._reach.falls_short():
            if not self.damaged:
                raise InputError(CUT, accepted=WHOLE)
            self.faults += 1

    def _whole(self, packet: Any) -> bool:
        if not packet.is_corrupt:
            return True
        if not self.damaged:
            raise InputError(CUT, accepted=WHOLE)
        self.faults += 1
        self._waiting = self._waiting or packet.stream.index == self.stream.index
        return False

    def _rescued(self) -> list[Any]:
        """After a fault: what the decoder still holds whole, and the decoder fresh for the next picture by itself."""
        self.faults += 1
        self._waiting = True
        context = self.stream.codec_context
        try:
            held = list(context.decode(None))
        except self._fault:
            held = []
        context.flush_buffers()
        return held

    def _is_alike(self, frame: Any) -> bool:
        self._size = self._size or (frame.width, frame.height)
        alike = (frame.width, frame.height) == self._size and not (self.damaged and frame.is_corrupt)
        if not alike and not self.damaged:
            raise InputError("frame size changes midway", accepted="one frame size: split the recording there")
        self.faults += not alike
        return alike


def frames_in(decoding: Decoding) -> Iterator[tuple[int, Any]]:
    """Number and decoded frame, in the order shown, checked to be whole (unless damaged) and to be there at all."""
    number = 0
    for packet in decoding.packets(*decoding.opened.streams.audio):
        if packet.stream.index == decoding.stream.index:
            for frame in decoding.pictures(packet):
                yield number, frame
                number += 1
    decoding.finish()
    if not number:
        raise InputError("recording without frames", accepted=ACCEPTED)


class _Reach:
    """How far into a recording its packets reach, held against what its header promises."""

    def __init__(self, opened: Any, stream: Any) -> None:
        self.opened, self.stream = opened, stream
        self.video = self.all = 0.0  # seconds

    def take(self, packet: Any) -> None:
        """Note one packet."""
        if packet.pts is None:
            return
        end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
        self.all = max(self.all, end)
        if packet.stream.index == self.stream.index:
            self.video = max(self.video, end)

    def falls_short(self) -> bool:
        """Whether the header promises clearly more time than there was."""
        own = self.stream.duration is not None
        promised = float(self.stream.duration * self.stream.time_base if own else (self.opened.duration or 0) / 1e6)
        start = (self.stream.start_time or 0) * self.stream.time_base if own else (self.opened.start_time or 0) / 1e6
        there = (self.video if own else self.all) - float(start)
        return there < promised * 0.98 and promised - there > 0.25


# Frames of a recording, upright and with even sides, one at a time, as three writable planes.

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


# Survey of a damaged recording: decodable frames, their duration, and the faults.


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A damaged recording looked through from end to end. `probe` is None where nothing of it can be decoded."""

    probe: Probe | None
    pictures: int = 0
    milliseconds: int = 0  # from the first to the last picture that can be decoded
    faults: int = 0


def surveyed(file: BinaryIO) -> Survey:
    """Decode whatever can be decoded. O(pictures), flat memory; never an InputError for what lies in the file."""
    probe: Probe | None = None
    times: list[Any] = []
    pictures = faults = 0
    try:
        with container(file) as opened:
            stream = video_of(opened)
            decoding = Decoding(opened, stream, damaged=True)
            for number, frame in frames_in(decoding):
                pictures = number + 1
                probe = probe or described(opened, stream, frame)
                if frame.time is not None:
                    times[1 if times else 0 :] = [frame.time]
                faults = decoding.faults
            faults = decoding.faults
    except InputError:
        faults += 1
    if probe is None:
        return Survey(probe=None, faults=max(1, faults))
    reach = round(1000 * (times[-1] - times[0])) if times else 0
    return Survey(probe=probe, pictures=pictures, milliseconds=reach, faults=faults)


def first_seen(file: BinaryIO) -> Probe:
    """A damaged recording as its first picture that can be decoded shows it; InputError where there is none."""
    with container(file) as opened:
        stream = video_of(opened)
        _, frame = next(frames_in(Decoding(opened, stream, damaged=True)))
        return described(opened, stream, frame)
