"""Restoring a log as people do it: ordered by one, agreed by another, told in the log, or refused with the reason."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from divided import desk_of, lived, peopled
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.retention.expiry_job import expire
from peelian.operations.backup import back_up
from peelian.operations.doctor import NOTE, WRONG, examined
from peelian.operations.log_restoring import approve_restoration, propose_restoration
from peelian.operations.office import open_office
from peelian.operations.rebuild import rebuilt_at
from peelian.oversight.verification.verifier import verify_log

WORDS = "the disk lost a block last night"
KEPT = ("RAN", "ENROLLED")
HEADS = ("log.signed", "objects/log-head")


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


@pytest.fixture
def old(office: Path, tmp_path: Path) -> Path:
    """A copy of the whole office, which then went on: sealed data was opened, and two people agreed on something."""
    shutil.copytree(office, tmp_path / "old")
    with open_office(office) as opened:
        lived(desk_of(opened))
    return tmp_path / "old"


def done_to(database: Path, statement: str, *values: object) -> None:
    """Somebody with the file writes into it."""
    with closing(sqlite3.connect(database)) as there, there:
        there.execute(statement, values)


def damaged(office: Path) -> None:
    """A flipped byte of an entry."""
    change = "UPDATE entries SET spelling = CAST(replace(CAST(spelling AS TEXT), ?, 'X') AS BLOB) WHERE idx = 0"
    done_to(office / "state" / "state.db", change, "ENROLLED")


def put_back(office: Path, old: Path, *parts: str) -> None:
    """These parts as they were in `old`."""
    for name in parts:
        shutil.rmtree(office / name) if (office / name).is_dir() else (office / name).unlink(missing_ok=True)
        (shutil.copytree if (old / name).is_dir() else shutil.copy2)(old / name, office / name)


def entries(office: Path) -> list[str]:
    with open_office(office) as opened:
        assert opened.verdict().ok
        return [str(entry["kind"]) for _, entry in opened.kernel.stores.log.read()]


def test_one_orders_another_agrees_and_the_log_says_so(office: Path, tmp_path: Path) -> None:
    before = entries(office)
    damaged(office)
    for _ in range(2):
        with open_office(office) as opened:
            opened.operator("custodian")
            assert any(fault.of == "entry 0" for fault in opened.kernel.state.faults()), "it opens all the same"
        told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert "No entry that was ever signed is lost." in told.lines()
    with pytest.raises(Refused):
        approve_restoration(office, tmp_path / "backup", "custodian")
    done = approve_restoration(office, tmp_path / "backup", "board")
    after = entries(office)
    assert after[-4:] == ["PROPOSED", "APPROVED", "CARRIED_OUT", "RESTORED"]
    assert after[: done.size] == before and done.copied < done.size
    assert done.aside is not None and (done.aside / "state.db").is_file() and verify_log(done.aside / "log").ok
    assert not (office / "restore.json").exists() and not (office / "state.restoring").exists()
    with open_office(office) as opened:
        assert opened.kernel.state.dual_control.proposals[done.order].words == WORDS
        lived(desk_of(opened))


def missing(office: Path, level: str) -> list[str]:
    """What the doctor says of documents, at this level."""
    return [one.what for one in examined(office) if one.level == level and "ocuments" in one.what]


def test_what_a_restore_lost_is_no_fault_and_what_goes_missing_besides_it_is(office: Path, tmp_path: Path) -> None:
    """After the backup a use was requested and permitted, and somebody was enrolled: four documents."""
    joins = {"name": "Nina New", "unit": "mapping", "roles": {Role.ANALYST}}
    with open_office(office) as opened:
        opened.enrol("new", **joins, by=opened.operator("custodian"))
        _, case = opened.kernel.state.histories
    damaged(office)
    propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    approve_restoration(office, tmp_path / "backup", "board")
    for _ in range(2):  # also once the person was enrolled again
        assert [one.what for one in examined(office) if one.level == WRONG] == []
        assert missing(office, NOTE) == [f"Documents lost when the log was restored: 4 ({case})."]
        assert rebuilt_at(office) == []
        with open_office(office) as opened:
            expire(opened.kernel)
            opened.enrol("new", **joins, by=opened.operator("custodian"))
            told = {entry["kind"]: str(entry["document"]) for _, entry in opened.kernel.stores.log.read(kinds=KEPT)}
    for digest in told.values():  # of before the backup, and of after the restore
        state = (office / "state" / "state.db").read_bytes()
        done_to(office / "state" / "state.db", "DELETE FROM documents WHERE digest = ?", digest)
        assert any("he archive" in one.what for one in examined(office) if one.level == WRONG)
        (office / "state" / "state.db").write_bytes(state)


def test_what_is_lost_is_said_aloud(office: Path, tmp_path: Path) -> None:
    size = len(entries(office))
    shutil.rmtree(office / "state")
    shutil.rmtree(office / "log")
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.lost == size - told.size > 0
    assert any(line.startswith("LOST: ") for line in told.lines())
    approve_restoration(office, tmp_path / "backup", "board")
    assert entries(office)[-1] == "RESTORED"


@pytest.mark.parametrize("part", ["tile/entries/000.p/*", "checkpoint"])
def test_of_a_published_log_that_was_damaged_nothing_is_taken(office: Path, tmp_path: Path, part: str) -> None:
    damaged(office)
    for file in (office / "log").glob(part):
        file.write_bytes(file.read_bytes().replace(b"PERMITTED", b"PERMITTEX").replace(b"\n\n", b"\n"))
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.size == told.copied and told.lost > 0


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
    with pytest.raises(OutOfOrder, match="is not enrolled"):
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


def test_whoever_removes_every_head_is_found_out_and_two_people_may_go_on(
    office: Path, old: Path, tmp_path: Path
) -> None:
    put_back(office, old, "state", "log")
    for name in HEADS:
        (office / name).unlink()
    done_to(office / "keys" / "store" / "keys.db", "DELETE FROM heads")
    for _ in range(2):
        with pytest.raises(IntegrityError, match="The log head kept in keys/store is gone"):
            open_office(office)
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS).lines()
    assert any("More entries may be lost. Ask the witness" in line for line in told)
    assert "Sealed data was opened 1 times by entries that this log will not have." in told
    approve_restoration(office, tmp_path / "backup", "board")
    assert entries(office)[-1] == "RESTORED" and all((office / name).exists() for name in HEADS)
    with open_office(office) as opened:
        lived(desk_of(opened))


@pytest.mark.parametrize("name", [*HEADS, "objects"])
def test_a_place_that_lost_its_head_is_named(office: Path, tmp_path: Path, name: str) -> None:
    (office / name).rename(tmp_path / "aside")
    with pytest.raises(IntegrityError, match=rf"The log head kept in {name.split('/')[0]} is gone"):
        open_office(office)
    shutil.rmtree(office / name) if (office / name).is_dir() else None
    (tmp_path / "aside").rename(office / name)
    open_office(office).close()


def test_heads_put_back_with_the_log_are_given_away_by_the_openings_that_were_used(
    office: Path, old: Path, tmp_path: Path
) -> None:
    put_back(office, old, "state", "log", *HEADS)
    with closing(sqlite3.connect(old / "keys" / "store" / "keys.db")) as there:
        (head,) = there.execute("SELECT note FROM heads").fetchone()
    done_to(office / "keys" / "store" / "keys.db", "UPDATE heads SET note = ?", head)
    with pytest.raises(IntegrityError, match="The keys record an opening of sealed data by entry"):
        open_office(office)
    told = propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.openings == 1
    approve_restoration(office, tmp_path / "backup", "board")
    with open_office(office) as opened:
        lived(desk_of(opened))


def test_an_office_in_use_whose_log_is_gone_begins_no_new_one(office: Path, tmp_path: Path) -> None:
    for name in ("state", "log"):
        shutil.rmtree(office / name)
    for _ in range(2):
        with pytest.raises(IntegrityError, match=r"The log has 0 entries, but [\d,]+ when"):
            open_office(office)
    for name in HEADS:
        (office / name).unlink()
    done_to(office / "keys" / "store" / "keys.db", "DELETE FROM heads")
    with pytest.raises(IntegrityError, match="The keys record an opening"):
        open_office(office)


def test_what_an_old_backup_of_a_lost_machine_brings_back_is_destroyed_again(office: Path, tmp_path: Path) -> None:
    """The published log says that an object was destroyed; keys and objects come from before."""
    shutil.copytree(office / "keys", tmp_path / "keys")
    with open_office(office) as opened:
        gone = min(one.object for one in opened.kernel.state.datasets.values())
        opened.kernel.stores.vault.destroy(gone)
        opened.kernel.append("DESTROYED", dataset="d", object=gone, by="office", why="over")
    shutil.rmtree(office / "state")
    shutil.rmtree(office / "keys")
    shutil.copytree(tmp_path / "keys", office / "keys")
    put_back(office, tmp_path / "backup", "objects")
    propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    approve_restoration(office, tmp_path / "backup", "board")
    with open_office(office) as opened:
        assert gone not in opened.kernel.stores.vault.living() | opened.kernel.stores.vault.kept()
