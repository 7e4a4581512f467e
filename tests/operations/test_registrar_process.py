"""The registrar's process: what it learns, and whose socket it opens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from divided import peopled
from toy import TOY

import peelian
import peelian.operations.office
from peelian.errors import InputError
from peelian.operations.dividing import divide
from peelian.operations.registrar_process import ACTS_IN, served

SOURCE = Path(peelian.__file__).parent


def test_it_learns_every_act_that_there_is() -> None:
    marked = {path for path in SOURCE.rglob("*.py") if re.search(r"^@act$", path.read_text(encoding="utf-8"), re.M)}
    names = {".".join(("peelian", *path.relative_to(SOURCE).with_suffix("").parts)) for path in marked}
    assert names == set(ACTS_IN)


def test_a_divided_offices_own_folder_is_no_registrars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    office = tmp_path / "office"
    peopled(office)
    folder, socket = tmp_path / "registrar", tmp_path / "socket"
    divide(office, folder, socket)
    with served(folder, socket) as (_, server):
        assert server.path == socket
        server.stop()
        server.serve()
    with pytest.raises(InputError, match="unknown user"), served(folder, socket, clients=["nobody-of-this-name"]):
        pass
