"""What a page of a task says of the act: done, or what was wrong."""

from __future__ import annotations

import re


def told(text: str) -> str:
    """The words of the first note of a page; "" where it has none."""
    found = re.search(r'role="(?:status|alert)">(.*?)</div>', text, re.DOTALL)
    return re.sub(r"(?:<[^>]*>|\s)+", " ", found[1]).strip() if found else ""
