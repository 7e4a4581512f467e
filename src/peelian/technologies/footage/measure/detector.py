"""Faces in pictures: CenterFace on a picture of any size, and distant faces looked for on tiles.

An ONNX file's inputs and outputs are given free sizes first, without an ONNX library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.technologies.footage.measure.recording import library
from peelian.technologies.footage.shapes import THRESHOLD

_GRAPH, _NODE_NAME = 7, 1  # ModelProto.graph, ValueInfoProto.name
_INPUT, _OUTPUT, _VALUE_INFO = 11, 12, 13  # GraphProto
_FLOAT = 1  # TensorProto.FLOAT
Dims = tuple[int | str, ...]


def with_free_sizes(model: bytes, *, inputs: Mapping[str, Dims], outputs: Mapping[str, Dims]) -> bytes:
    """The model with only `inputs` as inputs and with the sizes given; a text as size is one that may vary. O(bytes).

    InputError: the bytes are no ONNX model, or lack one of the names.
    """
    parts, seen = [], set()
    for number, value, raw in fields_of(memoryview(model)):
        if number == _GRAPH and isinstance(value, memoryview):
            graph, names = _patched(value, inputs, outputs)
            parts.append(message(_GRAPH, graph))
            seen |= names
        else:
            parts.append(bytes(raw))
    if lacking := sorted({*inputs, *outputs} - seen):
        raise InputError("unexpected model", accepted=sentence("a graph with %(names)s", names=", ".join(lacking)))
    return b"".join(parts)


def _patched(graph: memoryview, inputs: Mapping[str, Dims], outputs: Mapping[str, Dims]) -> tuple[bytes, set[str]]:
    parts, seen = [], set()
    for number, value, raw in fields_of(graph):
        if number in (_INPUT, _OUTPUT) and isinstance(value, memoryview):
            name, wanted = _name(value), inputs if number == _INPUT else outputs
            if name in wanted:
                seen.add(name)
                parts.append(message(number, value_info(name, wanted[name])))
        elif number != _VALUE_INFO:  # sizes in between follow from the input's
            parts.append(bytes(raw))
    return b"".join(parts), seen


def _name(value: memoryview) -> str:
    found = [part for number, part, _ in fields_of(value) if number == _NODE_NAME and isinstance(part, memoryview)]
    return bytes(found[0]).decode("utf-8", "replace") if found else ""


def value_info(name: str, dims: Dims) -> bytes:
    """A ValueInfoProto: a name and a tensor of floats of these sizes."""
    shape = b"".join(message(1, message(2, d.encode()) if isinstance(d, str) else b"\x08" + varint(d)) for d in dims)
    tensor = b"\x08" + varint(_FLOAT) + message(2, shape)
    return message(1, name.encode()) + message(2, message(1, tensor))


def fields_of(data: memoryview) -> Iterator[tuple[int, memoryview | int, memoryview]]:
    """Number, value and raw bytes of each field of a message; InputError where the bytes are no message."""
    at = 0
    while at < len(data):
        start = at
        key, at = _read_varint(data, at)
        kind = key & 7
        value: memoryview | int = 0
        if kind == 0:
            value, at = _read_varint(data, at)
        elif kind == 2:
            length, at = _read_varint(data, at)
            value, at = data[at : at + length], at + length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise _damaged()
        if at > len(data):
            raise _damaged()
        yield key >> 3, value, data[start:at]


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _damaged()
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise _damaged()


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte, the lowest first."""
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def message(number: int, content: bytes) -> bytes:
    """A field that has bytes: its number, their length, and they."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def _damaged() -> InputError:
    return InputError("not an ONNX model, or truncated", accepted="an ONNX file")


# Faces in one picture: CenterFace (Xu et al. 2019, arXiv:1911.03599) through onnxruntime, without OpenCV.
#
# The weights are `weights/centerface.onnx` (MIT, its notice beside it). A face here is a rectangle: nothing is
# recognised, compared or kept.

Boxes = NDArray[np.float32]
"""float32[n, 5]: left, top, right, bottom in pixels of the picture, and a score from 0 to 1."""
SMALL = (640, 360)
"""Pictures are looked at in this size unless asked otherwise: 37 ms of CPU instead of 190 ms at 1280 x 720."""
THREADS = 1
_CELL = 4  # the heat map has one value for every 4 x 4 pixels
_BLOCK = 32  # the network halves its input five times
_OVERLAP = 0.3  # of two boxes that overlap by more, the weaker is the same face
_MOST = 2_000  # candidates looked at in one picture: the strongest


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """A loaded network and the digest of its weights."""

    session: Any
    digest: str


def face_detector(threads: int = THREADS) -> Detector:
    """The face detector, loaded once per process. InputError: the extra is missing."""
    return _loaded(weights(), threads)


def faces_in(detector: Detector, picture: NDArray[np.uint8], *, threshold: float = THRESHOLD) -> Boxes:
    """Faces in an RGB picture (uint8[height, width, 3]), strongest first. O(pixels)."""
    height, width = picture.shape[:2]
    tall, wide = (-(-n // _BLOCK) * _BLOCK for n in (height, width))
    field = np.zeros((1, 3, tall, wide), dtype=np.float32)  # padded at right and bottom: sizes must be whole blocks
    field[0, :, :height, :width] = picture.transpose(2, 0, 1)
    names = list(_OUTPUTS)[:3]
    heat, scale, offset = detector.session.run(names, {_PICTURE: field})
    found = decoded(heat[0, 0], scale[0], offset[0], threshold=threshold)
    found[:, [0, 2]] = found[:, [0, 2]].clip(0, width)
    found[:, [1, 3]] = found[:, [1, 3]].clip(0, height)
    return found[(found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])]


def decoded(
    heat: NDArray[np.float32], scale: NDArray[np.float32], offset: NDArray[np.float32], *, threshold: float
) -> Boxes:
    """Boxes from the network's maps: `heat` [h, w], `scale` and `offset` [2, h, w] (vertical first), section 3 there.

    >>> heat, zeros = np.zeros((2, 2), np.float32), np.zeros((2, 2, 2), np.float32)
    >>> heat[1, 1] = 0.5
    >>> decoded(heat, zeros, zeros, threshold=0.1).tolist()
    [[4.0, 4.0, 8.0, 8.0, 0.5]]
    """
    rows, columns = np.nonzero(heat > threshold)
    scores = heat[rows, columns]
    best = np.argsort(-scores, kind="stable")[:_MOST]
    rows, columns, scores = rows[best], columns[best], scores[best]
    tall, wide = (np.exp(np.minimum(part[rows, columns], 8.0)) * _CELL for part in scale)
    y, x = ((at + part[rows, columns] + 0.5) * _CELL for at, part in zip((rows, columns), offset, strict=True))
    boxes = np.stack([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2, scores], axis=1).astype(np.float32)
    return boxes[strongest(boxes)]


def strongest(boxes: Boxes, overlap: float = _OVERLAP) -> NDArray[np.intp]:
    """Indexes of boxes (sorted by score) that no stronger one overlaps by more than `overlap` of both. O(n^2)."""
    kept: list[int] = []
    left = np.arange(len(boxes))
    while len(left):
        first, left = int(left[0]), left[1:]
        kept.append(first)
        left = left[overlaps(boxes[first], boxes[left]) <= overlap]
    return np.array(kept, dtype=np.intp)


def overlaps(box: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of one box with each of others.

    >>> overlaps(np.array([0., 0, 2, 2]), np.array([[1., 0, 3, 2]])).round(3).tolist()
    [0.333]
    """
    wide = (np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])).clip(0)
    tall = (np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])).clip(0)
    both = wide * tall
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    return np.asarray(both / np.maximum((box[2] - box[0]) * (box[3] - box[1]) + areas - both, 1e-9))


