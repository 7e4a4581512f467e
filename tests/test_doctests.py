"""Every example in a docstring says what the code does."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import peelian

ROOMS = sorted(one.name for one in pkgutil.iter_modules(peelian.__path__))
NOT_ALONE = ("peelian.__main__", "peelian.storage.migrations")  # they run a program, and a migration


def modules(room: str) -> list[str]:
    whole = importlib.import_module(f"peelian.{room}")
    inner = [one.name for one in pkgutil.walk_packages(getattr(whole, "__path__", []), f"{whole.__name__}.")]
    return [name for name in (whole.__name__, *inner) if not name.startswith(NOT_ALONE)]


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "__main__"])
def test_the_examples_of_a_room(room: str) -> None:
    failed = [name for name in modules(room) if doctest.testmod(importlib.import_module(name)).failed]
    assert failed == []


def test_there_are_examples() -> None:
    source = Path(peelian.__file__).parent.rglob("*.py")
    assert sum(file.read_text(encoding="utf-8").count(">>> ") for file in source) > 500
