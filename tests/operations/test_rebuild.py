"""A rebuild derives every row from the log alone, names what differs, and puts it right where the log is whole."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, another_program, desk
from sqlalchemy import Table, select
from toy import COUNT, TOY

from peelian.errors import IntegrityError, PeelianError
from peelian.kernel import verbs
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.model.capability import Role
from peelian.kernel.verbs import authorizations
from peelian.operations.office import new_office, open_office
from peelian.operations.rebuild import rebuilt, rebuilt_at
from peelian.storage.schema import ENTRIES, ROWS

KEYS: dict[str, str] = {"entries": "idx"}


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
        _, seat = sessions.begin(made.people[short].person, "key", proof={})
        sessions.end(seat, "off", seat.person)
    authorizations.suspend(made.kernel, made.people["board"], "toy")
    return made


def what_is_known(town: Desk, cases: list[str]) -> dict[str, Any]:
    """What the office answers, and "no answer" where it refuses one."""
    kernel = another_program(town)
    state, found = kernel.state, {}
    looks: dict[str, Any] = {
        "suspended": lambda: sorted(state.suspended),
        "people": lambda: sorted(state.people),
        "in force": lambda: sorted(state.authorizations),
        "seated": lambda: sorted(state.authorization_status.seated),
        **{f"runs of {case}": lambda case=case: len(state.histories[case].after("STARTED", "")) for case in cases},
        **{case: lambda case=case: [e["kind"] for _, e in state.histories[case].entries] for case in cases},
    }
    for name, look in looks.items():
        try:
            found[name] = look()
        except PeelianError:
            found[name] = "no answer"
    return found


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
    assert town.kernel.state.suspended == {"toy"}


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


@pytest.mark.slow
def test_edits_deletions_and_rollbacks_of_rows_change_no_answer_and_all_are_found(town: Desk) -> None:
    """One at a time, of state and of entries: what the office answers afterwards is what it answered, or no answer."""
    done, changed_an_answer, unseen = attacked(town, 60)
    assert done == 60 and changed_an_answer == unseen == 0


def attacked(town: Desk, n: int) -> tuple[int, int, int]:
    """How many rows were damaged, one after another; how many of them changed an answer; how many no rebuild found."""
    database: Any = town.kernel.lock
    cases, chance = list(town.kernel.state.histories), random.Random(20261128)
    before, old = what_is_known(town, cases), _rows(database)
    authorizations.resume(town.kernel, town.people["board"], "toy")
    authorizations.suspend(town.kernel, town.people["board"], "toy")
    assert what_is_known(town, cases) == before
    now, tables = _rows(database), {**ROWS, "entries": ENTRIES}
    done = changed = unseen = 0
    while done < n:
        hiding = ["chains", "cases", "sessions", "entries", "head"]
        name = chance.choice([one for one in tables if now[one]] if chance.random() < 0.7 else hiding)
        row, way = chance.choice(now[name]), chance.choice(["edit", "delete", "roll back"])
        if _damage(database, tables[name], (KEYS.get(name, "key"), row), way, old[name], chance):
            done += 1
            after = what_is_known(town, cases)
            changed += not all(after[one] in (before[one], "no answer") for one in after)
            with suppress(IntegrityError):
                unseen += not rebuilt(town.kernel)
        with database.writing() as connection:
            connection.execute(tables[name].delete())
            connection.execute(tables[name].insert(), now[name])
    return done, changed, unseen


def _rows(database: Any) -> dict[str, list[dict[str, Any]]]:
    with database.reading() as connection:
        tables = {**ROWS, "entries": ENTRIES}
        return {name: [dict(row) for row in connection.execute(select(t)).mappings()] for name, t in tables.items()}


def _damage(
    database: Any, table: Table, what: tuple[str, dict[str, Any]], way: str, old: list[dict[str, Any]], chance: Any
) -> bool:
    key, row = what
    this = table.c[key] == row[key]
    earlier = next((one for one in old if one[key] == row[key] and one != row), None)
    if way == "roll back" and earlier is None:
        return False
    with database.writing() as connection:
        if way == "delete":
            connection.execute(table.delete().where(this))
        elif way == "roll back":
            connection.execute(table.update().where(this).values(**(earlier or {})))
        else:
            column = chance.choice([name for name in row if name != key and row[name] is not None])
            value = row[column]
            made = value + 1 if isinstance(value, int) else value[:-1] + (b"\x00" if isinstance(value, bytes) else "~")
            connection.execute(table.update().where(this).values({column: made}))
            return bool(made != value)
    return True
