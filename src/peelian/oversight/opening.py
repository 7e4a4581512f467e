"""What an office puts right when it opens: what a crash left halfway is ended."""

from __future__ import annotations

from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import bulk_export, custody
from peelian.oversight.assessment.tools import close_overdue


def put_right(kernel: Kernel) -> None:
    """End what was left halfway, and pause tools that are overdue; sessions are ended by the pages that begin."""
    custody.cleared(kernel)
    if next(kernel.stores.log.read(kinds=["BULK_BEGUN"]), None):
        bulk_export.cleared(kernel)
    if next(kernel.stores.log.read(kinds=["TOOL_STATED"]), None):
        close_overdue(kernel)
