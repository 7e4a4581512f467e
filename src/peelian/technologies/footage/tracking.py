"""Joins boxes of single frames into tracks that also cover the frames between, before and after detections.

A track is a rectangle that moves. It says nothing of who is in it: two passages of one person are two tracks, and no
track is ever compared with another recording's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.detector import Boxes, overlaps
from peelian.technologies.footage.linking import Part, linked

Keys = NDArray[np.float64]
"""float64[n, 5]: picture number, left, top, right, bottom; numbers rise, and between two keys a box moves straight."""

SIDEWAYS, UPWARDS, DOWNWARDS = 0.22, 0.18, 0.12
"""How far a face box is widened, as shares of its width and height: the detector's box ends at cheek and brow."""
HOLD = 4
"""Pictures before the first and after the last sighting that are covered too: a face appears before it is found."""
LONGEST_GAP = 25
"""Pictures without a sighting that a track may bridge: a passing hand, a turned head."""
_LEAST_OVERLAP = 0.15
_NEAR, _NEXT = 0.9, 1.7  # of a box's larger side: how far a face may have moved in a gap, or to the next sighting
_SLACK = 0.05  # of a box's sides: how much larger a box may be so that fewer keys are needed
_LONGEST_STRETCH = 64


@dataclass(slots=True)
class _Open:
    """A track under construction: where it was seen, boxes with their scores."""

    seen: list[tuple[int, NDArray[np.float64]]]

    def expected(self, at: int) -> NDArray[np.float64]:
        """Where its box should be, if it keeps moving as between its last two sightings (for a few pictures)."""
        last, box = self.seen[-1][0], self.seen[-1][1][:4]
        if len(self.seen) < 2:
            return box
        before, earlier = self.seen[-2]
        return box + (box - earlier[:4]) / (last - before) * min(at - last, 6)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sighted:
    """A finished track: its keys, its strongest score, and the number of frames with a detection."""

    keys: Keys
    score: float
    seen: int


def tracks_of(
    sightings: Iterable[tuple[int, Boxes]],
    *,
    width: int,
    height: int,
    pictures: int = 0,
    chains: Iterable[Sequence[tuple[int, NDArray[np.floating]]]] = (),
    cuts: Sequence[int] = (),
) -> list[Sighted]:
    """Tracks from the boxes of single pictures, in rising order of picture number; sorted by first picture.

    Each track is bridged, held in both directions, padded and linked. `pictures` is how many there are (0: unknown), so
    that no key lies beyond the end. What was doubted wherever it was seen (a score below 0) is left out. `chains` are
    faces that were followed already. No track goes over one of `cuts`, first pictures of scenes, in rising order.
    O(sightings x boxes per picture + tracks x tracks at one time).
    """
    done = [_Open(seen=part) for chain in chains for part in _scenes(chain, cuts)]
    current: list[_Open] = []
    last = max((track.seen[-1][0] for track in done), default=0)
    scene = 0
    for at, boxes in sightings:
        last = max(last, at)
        if bisect_right(cuts, at) != scene:
            done, current, scene = done + current, [], bisect_right(cuts, at)
        current = _continued(current, done, at, boxes.astype(np.float64))
    ends = pictures or last + 1
    parts = linked([_part(track, ends) for track in (*done, *current)], cuts=cuts)
    found = [_finished(part, width=width, height=height) for part in parts if not part.doubted]
    return sorted(found, key=lambda track: (track.keys[0, 0], track.keys[0, 1]))


def _scenes(
    chain: Sequence[tuple[int, NDArray[np.floating]]], cuts: Sequence[int]
) -> Iterator[list[tuple[int, NDArray[np.float64]]]]:
    """A chain's sightings, scene by scene."""
    for _, seen in groupby(chain, key=lambda sight: bisect_right(cuts, sight[0])):
        yield [(at, box.astype(np.float64)) for at, box in seen]


def _continued(current: list[_Open], done: list[_Open], at: int, boxes: NDArray[np.float64]) -> list[_Open]:
    """Give each box to the track it fits best, start a track for every other, and close those not seen for long."""
    done += [t for t in current if at - t.seen[-1][0] > LONGEST_GAP]
    current = [t for t in current if at - t.seen[-1][0] <= LONGEST_GAP]
    pairs = sorted(_pairs(current, at, boxes), reverse=True)
    used_tracks: set[int] = set()
    used_boxes: set[int] = set()
    for _, i, k in pairs:
        if i not in used_tracks and k not in used_boxes:
            used_tracks.add(i)
            used_boxes.add(k)
            current[i].seen.append((at, boxes[k]))
    fresh = [k for k in range(len(boxes)) if k not in used_boxes]
    return current + [_Open(seen=[(at, boxes[k])]) for k in fresh]


def _pairs(current: list[_Open], at: int, boxes: NDArray[np.float64]) -> Iterator[tuple[float, int, int]]:
    """How well each open track fits each box: by overlap, or where they do not overlap by nearness and like size."""
    if not len(boxes):
        return
    centres = (boxes[:, :2] + boxes[:, 2:4]) / 2
    sides = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1)
    for i, track in enumerate(current):
        box = track.expected(at)
        shared = overlaps(box, boxes)
        side = (box[2:] - box[:2]).max()
        far = np.hypot(*(centres - (box[:2] + box[2:]) / 2).T) / np.maximum(np.maximum(side, sides), 1.0)
        alike = np.minimum(side, sides) > 0.5 * np.maximum(side, sides)
        near = _NEXT if at - track.seen[-1][0] <= 2 else _NEAR
        for k in np.flatnonzero((shared > _LEAST_OVERLAP) | ((far < near) & alike)):
            yield float(1 + shared[k] if shared[k] > _LEAST_OVERLAP else 1 - far[k]), i, int(k)


