"""Databases for the tests of the storage: a SQLite file and a PostgreSQL schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from peelian.storage.database import Database, open_database
from peelian.storage.key_store import KeyStore, open_key_store
from peelian.storage.schema import METADATA

Opened = Callable[[], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: Any, tmp_path: Path) -> Path | str:
    """Where a new database may be made."""
    if request.param == "sqlite":
        return tmp_path / "state" / "state.db"
    return str(request.getfixturevalue("postgres").place())


@pytest.fixture
def another(place: Path | str) -> Iterator[Callable[..., Database]]:
    """Open the database once more, as another process does."""
    made: list[Database] = []

    def opened(metadata: MetaData = METADATA) -> Database:
        made.append(open_database(place, metadata))
        return made[-1]

    yield opened
    for one in made:
        one.close()


@pytest.fixture
def database(another: Callable[..., Database]) -> Database:
    """A new office's database."""
    return another()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    """A new key store."""
    store = open_key_store(tmp_path / "keys")
    yield store
    store.close()
