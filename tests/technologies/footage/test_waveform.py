"""The picture of a recording's sound is loud where it is loud, for any length, and well-formed."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import clips
import numpy as np

from peelian.technologies.footage.measure.recording import container
from peelian.technologies.footage.measure.sound import COLUMNS, loudness, waveform


def _recording(sound: np.ndarray | None) -> io.BytesIO:
    frames = [np.full((48, 64, 3), 120, np.uint8)] * 20
    return io.BytesIO(clips.written(frames, rate=5, sound=sound))


def _heights(file: io.BytesIO, milliseconds: int) -> np.ndarray:
    with container(file) as opened:
        return loudness(opened, milliseconds)


def test_it_is_loud_where_the_recording_is() -> None:
    sound = clips.voice(4)
    sound[:, : 2 * clips.RATE] = 0
    heights = _heights(_recording(sound), 4_000)
    assert heights.shape == (COLUMNS,) and heights[: COLUMNS // 2 - 20].max() < 0.2
    assert heights[COLUMNS // 2 + 20 :].min() > 0.5 and heights.max() <= 1


def test_without_sound_or_length_it_is_silent() -> None:
    assert not _heights(_recording(None), 4_000).any() and not _heights(_recording(clips.voice(4)), 0).any()


def test_of_a_damaged_recording_what_can_be_decoded_is_drawn() -> None:
    whole = _recording(clips.voice(4)).getvalue()
    cut = bytearray(whole)
    cut[len(cut) // 2 : len(cut) // 2 + 4_000] = bytes(4_000)
    assert _heights(io.BytesIO(bytes(cut)), 4_000)[2 : COLUMNS // 4].min() > 0.5


def test_the_picture_is_well_formed_and_marks_speech() -> None:
    drawn = ElementTree.fromstring(waveform(np.linspace(0, 1, 50), [(0, 100), (900, 1_000)], 1_000))  # noqa: S314 - ours
    rects = [e for e in drawn.iter() if e.tag.endswith("rect")]
    assert [float(r.get("x", "")) for r in rects] == [0, 45] and float(rects[0].get("width", "")) == 5
    assert len(drawn.findall(".//{*}polygon")[0].get("points", "").split()) == 100
