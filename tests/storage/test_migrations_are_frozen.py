"""Migrations that offices had are never edited, and each leads to the schema that is written down for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from peelian.storage.database import as_it_is
from peelian.storage.migrate import MIGRATIONS, frozen, is_as_migrated, migrate, stated_version
from peelian.storage.schema import METADATA, OLDER, VERSION
from peelian.storage.schema_description import differences, schema_digest


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: Any, tmp_path: Path) -> Iterator[Engine]:
    is_file = request.param == "sqlite"
    made = as_it_is(tmp_path / "state" / "state.db" if is_file else request.getfixturevalue("postgres").place())
    yield made.engine
    made.close()


def test_no_file_of_a_migration_was_edited_and_every_one_is_written_down() -> None:
    files = {path.name[:4]: path for path in (MIGRATIONS / "versions").glob("*.py")}
    digests = {version: hashlib.sha256(path.read_bytes()).hexdigest() for version, path in files.items()}
    assert digests == {version: known["file"] for version, known in frozen().items()}
    assert {*OLDER, VERSION} == set(frozen()) and max(frozen()) == VERSION


def test_each_migration_leads_to_the_schema_that_is_written_down(engine: Engine) -> None:
    for version in sorted(frozen()):
        migrate(engine, to=version)
        with engine.connect() as connection:
            assert stated_version(connection) == version
            assert schema_digest(connection, METADATA) == frozen()[version][engine.dialect.name], version
            assert is_as_migrated(connection)
            assert (differences(connection, METADATA) == []) is (version == VERSION)
