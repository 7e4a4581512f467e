"""Decodes a recording's packets in order. A damaged recording is refused unless a person allows its decodable part.

A damaged recording may be the one a court needs. What is not whole is then left out, never guessed: after a fault
nothing is shown until the next picture that stands by itself, because a decoder would paint the rest from what it lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peelian.errors import InputError
from peelian.technologies.footage.extras import library
from peelian.technologies.footage.probe import ACCEPTED

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
