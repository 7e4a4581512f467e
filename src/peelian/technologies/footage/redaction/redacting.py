"""Applies a reviewed plan: writes a new file with boxes covered and sound replaced, and nothing else of the original.

Only picture and sound are written anew. Location, subtitle and data streams, attachments, cover pictures, chapters
and every metadata entry stay behind, because nothing but the two kinds of stream is ever created. The encoder of
the pictures is x264, which is free software under the GPL: see docs/explanation/dependencies.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.technologies.footage.measure.plan import Cover, Plan, must_be_reviewed, must_fit
from peelian.technologies.footage.measure.recording import (
    Decoding,
    Picture,
    container,
    frame_of,
    is_hdr,
    library,
    turn_of,
    upright,
    video_of,
)
from peelian.technologies.footage.measure.sound import SoundTrack, sound_track

BLACK, GREY = 16, 128  # ITU-R BT.601: brightness of black, colour planes without colour
_TIMES = 3  # three passes of a box filter are close to a Gaussian


def covered(picture: Picture, boxes: Iterable[tuple[int, int, int, int]], *, method: str = "fill") -> None:
    """Cover boxes (left, top, right, bottom; clipped to the picture) in place. O(pixels covered).

    A box is widened to even pixels, because one value of the colour planes serves four pixels.
    """
    for box in boxes:
        left, top = (max(0, n - n % 2) for n in box[:2])
        right, bottom = min(picture.width, box[2] + box[2] % 2), min(picture.height, box[3] + box[3] % 2)
        if left >= right or top >= bottom:
            continue
        for plane, part, value in zip(picture.planes, (1, 2, 2), (BLACK, GREY, GREY), strict=True):
            inside = plane[top // part : bottom // part, left // part : right // part]
            inside[...] = _blurred(inside) if method == "blur" else value


def _blurred(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A strong blur, by a window of a third of the smaller side, three times over, from inside the box only."""
    wide = max(3, min(values.shape) // 3) | 1
    made = values.astype(np.float32)
    for _ in range(_TIMES):
        for axis in (0, 1):
            made = _moving_mean(made, wide, axis)
    return made.round().clip(0, 255).astype(np.uint8)


def _moving_mean(values: NDArray[np.float32], wide: int, axis: int) -> NDArray[np.float32]:
    half = wide // 2
    ends = [(half + 1, half) if a == axis else (0, 0) for a in (0, 1)]
    sums = np.pad(values, ends, mode="edge").cumsum(axis=axis, dtype=np.float64)
    n = values.shape[axis]
    high, low = sums.take(range(wide, wide + n), axis=axis), sums.take(range(n), axis=axis)
    return np.asarray((high - low) / wide, dtype=np.float32)


Progress = Callable[[str, float], None]
COVERING = "Redacting picture and sound"
MP4 = {"movflags": "+frag_keyframe+delay_moov+default_base_moof", "fflags": "+bitexact"}
"""Written from front to back, so that it can go straight into a sealed object; bit-exact, so that two runs agree.

The index waits for the first samples (`delay_moov`): only then can it say how far the coded sound begins before it."""
X264 = {"preset": "veryfast", "crf": "21", "threads": "1", "bf": "0"}
# One thread: with two, a busy machine was seen to make other bytes of the same pictures in some of a hundred runs.
"""Without B-pictures (`bf`) times stay as they are."""
_FINEST = 90_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Counts of a redaction: frames written, frames with a box, boxes drawn, streams and metadata entries left out."""

    pictures: int
    covered_pictures: int
    boxes: int
    sound_streams: int
    silenced_milliseconds: int
    streams_left_behind: int
    tags_left_behind: int
    hdr: bool = False  # the recording is of a high dynamic range, which the copy is not
    faults: int = 0  # places of a damaged recording that were left out


@dataclass(slots=True)
class _Done:
    """The running tally of a redaction."""

    pictures: int = 0
    covered: int = 0
    boxes: int = 0
    last: int = -1


def redacted(
    source: BinaryIO,
    to: BinaryIO,
    plan: Plan,
    *,
    item: str,
    damaged: bool = False,
    progress: Progress = lambda says, share: None,
) -> Outcome:
    """Write the redacted copy of `source` (readable, seekable) into `to` (writable). Memory: a few pictures.

    The times of pictures stay (also a variable rate), the turn of the camera is applied. Of a `damaged` recording what
    can be decoded is written, and a plan counts those pictures alone. What was written is worth
    nothing unless this returns: the caller throws it away when an error comes. InputError: the plan is not reviewed,
    was made for another recording, or the recording cannot be read whole.
    """
    must_be_reviewed(plan)
    av = library("av")
    with container(source) as opened, av.open(to, mode="w", format="mp4", options=dict(MP4)) as out:
        stream = video_of(opened)
        decoding = Decoding(opened, stream, damaged=damaged)
        start = _start(opened)
        video = _Video(opened, stream, out, plan, item=item, start=start, progress=progress)
        sounds = {s.index: sound_track(out, s, plan.sound, start=start) for s in opened.streams.audio}
        for packet in decoding.packets(*opened.streams.audio):
            if packet.stream.index == stream.index:
                for frame in decoding.pictures(packet):
                    video.take(frame)
            else:
                for heard in decoding.sounds(packet):
                    sounds[packet.stream.index].take(heard)
        decoding.finish()
        video.finish()
        for sound in sounds.values():
            sound.finish()
        found = _outcome(opened, plan, video.done, list(sounds.values()))
        return dataclasses.replace(found, hdr=is_hdr(stream), faults=decoding.faults)


class _Video:
    """The picture's way: decoded, turned upright, covered, encoded."""

    def __init__(
        self, opened: Any, stream: Any, out: Any, plan: Plan, *, item: str, start: Fraction, progress: Progress
    ) -> None:
        self.stream, self.out, self.plan, self.item, self.progress = stream, out, plan, item, progress
        self.base = Fraction(stream.time_base or Fraction(1, 1000))
        self.start = int(start / self.base)
        self.cover = Cover(plan)
        self.done = _Done()
        rate = Fraction(stream.average_rate or 25)
        self.target = out.add_stream("libx264", rate=rate.limit_denominator(1_001), options=dict(X264))
        self.target.width, self.target.height, self.target.pix_fmt = plan.width, plan.height, "yuv420p"
        self.target.codec_context.time_base = max(self.base, Fraction(1, _FINEST))

    def finish(self) -> None:
        """The encoder's rest; InputError where the recording held other pictures than the plan was made for."""
        if self.done.pictures != self.plan.pictures:
            says = sentence(
                "the recording has %(n)d frames, the plan %(planned)d", n=self.done.pictures, planned=self.plan.pictures
            )
            raise InputError(says, accepted="a plan made for this recording: request new suggestions")
        self.out.mux(self.target.encode(None))

    def take(self, frame: Any) -> None:
        """One decoded picture."""
        done = self.done
        picture = upright(frame, done.pictures)
        if not done.pictures:
            must_fit(self.plan, {"width": picture.width, "height": picture.height}, item=self.item)
            self._shape(frame)
        boxes = self.cover.at(done.pictures)
        covered(picture, boxes, method=self.plan.method)
        made = frame_of(picture)
        base = self.target.codec_context.time_base
        at = int((picture.at - self.start) * self.base / base) if frame.pts is not None else done.last + 1
        done.last = at = max(at, done.last + 1, 0)
        made.pts, made.time_base = at, base
        self.out.mux(self.target.encode(made))
        done.pictures += 1
        done.covered += bool(boxes)
        done.boxes += len(boxes)
        if done.pictures % 25 == 0:
            self.progress(COVERING, min(1.0, done.pictures / self.plan.pictures))

    def _shape(self, frame: Any) -> None:
        """Proportions and colours as they were, once the first picture tells them."""
        shape = self.stream.sample_aspect_ratio
        if shape and shape != 1:
            self.target.codec_context.sample_aspect_ratio = 1 / shape if turn_of(frame) % 180 else shape
        context = self.stream.codec_context
        if frame.format.name == "yuv420p":
            for name in ("color_range", "color_primaries", "color_trc", "colorspace"):
                setattr(self.target.codec_context, name, getattr(context, name))


def _start(opened: Any) -> Fraction:
    """The earliest time of picture or sound, in seconds: it becomes zero."""
    streams = [*opened.streams.video, *opened.streams.audio]
    times = [Fraction(s.start_time) * s.time_base for s in streams if s.start_time is not None and s.time_base]
    return min(times, default=Fraction(0))


def _outcome(opened: Any, plan: Plan, done: _Done, sounds: list[SoundTrack]) -> Outcome:
    return Outcome(
        pictures=done.pictures,
        covered_pictures=done.covered,
        boxes=done.boxes,
        sound_streams=len(sounds),
        silenced_milliseconds=sum(span.end - span.start for span in plan.sound),
        streams_left_behind=len(opened.streams) - 1 - len(sounds),
        tags_left_behind=len(opened.metadata) + sum(len(s.metadata) for s in opened.streams),
    )
