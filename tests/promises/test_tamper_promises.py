"""Whoever can write into the database, but has no keys, brings about nothing: what they change is found, or changes
nothing that anybody rests on."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from desk import parts
from divided import desk_of, lived, peopled
from stored import put_back
from toy import TOY

import peelian.operations.office
from peelian.errors import PeelianError
from peelian.kernel.identity.revocation import retire
from peelian.kernel.retention import retention
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import authorizations
from peelian.operations.office import open_office
from peelian.storage.database_copies import copy_database

ROUNDS = 80
LEFT = frozenset(
    {"alembic_version", "answers", "facts", "names", "nodes", "notes", "proofs", "tickets", "turn", "words"}
)
"""Tables whose loss or age locks somebody out, or is noticed elsewhere: each has tests of its own."""
GRANT = frozenset({"chains", "head", "intakes", "sessions", "warrants"})
"""Tables an older row of which is always found: what is used, ended or closed does not come back."""

LOOKS: Mapping[str, Callable[[Kernel], Any]] = {
    "the log": lambda kernel: [dict(entry) for _, entry in kernel.stores.log.read()],
    "the state": parts,
    "cases": lambda kernel: {case: kernel.state.histories.get(case) for case in _named(kernel, "case")},
    "warrants": lambda kernel: [kernel.state.authorization_status.used.get(w, 0) for w in _named(kernel, "warrant")],
    "sessions": lambda kernel: [s in kernel.state.authorization_status.seated for s in _named(kernel, "session")],
    "unfinished": lambda kernel: [name in kernel.state.unfinished for name in _named(kernel, "dataset")],
    "documents": lambda kernel: [kernel.stores.archive.get(digest) for digest in _named(kernel, "document")],
}


def _named(kernel: Kernel, key: str) -> list[str]:
    return sorted({str(entry[key]) for _, entry in kernel.stores.log.read() if key in entry})


def _seen(folder: Path) -> dict[str, Any]:
    """What an office shows; of what it refuses to show, nothing."""
    found: dict[str, Any] = {}
    try:
        with open_office(folder) as office:
            for what, look in LOOKS.items():
                try:
                    found[what] = look(office.kernel)
                except PeelianError:
                    continue
    except PeelianError:
        pass
    return found


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """A closed office that was lived in, and a copy of its database from half way."""
    if os.environ.get("PEELIAN_TESTS_ON") == "postgresql":
        pytest.skip("rows are changed in a file of SQLite here: no helper yet that writes into PostgreSQL's")
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "town")
    with open_office(tmp_path / "town") as office:
        at = desk_of(office)
        lived(at)
        at.kernel.append("SESSION_BEGAN", session="s-1", by=at.people["clerk"].person.token, how="key")
        at.kernel.append("STARTED", case="c-0", before="d", warrant="w-1")
        begun = {"dataset": "wells-9", "by": at.people["clerk"].person.token}
        at.kernel.append("KEEPING", **begun, format="toy-wells")
        copy_database(tmp_path / "town" / "state" / "state.db", tmp_path / "half.db")
        at.kernel.append("TURNED_AWAY", **begun)
    with open_office(tmp_path / "town") as office:
        at = desk_of(office)
        data = lived(at).case and next(iter(at.kernel.state.datasets))
        retention.hold(at.kernel, at.people["clerk"], data, words="a court asks for it")
        authorizations.suspend(at.kernel, at.people["board"], "toy")
        retire(at.kernel, at.people["custodian"], at.people["auditor"].person.token)
        at.kernel.append("SESSION_ENDED", session="s-1", by=at.people["clerk"].person.token, why="off")
        at.kernel.append("STARTED", case="c-0", before="d", warrant="w-1")
    yield tmp_path / "town", tmp_path / "half.db"


def _tables(there: sqlite3.Connection) -> list[str]:
    """The tables that have rows, but for those that are left alone here."""
    names = {str(n) for (n,) in there.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")} - LEFT
    return [n for n in sorted(names) if there.execute(f"SELECT count(*) FROM main.{n}").fetchone()[0]]  # noqa: S608


def _columns(there: sqlite3.Connection, table: str) -> tuple[list[str], list[str]]:
    """A table's columns, and those of its key."""
    found = there.execute(f"PRAGMA main.table_info({table})").fetchall()
    return [str(row[1]) for row in found], [str(row[1]) for row in found if row[5]]


