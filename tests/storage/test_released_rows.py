"""Released counts stand where other programs read them: two views, on SQLite and PostgreSQL, and no more than that."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import column, select, table, text
from sqlalchemy.exc import DBAPIError

from peelian.storage.database import Database, open_database
from peelian.storage.released_rows import ReleasedRows
from peelian.storage.schema import METADATA

DOCS = Path(__file__).parents[2] / "docs"
OF = {"sensor": "square-1", "name": "Counter at the square", "area": "Centre", "kind": "people_counter"}
ROWS = [
    {**OF, "day": "2026-03-01", "part": -1, "at": 1772323200, "value": 240, "gap": 900},
    {**OF, "day": "2026-03-01", "part": 0, "at": 1772323200, "value": 20, "gap": 0},
    {**OF, "day": "2026-03-01", "part": 1, "at": 1772324100, "value": None, "gap": 900},
]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: Any, tmp_path: Path) -> Iterator[Database]:
    place = tmp_path / "state.db" if request.param == "sqlite" else request.getfixturevalue("postgres").place()
    made = open_database(place, METADATA)
    yield made
    made.close()


def _read(database: Database, view: str) -> list[tuple[Any, ...]]:
    with database.engine.connect() as connection:
        wanted = select(*map(column, ("time", "name", "area", "sensor", "value", "gap"))).select_from(table(view))
        return [tuple(row) for row in connection.execute(wanted.order_by("time"))]


def test_windows_and_days_are_read_by_views_with_their_times_and_gaps(database: Database) -> None:
    rows = ReleasedRows(database)
    rows.put("square-1", ROWS)
    rows.put("square-1", ROWS)
    windows, days = _read(database, "released_windows"), _read(database, "released_days")
    assert [row[1:] for row in windows] == [
        ("Counter at the square", "Centre", "square-1", 20, 0),
        ("Counter at the square", "Centre", "square-1", None, 900),
    ]
    assert [row[4:] for row in days] == [(240, 900)]
    times = [str(row[0])[:16].replace("T", " ") for row in windows]
    assert times == ["2026-03-01 00:00", "2026-03-01 00:15"]


def test_what_is_put_again_replaces_what_was_there(database: Database) -> None:
    rows = ReleasedRows(database)
    rows.put("square-1", ROWS)
    rows.put("square-2", [{**ROWS[0], "sensor": "square-2"}])
    rows.put("square-1", ROWS[:1])
    assert _read(database, "released_windows") == [] and len(_read(database, "released_days")) == 2


LOCKS = re.search(r"^DO \$\$.*?^END \$\$;", (DOCS / "how-to" / "read-released-counts.md").read_text(), re.S | re.M)


def test_a_reading_role_of_postgresql_sees_the_views_and_nothing_else(request: pytest.FixtureRequest) -> None:
    """The lines are those of docs/how-to/read-released-counts.md."""
    server = request.getfixturevalue("postgres")
    made = open_database(server.place(), METADATA)
    ReleasedRows(made).put("square-1", ROWS)
    with made.engine.connect() as connection:
        schema = connection.scalar(text("SELECT current_schema()"))  # `public`, outside tests
        for line in (
            "DROP ROLE IF EXISTS grafana_reader",
            "CREATE ROLE grafana_reader",
            f"GRANT USAGE ON SCHEMA {schema} TO grafana_reader",
            "GRANT SELECT ON released_windows, released_days TO grafana_reader",
        ):
            connection.execute(text(line))
        assert LOCKS
        connection.exec_driver_sql(LOCKS[0].replace("TO peelian", "TO postgres").replace("%s", "%%s"))
        connection.execute(text("SET ROLE grafana_reader"))
        assert connection.scalar(text("SELECT count(*) FROM released_windows")) == 2
        for refused in ("SELECT * FROM released", "SELECT * FROM entries", "DELETE FROM released_windows"):
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(refused))
        for locks in ("pg_advisory_lock(7)", "pg_try_advisory_xact_lock_shared(1, 2)", "lo_create(0)"):
            with pytest.raises(DBAPIError, match="permission denied for function"):
                connection.execute(text(f"SELECT {locks}"))
        connection.execute(text("RESET ROLE"))
        connection.execute(text("REVOKE ALL ON released_windows, released_days FROM grafana_reader"))
        connection.execute(text(f"REVOKE ALL ON SCHEMA {schema} FROM grafana_reader"))
        connection.execute(text("DROP ROLE grafana_reader"))
        connection.exec_driver_sql(
            LOCKS[0]
            .replace("REVOKE", "GRANT")
            .replace("FROM PUBLIC", "TO PUBLIC")
            .replace("TO peelian", "TO postgres")
            .replace("%s", "%%s")
        )
    made.close()


def test_who_holds_the_lock_of_a_new_database_keeps_none_from_opening_that_is_there(
    request: pytest.FixtureRequest,
) -> None:
    place = request.getfixturevalue("postgres").place()
    with open_database(place, METADATA).engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(7265656)"))
        opening = threading.Thread(target=lambda: open_database(place, METADATA).close(), daemon=True)
        opening.start()
        opening.join(20)
        still = opening.is_alive()
        other.execute(text("SELECT pg_advisory_unlock(7265656)"))
        opening.join(20)
        assert not still
