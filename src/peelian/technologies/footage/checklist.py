"""The policy checklist of body cameras as data: what a town settles, what the code holds, what a person produces."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

FILE = "policy_checklist.toml"


def checklist() -> tuple[Mapping[str, Any], ...]:
    """The items in their order: id, sources, en, fr, tests (names of tests), human (English and French)."""
    content = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    return tuple(tomllib.loads(content)["requirements"])
