"""The room's page: its Python block runs as it stands, and its table names every format."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

from peelian.technologies.sensors.decoding import FORMATS

TEXT = (files("peelian.technologies.sensors") / "README.md").read_text(encoding="utf-8")


def test_the_block_runs_and_gives_what_it_says() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    room: dict[str, Any] = {}
    exec(block, room)  # noqa: S102 - the page's own words
    assert room["reading"].values == {"count": 31.0}
    assert room["says"] == "NGSI-LD: macAddress is not on the list" and room["says"] in TEXT


def test_every_format_has_its_line() -> None:
    for format in FORMATS:
        assert f"| `{format}` |" in TEXT
    assert "Only event-level privacy is promised" in TEXT
