"""The board's witness keeps its key, listens, and cosigns the office's log; a bad key line is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from toy import TOY

import peelian.operations.office
from peelian.errors import InputError
from peelian.kernel.model.capability import Role
from peelian.operations.board_witness import served
from peelian.operations.office import new_office
from peelian.operations.witness_choice import choose_now


def test_an_office_is_witnessed_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    with new_office(tmp_path / "office", name="Town") as office:
        custodian = office.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
        log = (tmp_path / "office" / "log" / "log.vkey").read_text()
        where = {"name": "board.example/w", "logs": [log], "host": "127.0.0.1", "port": 0}
        with served(tmp_path / "witness", **where) as (key, server):  # type: ignore[arg-type]  # given by name
            threading.Thread(target=server.serve_forever, daemon=True).start()
            choose_now(office, custodian, key, f"http://127.0.0.1:{server.server_address[1]}/")
            assert office.maintenance is not None
            answer = office.maintenance.tick()
            assert answer is not None and answer.cosigned, answer
            server.shutdown()
        with served(tmp_path / "witness", **where) as (again, _):  # type: ignore[arg-type]  # given by name
            assert again == key, "the witness keeps its key"


def test_a_bad_key_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError), served(tmp_path, name="w", logs=["nonsense"], host="127.0.0.1", port=0):
        pass
