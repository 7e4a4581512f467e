"""What was dropped from, altered in or added to a database beside its rows has a name, in SQLite and in PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from peelian.storage.database import open_database
from peelian.storage.schema import KEY_METADATA, METADATA
from peelian.storage.schema_description import differences, looked_at, schema_digest

Case = tuple[str, MetaData, str]
BOTH: tuple[Case, ...] = (
    ("DROP INDEX entries_kind", METADATA, "index entries_kind"),
    ("DROP TABLE tallies", METADATA, "table tallies"),
    ("DROP VIEW released_days", METADATA, "view released_days"),
    ("ALTER TABLE sessions RENAME COLUMN how TO hau", METADATA, "column sessions.hau, column sessions.how"),
    ("ALTER TABLE warrants ADD COLUMN note TEXT", METADATA, "column warrants.note"),
    ("CREATE UNIQUE INDEX more ON cases (unit)", METADATA, "index more"),
    ("DROP TABLE leaves", KEY_METADATA, "table leaves"),
    ("ALTER TABLE keys DROP COLUMN under", KEY_METADATA, "column keys.under"),
)
OF: dict[str, tuple[Case, ...]] = {
    "sqlite": (
        *BOTH,
        ("CREATE TRIGGER t AFTER INSERT ON used BEGIN DELETE FROM used; END", KEY_METADATA, "trigger t"),
        ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN SELECT 1; END", METADATA, "trigger t"),
        ("DROP INDEX cases_state\nCREATE INDEX cases_state ON cases (state)", METADATA, "index cases_state"),
    ),
    "postgresql": (
        *BOTH,
        ("CREATE RULE r AS ON INSERT TO used DO INSTEAD NOTHING", KEY_METADATA, "rule r"),
        ("ALTER TABLE cases ADD CONSTRAINT c CHECK (first > 5)", METADATA, "constraint c"),
        (
            'ALTER TABLE names ALTER person TYPE text COLLATE "und-x-icu"',
            METADATA,
            "column names.person",
        ),
        ("ALTER TABLE names ALTER person DROP NOT NULL", METADATA, "column names.person"),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'\n"
            "CREATE TRIGGER t BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION f()",
            METADATA,
            "trigger t",
        ),
    ),
}


@pytest.mark.parametrize("kind", OF)
def test_everything_that_is_not_as_declared_is_named(kind: str, tmp_path: Path, request: Any) -> None:
    for n, (statements, metadata, names) in enumerate(OF[kind]):
        is_file = kind == "sqlite"
        place = tmp_path / str(n) / "state.db" if is_file else request.getfixturevalue("postgres").place()
        database = open_database(place, metadata)
        with database.reading() as connection:
            assert differences(connection, metadata) == []
            digest = schema_digest(connection, metadata)
        with database.writing() as connection:
            for statement in statements.split("\n"):
                connection.exec_driver_sql(statement)
        with database.reading() as connection:
            assert ", ".join(differences(connection, metadata)) == names, statements
            assert schema_digest(connection, metadata) != digest, statements
        database.close()


def test_a_look_at_a_file_leaves_nothing_beside_it_and_sees_what_its_journal_holds(tmp_path: Path) -> None:
    place = tmp_path / "state" / "state.db"
    open_database(place, METADATA).close()
    before = sorted(place.parent.iterdir())
    with looked_at(place).connect() as connection:
        assert differences(connection, METADATA) == []
    assert sorted(place.parent.iterdir()) == before
    database = open_database(place, METADATA)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE tallies")
    with looked_at(place).connect() as connection:  # it is in the journal alone
        assert differences(connection, METADATA) == ["table tallies"]
    database.close()
