"""When a breach drill is due: a year after the last that counts (CJIS IR-3), or after the office opened."""

from __future__ import annotations

from datetime import datetime, timedelta

DRILL_DAYS = 365


def due_by(last: str) -> datetime:
    """The moment after which a drill is overdue; `last` is the time of the last that counts, or of the opening.

    >>> due_by("2026-01-01T00:00:00.00Z").date().isoformat()
    '2027-01-01'
    """
    return datetime.fromisoformat(last) + timedelta(days=DRILL_DAYS)


def is_recent(last: str, now: datetime) -> bool:
    """Whether the gate is open: a drill that counts was played, or the office opened, within twelve months; or never
    yet."""
    return not last or now <= due_by(last)
