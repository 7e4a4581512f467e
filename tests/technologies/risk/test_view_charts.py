"""The pictures: only shown figures are drawn, and there is none where nothing may be drawn."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.words import english
from peelian.technologies.risk.view_charts import calibration_picture, error_picture, sweep_picture


def test_groups_too_small_are_not_drawn(found: Findings) -> None:
    picture = error_picture(found, english, "fpr")
    assert picture is not None and picture.twin is not None
    labels = [row[0] for row in picture.twin.rows]
    assert "Caucasian" in labels
    assert "Asian" not in labels
    assert "African-American" not in picture.alternative or "14.8%" in picture.alternative


def test_calibration_curves_are_those_of_the_largest_groups_of_the_first_axis(found: Findings) -> None:
    picture = calibration_picture(found, english)
    assert picture is not None and picture.twin is not None
    assert {row[0] for row in picture.twin.rows} == {"African-American", "Caucasian", "Hispanic"}


def test_the_sweep_shows_everyone_and_the_groups_with_bands(found: Findings) -> None:
    picture = sweep_picture(found, english)
    assert picture is not None and picture.twin is not None
    assert {row[0] for row in picture.twin.rows} >= {"Everyone", "African-American"}


def test_a_town_too_small_has_no_pictures(make_tally, run_audit) -> None:
    findings = run_audit(make_tally([(1, 0, 12), (1, 1, 4), (2, 0, 3), (2, 1, 11)]))
    assert error_picture(findings, english, "fpr") is None
    assert calibration_picture(findings, english) is None
    assert sweep_picture(findings, english) is None
