"""A trial of footage writes plan, copy and contact sheet, or nothing; the recording stays as it was."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import clips
import pytest
from plans import rgb_of
from terminal import peelian

from peelian.demos.footage_trial import redact_clip
from peelian.errors import InputError
from peelian.technologies.footage.measure.plan import Track, as_bytes, plan_from
from peelian.technologies.footage.measure.recording import pictures


@pytest.fixture(scope="module")
def clip() -> clips.Clip:
    return clips.clip(seed=6, pictures=12)


def test_a_clip_becomes_a_plan_a_copy_and_a_sheet(clip: clips.Clip, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(clip.data)
    done = peelian("try", "footage", "clip.mp4", "--out", "out", "--every", "1", "--json", cwd=tmp_path)
    record = json.loads(done.stdout)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["contact-sheet.png", "plan.json", "redacted.mp4"]
    assert record["facts"]["tracks"] >= 2 and "Nobody has reviewed this" in record["says"]
    plan = plan_from((tmp_path / "out" / "plan.json").read_bytes())
    assert plan.item == hashlib.sha256(clip.data).hexdigest() and not plan.reviewed
    assert source.read_bytes() == clip.data and sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp4", "out"]


def test_an_edited_plan_is_carried_out(clip: clips.Clip, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(clip.data)
    first = redact_clip(source, out=tmp_path / "one")
    plan = plan_from(first.files[1].read_bytes())
    whole = Track(id=999, source="manual", state="kept", keys=((0, 0, 0, 640, 360), (11, 0, 0, 640, 360)))
    (tmp_path / "edited.json").write_bytes(as_bytes(dataclasses.replace(plan, tracks=(whole,))))
    second = redact_clip(source, out=tmp_path / "two", plan=tmp_path / "edited.json")
    with second.files[0].open("rb") as file:
        assert all(rgb_of(picture).max() < 40 for picture in pictures(file))


@pytest.mark.parametrize("content", [b"", b"no recording", b"\x00" * 5000])
def test_what_is_no_recording_leaves_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(content)
    with pytest.raises(InputError):
        redact_clip(tmp_path / "x.mp4", out=tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["x.mp4"]


def test_a_missing_file_and_a_stray_flag_are_named(tmp_path: Path) -> None:
    assert peelian("try", "footage", "nothing.mp4", "--out", "out", cwd=tmp_path).returncode == 2
    (tmp_path / "x.mp4").write_bytes(b"x")
    done = peelian("try", "footage", "x.mp4", "--out", "out", "--more", "voices=x", cwd=tmp_path)
    assert done.returncode == 2 and "plan=FILE" in done.stderr
    assert not (tmp_path / "out").exists()
