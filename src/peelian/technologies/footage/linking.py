"""Links parts of tracks that are one thing: by overlap, motion and gap. No picture is looked at, nothing is recognised.

A person reviews every track, so what is one face should be one track. Linking never uncovers anything: in every picture
the linked box holds the boxes of its parts. Two people who follow each other at one place within `LINK_GAP` pictures
become one track; whoever drops a track should look at all of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

LINK_GAP = 75
"""Pictures without a sighting over which two parts may be linked: three seconds at 25 pictures a second."""
_NEAR = 1.0  # of a box's larger side: how far from its expected place the next part may begin
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
    pairs = sorted(_pairs(parts, cuts))
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


def _pairs(parts: list[Part], cuts: Sequence[int]) -> Iterable[tuple[float, int, int]]:
    """How far each part begins from where an earlier one should be by then; only pairs that may be one."""
    order = sorted(range(len(parts)), key=lambda i: int(parts[i].numbers[0]))
    firsts = np.array([parts[i].numbers[0] for i in order])
    for i, part in enumerate(parts):
        last = int(part.numbers[-1])
        begin, end = np.searchsorted(firsts, [last + 1, last + LINK_GAP + 1])
        for k in order[begin:end]:
            far = _misfit(part, parts[k])
            if far < _NEAR and not _cut_between(part, parts[k], cuts):
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
