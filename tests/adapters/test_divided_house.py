"""A divided office's own folder holds ciphertext and nothing that opens it."""

from __future__ import annotations

from pathlib import Path

import pytest
from divided import divided_town, lived

from peelian.errors import OutOfOrder
from peelian.governance.expiry import expire
from peelian.governance.shelving import DAYS


def test_no_key_and_no_log_lie_in_the_office_that_people_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        office = tmp_path / "office"
        found = {path.relative_to(office).parts[0] for path in office.rglob("*")}
        assert found == {"answers", "keys", "objects", "office.toml"} and not list((office / "keys").glob("*.pem"))
        assert {path.name for path in (office / "keys").iterdir()} == {"operators"}
        assert town.office.verdict().ok and town.house.public_key


def test_the_daily_job_of_a_divided_office_asks_the_registrar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        assert town.house.archive.shelves().keys() >= {f"people.{town.house.shelf('people').partition('.')[2]}"}
        assert expire(town.house).shelves == ()
        assert town.kinds().count("KEPT_FOR") == len(DAYS)
        with pytest.raises(OutOfOrder, match="not over"):
            town.house.append("SHELF_DESTROYED", shelf=town.house.shelf("people"), by="office")
        with pytest.raises(OutOfOrder):
            town.house.archive.destroy_shelf(town.house.shelf("people"))
