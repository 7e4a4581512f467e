"""Tracks: boxes of single frames joined over gaps, linked where they are one thing, and cut between scenes.

No picture is looked at to link two parts: overlap, motion and gap decide, and nothing is recognised.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.measure.detector import Boxes, overlaps

LINK_GAP = 75
"""Pictures without a sighting over which two parts may be linked: three seconds at 25 pictures a second."""
_NEAR_PART = 1.0  # of a box's larger side: how far from its expected place the next part may begin
_STEPS = 8  # sightings that say at what pace it moves
_SHARED = 0.25  # of the smaller box that lies in the other, in the middle one of the pictures that both cover
_SHARED_BESIDE = 0.35  # the same for two that were often seen in one picture: they may be neighbours
_OFTEN = 3  # pictures
_ALIKE = 0.5  # the smaller of two boxes has at least this share of the larger one's side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One stretch of a track: a box (float64[n, 4]) for every picture from `start` on, and where it was seen.

    `numbers` are the pictures with a sighting, in rising order; `sights` (float64[k, 4]) its boxes there.
    """

    start: int
    boxes: NDArray[np.float64]
    numbers: NDArray[np.int64]
    sights: NDArray[np.float64]
    score: float
    doubted: bool = False  # every sighting was weak, and not there again at full size

    @property
    def end(self) -> int:
        """The picture after its last one."""
        return self.start + len(self.boxes)

    def expected(self, ahead: int) -> NDArray[np.float64]:
        """Its box so many pictures after (before, where negative) its sightings, at the pace that it had there."""
        few = slice(-_STEPS, None) if ahead > 0 else slice(None, _STEPS)
        numbers, sights = self.numbers[few], self.sights[few]
        pace = (sights[-1] - sights[0]) / max(1, numbers[-1] - numbers[0])
        steady = np.tile((pace[:2] + pace[2:]) / 2, 2)
        return np.asarray(sights[-1 if ahead > 0 else 0] + steady * ahead)


def linked(parts: Iterable[Part], *, cuts: Sequence[int] = ()) -> list[Part]:
    """Parts of which those that are one thing are one; none over a cut (the number of a scene's first picture).

    O(parts x parts at one time), and as many gaps.
    """
    once = _without_doubles(list(parts), cuts)
    return _without_doubles(_successions(once, cuts), cuts)


def joined(one: Part, other: Part) -> Part:
    """Both parts as one: each picture's box holds theirs, and a gap between them is crossed straight.

    >>> def part(start, x):
    ...     boxes = np.array([[x, 0.0, x + 10, 10]])
    ...     return Part(start=start, boxes=boxes, numbers=np.array([start]), sights=boxes, score=0.5)
    >>> joined(part(0, 0.0), part(2, 4.0)).boxes[:, 0].tolist()
    [0.0, 2.0, 4.0]
    """
    start, end = min(one.start, other.start), max(one.end, other.end)
    low, high = np.full((end - start, 2), np.inf), np.full((end - start, 2), -np.inf)
    for part in (one, other):
        at = slice(part.start - start, part.end - start)
        low[at] = np.minimum(low[at], part.boxes[:, :2])
        high[at] = np.maximum(high[at], part.boxes[:, 2:])
    boxes = np.concatenate([low, high], axis=1)
    known = np.flatnonzero(np.isfinite(boxes[:, 0]))
    every = np.arange(end - start)
    way = np.stack([np.interp(every, known, boxes[known, side]) for side in range(4)], axis=1)
    numbers = np.concatenate([one.numbers, other.numbers])
    order, first = np.unique(numbers, return_index=True)
    sights = np.concatenate([one.sights, other.sights])[first]
    return Part(
        start=start,
        boxes=way,
        numbers=order,
        sights=sights,
        score=max(one.score, other.score),
        doubted=one.doubted and other.doubted,
    )


def _without_doubles(parts: list[Part], cuts: Sequence[int]) -> list[Part]:
    """Parts that lie in one another for most of their common time are one."""
    done: list[Part] = []
    current: list[Part] = []
    for part in sorted(parts, key=lambda p: (p.start, -len(p.boxes))):
        done += [k for k in current if k.end <= part.start]
        current = [k for k in current if k.end > part.start]
        same = [_double(part, k, cuts) for k in current]
        whole = reduce(joined, (k for k, is_same in zip(current, same, strict=True) if is_same), part)
        current = [*(k for k, is_same in zip(current, same, strict=True) if not is_same), whole]
    return done + current


def _double(one: Part, other: Part, cuts: Sequence[int]) -> bool:
    first, last = max(one.start, other.start), min(one.end, other.end)
    if first >= last or _cut_between(one, other, cuts):
        return False
    mine, theirs = (p.boxes[first - p.start : last - p.start] for p in (one, other))
    both = (np.minimum(mine[:, 2:], theirs[:, 2:]) - np.maximum(mine[:, :2], theirs[:, :2])).clip(0).prod(axis=1)
    smaller = np.minimum(*((b[:, 2:] - b[:, :2]).prod(axis=1) for b in (mine, theirs)))
    often = len(np.intersect1d(one.numbers, other.numbers)) >= _OFTEN
    return bool(np.median(both / np.maximum(smaller, 1e-9)) > (_SHARED_BESIDE if often else _SHARED))


