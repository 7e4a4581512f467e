"""Rows are believed only as they were written: one that was altered, hidden or set back is found where it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from log_parts import entry
from sqlalchemy import event, select

from peelian.errors import InputError, IntegrityError
from peelian.storage.database import Database
from peelian.storage.log_rows import LogRows
from peelian.storage.rows import StoredRows
from peelian.storage.schema import ENTRIES, ROWS

KEY = bytes(32)


@pytest.fixture
def log(database: Database) -> LogRows:
    return LogRows(database, KEY)


@pytest.fixture
def rows(database: Database) -> StoredRows:
    return StoredRows(database, KEY)


def said(n: int, **more: str | int) -> dict[str, str | int]:
    kept = {key: value for key, value in entry(n).items() if key in ("v", "t")}
    return {**kept, **more}


def asked(case: str, n: int) -> dict[str, str | int]:
    own: dict[str, str | int] = {"capability": "toy.count", "purpose": "advice", "by": "t", "unit": "u"}
    return said(n, kind="ASKED", case=case, document=f"{n:064x}", **own)


def change(database: Database, table: str, **columns: Any) -> None:
    with database.writing() as connection:
        connection.execute(ROWS[table].update().values(**columns))


def test_a_row_comes_back_as_it_was_written(log: LogRows, rows: StoredRows) -> None:
    log.append_all([asked("c-1", 0), said(1, kind="RAN", case="c-1", document="a" * 64)])
    row = rows.row("cases", "c-1")
    assert row is not None and (row["state"], row["first"], row["ran"], row["last"]) == ("RAN", 0, 1, 1)
    assert rows.row("cases", "c-2") is None and rows.count("cases") == 1 and rows.count("cases", state="ASKED") == 0


def test_an_act_sees_what_another_process_kept_before_it_and_what_it_wrote_itself(
    database: Database, log: LogRows, rows: StoredRows, another: Callable[..., Database]
) -> None:
    def seen() -> tuple[int, int, int, int]:
        row = rows.row("cases", "c-1") or {"n": 0}
        return log.size(), int(log.head()["size"]), row["n"], len(log.found("case", "c-1"))

    other = LogRows(another(), KEY)
    with database:
        assert seen() == seen() == (0, 0, 0, 0)
    other.append(asked("c-1", 0))
    with database:
        assert seen() == (1, 1, 1, 1)
        log.append(said(1, kind="PERMITTED", case="c-1", document="a" * 64))
        assert seen() == seen() == (2, 2, 2, 2)
        database.settle()
        other.append(said(2, kind="RAN", case="c-1", document="b" * 64))
        assert seen() == (3, 3, 3, 3)
    with pytest.raises(IntegrityError, match="damaged"), database:
        assert log.append(said(3, kind="DECIDED", case="c-1", document="c" * 64, choice="adopt")) == 3
        assert seen() == (4, 4, 4, 4) and log.entry(3)["kind"] == "DECIDED"
        with database.writing() as connection:
            connection.execute(ENTRIES.insert(), {"idx": 0})
    with database:
        assert seen() == (3, 3, 3, 3), "what was taken back is forgotten"
        with pytest.raises(IntegrityError):
            log.entry(3)


def test_the_rows_that_entries_change_are_read_by_one_statement(
    database: Database, log: LogRows, rows: StoredRows
) -> None:
    log.append_all([asked("c-1", 0), asked("c-2", 1)])
    told: list[str] = []
    with database:
        assert rows.row("cases", "c-1") and log.size() == 2
        event.listen(database.engine, "before_cursor_execute", lambda *given: told.append(given[2]))
        log.append_all([said(2, kind=kind, case="c-1", document=kind[0] * 64) for kind in ("RAN", "PUBLISHED")])
    assert len([one for one in told if one.startswith("SELECT")]) == 1
    row, tallies = rows.row("cases", "c-1"), dict(rows.all("tallies"))
    assert row is not None and (row["state"], row["n"], row["published"]) == ("PUBLISHED", 3, 3)
    assert sorted(tally["n"] for tally in tallies.values()) == [0, 1, 1]


@pytest.mark.parametrize("column", ["state", "last", "by", "key", "mac"])
def test_a_row_that_was_altered_is_refused(database: Database, log: LogRows, rows: StoredRows, column: str) -> None:
    log.append(asked("c-1", 0))
    change(database, "cases", **{column: {"last": 7, "mac": b"x"}.get(column, "other")})
    with pytest.raises(IntegrityError, match="was altered"):
        rows.row("cases", "other" if column == "key" else "c-1")
    with pytest.raises(IntegrityError, match="was altered"):
        rows.several("cases", ["other" if column == "key" else "c-1"])
    with pytest.raises(IntegrityError, match="was altered"):
        list(rows.all("cases"))
    with pytest.raises(IntegrityError, match="was altered"):
        rows.page("cases", order="first")


def test_a_row_that_was_taken_away_or_set_back_is_missed(database: Database, log: LogRows, rows: StoredRows) -> None:
    log.append(said(0, kind="SESSION_BEGAN", session="s", by="a", how="key"))
    with database.reading() as connection:
        old = dict(connection.execute(select(ROWS["sessions"])).mappings().one())
    log.append(said(1, kind="SESSION_ENDED", session="s", why="off", by="a"))
    change(database, "sessions", **old)  # open again, with the MAC it had then
    with pytest.raises(IntegrityError, match="missing or was set back"):
        rows.row("sessions", "s")
    with database.writing() as connection:
        connection.execute(ROWS["sessions"].delete())
    with pytest.raises(IntegrityError, match="missing or was set back"):
        rows.row("sessions", "s")


def test_of_several_cases_none_is_missed_or_set_back(database: Database, log: LogRows, rows: StoredRows) -> None:
    log.append_all([asked("c-1", 0), asked("c-2", 1), said(2, kind="WATCH_ASKED", case="w-1", document="b" * 64)])
    assert set(rows.several("cases", ["c-1", "c-2", "w-1", "c-3"])) == {"c-1", "c-2"} and not rows.several("cases", [])
    with database.reading() as connection:
        old = connection.execute(select(ROWS["cases"]).where(ROWS["cases"].c.key == "c-1")).mappings().one()
    log.append(said(3, kind="RAN", case="c-1", document="a" * 64))
    with database.writing() as connection:
        connection.execute(ROWS["cases"].update().where(ROWS["cases"].c.key == "c-1").values(**old))
    with pytest.raises(IntegrityError, match="missing or was set back"):
        rows.several("cases", ["c-2", "c-1"])
    with database.writing() as connection:
        connection.execute(ROWS["cases"].delete().where(ROWS["cases"].c.key == "c-1"))
    with pytest.raises(IntegrityError, match="missing or was set back"):
        rows.several("cases", ["c-2", "c-1"])
    with pytest.raises(InputError):
        rows.several("chains", ["c-1"])


def test_a_used_warrant_cannot_be_made_unused(database: Database, log: LogRows, rows: StoredRows) -> None:
    log.append(said(0, kind="STARTED", case="c-1", warrant="w"))
    with database.writing() as connection:
        connection.execute(ROWS["warrants"].delete())
    with pytest.raises(IntegrityError):
        rows.row("warrants", "w")


def test_a_watch_is_no_case_and_misses_none(log: LogRows, rows: StoredRows) -> None:
    log.append(said(0, kind="WATCH_ASKED", case="w-1", watch="x", by="a"))
    assert rows.row("cases", "w-1") is None


def test_pages_go_on_where_the_last_one_ended(log: LogRows, rows: StoredRows) -> None:
    log.append_all([asked(f"c-{n}", n) for n in range(7)])
    first = rows.page("cases", order="first", most=3)
    assert [case for case, _ in first] == ["c-6", "c-5", "c-4"]
    assert [case for case, _ in rows.page("cases", order="first", most=3, before=4)] == ["c-3", "c-2", "c-1"]
    assert rows.page("cases", order="published") == [], "what has no such number is on no page of it"
    between = [case for case, _ in rows.page("cases", order="first", before=4, after=1)]
    assert between == ["c-2", "c-3"], "cases outside the span are not missed"
    assert rows.page("cases", order="first", before=0, after=20) == []


@pytest.mark.parametrize("asks", ["row", "page", "newest"])
def test_no_table_is_gone_through(database: Database, log: LogRows, asks: str) -> None:
    """As SQLite plans it: a table scan would grow with what the office ever did."""
    if database.is_postgresql:
        pytest.skip("PostgreSQL scans small tables whatever indexes there are")
    log.append_all([asked(f"c-{n}", n) for n in range(50)])
    statements = {
        "row": "SELECT * FROM cases WHERE key = 'c-1'",
        "page": "SELECT * FROM cases WHERE first < 40 ORDER BY first DESC LIMIT 3",
        "newest": "SELECT max(idx) FROM entries WHERE of_case = 'c-1'",
    }
    with database.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[asks]}").all()
    assert plan and all("SCAN" not in str(step) for step in plan), plan


@pytest.mark.parametrize("table", ["uses", "years", "refusals"])
@pytest.mark.parametrize("back", [True, False], ids=["set back", "deleted"])
def test_a_count_that_was_taken_away_or_set_back_is_missed(
    database: Database, log: LogRows, rows: StoredRows, table: str, back: bool
) -> None:
    log.append_all([asked("c-1", 0), said(1, kind="REFUSED", case="c-1", rules="a_rule", document="a" * 64)])
    with database.reading() as connection:
        old = dict(connection.execute(select(ROWS[table])).mappings().one())
    log.append_all([asked("c-2", 2), said(3, kind="REFUSED", case="c-2", rules="a_rule", document="b" * 64)])
    assert len(list(rows.all(table))) == 1
    with database.writing() as connection:
        connection.execute(ROWS[table].update().values(**old) if back else ROWS[table].delete())
    for look in (lambda: list(rows.all(table)), lambda: rows.row(table, old["key"])):
        with pytest.raises(IntegrityError, match="missing or was set back"):
            look()


@pytest.mark.parametrize("order", ["first", "published"])
def test_a_page_without_one_of_its_cases_is_refused(
    database: Database, log: LogRows, rows: StoredRows, order: str
) -> None:
    log.append_all([asked(f"c-{n}", n) for n in range(5)])
    log.append_all([said(5 + n, kind="PUBLISHED", case=f"c-{n}", document=f"{n:064x}") for n in range(5)])
    log.append(said(10, kind="PUBLISHED", case="c-0", document="f" * 64))  # once more, by another decision
    whole = [case for case, _ in rows.page("cases", order=order, most=9)]
    paged = [rows.page("cases", order=order, most=2)]
    while more := rows.page("cases", order=order, most=2, before=paged[-1][-1][1][order]):
        paged.append(more)
    assert len(whole) == 5 and [case for page in paged for case, _ in page] == whole
    with database.writing() as connection:
        connection.execute(ROWS["cases"].delete().where(ROWS["cases"].c.key == whole[2]))
    assert [case for case, _ in rows.page("cases", order=order, most=2)] == whole[:2]
    for most, before in ((9, None), (2, paged[0][-1][1][order])):
        with pytest.raises(IntegrityError, match="missing or was set back"):
            rows.page("cases", order=order, most=most, before=before)


def test_a_use_or_an_end_whose_entry_went_with_it_is_missed(database: Database, log: LogRows, rows: StoredRows) -> None:
    """The row stands as it stood before the entry, which is deleted."""
    log.append(said(0, kind="STARTED", case="c-1", warrant="w"))
    log.append(said(1, kind="SESSION_BEGAN", session="s", by="a", how="key"))
    with database.reading() as connection:
        old = {name: dict(connection.execute(select(ROWS[name])).mappings().one()) for name in ("warrants", "sessions")}
    log.append(said(2, kind="STARTED", case="c-1", warrant="w"))
    log.append(said(3, kind="SESSION_ENDED", session="s", why="off", by="a"))
    log.append(said(4, kind="HEARTBEAT", entries=4))
    with database.writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.idx.in_({2, 3})))
    for name, key in (("warrants", "w"), ("sessions", "s")):
        change(database, name, **old[name])
        with pytest.raises(IntegrityError, match="missing"):
            rows.row(name, key)


def test_a_suspension_that_was_hidden_with_the_end_of_its_chain_is_missed(database: Database, log: LogRows) -> None:
    """In an office that is open: what lies in the newest tile is missed at the next opening in any case."""
    log.append(said(0, kind="SUSPENDED", technology="toy", by="a"))
    log.append(said(1, kind="RESUMED", technology="toy", by="a"))
    with database.reading() as connection:
        old = dict(connection.execute(select(ROWS["chains"])).mappings().one())
    log.append(said(2, kind="SUSPENDED", technology="toy", by="a"))
    log.append(said(3, kind="HEARTBEAT", entries=3))
    assert [index for index, _ in log.follow(["technologies"])] == [0, 1, 2]
    with database.writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.idx == 2))
    change(database, "chains", **old)
    with pytest.raises(IntegrityError, match="missing or was set back"):
        log.follow(["technologies"])