_PICTURE = "input.1"
_OUTPUTS = {name: (1, n, "rows", "columns") for name, n in (("537", 1), ("538", 2), ("539", 2), ("540", 10))}


def session_of(model: bytes, threads: int) -> Any:
    """A runtime session that keeps to `threads` and says nothing. InputError: the runtime cannot load the model."""
    runtime = library("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # frees between pictures; a tenth slower, a third less memory
    try:
        return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception:  # the runtime's own exceptions share no base class
        raise InputError("this model cannot be loaded", accepted="an ONNX file") from None


@lru_cache(maxsize=2)
def _loaded(network: bytes, threads: int) -> Detector:
    patched = with_free_sizes(network, inputs={_PICTURE: (1, 3, "height", "width")}, outputs=_OUTPUTS)
    return Detector(session=session_of(patched, threads), digest=hashlib.sha256(network).hexdigest())


@lru_cache(maxsize=1)
def weights() -> bytes:
    """The network's weights, as they lie in this package."""
    return (resources.files("peelian.technologies.footage") / "weights" / "centerface.onnx").read_bytes()


# Distant faces: every `LOOK`-th picture at full size, each find confirmed on an enlarged crop, then followed.
#
# A face 14 pixels high in a picture of 1280 x 720 has 7 in the small picture, which is too few. Looking at every
# second picture in full costs about three times as much CPU. So one picture in `LOOK` is looked at in full. What is
# found there and is too small for the small picture is looked for again in the pictures between, each time in a tile
# around the place it should have moved to: forwards from the look before, backwards from the look after. Only places
# are compared.

LOOK = 20
"""Every how many pictures one is looked at in full: 0.8 seconds at 25 pictures a second."""
LARGEST = (1920, 1080)
"""A larger picture is scaled down to as many pixels: what a look costs stays bounded."""
SMALL_FACE = 18
"""Faces less high than this in the small picture are not found in every one of them: they belong here."""
_TILE = (448, 384)  # a whole picture at once costs half as much again: it does not stay in the processor's cache
_TILE_BLOCK = 32  # pixels that neighbouring tiles share at least; sides of tiles are whole blocks
_MOST_CONFIRMED = 32  # finds confirmed in one picture: the strongest
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
    boxes = _sorted(box for part in parts for box in part if box[3] - box[1] < least)[:_MOST_CONFIRMED]
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
    count = -(-(length - _TILE_BLOCK) // (most - _TILE_BLOCK))
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
    block = _TILE_BLOCK // times
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
