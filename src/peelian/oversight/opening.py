"""What an office puts right when it opens: what a crash left halfway is ended."""

from __future__ import annotations

from peelian.governance import bulk, custody
from peelian.governance.house import House
from peelian.oversight.tools import close_overdue


def put_right(house: House) -> None:
    """End what was left halfway, and pause tools that are overdue; sessions are ended by the pages that begin."""
    custody.cleared(house)
    bulk.cleared(house)
    close_overdue(house)
