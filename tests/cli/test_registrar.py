"""The registrar from the terminal: an office is divided, its registrar runs, and its people go on as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from divided import RunningRegistrar
from terminal import peelian
from toy import TOY

from peelian.integrations import registrar_client
from peelian.operations import office as room


def test_an_office_is_divided_and_its_people_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "technologies", lambda: (TOY,))
    socket = tmp_path / "run" / "socket"  # in a folder that the registrar makes
    assert peelian("office", "office", "--name", "Town", cwd=tmp_path).returncode == 0
    said = peelian("machine", "divide", "registrar", "--socket", str(socket), cwd=tmp_path)
    assert said.returncode == 0 and "peelian machine registrar registrar" in said.stdout
    registrar = RunningRegistrar(tmp_path / "registrar", socket)
    registrar.start()
    try:
        words = ("enrol", "ana", "--name", "Ana", "--unit", "crime", "--role", "analyst")
        assert peelian(*words, cwd=tmp_path).returncode == 0
        assert "Ana" in peelian("people", "list", "--as", "custodian", cwd=tmp_path).stdout
        assert "Log verified" in peelian("verify", "office", cwd=tmp_path).stdout
        doctor = peelian("doctor", cwd=tmp_path)
        assert doctor.returncode == 0, doctor.stdout
        kept = peelian("machine", "backup", "data", "--keys", "keys", cwd=tmp_path)
        assert kept.returncode == 0 and not (tmp_path / "keys" / "store").exists()
        assert "NOT in this backup: the registrar's database, its log key and its key store." in kept.stdout
        assert "Whoever runs the registrar stops it and copies its folder" in kept.stdout
        refused = peelian("oversight", "choose-witness", "key", "http://127.0.0.1:1/", cwd=tmp_path)
        assert refused.returncode == 2 and "registrar's own folder" in refused.stderr
    finally:
        registrar.end()
    monkeypatch.setattr(registrar_client, "PATIENCE", 0.2)
    doctor = peelian("doctor", cwd=tmp_path)
    assert "The registrar does not answer." in doctor.stdout and "Nothing is damaged." in doctor.stdout
    away = peelian("people", "list", "--as", "custodian", cwd=tmp_path)
    assert away.returncode == 1 and "See that its service runs" in away.stderr
    back = peelian("machine", "divide", "registrar", "--undo", cwd=tmp_path)
    assert back.returncode == 0 and "Moved back into the office" in back.stdout
    assert "Ana" in peelian("people", "list", "--as", "custodian", cwd=tmp_path).stdout
