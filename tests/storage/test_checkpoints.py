"""Checkpoints on the disk: what was kept is there after opening again, and only the owner may read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from peelian.errors import IntegrityError
from peelian.storage.checkpoints import FileCheckpoints


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    kept = FileCheckpoints(tmp_path / "watch" / "states.db")
    kept.save("w-1", {"a": "1", "b": "2"})
    kept.save("w-1", {"b": "3"})
    kept.save("w-2", {"a": "9"})
    kept.close()
    again = FileCheckpoints(tmp_path / "watch" / "states.db")
    assert again.load("w-1") == {"a": "1", "b": "3"} and again.load("w-9") == {}
    assert stat.S_IMODE((tmp_path / "watch" / "states.db").stat().st_mode) == 0o600


def test_a_damaged_file_is_an_integrity_error(tmp_path: Path) -> None:
    (tmp_path / "states.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(IntegrityError):
        FileCheckpoints(tmp_path / "states.db")


def test_nothing_is_kept_once_it_is_closed(tmp_path: Path) -> None:
    kept = FileCheckpoints(tmp_path / "states.db")
    kept.close()
    with pytest.raises(IntegrityError):
        kept.save("w-1", {"a": "1"})
