"""Keys that are damaged, another one's, or older than the log are named, and how they come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from divided import desk_of, lived, peopled
from toy import TOY

import peelian.operations.office
from peelian.operations.doctor import WRONG, examined
from peelian.operations.doctor_keys import of_the_keys
from peelian.operations.office import open_office


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as opened:
        lived(desk_of(opened))
    yield tmp_path / "office"


def _said(path: Path) -> str:
    with open_office(path) as office:
        return "\n".join(f"{says} -> {remedy}" for says, remedy in of_the_keys(office))


def test_another_key_of_the_tokens_is_found(path: Path) -> None:
    (path / "keys" / "token.key").write_bytes(bytes(32))
    for _ in range(2):
        (wrong,) = (one.what for one in examined(path) if one.level == WRONG)
        assert "keys/token.key does not belong to this log" in wrong and "backup" in wrong
    (path / "keys" / "token.key").write_bytes(b"")
    assert "key damaged" in {one.what for one in examined(path) if one.level == WRONG}


def test_keys_of_people_that_are_damaged_or_another_s_are_named(path: Path) -> None:
    operators = path / "keys" / "operators"
    whole = (operators / "board.pem").read_bytes()
    (operators / "board.pem").write_bytes(b"x")
    assert "keys/operators/board.pem: key file damaged -> the whole file from the key folder's own backup" in _said(
        path
    )
    (operators / "board.pem").write_bytes((operators / "council.pem").read_bytes())
    assert "board.pem is not the enrolled key of board" in _said(path)
    (operators / "board.pem").write_bytes(whole)
    assert _said(path) == ""


def test_keys_that_remember_fewer_openings_than_the_log_are_older(path: Path) -> None:
    assert _said(path) == ""
    with closing(sqlite3.connect(path / "keys" / "store" / "keys.db")) as keys, keys:
        keys.execute("DELETE FROM used")
    assert "The keys are older than the log: 0 used openings recorded, 1 logged." in _said(path)
