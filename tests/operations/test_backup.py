"""A backup: data and keys apart, all of it or nothing, and a damaged one is told."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from at_rest import readable
from divided import desk_of, divided_town, lived, peopled
from toy import TOY

import peelian.operations.office
from peelian.errors import InputError, IntegrityError, PeelianError, Refused
from peelian.operations import backup
from peelian.operations.backup import back_up, must_be_whole
from peelian.operations.office import open_office
from peelian.oversight.verification.verifier import verify_log


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as opened:
        lived(desk_of(opened))
    return tmp_path / "office"


def test_data_and_keys_lie_apart_and_the_data_alone_tells_nothing(office: Path, tmp_path: Path) -> None:
    made = back_up(office, "custodian", tmp_path / "data", keys=tmp_path / "keys")
    assert made.entries == must_be_whole(tmp_path / "data") and made.keys
    assert verify_log(tmp_path / "data" / "log").ok
    names = {path.name for path in (tmp_path / "data").rglob("*")}
    assert not {n for n in names if n.endswith((".pem", ".key")) or n in ("table", "log.signed")}
    assert list(readable([tmp_path / "data"], ["it fits the area", "the records of the works"])) == []
    assert (tmp_path / "keys" / "log.pem").stat().st_mode & 0o077 == 0
    with open_office(office) as opened:
        assert "BACKED_UP" in {entry["kind"] for _, entry in opened.kernel.stores.log.read()}


def test_what_opens_from_it_is_the_office(office: Path, tmp_path: Path) -> None:
    back_up(office, "custodian", tmp_path / "data", keys=tmp_path / "keys")
    shutil.copytree(tmp_path / "data", tmp_path / "new")
    shutil.copytree(tmp_path / "keys", tmp_path / "new" / "keys")
    shutil.copy2(office / "log.signed", tmp_path / "new" / "log.signed")
    (tmp_path / "new" / "log.signed").write_bytes((tmp_path / "new" / "log" / "checkpoint").read_bytes())
    with open_office(tmp_path / "new") as opened:
        assert {p.name for p in opened.kernel.state.people.values()} >= {"Custodian", "board"}
        assert opened.verdict().ok


def test_a_full_disk_leaves_no_backup(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_copy_data", full)
    with pytest.raises(PeelianError, match="the disk is full"):
        back_up(office, "custodian", tmp_path / "data")
    assert not (tmp_path / "data").exists()
    monkeypatch.undo()
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    back_up(office, "custodian", tmp_path / "data")


def test_where_the_keys_media_are_full_nothing_remains_and_it_may_be_done_again(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.copytree

    def full(source: Path, to: Path, *words: Any, **more: Any) -> None:
        real(source, to, *words, **more)
        if Path(to).name == "keys":
            raise shutil.Error([(str(source), str(to), f"[Errno 28] No space left on device: '{to}'")])

    with monkeypatch.context() as m:
        m.setattr(shutil, "copytree", full)
        with pytest.raises(PeelianError, match="nothing of it remains: the disk is full"):
            back_up(office, "custodian", tmp_path / "data", keys=tmp_path / "keys")
    assert not list(tmp_path.glob("data*")) and not (tmp_path / "keys").exists()
    assert back_up(office, "custodian", tmp_path / "data", keys=tmp_path / "keys").keys


def test_places_that_make_no_backup_and_people_who_may_not(office: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="in one place"):
        back_up(office, "custodian", tmp_path / "data", keys=tmp_path / "data" / "keys")
    with pytest.raises(InputError, match="in one place"):
        back_up(office, "custodian", tmp_path / "keys" / "data", keys=tmp_path / "keys")
    with pytest.raises(InputError, match="already"):
        back_up(office, "custodian", office)
    with pytest.raises(InputError, match="inside the office"):
        back_up(office, "custodian", office / "backup")
    with pytest.raises(Refused):
        back_up(office, "analyst", tmp_path / "data")
    assert not list(tmp_path.glob("data*"))
    back_up(office, "custodian", tmp_path / "monday")
    with pytest.raises(InputError, match="inside another data backup"):
        back_up(office, "custodian", tmp_path / "tuesday", keys=tmp_path / "monday" / "safe" / "keys")
    assert not list(tmp_path.glob("tuesday*")) and not (tmp_path / "monday" / "safe").exists()


@pytest.mark.parametrize("way", ["altered", "gone", "added"])
def test_a_damaged_backup_is_told(office: Path, tmp_path: Path, way: str) -> None:
    back_up(office, "custodian", tmp_path / "data")
    file = next(path for path in sorted((tmp_path / "data" / "objects").iterdir()))
    if way == "altered":
        *whole, last = file.read_bytes()
        file.write_bytes(bytes([*whole, last ^ 1]))
    elif way == "gone":
        file.unlink()
    else:
        file.with_name("0" * 32).write_bytes(b"x")
    with pytest.raises(IntegrityError, match="The backup is damaged"):
        must_be_whole(tmp_path / "data")
    with pytest.raises(InputError, match="not a backup"):
        must_be_whole(tmp_path)


def test_a_divided_offices_backup_has_the_log_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        back_up(tmp_path / "office", "custodian", tmp_path / "data")
        assert must_be_whole(tmp_path / "data") and verify_log(tmp_path / "data" / "log").ok
