"""Proves that the examples of peelian.places run as they stand, with a frame of points such as they speak of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from study import study

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/map-from-python.md"])
def test_the_blocks_run_with_a_frame_of_points(page: str) -> None:
    blocks = re.findall(r"```python no-run\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)

    room: dict[str, Any] = {"frame": study(3_000)}
    for text in blocks:
        exec(compile(text, page, "exec"), room)  # noqa: S102 - the page's own words
    assert blocks and len(room["scores"].frame)
