"""Keys that are damaged, another one's, or older than the log are named, and how they come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from divided import desk_of, lived, peopled
from toy import TOY
from worker_runs import Run
from worker_runs import run as run

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


def test_openings_that_the_log_does_not_have_are_found(path: Path) -> None:
    with open_office(path) as office:
        index = next(n for n, entry in office.kernel.stores.log.read() if entry["kind"] == "STARTED")
    with closing(sqlite3.connect(path / "keys" / "store" / "keys.db")) as keys, keys:
        keys.execute("INSERT INTO used VALUES (?)", (index,))
        keys.execute("INSERT INTO leaves VALUES (?, 0)", (index,))
    assert "Keys unwrapped without a logged opening: 2. -> If the log is not the newest" in _said(path)


def test_each_used_place_of_a_set_is_in_the_log(run: Run) -> None:
    """Places of a logged set are known, used or not; one beyond its end is not."""
    tickets = run.logged(*run.listed[:3])
    run.workers[0].data_key(tickets[1])
    assert run.keys.openings() == [(tickets[1].intent, 1)]
    assert "without a logged opening" not in "".join(says for says, _ in of_the_keys(run.town.office))
    with run.keys.store.database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO leaves VALUES (?, 3)", (tickets[0].intent,))
    assert "without a logged opening: 1." in "".join(says for says, _ in of_the_keys(run.town.office))
