"""A small redaction plan, kept objects and a bench for runs, that several tests share."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Context, Dataset
from peelian.measure.table import Kind, table
from peelian.technologies.footage.measure.plan import Cover, Plan, Span, Track
from peelian.technologies.footage.measure.recording import Picture, frame_of

MOVING = Track(id=1, keys=((2, 0, 0, 10, 10), (6, 8, 4, 19, 15)), score=900)
STILL = Track(id=2, what="plate", source="manual", state="kept", keys=((4, 50, 50, 60, 60),))
GONE = Track(id=3, state="dropped", keys=((0, 1, 1, 5, 5), (9, 1, 1, 5, 5)))
PLAN = Plan(
    item="ab" * 32,
    width=100,
    height=80,
    pictures=10,
    milliseconds=400,
    tracks=(MOVING, STILL, GONE),
    sound=(Span(start=0, end=100),),
)


def rgb_of(picture: Picture) -> np.ndarray:
    """The picture as RGB (uint8[height, width, 3])."""
    return np.ascontiguousarray(frame_of(picture).to_ndarray(format="rgb24"))


def boxes_by_picture(plan: Plan) -> Iterator[list[tuple[int, int, int, int]]]:
    """The boxes of every picture, in order."""
    cover = Cover(plan)
    return (cover.at(number) for number in range(plan.pictures))


def box_at(track: Track, number: int) -> tuple[int, int, int, int] | None:
    """A track's box in one picture, or None where it covers none."""
    return next(iter(Cover(replace(PLAN, tracks=(track,))).at(number)), None)


class Bench:
    """Keeps what a run makes."""

    def __init__(self) -> None:
        self.made: dict[str, bytes] = {}

    @contextmanager
    def make(self, role: str) -> Any:
        file = io.BytesIO()
        yield file
        self.made[role] = file.getvalue()

    def context(self) -> Context:
        return Context(seed=1, progress=lambda says, share: None, make=self.make)


def kept(data: bytes, shape: str = "footage") -> Dataset:
    none = table(shape, {"n": (Kind.COUNT, [1])})
    return Dataset(id="x", format="", digest=hashlib.sha256(data).hexdigest(), table=none, stream=io.BytesIO(data))
