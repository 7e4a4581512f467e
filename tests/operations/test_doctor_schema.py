"""The doctor names what is not as declared in the databases of an office, and says of another format only that."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from kept_office import TOO_OLD, the_day_after, unpacked, unpacked_on
from postgres import Server

from peelian.operations.doctor import WRONG, examined
from peelian.operations.doctor_schema import of_another_format, of_the_schema
from peelian.operations.office import new_office
from peelian.operations.upgrade import upgrade
from peelian.storage.database import as_it_is
from peelian.storage.key_store import FILE
from peelian.storage.office_settings import database_place, read_settings


def changed(place: Path | str, statement: str) -> None:
    with closing(as_it_is(place)) as database, database.writing() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_dropped_from_either_database_is_named_with_a_remedy(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    given: dict[str, str] = {}
    if kind == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        given = {"database": server.place(), "keys_database": server.place()}
    path = tmp_path / "town"
    new_office(path, name="Town", **given).close()
    assert list(of_the_schema(path)) == [] and of_another_format(path) == []
    settings = read_settings(path)
    changed(database_place(path, settings), "DROP INDEX entries_kind")
    changed(settings.get("keys_database") or path / "keys" / "store" / FILE, "ALTER TABLE keys ADD COLUMN note TEXT")
    found = {one.what: one for one in examined(path)}
    for what, names in (("database", "index entries_kind"), ("key store", "column keys.note")):
        one = found[f"The schema of the {what} differs from the declared one: {names}."]
        assert one.level == WRONG and "restore that database" in one.remedy


def test_a_dropped_table_is_named_and_the_office_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "town"
    new_office(path, name="Town").close()
    changed(path / "state" / "state.db", "DROP TABLE tallies")
    said = [one.what for one in examined(path)]
    assert "The schema of the database differs from the declared one: table tallies." in said
    assert any(one.startswith("Tables are missing from the state database: tallies.") for one in said)


@pytest.mark.parametrize("older", TOO_OLD, ids=lambda one: one.name)
def test_of_an_older_office_only_its_format_is_said(older: Path, tmp_path: Path) -> None:
    [only] = examined(unpacked(tmp_path, older))
    assert only.what == "this office was made by an older format" and "register --language en --to FILE" in only.remedy


def test_of_a_kept_office_on_postgresql_too(postgres: Server, tmp_path: Path) -> None:
    path = unpacked_on(postgres, tmp_path)
    [only] = examined(path)
    assert only.what.startswith("this office has an older format") and "peelian machine upgrade" in only.remedy
    upgrade(path, clock=the_day_after())
    assert of_another_format(path) == [] and list(of_the_schema(path)) == []
