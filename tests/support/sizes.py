"""How large a test is: of its usual size in `make test`; of its full size in `make test-all` (PEELIAN_TESTS_FULL=1)."""

from __future__ import annotations

import os

FULL = bool(os.environ.get("PEELIAN_TESTS_FULL"))


def size(usual: int, full: int) -> int:
    """The number that this run takes."""
    return full if FULL else usual
