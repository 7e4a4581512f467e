"""The redacted copy: faces gone, sound gone where asked, all else left behind, times kept, damage refused."""

from __future__ import annotations

import dataclasses
import io
from fractions import Fraction
from typing import Any

import av
import clips
import numpy as np
import pytest
from plans import rgb_of

from peelian.errors import InputError
from peelian.technologies.footage.measure.detector import face_detector, faces_in, overlaps
from peelian.technologies.footage.measure.plan import Plan, Span, Track, reviewed
from peelian.technologies.footage.measure.recording import pictures, probed
from peelian.technologies.footage.proposal.search import Looking, proposed
from peelian.technologies.footage.redaction.redacting import redacted

ITEM = "cd" * 32
REVIEW = {"by": "ab" * 10, "at": "2026-11-24T10:00:00Z"}
TAGS = {"title": "Witness A", "location": "+45.4215-075.6972/", "comment": "her name"}
CLIP: dict[str, Any] = {"seed": 2, "pictures": 25, "tags": TAGS}


@pytest.fixture(scope="module")
def clip() -> clips.Clip:
    return clips.clip(**CLIP)


@pytest.fixture(scope="module")
def plan(clip: clips.Clip) -> Plan:
    made = proposed(clip.open(), Looking(detector=face_detector()), item=ITEM).plan
    return reviewed(dataclasses.replace(made, sound=(Span(start=300, end=700),)), **REVIEW)


@pytest.fixture(scope="module")
def copy(clip: clips.Clip, plan: Plan) -> bytes:
    out = io.BytesIO()
    outcome = redacted(clip.open(), out, plan, item=ITEM)
    assert outcome.pictures == outcome.covered_pictures == 25 and outcome.boxes >= 50
    assert outcome.silenced_milliseconds == 400 and outcome.tags_left_behind >= 3
    return out.getvalue()


def plain_plan(data: bytes, **more: Any) -> Plan:
    """A reviewed plan without boxes for any made recording."""
    probe = probed(io.BytesIO(data))
    shown = list(pictures(io.BytesIO(data)))
    size = {"width": shown[0].width, "height": shown[0].height}
    made = Plan(item=ITEM, pictures=len(shown), milliseconds=probe.milliseconds, **size, **more)
    return reviewed(made, **REVIEW)


