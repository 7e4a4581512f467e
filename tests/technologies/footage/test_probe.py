"""A recording is described from its header and first picture; what cannot be read is refused in general terms."""

from __future__ import annotations

import io

import clips
import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.footage.measure.recording import probed


def frames(n: int = 5, width: int = 64, height: int = 48) -> list[np.ndarray]:
    return [np.full((height, width, 3), 20 * i, np.uint8) for i in range(n)]


def test_size_rate_length_and_streams_are_told() -> None:
    sound = clips.voice(0.2)
    made = clips.written(frames(), sound=sound, tags={"title": "x", "location": "+45.4-75.7/"})
    probe = probed(io.BytesIO(made))
    assert (probe.width, probe.height, probe.rotation, probe.rate) == (64, 48, 0, 25)
    assert (probe.audio_streams, probe.other_streams, probe.milliseconds) == (1, 0, 200)
    assert probe.tags >= 2


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi", "mpegts", "mov"])
def test_common_containers_are_read(container: str) -> None:
    probe = probed(io.BytesIO(clips.written(frames(), container=container)))
    assert (probe.width, probe.height) == (64, 48)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_camera_is_told_as_shown(turn: int) -> None:
    probe = probed(io.BytesIO(clips.turned(clips.written(frames()), turn)))
    assert probe.rotation == turn
    assert (probe.width, probe.height) == ((48, 64) if turn % 180 else (64, 48))


def test_two_video_streams_are_refused() -> None:
    with pytest.raises(InputError, match="2 video streams"):
        probed(io.BytesIO(clips.written(frames(), videos=2)))


def test_sound_alone_is_refused() -> None:
    with pytest.raises(InputError, match="no video stream"):
        probed(io.BytesIO(clips.sound_only()))


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"
SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"%PDF-1.7", bytes(5000), PLAYLIST, CONCAT, SDP],
    ids=["empty", "x", "pdf", "0", "m3u", "ff", "sdp"],
)
def test_what_is_no_recording_is_refused_and_nothing_else_is_opened(data: bytes) -> None:
    with pytest.raises(InputError) as told:
        probed(io.BytesIO(data))
    assert "passwd" not in str(told.value) and "127.0.0.1" not in str(told.value)


def test_a_recording_cut_anywhere_is_read_or_refused() -> None:
    whole = clips.written(frames(10), sound=clips.voice(0.4))
    for length in range(0, len(whole), 97):
        try:
            probed(io.BytesIO(whole[:length]))
        except InputError:
            continue


def test_damage_anywhere_is_read_or_refused() -> None:
    rng = np.random.default_rng(7)
    whole = clips.written(frames(10), sound=clips.voice(0.4))
    for _ in range(150):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 8):
            data[at] = int(rng.integers(0, 256))
        try:
            probed(io.BytesIO(bytes(data)))
        except InputError:
            continue
