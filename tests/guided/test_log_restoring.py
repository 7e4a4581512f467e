"""Restoring a log as people do it: ordered by one, agreed by another, told in the log, or refused with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from divided import desk_of, lived, peopled
from toy import COUNT, TOY

import peelian.office
from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused
from peelian.guided.backup import back_up
from peelian.guided.log_restoring import approve_restoration, propose_restoration
from peelian.office import open_office

WORDS = "the disk lost a block last night"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office that lived, was backed up, and went on."""
    monkeypatch.setattr(peelian.office, "technologies", lambda: (TOY,))
    path = tmp_path / "office"
    peopled(path)
    with open_office(path) as opened:
        lived(desk_of(opened))
    back_up(path, "custodian", tmp_path / "backup")
    with open_office(path) as opened:
        desk_of(opened).ask(COUNT)
    return path


def damaged(office: Path, what: bytes = b"ENROLLED") -> None:
    """A flipped byte where the log keeps its entries, in every place that holds it."""
    for path in (office / "log").rglob("*"):
        if path.is_file() and what in path.read_bytes():
            path.write_bytes(path.read_bytes().replace(what, what[:-1] + b"X", 1))


def entries(office: Path) -> list[str]:
    with open_office(office) as opened:
        assert opened.verdict().ok
        return [str(entry["kind"]) for _, entry in opened.house.log.read()]


def test_one_orders_another_agrees_and_the_log_says_so(office: Path, tmp_path: Path) -> None:
    before = entries(office)
    damaged(office)
    with pytest.raises(IntegrityError):
        open_office(office)
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert any("are still whole" in line for line in told.lines())
    with pytest.raises(IntegrityError):
        open_office(office)
    for same in ("custodian",):
        with pytest.raises(Refused):
            approve_restoration(office, tmp_path / "backup", same)
    done = approve_restoration(office, tmp_path / "backup", "board")
    after = entries(office)
    assert after[-4:] == ["PROPOSED", "APPROVED", "CARRIED_OUT", "RESTORED"]
    assert after[: done.pieced.size] == before[: done.pieced.size]
    assert done.aside is not None and done.aside.is_dir()
    with open_office(office) as opened:
        assert opened.house.book.orders.proposals[done.order].words == WORDS
        lived(desk_of(opened))


def test_what_is_lost_is_said_aloud(office: Path, tmp_path: Path) -> None:
    size = len(entries(office))
    shutil.rmtree(office / "log")
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.pieced.lost == size - told.pieced.size > 0
    assert any(line.startswith("LOST: ") for line in told.lines())
    approve_restoration(office, tmp_path / "backup", "board")
    assert entries(office)[-1] == "RESTORED"


def test_a_log_that_holds_is_not_restored(office: Path, tmp_path: Path) -> None:
    for act in (
        lambda: propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS),
        lambda: approve_restoration(office, tmp_path / "backup", "board"),
    ):
        with pytest.raises(OutOfOrder, match="nothing to restore"):
            act()


def test_an_order_for_something_else_and_nobodys_order_are_refused(office: Path, tmp_path: Path) -> None:
    damaged(office)
    with pytest.raises(OutOfOrder, match="nobody has ordered"):
        approve_restoration(office, tmp_path / "backup", "board")
    with pytest.raises(OutOfOrder, match="at least 3 words"):
        propose_restoration(office, tmp_path / "backup", "custodian", words="please")
    with pytest.raises(Refused):
        propose_restoration(office, tmp_path / "backup", "analyst", words=WORDS)
    with pytest.raises(OutOfOrder, match="nobody is enrolled"):
        propose_restoration(office, tmp_path / "backup", "stranger", words=WORDS)
    propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    order = (office / "restore.json").read_bytes()
    (office / "restore.json").write_bytes(order.replace(b"the disk lost", b"the disk kept"))
    with pytest.raises(OutOfOrder, match="not signed"):
        approve_restoration(office, tmp_path / "backup", "board")
    (office / "restore.json").write_bytes(order)
    shutil.rmtree(office / "log")
    with pytest.raises(OutOfOrder, match="another state of the log"):
        approve_restoration(office, tmp_path / "backup", "board")
    with pytest.raises(InputError, match="no backup"):
        approve_restoration(office, tmp_path, "board")