def sound_of(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as opened:
        return np.concatenate([f.to_ndarray() for f in opened.decode(audio=0)], axis=1)


def test_a_detector_finds_no_face_where_the_faces_were(clip: clips.Clip, copy: bytes) -> None:
    for picture in pictures(io.BytesIO(copy)):
        found = faces_in(face_detector(), rgb_of(picture), threshold=0.2)
        for face in (f for f in clip.faces if f.picture == picture.number):
            assert not (overlaps(np.array(face.box), found[:, :4]) > 0.2).any()


def test_nothing_of_the_original_is_left_in_the_silenced_span(copy: bytes) -> None:
    sound = sound_of(copy)
    assert not sound[:, int(0.3 * clips.RATE) : int(0.7 * clips.RATE)].any()
    assert (sound[:, : int(0.15 * clips.RATE)] ** 2).mean() > 1e-4


def test_metadata_and_attachments_stay_behind(copy: bytes) -> None:
    for private in (b"Witness A", b"+45.4215", b"her name"):
        assert private not in copy
    made = clips.written([np.zeros((48, 64, 3), np.uint8)] * 5, container="matroska", attached=True)
    assert b"A name and an address" in made
    out = io.BytesIO()
    assert redacted(io.BytesIO(made), out, plain_plan(made), item=ITEM).streams_left_behind == 1
    assert b"A name and an address" not in out.getvalue()
    with av.open(io.BytesIO(out.getvalue())) as opened:
        assert [s.type for s in opened.streams] == ["video"]


def test_a_cover_picture_stays_behind() -> None:
    """It may show a face that no box covers."""
    made = clips.with_cover([np.zeros((48, 64, 3), np.uint8)] * 5, np.full((48, 64, 3), 200, np.uint8))
    out = io.BytesIO()
    assert redacted(io.BytesIO(made), out, plain_plan(made), item=ITEM).streams_left_behind == 1
    with av.open(io.BytesIO(out.getvalue())) as opened:
        assert [s.type for s in opened.streams] == ["video"]
        assert max(f.to_ndarray(format="gray").max() for f in opened.decode(video=0)) < 20


def test_the_original_is_not_touched_and_two_runs_agree(clip: clips.Clip, plan: Plan, copy: bytes) -> None:
    source, out = clip.open(), io.BytesIO()
    redacted(source, out, plan, item=ITEM)
    assert source.getvalue() == clip.data and out.getvalue() == copy


class ForwardOnly(io.RawIOBase):
    """A file that can only be written from front to back, as a sealed object is."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)


def test_it_writes_from_front_to_back(clip: clips.Clip, plan: Plan, copy: bytes) -> None:
    out = ForwardOnly()
    redacted(clip.open(), out, plan, item=ITEM)  # type: ignore[arg-type]
    assert bytes(out.data) == copy


def test_a_variable_rate_keeps_its_times() -> None:
    times = [0, 40, 45, 300, 1000, 1010]
    made = clips.written([np.full((48, 64, 3), 30 * i, np.uint8) for i in range(6)], times=times)
    out = io.BytesIO()
    redacted(io.BytesIO(made), out, plain_plan(made), item=ITEM)
    with av.open(io.BytesIO(out.getvalue())) as opened:
        at = [round(f.time * 1000) for f in opened.decode(video=0)]
    assert at == times


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_copy_stands_upright_without_a_display_matrix(turn: int) -> None:
    made = clips.turned(clips.written([np.zeros((48, 64, 3), np.uint8)] * 3), turn)
    out = io.BytesIO()
    redacted(io.BytesIO(made), out, plain_plan(made), item=ITEM)
    probe = probed(io.BytesIO(out.getvalue()))
    assert probe.rotation == 0 and (probe.width, probe.height) == ((48, 64) if turn % 180 else (64, 48))


def test_a_recording_without_sound_gives_a_copy_without_sound() -> None:
    made = clips.written([np.zeros((48, 64, 3), np.uint8)] * 5)
    out = io.BytesIO()
    plan = plain_plan(made, sound=(Span(start=0, end=100),))
    assert redacted(io.BytesIO(made), out, plan, item=ITEM).sound_streams == 0


def test_a_box_drawn_by_hand_is_covered_in_its_pictures_only() -> None:
    white = [np.full((48, 64, 3), 255, np.uint8)] * 6
    made = clips.written(white, crf=1)
    track = Track(id=1, source="manual", state="kept", keys=((2, 10, 10, 30, 30), (3, 10, 10, 30, 30)))
    out = io.BytesIO()
    redacted(io.BytesIO(made), out, plain_plan(made, tracks=(track,)), item=ITEM)
    dark = [rgb_of(p)[12:28, 12:28].max() < 40 for p in pictures(io.BytesIO(out.getvalue()))]
    assert dark == [False, False, True, True, False, False]


def test_a_plan_that_nobody_reviewed_or_that_is_another_recordings_is_refused(clip: clips.Clip, plan: Plan) -> None:
    cases = [
        (dataclasses.replace(plan, reviewer=""), ITEM, "plan not reviewed"),
        (plan, "ee" * 32, "another recording"),
        (dataclasses.replace(plan, width=320), ITEM, "width"),
        (dataclasses.replace(plan, pictures=24), ITEM, "25 frames"),
        (dataclasses.replace(plan, pictures=26), ITEM, "25 frames"),
    ]
    for wrong, item, says in cases:
        with pytest.raises(InputError, match=says):
            redacted(clip.open(), io.BytesIO(), wrong, item=item)


def test_a_recording_cut_short_is_refused(clip: clips.Clip, plan: Plan) -> None:
    whole = clips.clip(**CLIP, front=True).data
    with pytest.raises(InputError, match=r"truncated|frames"):
        redacted(io.BytesIO(whole[: len(whole) // 2]), io.BytesIO(), plan, item=ITEM)


def test_a_blur_is_only_done_with_a_reason(clip: clips.Clip, plan: Plan) -> None:
    with pytest.raises(InputError, match="reason for blurring missing"):
        redacted(clip.open(), io.BytesIO(), dataclasses.replace(plan, method="blur"), item=ITEM)
    blurred = dataclasses.replace(plan, method="blur", reason="court_order")
    assert redacted(clip.open(), io.BytesIO(), blurred, item=ITEM).boxes >= 50


def test_times_that_begin_late_begin_at_zero() -> None:
    """MPEG-TS begins anywhere; picture and sound keep their distance."""
    frames = [np.zeros((48, 64, 3), np.uint8)] * 25
    made = clips.written(frames, container="mpegts", sound=clips.voice(1.0))
    out = io.BytesIO()
    redacted(io.BytesIO(made), out, plain_plan(made), item=ITEM)
    with av.open(io.BytesIO(out.getvalue())) as opened:
        starts = [Fraction(s.start_time or 0) * s.time_base for s in opened.streams]
    assert all(0 <= start < Fraction(1, 10) for start in starts)


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_picture_and_sound_stay_together(rate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flash and a beep at one second are at one second in the copy too, whatever the sound's coding needs before."""
    monkeypatch.setattr(clips, "RATE", rate)
    frames = [np.full((48, 64, 3), 255 if 25 <= i < 30 else 0, np.uint8) for i in range(50)]
    beep = np.zeros((1, 2 * rate), np.float32)
    beep[0, rate : rate + rate // 5] = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate // 5) / rate)
    made = clips.written(frames, sound=beep)
    out = ForwardOnly()
    redacted(io.BytesIO(made), out, plain_plan(made), item=ITEM)  # type: ignore[arg-type]
    with av.open(io.BytesIO(bytes(out.data))) as opened:
        flash = next(f.time for f in opened.decode(video=0) if f.to_ndarray(format="gray").mean() > 100)
    with av.open(io.BytesIO(bytes(out.data))) as opened:
        loud = ((f, np.abs(f.to_ndarray()[0]) > 0.1) for f in opened.decode(audio=0))
        heard = next(f.time + where.argmax() / rate for f, where in loud if where.any())
    assert flash == pytest.approx(1.0, abs=0.001) and heard == pytest.approx(1.0, abs=0.005)
