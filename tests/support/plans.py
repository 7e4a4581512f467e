"""A small redaction plan, kept objects and a bench for runs, that several tests share."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from typing import Any

from peelian.kernel.model.capability import Context, Dataset
from peelian.measure.table import Kind, table
from peelian.technologies.footage.plan import Plan, Span, Track

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
