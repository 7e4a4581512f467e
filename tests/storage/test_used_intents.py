"""Openings serve once: the bits stay on disk, and two processes cannot both use one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from peelian.errors import OutOfOrder
from peelian.storage.used_intents import UsedIntents

RACE = """
import sys
from pathlib import Path
from peelian.storage.used_intents import UsedIntents
from peelian.errors import OutOfOrder
used, won = UsedIntents(Path(sys.argv[1])), 0
for k in range(200):
    try:
        used.use(k)
        won += 1
    except OutOfOrder:
        pass
print(won)
"""


def test_each_serves_once_also_after_a_restart(tmp_path: Path) -> None:
    for intent in (0, 7, 8, 1_000_003):
        UsedIntents(tmp_path / "keys").use(intent)
        with pytest.raises(OutOfOrder):
            UsedIntents(tmp_path / "keys").use(intent)
    assert UsedIntents(tmp_path / "keys").count() == 4
    UsedIntents(tmp_path / "keys").use(9)


def test_two_processes_never_use_one_opening_both(tmp_path: Path) -> None:
    UsedIntents(tmp_path / "keys")
    racers = [
        subprocess.Popen(  # our own interpreter
            [sys.executable, "-c", RACE, str(tmp_path / "keys")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert sum(int(racer.communicate()[0]) for racer in racers) == 200 == UsedIntents(tmp_path / "keys").count()


def test_what_lies_beyond_a_restored_log_is_counted_and_forgotten(tmp_path: Path) -> None:
    used = UsedIntents(tmp_path / "keys")
    assert (used.count(), used.end()) == (0, 0)
    for intent in (0, 9, 63, 64, 200):
        used.use(intent)
    assert (used.count(), used.count(64), used.end()) == (5, 2, 201)
    used.forget_from(64)
    assert (used.count(), used.end()) == (3, 64)
    used.use(64)
    with pytest.raises(OutOfOrder):
        used.use(63)
