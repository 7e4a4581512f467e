"""The room's page: its Python block runs as it stands."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any


def test_the_block_runs_and_gives_what_it_says() -> None:
    text = (files("peelian.technologies.risk") / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 1
    room: dict[str, Any] = {}
    exec(blocks[0], room)  # noqa: S102 - the page's own words
    assert [document.id for document in room["documents"]] == ["model-card", "fria", "aia", "ll144"]
