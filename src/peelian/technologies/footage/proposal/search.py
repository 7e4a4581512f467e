"""Suggests redactions: faces detected on every frame or every second one, joined into tracks, marked to review."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.footage.measure.detector import (
    LARGEST,
    SMALL,
    SMALL_FACE,
    Boxes,
    Chain,
    Detector,
    Distant,
    doubted,
    faces_in,
    overlaps,
)
from peelian.technologies.footage.measure.plan import Plan, Track
from peelian.technologies.footage.measure.recording import (
    Decoding,
    Probe,
    container,
    first_seen,
    frames_in,
    probed,
    small_rgb,
    video_of,
)
from peelian.technologies.footage.measure.tracking import Scenes, Sighted, tracks_of
from peelian.technologies.footage.shapes import THRESHOLD

Progress = Callable[[str, float], None]
FOUND_FROM = 14
"""Pixels. Of upright faces this high in the looked-at picture, 95 of 100 or more were at least half covered, in every
frame size for detection; of those 10 pixels high, fewer (`benchmarks/footage.py --only sizes`)."""
LOOKING = "Detecting faces"
_SAME = 0.15  # overlap of a coarse and a fine box of one face


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Detection settings: frame step, frame size and threshold.

    Skipping more than one picture would leave a face uncovered for a moment, so there is no such choice.
    """

    detector: Detector
    every: int = 2
    full: bool = False
    distant: bool = True  # small pictures, and distant faces at full size now and then
    threshold: float = THRESHOLD


