"""A town's own detector is loaded, held to its contract, and its boxes come back in the picture's own pixels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from models import elsewhere, endless, model

from peelian.errors import InputError
from peelian.technologies.footage import other_detectors
from peelian.technologies.footage.other_detectors import boxes_by, inspected, other_detector

ROWS = np.array([[10, 20, 60, 40, 0.9], [11, 21, 61, 41, 0.8], [100, 100, 120, 110, 0.05], [200, 10, 210, 20, np.nan]])


@pytest.mark.parametrize("rows", [ROWS, ROWS[None], np.hstack([ROWS, np.ones((4, 2))])], ids=["2d", "3d", "classes"])
def test_boxes_come_back_in_the_pictures_pixels(rows: np.ndarray) -> None:
    detector = other_detector(model(rows))
    found = boxes_by(detector, np.zeros((360, 640, 3), np.uint8), threshold=0.1)
    np.testing.assert_allclose(found, [[20, 40, 120, 80, 0.9]], rtol=1e-5)  # 640 pixels became 320


def test_a_model_of_any_size_is_given_640_pixels() -> None:
    detector = other_detector(model(ROWS[:1], side="n"))
    found = boxes_by(detector, np.zeros((1280, 640, 3), np.uint8), threshold=0.1)
    np.testing.assert_allclose(found, [[20, 40, 120, 80, 0.9]], rtol=1e-5)


def test_what_breaks_the_contract_is_refused() -> None:
    with pytest.raises(InputError, match="not an ONNX model"):
        other_detector(b"MZ" + bytes(100))
    with pytest.raises(InputError, match="cannot be loaded"):
        other_detector(model(ROWS).replace(b"Identity", b"Identify"))
    with pytest.raises(InputError, match="not a box detector"):
        other_detector(model(ROWS, inputs=2))
    detector = other_detector(model(ROWS[:, :4]))
    with pytest.raises(InputError, match="did not return boxes"):
        boxes_by(detector, np.zeros((64, 64, 3), np.uint8), threshold=0.1)


def test_a_detector_is_looked_at_when_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = model(ROWS)
    assert inspected(io.BytesIO(made), {}).table["bytes"].tolist() == [len(made)]
    monkeypatch.setattr(other_detectors, "LARGEST", 10)
    with pytest.raises(InputError, match="too large"):
        inspected(io.BytesIO(made), {})


def test_a_model_that_takes_too_long_is_stopped_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = endless(400)
    monkeypatch.setattr(other_detectors, "MOST_SECONDS", 0.3)
    with pytest.raises(InputError, match="too slow"):
        inspected(io.BytesIO(slow), {})


def test_a_model_on_disk_finds_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that name a file beside the model, or above it, are refused before the runtime could look for them."""
    (tmp_path / "weights").write_bytes(bytes(20))
    monkeypatch.chdir(tmp_path)
    for place in (b"weights", b"../weights", b"/etc/hostname"):
        with pytest.raises(InputError, match="other files"):
            inspected(io.BytesIO(elsewhere(place)), {})
