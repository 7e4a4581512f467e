"""A small redaction plan that several tests share."""

from __future__ import annotations

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
