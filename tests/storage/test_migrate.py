"""Migrations lead to the schema that new offices are made with, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import Server
from sqlalchemy import Engine, inspect

from peelian.errors import InputError, IntegrityError
from peelian.storage.database import _postgresql, _sqlite, as_it_is, open_database
from peelian.storage.migrate import is_as_migrated, migrate, stated_version
from peelian.storage.schema import KEY_METADATA, METADATA, MIGRATED, VERSION


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: Any, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = _sqlite(tmp_path / "state" / "state.db")
    else:
        server: Server = request.getfixturevalue("postgres")
        made = _postgresql(server.place())
    yield made
    made.dispose()


def test_the_migrations_lead_to_the_schema_of_a_new_office(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [one for one in compare_metadata(context, METADATA) if MIGRATED.name not in str(one)]
        version = connection.scalar(MIGRATED.select())
        indexes = {one["name"] for table in METADATA.tables for one in inspect(connection).get_indexes(table)}
    assert found == [] and version == VERSION
    assert indexes == {index.name for table in METADATA.sorted_tables for index in table.indexes}


def test_doing_it_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)


def test_one_that_is_interrupted_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    real, made = op.create_table, []

    def cut(*given: Any, **more: Any) -> Any:
        made.append(given[0])
        if len(made) == 5:
            raise KeyboardInterrupt
        return real(*given, **more)

    monkeypatch.setattr(op, "create_table", cut)
    with pytest.raises(KeyboardInterrupt):
        migrate(engine)
    monkeypatch.undo()
    assert inspect(engine).get_table_names() == []
    migrate(engine)


def test_the_database_of_another_version_is_refused(tmp_path: Path) -> None:
    database = open_database(tmp_path / "state" / "state.db", METADATA)
    with database.writing() as connection:
        connection.execute(MIGRATED.update().values(version_num="9999"))
    database.close()
    with pytest.raises(InputError, match="a newer program made or upgraded this database"):
        open_database(tmp_path / "state" / "state.db", METADATA)


def test_a_database_of_the_version_before_is_left_as_it_is_when_it_is_opened(engine: Engine, tmp_path: Path) -> None:
    migrate(engine, to="0001")
    is_file = engine.dialect.name == "sqlite"
    place = tmp_path / "state" / "state.db" if is_file else str(engine.url.set(drivername="postgresql"))
    with pytest.raises(InputError, match="older format than this program") as error:
        open_database(place, METADATA)
    assert error.value.accepted == "`peelian machine upgrade`"
    with engine.connect() as connection:
        assert stated_version(connection) == "0001" and is_as_migrated(connection)


def test_a_table_that_was_dropped_is_noticed_and_not_made_again(engine: Engine, tmp_path: Path) -> None:
    is_file = engine.dialect.name == "sqlite"
    place = tmp_path / "state" / "state.db" if is_file else str(engine.url.set(drivername="postgresql"))
    for metadata, table in ((METADATA, "entries"), (KEY_METADATA, "leaves")):
        where = tmp_path / table / "state.db" if is_file else place
        open_database(where, metadata).close()
        made = as_it_is(where)
        with made.writing() as connection:
            connection.exec_driver_sql(f"DROP TABLE {table}")
        with pytest.raises(IntegrityError, match=f"Tables are missing from the state database: {table}"):
            open_database(where, metadata)
        if not is_file:
            with made.writing() as connection:
                for one in metadata.sorted_tables:
                    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {one.name} CASCADE")
        made.close()


def test_the_views_of_a_migration_are_those_of_a_new_office(tmp_path: Path) -> None:
    migrated, new = tmp_path / "migrated.db", tmp_path / "new.db"
    engine = _sqlite(migrated)
    migrate(engine)
    open_database(new, METADATA).close()
    fresh = _sqlite(new)
    told = []
    for one in (engine, fresh):
        with one.connect() as connection:
            asked = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY name")
            told.append([tuple(row) for row in asked])
        one.dispose()
    assert told[0] == told[1] and len(told[0]) == 2
