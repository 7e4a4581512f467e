"""Which drawn boxes are followed: those of a face, a plate, a screen or a document, never those of a person.

A box is judged where it is drawn and again in each picture where it goes: by what it is said to cover, by its
proportion and size, and by the faces that the plan knows there. A person's box holds their face or lies below it, and
is several times as large.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from peelian.errors import InputError
from peelian.technologies.footage.plan import Plan, box_at

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
