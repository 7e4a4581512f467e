"""Distant faces: every `LOOK`-th picture at full size, each find confirmed on an enlarged crop, then followed.

A face 14 pixels high in a picture of 1280 x 720 has 7 in the small picture, which is too few. Looking at every second
picture in full costs about three times as much CPU. So one picture in `LOOK` is looked at in full. What is found there
and is too small for the small picture is looked for again in the pictures between, each time in a tile around the place
it should have moved to: forwards from the look before, backwards from the look after. Only places are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.footage.detector import Boxes, Detector, faces_in, overlaps, strongest

LOOK = 20
"""Every how many pictures one is looked at in full: 0.8 seconds at 25 pictures a second."""
LARGEST = (1920, 1080)
"""A larger picture is scaled down to as many pixels: what a look costs stays bounded."""
SMALL_FACE = 18
"""Faces less high than this in the small picture are not found in every one of them: they belong here."""
_TILE = (448, 384)  # a whole picture at once costs half as much again: it does not stay in the processor's cache
_BLOCK = 32  # pixels that neighbouring tiles share at least; sides of tiles are whole blocks
_MOST = 32  # finds confirmed in one picture: the strongest
_AROUND = 3  # of a face's larger side: how large the tile is in which it is looked for
_REACH = 1.5  # of a face's larger side: how far from its expected place it may be
_LARGE = 120  # pixels
_AGAIN = 0.25  # overlap of two boxes of one face, found in two sizes
_PATIENCE = 3  # pictures looked at in vain before a face is given up

RGB = NDArray[np.uint8]
Box = NDArray[np.float32]
"""float32[5]: left, top, right, bottom, score."""
Chain = list[tuple[int, Box]]
"""Where one face was seen, in rising order of picture number."""
Held = tuple[int, RGB]
NONE: Boxes = np.zeros((0, 5), np.float32)


@dataclass(slots=True, kw_only=True)
class Distant:
    """Looks for small faces in the pictures given to it one after the other. Memory: at most `LOOK` pictures.

    `least`: height in pixels of the looked-at picture from which on a face is left to the small picture. `threshold` is
    that of the small picture: a find needs half of it, and its confirmation twice of it.
    """

    detector: Detector
    least: float
    threshold: float
    chains: list[Chain] = field(default_factory=list)
    _open: list[Chain] = field(default_factory=list)
    _held: list[Held] = field(default_factory=list)
    _large: Boxes = field(default_factory=lambda: NONE)

    def take(self, number: int, picture: RGB, boxes: Boxes) -> None:
        """One more picture (uint8[height, width, 3]) and what the small picture shows in it, in its pixels.

        Where it is time for a look, the pictures since the look before are gone through in both directions:
        O(pixels + faces x pictures since), every `LOOK` pictures.
        """
        self._held.append((number, picture))
        self._large = boxes[boxes[:, 3] - boxes[:, 1] >= self.least]
        if number % LOOK == 0:
            self._look()

    def finish(self) -> list[Chain]:
        """All chains, after a last look at the last picture."""
        if len(self._held) > 1:
            self._look()
        return self.chains

    def _look(self) -> None:
        number, picture = self._held[-1]
        found = small_faces(self.detector, picture, least=self.least, threshold=self.threshold)
        for chain in self._open:
            chain += followed(self.detector, chain[-1][1], self._held, threshold=self.threshold / 2)
        going = [chain for chain in self._open if chain[-1][0] == number]
        self._open = []
        for box in found:
            if not _inside(box, self._large):
                self._open.append(self._taken_up(number, box, going))
        self._held = self._held[-1:]

    def _taken_up(self, number: int, box: Box, going: list[Chain]) -> Chain:
        """The chain that led to this find; else a new one, followed backwards to the look before."""
        for at, chain in enumerate(going):
            if _beside(box, chain[-1][1]):
                del going[at]
                chain[-1] = (number, box)
                return chain
        back = followed(self.detector, box, self._held[::-1], threshold=self.threshold / 2)
        chain = [*reversed(back), (number, box)]
        self.chains.append(chain)
        return chain


def small_faces(detector: Detector, picture: RGB, *, least: float, threshold: float) -> Boxes:
    """Faces less than `least` pixels high in a whole picture, strongest first: found in tiles, confirmed enlarged."""
    parts = [_whole(detector, picture, tile, threshold / 2) for tile in _tiles(picture)]
    boxes = _sorted(box for part in parts for box in part if box[3] - box[1] < least)[:_MOST]
    return _sorted(sure for box in boxes for sure in _confirmed(detector, picture, box, 2 * threshold))


def doubted(detector: Detector, picture: RGB, boxes: Boxes, *, threshold: float) -> Boxes:
    """Boxes of the small picture; a weak one that is not found again at full size gets its score with a minus.

    Weak is less than twice the threshold. Faces more than `_LARGE` pixels high are not looked for again.
    """
    told = boxes.copy()
    for row in told:
        if row[4] < 2 * threshold and row[3] - row[1] < _LARGE:
            left, top, right, bottom = _around(row, picture)
            found = faces_in(detector, picture[top:bottom, left:right], threshold=threshold)
            found[:, :4] += np.array([left, top, left, top], np.float32)
            row[4] *= 1 if (overlaps(row, found) > _AGAIN).any() else -1
    return told


def followed(detector: Detector, box: Box, pictures: Iterable[Held], *, threshold: float) -> Chain:
    """Where a face seen at `box` in the first picture is seen again in those after it, in their order.

    Ends where it is not found in several pictures. O(pictures) tiles.
    """
    chain: Chain = []
    vain = 0
    for (_, before), (number, picture) in pairwise(pictures):
        box = np.append(box[:4] + np.tile(shifted(before, picture, box), 2), box[4])
        found = _near(detector, picture, box, threshold)
        vain = 0 if found is not None else vain + 1
        if found is not None:
            box = found
            chain.append((number, box))
        if vain == _PATIENCE:
            break
    return chain


def shifted(before: RGB, after: RGB, box: Box) -> NDArray[np.float32]:
    """How far what is at a place moved from one picture to another: right and down, in whole pixels.

    Phase correlation (Kuglin and Hines 1975) of a tile around it: camera and walk together, up to half a tile.

    >>> scene = np.random.default_rng(1).integers(0, 256, (128, 128, 3), np.uint8)
    >>> shifted(scene, np.roll(scene, (3, -5), axis=(0, 1)), np.array([60, 60, 74, 74, 1], np.float32)).tolist()
    [-5.0, 3.0]
    """
    left, top, right, bottom = _around(box, before)
    first, second = (p[top:bottom, left:right, 1].astype(np.float32) for p in (before, after))
    fade = np.hanning(bottom - top)[:, None] * np.hanning(right - left)[None]
    one, other = (np.fft.rfft2((part - part.mean()) * fade) for part in (first, second))
    cross = other * one.conj()
    peak = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), s=first.shape)
    down, across = np.unravel_index(int(peak.argmax()), peak.shape)
    tall, wide = peak.shape
    return np.array([across - wide * (across > wide // 2), down - tall * (down > tall // 2)], np.float32)


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


def _near(detector: Detector, picture: RGB, box: Box, threshold: float) -> Box | None:
    """The face nearest to a place and alike in size, in a tile around it."""
    left, top, right, bottom = _around(box, picture)
    found = faces_in(detector, picture[top:bottom, left:right], threshold=threshold)
    found[:, :4] += np.array([left, top, left, top], np.float32)
    side = _side(box)
    sides = (found[:, 2:4] - found[:, :2]).max(axis=1)
    far = _apart(box, found) / side
    fits = (far < _REACH) & (sides > side / 2) & (sides < side * 2)
    return found[np.argmin(np.where(fits, far - found[:, 4], np.inf))] if fits.any() else None


def _confirmed(detector: Detector, picture: RGB, box: Box, threshold: float) -> Iterator[Box]:
    """The same face as it is found in a crop twice as large; nothing where it is not."""
    left, top, right, bottom = _around(box, picture, times=2)
    found = faces_in(detector, enlarged(picture[top:bottom, left:right]), threshold=threshold)
    found[:, :4] = found[:, :4] / 2 + np.array([left, top, left, top], np.float32)
    shared = overlaps(box, found)
    if len(found) and shared.max() > _AGAIN:
        yield found[int(np.argmax(shared))]


def _sorted(boxes: Iterable[Box]) -> Boxes:
    """Boxes as an array, strongest first, each face once."""
    rows = np.array(list(boxes), np.float32).reshape(-1, 5)
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    return rows[strongest(rows)]


def _tiles(picture: RGB) -> Iterator[tuple[int, int, int, int]]:
    height, width = picture.shape[:2]
    for top, bottom in _parts(height, _TILE[1]):
        for left, right in _parts(width, _TILE[0]):
            yield left, top, right, bottom


def _parts(length: int, most: int) -> list[tuple[int, int]]:
    """As few equal parts of at most `most` as cover a length, each sharing a block or more with the next.

    >>> _parts(720, 384)
    [(0, 384), (336, 720)]
    """
    if length <= most:
        return [(0, length)]
    count = -(-(length - _BLOCK) // (most - _BLOCK))
    return [(int(start), int(start) + most) for start in np.linspace(0, length - most, count).round()]


def _whole(detector: Detector, picture: RGB, tile: tuple[int, int, int, int], threshold: float) -> Boxes:
    """Boxes of one tile that do not end at an edge inside the picture: a neighbouring tile holds those whole."""
    left, top, right, bottom = tile
    height, width = picture.shape[:2]
    found = faces_in(detector, picture[top:bottom, left:right], threshold=threshold)
    found[:, :4] += np.array([left, top, left, top], np.float32)
    starts = (found[:, :2] < [left + 1, top + 1]) & (np.array([left, top]) > 0)
    ends = (found[:, 2:4] > [right - 1, bottom - 1]) & (np.array([right, bottom]) < [width, height])
    return found[~(starts | ends).any(axis=1)]


def _side(box: Box) -> float:
    return float((box[2:4] - box[:2]).max())


def _around(box: Box, picture: RGB, times: int = 1) -> tuple[int, int, int, int]:
    """A square tile with a box in its middle, moved into the picture: left, top, right, bottom.

    Of whole blocks once it is enlarged so many `times`; then it need not be as large around the box.
    """
    block = _BLOCK // times
    side = block * max(1 + times, int(np.ceil(_AROUND * _side(box) / times**0.5 / block)))
    height, width = picture.shape[:2]
    left = int(np.clip((box[0] + box[2] - side) / 2, 0, max(0, width - side)))
    top = int(np.clip((box[1] + box[3] - side) / 2, 0, max(0, height - side)))
    return left, top, min(width, left + side), min(height, top + side)


def _apart(box: Box, others: Boxes) -> NDArray[np.float32]:
    """How far the middles of other boxes are from this one's."""
    return np.asarray(np.hypot(*((others[:, :2] + others[:, 2:4] - box[:2] - box[2:4]) / 2).T))


def _beside(box: Box, other: Box) -> bool:
    return bool(_apart(box, other[None])[0] < _side(box))


def _inside(box: Box, others: Boxes) -> bool:
    """Whether the box's middle lies in one of the others: it is covered already."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(((others[:, 0] < x) & (x < others[:, 2]) & (others[:, 1] < y) & (y < others[:, 3])).any())
