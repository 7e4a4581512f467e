"""Following a box that a person drew: those of a face, a plate, a screen or a document, never those of a person.

A box is judged where it is drawn and again in each picture where it goes: by what it is said to cover, by its
proportion and size, and by the faces that the plan knows there. A person's box holds their face or lies below it, and
is several times as large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.technologies.footage.measure.plan import Plan, box_at
from peelian.technologies.footage.measure.recording import library
from peelian.technologies.footage.measure.tracking import Keys, thinned

Box = tuple[float, float, float, float]
FOLLOWED = ("face", "plate", "screen", "document")
"""Classes of a plan whose boxes are followed."""
TALLEST = 2.25
"""Heights of a box for one width: a telephone held upright has 2.2, a person who stands about 3."""
_FRAME = {"face": 1 / 6, "plate": 1 / 4, "screen": 1 / 4, "document": 1 / 4}
"""Of the frame's area, at most. The largest padded box of a face in a plan that is shipped or tested has .156."""
_FACES = {"face": 3.0, "plate": 6.0, "screen": 6.0, "document": 6.0}
"""Times the plan's box of the face it holds or lies below. That box is padded: about 1.9 times the face. A head with
its hair has 2 of them, head and chest about 6, a person who stands about 14."""
BY_HAND = "draw the box around the face or plate; cover a whole person by hand, with positions of your own"


def must_be_followable(plan: Plan, number: int, what: str, box: Box) -> None:
    """InputError unless a box drawn in one picture can be what it is said to cover. O(tracks)."""
    if what not in FOLLOWED:
        raise InputError("only a face, a plate, a screen or a document is followed", accepted=BY_HAND)
    if is_too_large(plan, number, what, box):
        raise InputError("box too large to follow", accepted=BY_HAND)


def is_too_large(plan: Plan, number: int, what: str, box: Box) -> bool:
    """Whether a box in one picture is taller or larger than what it is said to cover can be. O(tracks)."""
    area, (left, top, right, bottom) = _area(box), box
    if bottom - top > TALLEST * (right - left) or area > _FRAME[what] * plan.width * plan.height:
        return True
    near = [_area(face) for face in _faces(plan, number) if _is_over(face, box)]
    return bool(near) and area > _FACES[what] * max(near)


def _faces(plan: Plan, number: int) -> Iterator[Box]:
    """The faces that the detector found in one picture, whatever was decided about them."""
    for track in plan.tracks:
        if track.source == "automatic" and track.what == "face" and track.first <= number <= track.last:
            yield box_at(np.array(track.keys, dtype=np.float64), number)


def _is_over(face: Box, box: Box) -> bool:
    """Whether the middle of a face lies in a box, or above it by less than the face's height."""
    x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
    return box[0] <= x <= box[2] and box[1] - (face[3] - face[1]) <= y <= box[3]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


# Follows a box that a person drew, picture by picture in both directions, until it ends, is cut off or is lost.
#
# CSRT (Lukežič et al. 2017, in OpenCV) says where the patch went. It reports loss badly, so each picture is also
# held against the drawn patch by colours and pattern. It works within one recording and only moves a cover: nothing
# is recognised, compared with another recording, or kept but the boxes.

Picture = NDArray[np.uint8]
Key = tuple[int, int, int, int, int]
Fits = Callable[[int, Box], bool]
"""Whether a box in one picture can still be what was drawn."""
Stretch = Callable[[int, int], Sequence[Picture]]
"""The pictures from a number on, as many as asked for: uint8[height, width, 3], RGB, all of one size."""
END, LOST, LEFT, CUT, LONGEST, LARGE, JOINED = "end", "lost", "left", "cut", "longest", "large", "joined"
MOST = 125
"""Pictures that a box is followed for at most in one direction: 5 seconds at 25 a second. Then a person looks."""
WAYS: Mapping[str, tuple[int, int]] = {"both": (MOST, MOST), "onward": (0, MOST), "back": (MOST, 0)}
"""Pictures back and onward from where a box was drawn."""
PIECE = 32
"""Pictures held in memory at once. Going backwards, each piece is decoded from the key frame before it."""
LEAST_SIDE = 8
"""Pixels of a followed picture that a box must have on each side; `followable` says how large it may be."""
UNSURE = 3
"""Pictures in a row that look too little like what was drawn before it counts as lost. They are covered."""
_PAD = 0.2  # of a box's sides, on each side: a thing that turns changes its proportions, the tracker keeps them
_LEAST_LIKE, _LIKE = 0.45, 0.65  # of 1: less is unsure; from the second on, the look is learnt anew
_LEARNT = 0.1  # of the new look, for each picture
_GROWTH = 1.35  # of the sides, from one picture to the next: no thing comes nearer so fast
_LARGER, _BETTER = 1.25, 0.1  # times the sides; how much better a larger box must fit what was drawn
_CELL, _MARGIN = 24, 4  # of a patch, for its pattern: pixels a side, and how far it may be off


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """Where a box went: keys for a track, and why it was followed no further at its first and its last picture.

    `tips` are the boxes themselves, unpadded, where it was as far as it is followed at once: from there it goes on.
    """

    keys: Keys
    began: str
    ended: str
    tips: tuple[Key, ...] = ()

    @property
    def first(self) -> int:
        """The first picture that is covered."""
        return int(self.keys[0, 0])

    @property
    def last(self) -> int:
        """The last picture that is covered."""
        return int(self.keys[-1, 0])


