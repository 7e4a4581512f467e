"""When a breach drill is due: a year after the last one (CJIS IR-3); before the first, a year after the opening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from peelian.errors import Reason

DRILL_DAYS = 366
RULE = "a_breach_drill_is_recent"


def due_by(last: str) -> datetime:
    """The moment after which a drill is overdue; `last` is the ISO time of the last one, or of the office's opening.

    >>> due_by("2026-01-01T00:00:00.00Z").date().isoformat()
    '2027-01-02'
    """
    return datetime.fromisoformat(last) + timedelta(days=DRILL_DAYS)


def why_overdue(drilled: str, began: str, now: datetime) -> Iterator[Reason]:
    """The reason to refuse every use while a drill is overdue; an office without a log yet is not."""
    last = drilled or began
    if last and now > due_by(last):
        yield Reason(
            rule=RULE,
            says="the last breach drill is more than twelve months ago",
            remedy="go through one: `peelian drill run`",
        )
