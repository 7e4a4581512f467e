"""Extracting rows: by metric, by score, and nothing where there is nothing."""

from __future__ import annotations

import pytest

from peelian.kernel.model.capability import Findings
from peelian.technologies.risk.audit.rows import everyone, has, picked, rows, verdict_rows


def test_rows_are_found_by_metric_and_score(found: Findings) -> None:
    fpr = picked(found, "rates", "fpr", at=5.0)
    assert everyone(fpr).value == pytest.approx(1282 / 3963)  # type: ignore[union-attr]
    assert not any(axis == "crossed" for axis, _ in fpr)
    assert any(axis == "crossed" for axis, _ in picked(found, "rates", "fpr", at=5.0, crossed=True))
    assert everyone(picked(found, "rates", "fpr", at=8.0)).value < 0.2  # type: ignore[union-attr]


def test_an_empty_finding_has_no_rows() -> None:
    nothing = Findings(tables=())
    assert not has(nothing, "rates")
    assert list(rows(nothing, "rates")) == []
    assert verdict_rows(nothing) == []
    assert everyone({}) is None