@dataclass(slots=True)
class _Count:
    """What was seen while looking: filled as the pictures pass."""

    pictures: int = 0
    last: int = 0
    first: int = 0
    faults: int = 0
    base: Any = field(default=0)

    @property
    def milliseconds(self) -> int:
        """From the first to the last picture's time."""
        return int((self.last - self.first) * self.base * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A plan, and how many faults of a damaged recording were left out of it."""

    plan: Plan
    faults: int = 0


def proposed(
    file: BinaryIO,
    look: Looking,
    *,
    item: str,
    damaged: bool = False,
    progress: Progress = lambda says, share: None,
) -> Proposed:
    """A plan for the recording in `file` (readable, seekable), whose digest is `item`. O(pictures), memory O(boxes).

    `damaged`: the plan counts the pictures that can be decoded. InputError: the recording cannot be read whole, or
    `every` is neither 1 nor 2.
    """
    if look.every not in (1, 2):
        raise InputError("at most one frame can be skipped", column="every", accepted="1 or 2")
    probe = first_seen(file) if damaged else probed(file)
    file.seek(0)
    search = _Search(look, probe)
    count = _Count()
    for number, frame in _frames(file, count, progress, probe, damaged=damaged):
        search.take(number, frame)
    wide, tall = (n + n % 2 for n in (probe.width, probe.height))
    plan = Plan(
        item=item,
        width=wide,
        height=tall,
        pictures=count.pictures,
        milliseconds=max(probe.milliseconds, count.milliseconds),
        tracks=_tracks(search, probe, count.pictures),
        detector=look.detector.digest,
    )
    return Proposed(plan=plan, faults=count.faults)


class _Search:
    """One detector at work: what it saw so far, by picture, in pixels of the upright picture."""

    def __init__(self, look: Looking, probe: Probe) -> None:
        self.look, self.probe = look, probe
        self.seen: dict[int, Boxes] = {}
        self.scenes = Scenes()
        self.size = look_size(probe.width, probe.height)
        self.scale = probe.height / self.size[1]
        share = seen_size(probe.width, probe.height, full=look.full)[1] / self.size[1]
        least, useful = SMALL_FACE / share, look.distant and share < 1
        self.distant = Distant(detector=look.detector, least=least, threshold=look.threshold) if useful else None

    def take(self, number: int, frame: Any) -> None:
        """Look at one picture, where it is one of those that this detector looks at."""
        if number % self.look.every:
            return
        picture, boxes = _sighted(frame, self.look, self.probe)
        self.scenes.take(number, picture)
        if self.distant:
            large = small_rgb(frame, *self.size)
            boxes = doubted(self.look.detector, large, scaled(boxes, 1 / self.scale), threshold=self.look.threshold)
            self.distant.take(number, large, boxes)
            boxes = scaled(boxes, self.scale)
        if len(boxes):
            self.seen[number] = boxes

    def chains(self) -> list[Chain]:
        """The distant faces, each as it was followed."""
        chains = self.distant.finish() if self.distant else []
        return [[(number, scaled(box, self.scale)) for number, box in chain] for chain in chains]


def scaled(boxes: NDArray[np.float32], by: float) -> NDArray[np.float32]:
    """Boxes (float32[..., 5]) in a picture of another size; scores stay."""
    return np.asarray(boxes * np.array([by] * 4 + [1], dtype=np.float32), dtype=np.float32)


def seen_size(width: int, height: int, *, full: bool) -> tuple[int, int]:
    """Frame size for detection: as many pixels as 640 x 360 in its own proportions, never enlarged.

    >>> seen_size(1280, 720, full=False), seen_size(720, 1280, full=False), seen_size(320, 240, full=False)
    ((640, 360), (360, 640), (320, 240))
    """
    share = min(1.0, (SMALL[0] * SMALL[1] / (width * height)) ** 0.5)
    return (width, height) if full else (max(2, round(width * share)), max(2, round(height * share)))


def look_size(width: int, height: int) -> tuple[int, int]:
    """Frame size in which distant faces are looked for: its own, or as many pixels as 1920 x 1080 where it is larger.

    >>> look_size(1280, 720), look_size(3840, 2160)
    ((1280, 720), (1920, 1080))
    """
    share = min(1.0, (LARGEST[0] * LARGEST[1] / (width * height)) ** 0.5)
    return max(2, round(width * share)), max(2, round(height * share))


def least_found(width: int, height: int, size: str) -> int:
    """From how many pixels of a recording's height on faces are found, at a frame size for detection.

    `FOUND_FROM` in the pictures that are looked at, whichever these are.

    >>> least_found(1280, 720, "distant"), least_found(1280, 720, "small"), least_found(3840, 2160, "distant")
    (14, 28, 28)
    """
    looked = look_size(width, height) if size == "distant" else seen_size(width, height, full=size == "full")
    return math.ceil(FOUND_FROM * height / looked[1])


def _frames(
    file: BinaryIO, count: _Count, progress: Progress, probe: Probe, *, damaged: bool
) -> Iterator[tuple[int, Any]]:
    expected = max(1.0, probe.milliseconds / 1000 * float(probe.rate))
    with container(file) as opened:
        stream = video_of(opened)
        decoding = Decoding(opened, stream, damaged=damaged)
        count.base = stream.time_base or 0
        for number, frame in frames_in(decoding):
            count.pictures = number + 1
            if frame.pts is not None:
                count.first = count.first if number else int(frame.pts)
                count.last = int(frame.pts)
            if number % 25 == 0:
                progress(LOOKING, min(1.0, number / expected))
            yield number, frame
        count.faults = decoding.faults


def _sighted(frame: Any, look: Looking, probe: Probe) -> tuple[NDArray[np.uint8], Boxes]:
    """The picture that was looked at, and boxes in pixels of the upright picture."""
    width, height = seen_size(probe.width, probe.height, full=look.full)
    picture = small_rgb(frame, width, height)
    boxes = faces_in(look.detector, picture, threshold=look.threshold)
    scale = np.array([probe.width / width, probe.height / height] * 2 + [1], dtype=np.float32)
    return picture, np.asarray(boxes * scale, dtype=np.float32)


def _tracks(search: _Search, probe: Probe, pictures: int) -> tuple[Track, ...]:
    chains = search.chains()
    finer = by_picture(chains)
    seen = {n: without(boxes, finer[n]) if n in finer else boxes for n, boxes in search.seen.items()}
    tracks = tracks_of(
        seen.items(),
        chains=chains,
        width=probe.width,
        height=probe.height,
        pictures=pictures,
        cuts=search.scenes.cuts,
    )
    return tuple(_track(track, k) for k, track in enumerate(tracks, 1))


def by_picture(chains: Sequence[Chain]) -> dict[int, Boxes]:
    """The boxes of all chains in each picture."""
    found: dict[int, list[NDArray[np.float32]]] = {}
    for number, box in (sight for chain in chains for sight in chain):
        found.setdefault(number, []).append(box)
    return {number: np.stack(boxes) for number, boxes in found.items()}


def without(coarse: Boxes, fine: Boxes) -> Boxes:
    """The boxes of the small picture without those of faces that were found at full size in the same picture."""
    return coarse[[bool(overlaps(box, fine).max() < _SAME) for box in coarse]]


def _track(track: Sighted, number: int) -> Track:
    keys = tuple((int(a), int(b), int(c), int(d), int(e)) for a, b, c, d, e in track.keys)
    return Track(id=number, what="face", score=min(1000, round(1000 * track.score)), keys=keys)
