"""A divided office's own folder holds ciphertext and nothing that opens it."""

from __future__ import annotations

from pathlib import Path

import pytest
from divided import divided_town, lived


def test_no_key_and_no_log_lie_in_the_office_that_people_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        office = tmp_path / "office"
        found = {path.relative_to(office).parts[0] for path in office.rglob("*")}
        assert found == {"keys", "objects", "office.toml"} and not list((office / "keys").glob("*.pem"))
        assert {path.name for path in (office / "keys").iterdir()} == {"operators"}
        assert town.office.verdict().ok and town.house.public_key
