"""What an office puts right when it opens: what a crash or an earlier run left halfway is ended."""

from __future__ import annotations

from peelian.governance import bulk, custody
from peelian.governance.house import House
from peelian.governance.sessions import end_left_open
from peelian.oversight.tools import close_overdue


def put_right(house: House) -> None:
    """End what was left halfway or open, and pause tools that are overdue."""
    custody.cleared(house)
    bulk.cleared(house)
    close_overdue(house)
    end_left_open(house)