def _successions(parts: list[Part], cuts: Sequence[int]) -> list[Part]:
    """Each part joined to the one that goes on where it ended: the best fitting pairs first."""
    pairs = sorted(_pairs_of_parts(parts, cuts))
    after: dict[int, int] = {}
    led: set[int] = set()
    for _, i, k in pairs:
        if i not in after and k not in led:
            after[i] = k
            led.add(k)
    made = []
    for i, part in enumerate(parts):
        if i not in led:
            whole, at = part, i
            while at in after:
                at = after[at]
                whole = joined(whole, parts[at])
            made.append(whole)
    return made


def _pairs_of_parts(parts: list[Part], cuts: Sequence[int]) -> Iterable[tuple[float, int, int]]:
    """How far each part begins from where an earlier one should be by then; only pairs that may be one."""
    order = sorted(range(len(parts)), key=lambda i: int(parts[i].numbers[0]))
    firsts = np.array([parts[i].numbers[0] for i in order])
    for i, part in enumerate(parts):
        last = int(part.numbers[-1])
        begin, end = np.searchsorted(firsts, [last + 1, last + LINK_GAP + 1])
        for k in order[begin:end]:
            far = _misfit(part, parts[k])
            if far < _NEAR_PART and not _cut_between(part, parts[k], cuts):
                yield far, i, k


def _misfit(one: Part, other: Part) -> float:
    """How far apart, in larger sides, the two are halfway in the gap between them; infinite where sizes differ."""
    gap = int(other.numbers[0] - one.numbers[-1])
    ends, starts = one.sights[-1], other.sights[0]
    sides = sorted((float((b[2:] - b[:2]).max()) for b in (ends, starts)), reverse=True)
    if sides[1] < _ALIKE * sides[0]:
        return np.inf
    ways = ((one.expected(gap), starts), (other.expected(-gap), ends), (ends, starts))
    return min(float(np.hypot(*((a[:2] + a[2:] - b[:2] - b[2:]) / 2))) / sides[0] for a, b in ways)


def _cut_between(one: Part, other: Part, cuts: Sequence[int]) -> bool:
    """Whether one was only seen before a cut and the other only after it."""
    first, second = sorted((one, other), key=lambda p: int(p.numbers[-1]))
    return bisect_right(cuts, first.numbers[-1]) < bisect_right(cuts, second.numbers[0])


# Cuts of a recording: where one scene ends and another begins, so that no track goes over it.

_ROWS, _COLUMNS = 9, 16  # fields of a picture whose brightness is compared
_LEAST = 0.6  # mean change of a field's brightness at a cut, in standard deviations of the picture's fields
_TIMES = 3.0  # as large as the usual change before it: a shaken or panned camera makes no cut
_FLAT = 4.0  # of 255: a picture whose fields differ by less is taken to differ by this much
_USUAL = 12  # changes that say what is usual


@dataclass(slots=True)
class Scenes:
    """Fed with pictures in rising order. `cuts` are the first pictures of every scene but the first."""

    cuts: list[int] = field(default_factory=list)
    _before: NDArray[np.float32] | None = None
    _changes: list[float] = field(default_factory=list)

    def take(self, number: int, picture: NDArray[np.uint8]) -> None:
        """One more picture (uint8[height, width, 3]). O(pixels / 16)."""
        now = fields(picture)
        if self._before is not None:
            change = float(np.abs(now - self._before).mean())
            usual = float(np.median(self._changes)) if self._changes else 0.0
            if change > max(_LEAST, _TIMES * usual):
                self.cuts.append(number)
                self._changes = []
            else:
                self._changes = [*self._changes[1 - _USUAL :], change]
        self._before = now


def fields(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Brightness (green) of 9 x 16 fields, in standard deviations from their mean: a flash changes little of it."""
    few = picture[::4, ::4, 1].astype(np.float32)
    rows, columns = (np.arange(n) * size // n for n, size in ((_ROWS, few.shape[0]), (_COLUMNS, few.shape[1])))
    sums = np.add.reduceat(np.add.reduceat(few, rows, axis=0), columns, axis=1)
    counts = np.diff([*rows, few.shape[0]])[:, None] * np.diff([*columns, few.shape[1]])[None]
    means = sums / np.maximum(counts, 1)
    return np.asarray((means - means.mean()) / max(_FLAT, float(means.std())), dtype=np.float32)


# Joins boxes of single frames into tracks that also cover the frames between, before and after detections.
#
# A track is a rectangle that moves. It says nothing of who is in it: two passages of one person are two tracks, and
# no track is ever compared with another recording's.

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
