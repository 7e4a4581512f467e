"""The redacting capability writes a copy from a reviewed plan, tells what it did, and says when it blurred."""

from __future__ import annotations

import dataclasses
import hashlib
import io

import av
import clips
import numpy as np
import pytest
from plans import Bench, kept, rgb_of

from peelian.errors import InputError
from peelian.technologies.footage.measure.plan import Plan, Track, as_bytes, reviewed
from peelian.technologies.footage.measure.recording import pictures
from peelian.technologies.footage.redaction.case import BLURRED, FILLED, HDR, run
from peelian.technologies.footage.redaction.declared import REDACT, RedactParams

WHITE = clips.written([np.full((48, 64, 3), 255, np.uint8)] * 6, sound=clips.voice(0.3))
BOX = Track(id=1, source="manual", state="kept", keys=((0, 0, 0, 64, 48), (5, 0, 0, 64, 48)))
PLAN = reviewed(
    Plan(item=hashlib.sha256(WHITE).hexdigest(), width=64, height=48, pictures=6, milliseconds=240, tracks=(BOX,)),
    by="ab" * 10,
    at="2026-11-24T10:00:00Z",
)


def test_the_copy_is_made_and_counted() -> None:
    bench = Bench()
    found = run(RedactParams(), {"item": kept(WHITE), "plan": kept(as_bytes(PLAN))}, bench.context())
    assert all(rgb_of(p).max() < 40 for p in pictures(io.BytesIO(bench.made["redacted"])))
    (outcome,) = found.table("outcome").rows()
    assert outcome[:4] == (6, 6, 6, 1)
    assert found.facts["plan"] == hashlib.sha256(as_bytes(PLAN)).hexdigest()
    assert FILLED in {note.text for note in found.notes}


def test_the_whole_sound_is_silenced_where_asked() -> None:
    bench = Bench()
    run(RedactParams(no_sound=True), {"item": kept(WHITE), "plan": kept(as_bytes(PLAN))}, bench.context())
    with av.open(io.BytesIO(bench.made["redacted"])) as opened:
        assert not any(frame.to_ndarray().any() for frame in opened.decode(audio=0))


def test_a_blur_is_told_of() -> None:
    plan = dataclasses.replace(PLAN, method="blur", reason="court_order")
    found = run(RedactParams(), {"item": kept(WHITE), "plan": kept(as_bytes(plan))}, Bench().context())
    assert BLURRED in {note.text for note in found.notes}
    assert (found.facts["method"], found.facts["reason"]) == ("blur", "court_order")


@pytest.mark.parametrize(("transfer", "told"), [(0, False), (1, False), (16, True), (18, True)])
def test_a_recording_of_high_dynamic_range_is_not_copied_flat_without_a_word(transfer: int, told: bool) -> None:
    data = clips.written([np.full((48, 64, 3), 255, np.uint8)] * 6, transfer=transfer)
    plan = dataclasses.replace(PLAN, item=hashlib.sha256(data).hexdigest())
    found = run(RedactParams(), {"item": kept(data), "plan": kept(as_bytes(plan))}, Bench().context())
    assert (HDR in {note.text for note in found.notes}) is told


def test_an_unreviewed_plan_and_another_recordings_plan_make_nothing() -> None:
    for wrong in (dataclasses.replace(PLAN, reviewer=""), dataclasses.replace(PLAN, item="00" * 32)):
        bench = Bench()
        with pytest.raises(InputError):
            run(RedactParams(), {"item": kept(WHITE), "plan": kept(as_bytes(wrong))}, bench.context())
        assert bench.made == {}


def test_it_makes_one_copy_of_the_item() -> None:
    (make,) = REDACT.makes
    assert (make.role, make.shape, make.of) == ("redacted", "redacted_footage", "item")