def followed(
    stretch: Stretch,
    at: int,
    box: Box,
    *,
    pictures: int,
    size: tuple[int, int],
    fits: Fits = lambda number, box: True,
    reach: tuple[int, int] = (MOST, MOST),
    piece: int = PIECE,
) -> Followed:
    """Follow `box` (left, top, right, bottom), drawn in picture `at` of `pictures`, for `reach` pictures each way.

    Boxes are in pixels of `size` (width, height); what `stretch` gives may be smaller. The keys are padded and cover
    every box there was; it goes on as long as it `fits`. InputError: the box is not inside the picture, or too small.
    O(pictures followed) at about 30 ms CPU each, and decoding; memory: `piece` pictures.
    """
    start = stretch(at, 1)[0]
    share = start.shape[1] / size[0]
    drawn = _drawn(box, size, share)
    before, after = range(at - 1, max(-1, at - reach[0] - 1), -1), range(at + 1, min(pictures, at + reach[1] + 1))

    def gone(numbers: range) -> tuple[list[Box], str]:
        return _way(_Eye(start, drawn), _in_turn(stretch, numbers, piece), lambda n, box: fits(n, _scaled(box, share)))

    (onward, ended), (back, began) = gone(after), gone(before)
    boxes = np.array([*reversed(back), drawn, *onward]) / share
    numbers = np.arange(at - len(back), at + len(onward) + 1)
    keys = thinned(numbers, _cover(boxes), width=size[0], height=size[1])
    first, last = int(numbers[0]), int(numbers[-1])
    began = began or (END if not first else LONGEST if reach[0] else JOINED)
    ended = ended or (END if last == pictures - 1 else LONGEST if reach[1] else JOINED)
    tips = ((first, began, boxes[0]), (last, ended, boxes[-1]))
    return Followed(
        keys=keys, began=began, ended=ended, tips=tuple(_key(n, tip, size) for n, why, tip in tips if why == LONGEST)
    )


def _scaled(box: Box, share: float) -> Box:
    return box[0] / share, box[1] / share, box[2] / share, box[3] / share


def _key(number: int, box: NDArray[np.float64], size: tuple[int, int]) -> Key:
    left, top, right, bottom = box.round().astype(int).clip(0, [*size, *size]).tolist()
    return number, left, top, right, bottom


def _drawn(box: Box, size: tuple[int, int], share: float) -> Box:
    left, top, right, bottom = box
    width, height = size
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise InputError("box not inside the frame", accepted="left before right, top before bottom, in whole pixels")
    if min(right - left, bottom - top) * share < LEAST_SIDE:
        least = sentence("at least %(n)d pixels on each side", n=int(np.ceil(LEAST_SIDE / share)))
        raise InputError("box too small to follow", accepted=least)
    return left * share, top * share, right * share, bottom * share


def _way(eye: _Eye, pictures: Iterator[tuple[int, Picture]], fits: Fits) -> tuple[list[Box], str]:
    """The boxes in one picture after another, and why it went no further; empty where there were no more pictures."""
    boxes: list[Box] = []
    for number, picture in pictures:
        box, why = eye.next(picture)
        if why or not fits(number, box):
            return boxes, why or LARGE
        boxes.append(box)
    return boxes, ""


def _in_turn(stretch: Stretch, numbers: range, piece: int) -> Iterator[tuple[int, Picture]]:
    """These numbers and their pictures, decoded forwards in pieces and handed out in the order asked for."""
    for some in (numbers[i : i + piece] for i in range(0, len(numbers), piece)):
        yield from zip(some, list(stretch(min(some), len(some)))[:: numbers.step], strict=True)


