"""A drill is due within twelve months of the last one, or of the office's opening; then the gate is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from peelian.governance.drilled import DRILL_DAYS, RULE, due_by, why_overdue

BEGAN = "2026-01-01T00:00:00.00Z"


def test_it_is_overdue_only_after_the_last_moment() -> None:
    due = due_by(BEGAN)
    assert due == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=DRILL_DAYS)
    assert list(why_overdue("", BEGAN, due)) == []
    (reason,) = why_overdue("", BEGAN, due + timedelta(seconds=1))
    assert reason.rule == RULE and "drill run" in reason.remedy


def test_a_drill_moves_the_date_and_an_empty_log_has_none() -> None:
    later = due_by(BEGAN) + timedelta(days=1)
    assert list(why_overdue("2026-12-01T00:00:00.00Z", BEGAN, later)) == []
    assert list(why_overdue("", "", later)) == []
