"""Restoring a log as people do it: ordered by one, agreed by another, told in the log, or refused with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from divided import desk_of, lived, peopled
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused
from peelian.operations.backup import back_up
from peelian.operations.doctor import examined
from peelian.operations.doctor_archive import not_in_the_log
from peelian.operations.log_restoring import approve_restoration, propose_restoration
from peelian.operations.office import open_office
from peelian.storage.log_heads import HEAD, parts_of

WORDS = "the disk lost a block last night"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office that lived, was backed up, and went on."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
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
        return [str(entry["kind"]) for _, entry in opened.kernel.stores.log.read()]


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
        assert opened.kernel.state.authorization_status.proposals[done.order].words == WORDS
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
        with pytest.raises(OutOfOrder, match="Nothing to restore"):
            act()


def test_an_order_for_something_else_and_nobodys_order_are_refused(office: Path, tmp_path: Path) -> None:
    damaged(office)
    with pytest.raises(OutOfOrder, match="Restoration not ordered"):
        approve_restoration(office, tmp_path / "backup", "board")
    with pytest.raises(OutOfOrder, match="at least 3 words"):
        propose_restoration(office, tmp_path / "backup", "custodian", words="please")
    with pytest.raises(Refused):
        propose_restoration(office, tmp_path / "backup", "analyst", words=WORDS)
    with pytest.raises(OutOfOrder, match="is not enrolled in the log"):
        propose_restoration(office, tmp_path / "backup", "stranger", words=WORDS)
    propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    order = (office / "restore.json").read_bytes()
    (office / "restore.json").write_bytes(order.replace(b"the disk lost", b"the disk kept"))
    with pytest.raises(OutOfOrder, match="signer of the order is not known"):
        approve_restoration(office, tmp_path / "backup", "board")
    (office / "restore.json").write_bytes(order)
    shutil.rmtree(office / "log")
    with pytest.raises(OutOfOrder, match="another state of the log"):
        approve_restoration(office, tmp_path / "backup", "board")
    with pytest.raises(InputError, match="not a backup"):
        approve_restoration(office, tmp_path, "board")


def _put_back(office: Path, old: Path, *more: str) -> None:
    """The log, the record of what it last signed, and `more`, as they were in `old`."""
    for name in ("log", *more):
        shutil.rmtree(office / name) if (office / name).is_dir() else (office / name).unlink()
        (shutil.copytree if (old / name).is_dir() else shutil.copy2)(old / name, office / name)
    shutil.copy2(old / "log.signed", office / "log.signed")


@pytest.fixture
def old(office: Path, tmp_path: Path) -> Path:
    """A copy of the whole office, which then went on: sealed data was opened, and two people agreed on something."""
    shutil.copytree(office, tmp_path / "old")
    with open_office(office) as opened:
        lived(desk_of(opened))
    return tmp_path / "old"


def test_whoever_removes_every_head_is_found_out_and_two_people_may_go_on(
    office: Path, old: Path, tmp_path: Path
) -> None:
    assert entries(office).count("HEADS_KEPT") == 1
    _put_back(office, old)
    for folder in parts_of(office).values():
        (folder / HEAD).unlink()
    for _ in range(2):
        with pytest.raises(IntegrityError, match="log-head is missing from every part"):
            open_office(office)
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS).lines()
    assert any("ask the witness whether a longer log was seen" in line for line in told)
    assert "Whether anything that was signed later is lost cannot be known here: ask the witness." in told
    assert "Sealed data was opened 1 times by entries that this log will not have." in told
    approve_restoration(office, tmp_path / "backup", "board")
    assert entries(office)[-1] == "RESTORED" and all((folder / HEAD).exists() for folder in parts_of(office).values())
    with open_office(office) as opened:
        lived(desk_of(opened))


def test_a_part_that_lost_its_head_is_named_and_one_that_was_made_anew_is_not(office: Path) -> None:
    head = office / "objects" / HEAD
    data = head.read_bytes()
    head.unlink()
    with pytest.raises(IntegrityError, match="log-head is missing from objects, though"):
        open_office(office)
    head.write_bytes(data)
    head.chmod(0o600)
    open_office(office).close()
    shutil.rmtree(office / "records")
    (office / "records").mkdir(mode=0o700)
    open_office(office).close()
    assert (office / "records" / HEAD).exists()


def test_heads_put_back_with_the_log_are_given_away_by_the_openings_that_were_used(
    office: Path, old: Path, tmp_path: Path
) -> None:
    _put_back(office, old, *(f"{name}/{HEAD}" for name in parts_of(office)))
    with pytest.raises(IntegrityError, match="The keys record an opening of sealed data by entry"):
        open_office(office)
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.openings == 1
    approve_restoration(office, tmp_path / "backup", "board")
    with open_office(office) as opened:
        lived(desk_of(opened))


def test_documents_that_no_entry_names_are_counted(office: Path, old: Path) -> None:
    with open_office(office) as opened:
        assert not_in_the_log(opened.kernel) == 0
        there = opened.kernel.stores.archive.partitions()
    with open_office(old) as opened:
        n = len(
            {m for digests in there.values() for m in digests}
            - {m for s in opened.kernel.stores.archive.partitions().values() for m in s}
        )
    _put_back(office, old, *(f"{name}/{HEAD}" for name in parts_of(office)), "keys/vault/used")
    with open_office(office) as opened:
        assert not_in_the_log(opened.kernel) == n > 5
    said = [one.what for one in examined(office)]
    assert f"Archived documents without a log entry: {n:,}." in said


def test_an_office_in_use_whose_log_is_gone_begins_no_new_one(office: Path) -> None:
    shutil.rmtree(office / "log")
    (office / "log.signed").unlink()
    for folder in parts_of(office).values():
        (folder / HEAD).unlink()
    with pytest.raises(IntegrityError, match="there is no log, but"):
        open_office(office)


def test_an_office_from_before_there_were_heads_opens_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    path = tmp_path / "older"
    peopled(path)
    for folder in parts_of(path).values():
        (folder / HEAD).unlink()
    for _ in range(3):
        assert entries(path).count("HEADS_KEPT") == 1
