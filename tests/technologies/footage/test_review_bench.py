"""Any picture can be asked for in any order and is the right one; sound comes from where it was asked."""

from __future__ import annotations

import io
import wave

import clips
import numpy as np
import pytest
from damaged import broken, grouped
from PIL import Image

from peelian.errors import InputError
from peelian.technologies.footage.measure.excerpts import HEARD, Bench, jpeg
from peelian.technologies.footage.measure.plan import Plan

N = 90
GREYS = [np.full((48, 64, 3), 40 + 2 * i, np.uint8) for i in range(N)]
MADE = clips.written(GREYS, sound=clips.voice(N / 25))


def plan(pictures: int = N, width: int = 64, height: int = 48) -> Plan:
    return Plan(item="ab" * 32, width=width, height=height, pictures=pictures, milliseconds=3600)


def grey(data: bytes) -> float:
    return float(np.array(Image.open(io.BytesIO(data)).convert("L")).mean())


def test_any_picture_in_any_order_is_the_right_one() -> None:
    with Bench(io.BytesIO(MADE), plan()) as bench:
        for number in (0, 1, 2, 50, 49, 89, 3, 70, 70, 0):
            assert grey(bench.picture(number)) == pytest.approx(40 + 2 * number, abs=3)
        assert bench.milliseconds(25) == 1000


def test_a_stretch_is_pictures_in_turn_and_none_beyond_the_end() -> None:
    with Bench(io.BytesIO(MADE), plan()) as bench:
        found = [pixels.mean() for pixels in bench.stretch(40, 5)]
        assert found == pytest.approx([120, 122, 124, 126, 128], abs=3)
        assert bench.stretch(3, 0) == []
        with pytest.raises(InputError, match="no such frame"):
            bench.stretch(N - 1, 2)


@pytest.mark.parametrize("container", ["mpegts", "matroska", "avi"])
def test_other_containers_are_sought_as_well(container: str) -> None:
    with Bench(io.BytesIO(clips.written(GREYS, container=container)), plan()) as bench:
        for number in (60, 5, 89, 0):
            assert grey(bench.picture(number)) == pytest.approx(40 + 2 * number, abs=3)


def test_damage_is_told_in_general_words() -> None:
    """Whatever is damaged, what comes out is a picture or an InputError."""
    rng = np.random.default_rng(2)
    whole = clips.written(GREYS[:12], container="matroska", sound=clips.voice(0.4))
    for _ in range(60):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 6):
            data[at] = int(rng.integers(0, 256))
        try:
            with Bench(io.BytesIO(bytes(data)), plan(12)) as bench:
                assert bench.picture(7).startswith(b"\xff\xd8") and isinstance(bench.sound(100), bytes)
        except InputError:
            continue


def test_of_a_damaged_recording_the_pictures_that_can_be_decoded_are_shown_in_any_order() -> None:
    data = broken(grouped(), 25)
    with Bench(io.BytesIO(data), plan(55)) as bench:
        whole = [n for n in range(60) if not 25 <= n < 30]
        for number in (0, 24, 25, 54, 10, 26):
            assert grey(bench.picture(number)) == pytest.approx(19.5 + 3 * whole[number], abs=3)
        assert bench.milliseconds(25) == 1200
    with pytest.raises(InputError, match="other frames"):
        Bench(io.BytesIO(data), plan(56))


def test_sound_comes_from_where_it_was_asked_and_pictures_go_on_after_it() -> None:
    with Bench(io.BytesIO(MADE), plan()) as bench:
        with wave.open(io.BytesIO(bench.sound(1000))) as heard:
            seconds = heard.getnframes() / heard.getframerate()
        assert seconds == pytest.approx(min(HEARD, N / 25 - 1), abs=0.2)
        assert grey(bench.picture(30)) == pytest.approx(100, abs=3)


def test_without_sound_there_is_nothing_to_hear() -> None:
    with Bench(io.BytesIO(clips.written(GREYS[:5])), plan(5)) as bench:
        assert bench.sound(0) == b""


def test_large_pictures_are_handed_out_smaller() -> None:
    with Bench(io.BytesIO(clips.written([np.zeros((720, 1280, 3), np.uint8)] * 2)), plan(2, 1280, 720)) as bench:
        assert Image.open(io.BytesIO(bench.picture(1))).size == (960, 540)
        assert Image.open(io.BytesIO(bench.picture(1, full=True))).size == (1280, 720)


def test_another_recordings_plan_and_a_missing_picture_are_refused() -> None:
    with pytest.raises(InputError, match="other frames"):
        Bench(io.BytesIO(MADE), plan(N - 1))
    with Bench(io.BytesIO(MADE), plan()) as bench:
        for number in (-1, N, 10**9):
            with pytest.raises(InputError, match="no such frame"):
                bench.picture(number)


def test_a_variable_rate_and_a_turned_camera_are_followed() -> None:
    made = clips.turned(clips.written(GREYS[:4], times=[0, 40, 500, 510]), 90)
    with Bench(io.BytesIO(made), plan(4, 48, 64)) as bench:
        assert [bench.milliseconds(i) for i in range(4)] == [0, 40, 500, 510]
        assert Image.open(io.BytesIO(bench.picture(2))).size == (48, 64)
        assert grey(bench.picture(3)) == pytest.approx(46, abs=3)


def test_a_jpeg_is_close_to_its_pixels() -> None:
    pixels = np.full((16, 32, 3), (200, 40, 90), np.uint8)
    assert np.abs(np.array(Image.open(io.BytesIO(jpeg(pixels)))).astype(int) - pixels).max() < 12