def _cover(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes padded, each holding those of the pictures before and after it."""
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2) * [-_PAD, -_PAD, _PAD, _PAD]
    wide = np.pad(boxes + sides, ((1, 1), (0, 0)), mode="edge")
    three = np.stack([wide[:-2], wide[1:-1], wide[2:]])
    return np.concatenate([three[..., :2].min(axis=0), three[..., 2:].max(axis=0)], axis=1)


class _Eye:
    """Looks for one patch in one picture after another."""

    def __init__(self, picture: Picture, box: Box) -> None:
        self._cv2 = library("cv2")
        self._track(picture, box)
        self._sure = self._last = box
        self._colours = self._histogram(_cut(picture, box))
        self._drawn = self._pattern = self._patch(picture, box)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
        self._scene = self._histogram(picture), self._small(picture)
        self._unsure = 0

    def next(self, picture: Picture) -> tuple[Box, str]:
        """The box in the next picture, and why there is none: empty where there is."""
        if self._is_cut(picture):
            return self._last, CUT
        found, (x, y, wide, tall) = self._tracker.update(picture)
        box = (float(x), float(y), float(x + wide), float(y + tall))
        like = self._likeness(picture, box) if found and self._is_steady(box) else 0.0
        self._unsure = 0 if like >= _LEAST_LIKE else self._unsure + 1
        if self._unsure > UNSURE:
            return self._last, LEFT if _inside(self._sure, picture) < 1 else LOST
        if like >= _LEAST_LIKE:
            self._sure = self._last = self._whole(picture, box)
        else:  # perhaps it is where it was, perhaps where the tracker says: both are covered
            self._last = _both(self._sure, box) if found and self._is_steady(box) else self._sure
        return self._last, ""

    def _whole(self, picture: Picture, box: Box) -> Box:
        """The box, or a larger one where that fits better what was drawn: the tracker then goes on from there."""
        wide, tall = (_LARGER - 1) / 2 * (box[2] - box[0]), (_LARGER - 1) / 2 * (box[3] - box[1])
        larger = (box[0] - wide, box[1] - tall, box[2] + wide, box[3] + tall)
        if _inside(larger, picture) < 1 or self._drawn_fit(picture, larger) < self._drawn_fit(picture, box) + _BETTER:
            return box
        self._track(picture, larger)
        return larger

    def _drawn_fit(self, picture: Picture, box: Box) -> float:
        fits = self._cv2.matchTemplate(self._patch(picture, box), self._drawn, self._cv2.TM_CCOEFF_NORMED)
        return float(fits.max())

    def _track(self, picture: Picture, box: Box) -> None:
        left, top, right, bottom = (round(side) for side in box)
        self._tracker = self._cv2.TrackerCSRT_create()
        self._tracker.init(picture, (left, top, right - left, bottom - top))

    def _likeness(self, picture: Picture, box: Box) -> float:
        """How much of the drawn look is there, from 0 to 1: half its colours, half its pattern, as last learnt."""
        colours = float(np.minimum(self._colours, self._histogram(_cut(picture, box))).sum())
        patch = self._patch(picture, box)
        fits = self._cv2.matchTemplate(patch, self._pattern, self._cv2.TM_CCOEFF_NORMED)
        _, best, _, (x, y) = self._cv2.minMaxLoc(fits)
        like = (colours + max(0.0, float(best))) / 2
        if like >= _LIKE:
            side = len(self._pattern)
            self._pattern = (1 - _LEARNT) * self._pattern + _LEARNT * patch[y : y + side, x : x + side]
        return like

    def _is_steady(self, box: Box) -> bool:
        ratios = [(box[i + 2] - box[i]) / max(1.0, self._sure[i + 2] - self._sure[i]) for i in (0, 1)]
        return all(1 / _GROWTH <= ratio <= _GROWTH for ratio in ratios)

    def _is_cut(self, picture: Picture) -> bool:
        """Whether another scene began: other colours in other places."""
        colours, small = self._histogram(picture), self._small(picture)
        before, self._scene = self._scene, (colours, small)
        alike = float(np.corrcoef(before[1].ravel(), small.ravel())[0, 1]) if small.std() and before[1].std() else 1.0
        return alike < 0.5 and float(np.minimum(before[0], colours).sum()) < 0.5

    def _patch(self, picture: Picture, box: Box) -> NDArray[np.float32]:
        """The box and a margin, grey, in one size."""
        cv2, side = self._cv2, _CELL + 2 * _MARGIN
        wide, tall = (box[2] - box[0]) / _CELL, (box[3] - box[1]) / _CELL
        left, top = box[0] - _MARGIN * wide, box[1] - _MARGIN * tall
        grey = cv2.cvtColor(_cut(picture, (left, top, left + side * wide, top + side * tall)), cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)

    def _histogram(self, pixels: Picture) -> NDArray[np.float32]:
        counts = self._cv2.calcHist([pixels], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3).ravel()
        return np.asarray(counts / counts.sum(), dtype=np.float32)

    def _small(self, picture: Picture) -> NDArray[np.float32]:
        cv2 = self._cv2
        grey = cv2.cvtColor(cv2.resize(picture, (16, 9), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        return np.asarray(grey, dtype=np.float32)


def _cut(picture: Picture, box: Box) -> Picture:
    """The pixels of a box; where it reaches beyond the picture, its edge goes on."""
    left, top = int(np.floor(box[0])), int(np.floor(box[1]))
    rows = np.arange(top, max(top + 1, int(np.ceil(box[3])))).clip(0, picture.shape[0] - 1)
    columns = np.arange(left, max(left + 1, int(np.ceil(box[2])))).clip(0, picture.shape[1] - 1)
    return np.ascontiguousarray(picture[rows[:, None], columns])


def _inside(box: Box, picture: Picture) -> float:
    """The share of a box that lies in the picture."""
    height, width = picture.shape[:2]
    wide = min(box[2], width) - max(box[0], 0.0)
    tall = min(box[3], height) - max(box[1], 0.0)
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(wide, 0.0) * max(tall, 0.0) / area if area > 0 else 0.0


def _both(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
