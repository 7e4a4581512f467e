"""Dividing an office: all of it or nothing, and again where it was cut short."""

from __future__ import annotations

from pathlib import Path

import pytest
from divided import divided_town, lived, peopled
from toy import TOY

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder
from peelian.operations import registrar_process
from peelian.operations.doctor import WRONG, examined
from peelian.operations.office import open_office
from peelian.operations.registrar_process import divide, served


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    return tmp_path / "office"


def test_cut_short_before_the_settings_changed_the_office_is_as_it_was(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(registrar_process, "_sync", full)
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
        patch.setattr(registrar_process, "_remove", lambda office: None)
        n = divide(office, folder, socket)
    assert any("though a registrar holds it" in one.what for one in examined(office))
    assert divide(office, folder, socket) == n and not (office / "keys" / "log.pem").exists()
    with pytest.raises(OutOfOrder, match="already"):
        divide(office, tmp_path / "other", tmp_path / "other socket")


def test_the_doctor_looks_a_divided_office_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        assert not [one for one in examined(tmp_path / "office") if one.level == WRONG]


def test_a_divided_offices_own_folder_is_no_registrars(office: Path, tmp_path: Path) -> None:
    folder, socket = tmp_path / "registrar", tmp_path / "socket"
    divide(office, folder, socket)
    with served(folder, socket) as (_, server):
        assert server.path == socket
        server.stop()
        server.serve()
    with pytest.raises(InputError, match="unknown user"), served(folder, socket, clients=["nobody-of-this-name"]):
        pass
