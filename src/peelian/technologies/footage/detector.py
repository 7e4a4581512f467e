"""Faces in one picture: CenterFace (Xu et al. 2019, arXiv:1911.03599) through onnxruntime, without OpenCV.

The weights are `weights/centerface.onnx` (MIT, its notice beside it). A face here is a rectangle: nothing is
recognised, compared or kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.footage.declarations.proposal import THRESHOLD
from peelian.technologies.footage.extras import library
from peelian.technologies.footage.onnx_graph import with_free_sizes

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
    return (resources.files(__package__) / "weights" / "centerface.onnx").read_bytes()