def _tampered(database: Path, chance: Random) -> str:
    """Take a row away, put what another says in its place, or change one value."""
    with closing(sqlite3.connect(database)) as there, there:
        table, what = chance.choice(_tables(there)), chance.choice(["deleted", "replaced", "changed"])
        names, keys = _columns(there, table)
        rows = there.execute(f"SELECT rowid, * FROM main.{table}").fetchall()  # noqa: S608
        (rowid, *row), (_, *other) = chance.choice(rows), chance.choice(rows)
        if what == "deleted":
            there.execute(f"DELETE FROM main.{table} WHERE rowid = ?", (rowid,))  # noqa: S608
            return f"{table}: {row[:2]} deleted"
        changes = {name: value for name, value in zip(names, other, strict=True) if name not in keys}
        if what == "changed":
            at = chance.randrange(len(names))
            changes = {names[at]: other[at] if other[at] != row[at] else _another(row[at])}
        asks = ", ".join(f"{name} = ?" for name in changes)
        there.execute(f"UPDATE OR REPLACE main.{table} SET {asks} WHERE rowid = ?", (*changes.values(), rowid))  # noqa: S608
        return f"{table}: {row[:2]} has {changes}"


def _another(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else value + b"0" if isinstance(value, bytes) else f"{value or ''}0"


def _older(database: Path, half: Path) -> list[tuple[str, tuple[Any, ...]]]:
    """Rows that stood in an older copy of the database and are others, or gone, by now."""
    with closing(sqlite3.connect(database)) as there:
        there.execute("ATTACH ? AS half", (str(half),))
        asks = "SELECT * FROM half.{0} EXCEPT SELECT * FROM main.{0}"
        return [(table, row) for table in _tables(there) for row in there.execute(asks.format(table))]


@dataclasses.dataclass(frozen=True)
class Held:
    """An office's database, what it shows as it is, and how it is put right again."""

    folder: Path
    truth: Mapping[str, Any]
    whole: bytes

    def shows_nothing_false(self, done: str) -> bool:
        """Every look at it shows the truth, or nothing; whether one showed nothing. Then it is put right."""
        found, state = _seen(self.folder), self.folder / "state"
        assert not [what for what, shown in found.items() if shown != self.truth[what]], done
        for beside in state.glob("state.db-*"):
            beside.unlink()
        (state / "state.db").write_bytes(self.whole)
        return found.keys() != self.truth.keys()


def _held(folder: Path) -> Held:
    truth = _seen(folder)
    assert truth.keys() == LOOKS.keys()
    return Held(folder, truth, (folder / "state" / "state.db").read_bytes())


def test_a_database_that_somebody_wrote_into_shows_nothing_false(town: tuple[Path, Path]) -> None:
    held, chance = _held(town[0]), Random(20261128)
    noticed = [held.shows_nothing_false(_tampered(town[0] / "state" / "state.db", chance)) for _ in range(ROUNDS)]
    assert sum(noticed) > ROUNDS // 2


def test_rows_of_an_older_copy_bring_nothing_back(town: tuple[Path, Path]) -> None:
    held, database = _held(town[0]), town[0] / "state" / "state.db"
    older = _older(database, town[1])
    for table, row in older:
        put_back(database, table, [row])
        assert held.shows_nothing_false(f"{table}: {row}") or table not in GRANT, (table, row)
    assert {table for table, _ in older} >= GRANT
