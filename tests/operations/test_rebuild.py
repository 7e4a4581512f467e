"""A rebuild derives every row from the log alone, names what differs, and puts it right where the log is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from desk import Desk, another_program, desk
from proofs import a_pass
from sqlalchemy import select
from suspending import suspend
from toy import COUNT, TOY

from peelian.errors import IntegrityError
from peelian.kernel import verbs
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.model.capability import Role
from peelian.operations.office import new_office, open_office
from peelian.operations.rebuild import rebuilt, rebuilt_at
from peelian.storage.database import Database
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.schema import ENTRIES, NODES, ROWS


@pytest.fixture
def town() -> Desk:
    """An office in which something hides behind each kind of row: a suspension, a used run, an ended session."""
    made = desk((TOY,))
    made.authorizations(COUNT)
    for _ in range(3):
        permit = made.ask(COUNT)
        verbs.run(made.kernel, made.people["analyst"], permit)
    sessions = Sessions(made.kernel)
    for short in ("clerk", "board", "auditor"):
        _, seat = sessions.begin(made.people[short].person, "key", proof=a_pass(made.kernel, made.people[short]))
        sessions.end(seat, "off", seat.person)
    suspend(made.kernel, made.people["board"], "toy")
    return made


def test_rows_that_are_as_the_log_says_are_found_so(town: Desk) -> None:
    assert rebuilt(town.kernel) == []


def test_a_row_that_differs_is_named_and_put_right(town: Desk) -> None:
    database: Any = town.kernel.lock
    with database.writing() as connection:
        connection.execute(ROWS["sessions"].update().values(status="open"))
        connection.execute(ROWS["chains"].delete().where(ROWS["chains"].c.key == "technologies"))
        row = dict(connection.execute(select(ROWS["cases"])).mappings().first() or {})
        connection.execute(ROWS["cases"].insert(), {**row, "key": "c-forged"})
    found = rebuilt(town.kernel)
    assert {name.split()[0] for name in found} == {"sessions", "chains", "cases"} and "cases c-forged" in found
    with pytest.raises(IntegrityError):
        len(another_program(town).state.suspended)
    assert rebuilt(town.kernel, repair=True) == found and rebuilt(town.kernel) == []
    assert town.kernel.state.suspended.keys() == {"toy"}


def test_a_log_that_was_cut_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    with new_office(tmp_path / "town", name="Town") as office:
        office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        office.kernel.append("HEARTBEAT", entries=1)
    with open_office(tmp_path / "town") as office:
        database: Any = office.kernel.lock
        with database.writing() as connection:
            connection.execute(ENTRIES.delete().where(ENTRIES.c.idx == 1))
            connection.execute(ROWS["head"].delete())
        office.kernel.stores.log.why_stopped = "only read"  # type: ignore[attr-defined]
    with pytest.raises(IntegrityError, match="from its entries alone"):
        rebuilt_at(tmp_path / "town", repair=True)


def test_a_hash_of_the_log_that_differs_is_named_and_put_right(town: Desk) -> None:
    log, database = cast(PublishedLog, town.kernel.stores.log), cast(Database, town.kernel.lock)
    town.kernel.take_all([town.kernel.entry("HEARTBEAT", {"entries": n}) for n in range(256)])
    root = log.tree.root()
    for change in (NODES.update().values(hash=b"x" * 32), NODES.update().values(number=7), NODES.delete()):
        with database.writing() as connection:
            connection.execute(change)
        assert "nodes 8 0" in rebuilt(town.kernel, repair=True)
        assert rebuilt(town.kernel) == [] and log.tree.root() == root