def _part(track: _Open, ends: int) -> Part:
    numbers = np.array([at for at, _ in track.seen], dtype=np.int64)
    sights = np.stack([box for _, box in track.seen])
    every, boxes = dense(numbers, padded(sights[:, :4]), ends=ends)
    return Part(
        start=int(every[0]),
        boxes=boxes,
        numbers=numbers,
        sights=sights[:, :4],
        score=float(np.abs(sights[:, 4]).max()),
        doubted=bool((sights[:, 4] < 0).all()),
    )


def _finished(part: Part, *, width: int, height: int) -> Sighted:
    keys = thinned(np.arange(part.start, part.end), part.boxes, width=width, height=height)
    return Sighted(keys=keys, score=part.score, seen=len(part.numbers))


def padded(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Face boxes widened to the sides, to the hair and to the chin.

    >>> padded(np.array([[100.0, 100, 200, 200]])).tolist()
    [[78.0, 82.0, 222.0, 212.0]]
    """
    wide, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    grown = [-SIDEWAYS * wide, -UPWARDS * tall, SIDEWAYS * wide, DOWNWARDS * tall]
    return boxes + np.stack(grown, axis=1)


def dense(
    numbers: NDArray[np.integer], boxes: NDArray[np.float64], *, ends: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A box for every picture from `HOLD` before the first sighting to `HOLD` after the last.

    Between two sightings a box holds the straight way between them and whole each sighting that is at most `HOLD`
    pictures away: whatever moved unseen in between is covered.
    """
    every = np.arange(numbers[0], numbers[-1] + 1)
    way = np.stack([np.interp(every, numbers, side) for side in boxes.T], axis=1)
    after = np.searchsorted(numbers, every)
    before = np.maximum(after - (numbers[after] != every), 0)
    for sighting in (before, after):
        close = (np.abs(numbers[sighting] - every) <= HOLD)[:, None]
        way[:, :2] = np.where(close, np.minimum(way[:, :2], boxes[sighting, :2]), way[:, :2])
        way[:, 2:] = np.where(close, np.maximum(way[:, 2:], boxes[sighting, 2:]), way[:, 2:])
    first, last = max(0, int(numbers[0]) - HOLD), min(ends - 1, int(numbers[-1]) + HOLD)
    head, tail = int(numbers[0]) - first, max(0, last - int(numbers[-1]))
    wider = _held(way, head, tail, numbers, boxes)
    return np.arange(first, int(numbers[-1]) + tail + 1), wider


def _held(
    way: NDArray[np.float64], head: int, tail: int, numbers: NDArray[np.integer], boxes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The way with its ends held: each step further from a sighting covers where the box was and where it was going."""
    parts = [way]
    for count, ends, first in ((head, (0, 1), True), (tail, (-1, -2), False)):
        if not count:
            continue
        pace = np.zeros(4)
        if len(numbers) > 1:
            apart = abs(int(numbers[ends[0]]) - int(numbers[ends[1]]))
            pace = (boxes[ends[0]] - boxes[ends[1]]) / apart
        steps = np.arange(1, count + 1)[:, None] * pace[None]
        limit = 0.5 * (boxes[ends[0], 2:] - boxes[ends[0], :2])
        steps = steps.clip(-np.tile(limit, 2), np.tile(limit, 2))
        moved = boxes[ends[0]] + steps
        held = np.concatenate(
            [np.minimum(moved[:, :2], boxes[ends[0], :2]), np.maximum(moved[:, 2:], boxes[ends[0], 2:])], axis=1
        )
        parts = [held[::-1], *parts] if first else [*parts, held]
    return np.concatenate(parts)


def thinned(numbers: NDArray[np.int64], boxes: NDArray[np.float64], *, width: int, height: int) -> Keys:
    """As few keys as cover every box, so that a person can move them: whole pixels, clipped to the picture.

    Every key is a box grown by a twentieth; between two keys the straight way still holds every box there was.
    O(pictures x log of the longest stretch).
    """
    limits = np.array([width, height, width, height], dtype=np.float64)
    outer, inner = _outer(boxes, limits), boxes.clip(0, limits)
    kept, end = [0], len(numbers) - 1
    while kept[-1] < end:
        start = kept[-1]
        step = 1
        while step < _LONGEST_STRETCH and start + step < end:
            longer = min(2 * step, end - start)
            if not _holds(outer, inner, start, longer):
                break
            step = longer
        kept.append(start + step)
    return np.column_stack([numbers[kept], outer[kept]])


def _outer(boxes: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes grown by the slack, in whole pixels inside the picture, each at least one pixel large."""
    more = _SLACK * (boxes[:, 2:] - boxes[:, :2])
    low = np.floor(boxes[:, :2] - more).clip(0, limits[:2] - 1)
    return np.concatenate([low, np.maximum(np.ceil(boxes[:, 2:] + more).clip(0, limits[2:]), low + 1)], axis=1)


def _holds(outer: NDArray[np.float64], boxes: NDArray[np.float64], start: int, step: int) -> bool:
    """Whether the straight way from one outer box to another holds every box in between."""
    share = (np.arange(step + 1) / step)[:, None]
    way = outer[start] * (1 - share) + outer[start + step] * share
    inside = boxes[start : start + step + 1]
    return bool((way[:, :2] <= inside[:, :2]).all() and (way[:, 2:] >= inside[:, 2:]).all())
