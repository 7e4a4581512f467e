"""Distant faces: every `LOOK`-th picture at its full size, each find confirmed on an enlarged crop, then followed.

A face of 14 pixels in a picture of 1280 x 720 is 7 pixels high where the small picture is looked at: not enough. Looking
at every picture in full would cost ten times as much. So the full size is looked at now and then, in tiles; what is
found there and is too small for the small picture is looked for again, in a tile around it, on the pictures between,
forwards from the look before and backwards from the look after. Nothing is recognised: only places are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.detector import Boxes, Detector, faces_in, overlaps, strongest

LOOK = 12
"""Every how many pictures one is looked at in full: half a second at 25 pictures a second."""
LARGEST = (1920, 1080)
"""A larger picture is scaled down to as many pixels: what a look costs stays bounded."""
SMALL_FACE = 14
"""Faces less high than this in the small picture are not found in every one of them: they belong here."""
_TILE = (448, 384)  # a whole picture at once costs half as much again: it does not stay in the processor's cache
_COMMON = 32  # pixels that neighbouring tiles share, and the network's block
_MOST = 32  # finds confirmed in one picture: the strongest
_AROUND = 3.0  # of a face's larger side: how large the tile is in which it is looked for
_REACH = 1.5  # of a face's larger side: how far from its expected place it may be
_COARSE = 4
_PATIENCE = 3  # pictures looked at in vain before a face is given up

RGB = NDArray[np.uint8]
Sightings = dict[int, Boxes]
NONE: Boxes = np.zeros((0, 5), np.float32)


@dataclass(slots=True)
class _Followed:
    """A small face on its way: its last box, how far it moves from picture to picture, looks in vain since."""

    box: NDArray[np.float32]
    pace: NDArray[np.float32] = field(default_factory=lambda: np.zeros(4, np.float32))
    vain: int = 0

    @property
    def expected(self) -> NDArray[np.float32]:
        return np.asarray(self.box[:4] + self.pace * (self.vain + 1))


@dataclass(slots=True, kw_only=True)
class Distant:
    """Looks for small faces in the pictures given to it one after the other. Memory: `LOOK` pictures.

    `least`: height in pixels of the looked-at picture from which on a face is left to the small picture. `threshold` is
    that of the small picture: a find needs half of it, and its confirmation twice of it.
    """

    detector: Detector
    least: float
    threshold: float
    seen: Sightings = field(default_factory=dict)
    _held: list[tuple[int, RGB]] = field(default_factory=list)
    _known: Boxes = field(default_factory=lambda: NONE)
    _large: Boxes = field(default_factory=lambda: NONE)

    def take(self, number: int, picture: RGB, boxes: Boxes) -> None:
        """One more picture (uint8[height, width, 3]) and the boxes already found in it. O(pixels) every LOOK-th time.

        Where it is time for a look, the pictures since the last look are gone through in both directions.
        """
        self._held.append((number, picture))
        self._large = boxes[boxes[:, 3] - boxes[:, 1] >= self.least]
        if number % LOOK == 0:
            self._look()

    def finish(self) -> Sightings:
        """A last look at the last picture; then all that was seen, by picture."""
        if len(self._held) > 1:
            self._look()
        return self.seen

    def _look(self) -> None:
        number, picture = self._held[-1]
        found = small_faces(self.detector, picture, least=self.least, threshold=self.threshold)
        found = found[[not _inside(box, self._large) for box in found]]
        self._note(number, found)
        self._follow(self._known, self._held)
        met = self.seen[number]
        self._follow(met[[not _met(box, self._before(number)) for box in met]], self._held[::-1])
        self._known, self._held = self.seen[number], self._held[-1:]

    def _before(self, number: int) -> Boxes:
        """What was seen in the picture before this one that was looked at."""
        return self.seen.get(self._held[-2][0] if len(self._held) > 1 else -1, NONE)

    def _follow(self, faces: Boxes, pictures: Sequence[tuple[int, RGB]]) -> None:
        """Look for each face near its place in one picture after the other. O(faces x pictures) tiles."""
        going = [_Followed(box=box) for box in faces]
        for (_, before), (number, picture) in pairwise(pictures):
            if not going: return
            shift = np.tile(camera_moved(before, picture), 2)
            for one in going:
                one.box = np.append(one.box[:4] + shift, one.box[4])
                one.vain += 0 if self._again(one, number, picture) else 1
            going = [one for one in going if one.vain < _PATIENCE]

    def _again(self, one: _Followed, number: int, picture: RGB) -> bool:
        found = near(self.detector, picture, one.expected, threshold=self.threshold / 2)
        if found is None:
            return False
        one.pace = (found[:4] - one.box[:4]) / (one.vain + 1)
        one.pace = np.tile((one.pace[:2]+one.pace[2:])/2, 2)
        one.box, one.vain = found, 0
        self._note(number, found[None])
        return True

    def _note(self, number: int, boxes: Boxes) -> None:
        both = np.concatenate([self.seen.get(number, NONE), boxes])
        both = both[np.argsort(-both[:, 4], kind="stable")]
        self.seen[number] = both[strongest(both)]


def small_faces(detector: Detector, picture: RGB, *, least: float, threshold: float) -> Boxes:
    """Faces less than `least` pixels high in a whole picture, strongest first: found in tiles, confirmed enlarged."""
    found = [box for tile in _tiles(picture) for box in _whole(detector, picture, tile, threshold / 2)]
    boxes = np.array([box for box in found if box[3] - box[1] < least], np.float32).reshape(-1, 5)
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")]
    boxes = boxes[strongest(boxes)][:_MOST]
    sure = [s for box in boxes if (s := _confirmed(detector, picture, box, 2 * threshold)) is not None]
    sure = sorted(sure, key=lambda box: -float(box[4]))
    kept = np.array(sure, np.float32).reshape(-1, 5)
    return kept[strongest(kept)]


def near(detector: Detector, picture: RGB, box: NDArray[np.floating], *, threshold: float) -> Any:
    """The face nearest to a place and alike in size (float32[5]), in a tile around it; None where there is none."""
    left, top, right, bottom = _around(box, picture, _side(box))
    found = faces_in(detector, picture[top:bottom, left:right], threshold=threshold)
    if not len(found):
        return None
    found[:, :4] += np.array([left, top, left, top], np.float32)
    sides = (found[:, 2:4] - found[:, :2]).max(axis=1)
    side = float((box[2:4] - box[:2]).max())
    far = np.hypot(*((found[:, :2] + found[:, 2:4] - box[:2] - box[2:4]) / 2).T) / side
    fits = (far < _REACH) & (sides > side / 2) & (sides < side * 2)
    return found[np.argmin(np.where(fits, far - found[:, 4], np.inf))] if fits.any() else None


def camera_moved(before: RGB, after: RGB) -> NDArray[np.float32]:
    """How far the scene moved from one picture to the next: right and down, in pixels, by phase correlation.

    Kuglin and Hines 1975. float32[2], in steps of four pixels: enough to find a face again.
    """
    first, second = (np.fft.rfft2(p[::_COARSE, ::_COARSE, 1].astype(np.float32)) for p in (before, after))
    cross = second * first.conj()
    peak = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), s=before[::_COARSE, ::_COARSE, 1].shape)
    down, right = np.unravel_index(int(peak.argmax()), peak.shape)
    tall, wide = peak.shape
    return np.array([right - wide * (right > wide // 2), down - tall * (down > tall // 2)], np.float32) * _COARSE


def enlarged(picture: RGB) -> RGB:
    """Twice as wide and as high, in straight steps between pixels.

    >>> enlarged(np.array([[[0], [8]]], np.uint8))[0, :, 0].tolist()
    [0, 2, 6, 8]
    """
    wide = np.pad(picture.astype(np.uint16), ((1, 1), (1, 1), (0, 0)), mode="edge")
    for axis in (0, 1):
        wide = np.moveaxis(wide, axis, 0)
        low, high = 3 * wide[1:-1] + wide[:-2], 3 * wide[1:-1] + wide[2:]
        wide = np.moveaxis(np.stack([low, high], axis=1).reshape(-1, *wide.shape[1:]), 0, axis)
    return np.asarray((wide + 8) // 16, dtype=np.uint8)


def _confirmed(detector: Detector, picture: RGB, box: NDArray[np.float32], threshold: float) -> Any:
    """The same face found in a crop twice as large, with its stronger score; None where it is not."""
    left, top, right, bottom = _around(box, picture, _side(box))
    found = faces_in(detector, enlarged(picture[top:bottom, left:right]), threshold=threshold)
    if not len(found):
        return None
    found[:, :4] = found[:, :4] / 2 + np.array([left, top, left, top], np.float32)
    shared = overlaps(box[:4], found)
    best = found[int(np.argmax(shared))]
    return best if shared.max() > 0.25 else None


def _tiles(picture: RGB) -> Iterator[tuple[int, int, int, int]]:
    height, width = picture.shape[:2]
    for top, bottom in _parts(height, _TILE[1]):
        for left, right in _parts(width, _TILE[0]):
            yield left, top, right, bottom


def _parts(length: int, most: int) -> list[tuple[int, int]]:
    """As few equal parts of at most `most` as cover a length, each sharing `_COMMON` or more with the next.

    >>> _parts(720, 384)
    [(0, 384), (336, 720)]
    """
    if length <= most:
        return [(0, length)]
    count = -(-(length - _COMMON) // (most - _COMMON))
    return [(int(start), int(start) + most) for start in np.linspace(0, length - most, count).round()]


def _whole(detector: Detector, picture: RGB, tile: tuple[int, int, int, int], threshold: float) -> Boxes:
    """Boxes of one tile that do not end at an edge inside the picture: a neighbouring tile holds those whole."""
    left, top, right, bottom = tile
    height, width = picture.shape[:2]
    found = faces_in(detector, picture[top:bottom, left:right], threshold=threshold)
    found[:, :4] += np.array([left, top, left, top], np.float32)
    inner = np.array([left, top, right, bottom]) + [1, 1, -1, -1]
    cut = (found[:, :2] < inner[:2]) & (inner[:2] > 1)
    ends = (found[:, 2:4] > inner[2:]) & (inner[2:] < [width - 1, height - 1])
    return found[~(cut | ends).any(axis=1)]


def _side(box: NDArray[np.floating]) -> int:
    blocks = int(np.ceil(_AROUND * float((box[2:4] - box[:2]).max()) / _COMMON))
    return max(2, blocks) * _COMMON


def _around(box: NDArray[np.floating], picture: RGB, side: int) -> tuple[int, int, int, int]:
    """A square tile with a box in its middle, moved into the picture: left, top, right, bottom."""
    height, width = picture.shape[:2]
    left = int(np.clip((box[0] + box[2] - side) / 2, 0, max(0, width - side)))
    top = int(np.clip((box[1] + box[3] - side) / 2, 0, max(0, height - side)))
    return left, top, min(width, left + side), min(height, top + side)


def _inside(box: NDArray[np.float32], others: Boxes) -> bool:
    """Whether the box's middle lies in one of the others: it is covered already."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(((others[:, 0] < x) & (x < others[:, 2]) & (others[:, 1] < y) & (y < others[:, 3])).any())


def _met(box: NDArray[np.float32], others: Boxes) -> bool:
    """Whether a face seen in the picture before is near enough to be the same."""
    side = (box[2:4] - box[:2]).max()
    far = np.hypot(*((others[:, :2] + others[:, 2:4] - box[:2] - box[2:4]) / 2).T)
    return bool((far < side).any())
