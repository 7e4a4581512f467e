"""The example is a real, tiny recording with a plan that fits it, the same every time."""

from __future__ import annotations

import hashlib

from peelian.technologies.footage.example import PICTURES, example_clip, example_item, example_plan
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.recording import probed


def test_the_clip_is_a_recording_with_sound_and_always_the_same() -> None:
    item = example_item()
    assert item.stream is not None
    probe = probed(item.stream)
    assert (probe.width, probe.height, probe.audio_streams, probe.milliseconds) == (64, 48, 1, 1000)
    example_clip.cache_clear()
    assert hashlib.sha256(example_clip()).hexdigest() == item.digest and len(example_clip()) < 20_000


def test_the_plan_is_reviewed_and_made_for_the_clip() -> None:
    dataset = example_plan()
    assert dataset.stream is not None
    plan = read_plan(dataset.stream)
    assert plan.reviewed and plan.item == example_item().digest and plan.pictures == PICTURES
