"""Describes a recording: streams, size, frame rate, rotation and length, or says why it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

from peelian.errors import InputError, sentence
from peelian.technologies.footage.extras import library

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
