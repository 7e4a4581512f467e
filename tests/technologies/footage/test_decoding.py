"""Whole recordings are held to be whole; of damaged ones what stands by itself is shown, and nothing is guessed."""

from __future__ import annotations

import io
from typing import Any

import clips
import numpy as np
import pytest
from damaged import GROUP, PICTURES, broken, cut, grouped

from peelian.errors import InputError
from peelian.technologies.footage.measure.recording import Decoding, container, frames_in, video_of


def seen(data: bytes, **how: Any) -> tuple[list[int], int]:
    """Which pictures come out, by their grey, and how many faults were counted."""
    with container(io.BytesIO(data)) as opened:
        decoding = Decoding(opened, video_of(opened), **how)
        found = [round((f.to_ndarray(format="gray").mean() - 19.5) / 3) for _, f in frames_in(decoding)]
        return found, decoding.faults


def test_a_whole_recording_comes_out_whole_either_way() -> None:
    data = grouped()
    assert seen(data) == seen(data, damaged=True) == (list(range(PICTURES)), 0)


@pytest.mark.parametrize("picture", [0, 3, 10, 37, 59])
def test_a_fault_is_left_out_until_the_next_picture_that_stands_by_itself(picture: int) -> None:
    data = broken(grouped(), picture)
    with pytest.raises(InputError):
        seen(data)
    found, faults = seen(data, damaged=True)
    after = (picture // GROUP + 1) * GROUP
    assert faults >= 1 and found == [*range(picture), *range(after, PICTURES)]


def test_several_faults_are_counted() -> None:
    found, faults = seen(broken(broken(grouped(), 5), 25), damaged=True)
    assert faults == 2 and found == [*range(5), *range(10, 25), *range(30, PICTURES)]


def test_a_cut_recording_is_shown_to_its_last_whole_picture() -> None:
    data = cut(grouped(), 33)
    with pytest.raises(InputError, match="truncated"):
        seen(data)
    found, faults = seen(data, damaged=True)
    assert faults >= 1 and found == list(range(33))


def test_the_same_pictures_come_out_every_time() -> None:
    rng = np.random.default_rng(9)
    for name in ("mp4", "matroska", "mpegts"):
        data = bytearray(grouped(name=name))
        for at in rng.integers(2_000, len(data), 6):
            data[at] ^= 255
        first = seen(bytes(data), damaged=True)
        assert all(seen(bytes(data), damaged=True) == first for _ in range(4)), name


def test_damage_anywhere_is_left_out_or_refused_and_never_another_error() -> None:
    whole = clips.written([np.full((48, 64, 3), 20 * i, np.uint8) for i in range(10)], sound=clips.voice(0.4))
    rng = np.random.default_rng(7)
    for _ in range(120):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 8):
            data[at] = int(rng.integers(0, 256))
        try:
            found, _ = seen(bytes(data), damaged=True)
        except InputError:
            continue
        assert found
