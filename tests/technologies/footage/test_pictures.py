"""Pictures come out upright, even-sided, writable, one by one, and only of a recording that is whole."""

from __future__ import annotations

import io

import clips
import numpy as np
import pytest
from plans import rgb_of

from peelian.errors import InputError
from peelian.technologies.footage.measure.recording import frame_of, pictures

CORNERS = np.zeros((48, 64, 3), np.uint8)
CORNERS[:24, :32] = (255, 0, 0)  # red, top left
CORNERS[:24, 32:] = (0, 255, 0)  # green, top right
CORNERS[24:, :32] = (0, 0, 255)  # blue, bottom left


def corner(rgb: np.ndarray, row: float, column: float) -> str:
    pixel = rgb[int(row * rgb.shape[0]), int(column * rgb.shape[1])].astype(int)
    return ["red", "green", "blue"][int(pixel.argmax())] if pixel.max() > 100 else "black"


@pytest.mark.parametrize(
    ("turn", "top_left"), [(0, "red"), (90, "blue"), (180, "black"), (270, "green")], ids=["0", "90", "180", "270"]
)
def test_pictures_stand_upright(turn: int, top_left: str) -> None:
    made = clips.written([CORNERS] * 3)
    made = clips.turned(made, turn) if turn else made
    first = next(pictures(io.BytesIO(made)))
    assert corner(rgb_of(first), 0.2, 0.2) == top_left
    assert (first.width, first.height) == ((48, 64) if turn % 180 else (64, 48))


def test_odd_sides_are_padded_to_even_ones() -> None:
    made = clips.written_odd(33, 21)
    first = next(pictures(io.BytesIO(made)))
    assert (first.width, first.height) == (34, 22)
    assert [p.shape for p in first.planes] == [(22, 34), (11, 17), (11, 17)]


def test_planes_are_own_copies_that_can_be_painted_on() -> None:
    made = clips.written([CORNERS] * 5)
    seen = []
    for picture in pictures(io.BytesIO(made)):
        seen.append(picture.planes[0].copy())
        for plane in picture.planes:
            plane[...] = 0  # must not reach the decoder's own pictures, on which later ones are built
    assert all(abs(s.astype(int) - seen[0]).max() < 12 for s in seen) and seen[0].max() > 100


def test_a_picture_survives_the_way_to_a_frame_and_back() -> None:
    first = next(pictures(io.BytesIO(clips.written([CORNERS]))))
    frame = frame_of(first)
    assert (frame.width, frame.height, frame.format.name) == (64, 48, "yuv420p")
    assert (frame.to_ndarray()[:48] == first.planes[0]).all()


def test_times_of_a_variable_rate_are_kept() -> None:
    times = [0, 40, 45, 300, 1000]
    made = clips.written([CORNERS] * 5, times=times)
    at = [p.at for p in pictures(io.BytesIO(made))]
    steps = np.diff(at) / np.diff(at)[0]
    np.testing.assert_allclose(steps, np.diff(times) / 40)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("container", ["mp4-front", "matroska"])
def test_a_recording_cut_short_is_refused(container: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 48, 64, 3)).astype(np.uint8)
    made = clips.written(list(noise), container="mp4", front=True) if container == "mp4-front" else b""
    made = made or clips.written(list(noise), container=container)
    assert sum(1 for _ in pictures(io.BytesIO(made))) == 40
    with pytest.raises(InputError, match="truncated"):
        list(pictures(io.BytesIO(made[: int(len(made) * share)])))


def test_memory_does_not_grow_with_length() -> None:
    """Only a few pictures are alive at any time: counted, not measured."""
    import gc

    from peelian.technologies.footage.measure.recording import Picture

    made = clips.written([CORNERS] * 60)
    most = 0
    for picture in pictures(io.BytesIO(made)):
        if picture.number in (20, 59):
            most = max(most, sum(isinstance(o, Picture) for o in gc.get_objects()))
    assert most <= 2
