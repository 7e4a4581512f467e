"""The pictures: only shown figures are drawn, and there is none where nothing may be drawn."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.words import english
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.page import MOST_PANES, calibration_picture, error_picture, sweep_picture


def test_groups_too_small_are_not_drawn(found: Findings) -> None:
    picture = error_picture(found, english, "fpr")
    assert picture is not None and picture.twin is not None
    labels = [row[0] for row in picture.twin.rows]
    assert "Caucasian" in labels
    assert "Asian" not in labels
    assert "African-American" not in picture.alternative or "14.8%" in picture.alternative


def test_each_group_that_stands_alone_has_its_own_small_calibration_chart(found: Findings) -> None:
    picture = calibration_picture(found, english)
    assert picture is not None and picture.twin is not None
    groups = {row[0] for row in picture.twin.rows}
    assert groups >= {"African-American", "Caucasian", "Hispanic", "Female", "Male"}
    assert not any("×" in group or group == "Everyone" for group in groups)
    assert picture.twin.folded


def test_the_sweep_shows_everyone_and_the_groups_with_bands(found: Findings) -> None:
    picture = sweep_picture(found, english)
    assert picture is not None and picture.twin is not None
    curves = {row[0] for row in picture.twin.rows}
    assert curves >= {"Everyone, False positive rate", "African-American, False negative rate"}


def test_of_more_groups_than_can_be_read_the_largest_are_drawn(make_tally, run_audit) -> None:
    rows = [(s, o, (100 + 10 * g) * (1 + s * o), f"g{g:02d}") for g in range(24) for s in (1, 2, 3) for o in (0, 1)]
    findings = run_audit(make_tally(rows, axes=("area",)), AuditParams(cut=2, bootstraps=100))
    picture = calibration_picture(findings, english)
    assert picture is not None and picture.twin is not None
    drawn = {row[0] for row in picture.twin.rows}
    assert drawn == {f"g{g:02d}" for g in range(24 - MOST_PANES, 24)}


def test_a_town_too_small_has_no_pictures(make_tally, run_audit) -> None:
    findings = run_audit(make_tally([(1, 0, 12), (1, 1, 4), (2, 0, 3), (2, 1, 11)]))
    assert error_picture(findings, english, "fpr") is None
    assert calibration_picture(findings, english) is None
    assert sweep_picture(findings, english) is None
