"""Dividing an office: all of it or nothing, and again where it was cut short."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from divided import answering, desk_of, divided_town, lived, peopled
from postgres import Server
from toy import TOY

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder
from peelian.integrations.login_codes import SERVING
from peelian.operations import dividing
from peelian.operations.dividing import divide, undo
from peelian.operations.doctor import WRONG, examined
from peelian.operations.office import new_office, open_office
from peelian.storage.office_settings import read_settings


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    return tmp_path / "office"


def test_on_postgresql_the_registrar_alone_knows_the_databases(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"database": postgres.place(), "keys_database": postgres.place()}
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    monkeypatch.setattr(peelian.operations.office, "new_office", partial(new_office, **places))
    office, folder, socket = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    with monkeypatch.context() as patch:
        patch.setattr(dividing, "_give", _full)  # after the copy was opened, and signed the log
        with pytest.raises(OSError):
            divide(office, tmp_path / "left over", socket)
    with open_office(office) as opened:
        assert opened.verdict().ok and len(opened.kernel.state.people) == 9, "it is as it was"
    moved = divide(office, folder, socket)
    assert moved.on_server and "state" not in moved.names and "keys/store" in moved.names
    kept = read_settings(folder)
    assert {name: kept[name] for name in places} == places
    for file in (file for file in office.rglob("*") if file.is_file()):
        assert b"postgresql://" not in file.read_bytes(), file
    with answering(folder, socket), open_office(office) as opened:
        lived(desk_of(opened))
        n = opened.kernel.stores.log.size()
        assert not [one for one in examined(office) if one.level == WRONG]
    assert undo(office, folder).entries >= n and not folder.exists()
    with open_office(office) as opened:
        lived(desk_of(opened))
        assert opened.verdict().ok and opened.kernel.stores.log.size() > n


def test_while_pages_are_served_it_is_not_divided(office: Path, tmp_path: Path) -> None:
    refused = pytest.raises(OutOfOrder, match="Stop them first")
    with open_office(office) as opened, opened.kernel.stores.lease(SERVING, True, True), refused:
        divide(office, tmp_path / "registrar", tmp_path / "socket")
    divide(office, tmp_path / "registrar", tmp_path / "socket")


def test_cut_short_before_the_settings_changed_the_office_is_as_it_was(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(dividing, "sync_all", full)
        with pytest.raises(OSError):
            divide(office, tmp_path / "registrar", tmp_path / "socket")
    with open_office(office) as opened:
        assert len(opened.kernel.state.people) == 9
    with pytest.raises(InputError, match="is not empty"):
        divide(office, tmp_path / "registrar", tmp_path / "socket")
    divide(office, tmp_path / "registrar 2", tmp_path / "socket")


def test_cut_short_after_it_the_same_words_remove_what_is_left(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, socket = tmp_path / "registrar", tmp_path / "socket"
    with monkeypatch.context() as patch:
        patch.setattr(dividing, "_remove", lambda office: None)
        n = divide(office, folder, socket)
    assert any("though a registrar holds it" in one.what for one in examined(office))
    assert divide(office, folder, socket).entries == n.entries and not (office / "keys" / "log.pem").exists()
    with pytest.raises(OutOfOrder, match="already"):
        divide(office, tmp_path / "other", tmp_path / "other socket")


def test_the_doctor_looks_a_divided_office_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        assert not [one for one in examined(tmp_path / "office") if one.level == WRONG]


def test_it_is_undone_and_the_office_goes_on_as_before(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, socket = tmp_path / "registrar", tmp_path / "socket"
    divide(office, folder, socket)
    with answering(folder, socket), open_office(office) as opened:
        lived(desk_of(opened))
        n = opened.kernel.stores.log.size()
        with pytest.raises(OutOfOrder, match="Stop it first"):
            undo(office, folder)
    with pytest.raises(InputError, match="not the folder of this office"):
        undo(office, _another(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(dividing, "write_settings", _full)
        with pytest.raises(OSError):
            undo(office, folder)
    with answering(folder, socket), open_office(office) as opened:
        assert opened.kernel.stores.log.size() == n, "it is as divided as before"
    with monkeypatch.context() as patch:
        patch.setattr(dividing, "_gone", lambda folder: None)
        assert undo(office, folder).entries >= n and (folder / "keys" / "log.pem").exists()
    assert undo(office, folder).entries >= n and not folder.exists()
    with open_office(office) as opened:
        lived(desk_of(opened))
        assert opened.verdict().ok and opened.kernel.stores.log.size() > n
    assert not [one for one in examined(office) if one.level == WRONG]


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def _another(tmp_path: Path) -> Path:
    with new_office(tmp_path / "another", name="Another"):  # one of `peopled` has the same log
        return tmp_path / "another"


@pytest.mark.skipif(os.getuid() != 0, reason="needs the administrator, who divides for another user")
def test_divided_by_root_the_office_stays_its_users(office: Path, tmp_path: Path) -> None:
    for path in (office, *office.rglob("*")):
        os.chown(path, 61_002, 61_002)
    moved = divide(office, tmp_path / "registrar", tmp_path / "socket", owner="61001")
    assert (moved.office_owner, moved.registrar_owner) == (61_002, 61_001)
    assert {path.stat().st_uid for path in (office, *office.rglob("*"))} == {61_002}
    (office / "own" / "left-by-root").touch(0o600)
    assert any("another user" in one.what for one in examined(office))
    undo(office, tmp_path / "registrar")
    assert {path.stat().st_uid for path in (office, *office.rglob("*"))} == {61_002}
