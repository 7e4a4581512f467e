"""One act is one transaction: all of it or nothing; readers never wait."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from peelian.errors import DiskError, InputError, IntegrityError, OutOfOrder, Unreachable
from peelian.storage import database as databases
from peelian.storage.database import Database, memory_database, open_database
from peelian.storage.private_files import must_be_local
from peelian.storage.schema import ANSWERS, KEY_METADATA, METADATA

Another = Callable[..., Database]


def put(database: Database, *questions: str) -> None:
    with database.writing() as connection:
        for question in questions:
            connection.execute(ANSWERS.insert(), {"question": question, "answer": "1"})


def n(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(ANSWERS)) or 0)


def test_an_act_is_kept_whole_and_others_see_it_only_then(database: Database, another: Another) -> None:
    other = another()
    with database:
        put(database, "a")
        put(database, "b")
        assert (n(database), n(other)) == (2, 0), "a reader does not wait"
    assert n(other) == 2


def test_what_an_act_wrote_before_something_was_refused_stays(database: Database) -> None:
    with pytest.raises(OutOfOrder), database:
        put(database, "a")
        raise OutOfOrder("refused, and that is in the log")
    assert n(database) == 1


def test_an_act_within_which_the_database_failed_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError, match="damaged"), database:
        put(database, "a", "b")
        put(database, "a")
    assert n(database) == 0 and database.rolled_back == 1
    put(database, "a")
    assert n(database) == 1, "the next act goes on"


def test_what_is_settled_is_kept_whatever_comes_after(database: Database) -> None:
    with pytest.raises(IntegrityError), database:
        put(database, "a")
        database.settle()
        put(database, "b")
        put(database, "b")
    assert n(database) == 1


def test_what_failed_is_not_settled_either(database: Database) -> None:
    with pytest.raises(IntegrityError, match="nothing was stored"), database:
        with pytest.raises(IntegrityError):
            put(database, "a", "a")
        database.settle()
    assert n(database) == 0


def test_whoever_passes_over_a_failure_is_told_at_the_end_and_writes_nothing_after_it(database: Database) -> None:
    with pytest.raises(IntegrityError, match="nothing was stored"), database:
        with suppress(IntegrityError):
            put(database, "a", "a")
        with suppress(IntegrityError):
            put(database, "b")
    assert n(database) == 0
    put(database, "c")
    assert n(database) == 1, "the next act goes on"


def test_of_statements_that_are_sent_together_none_is_kept_where_one_fails(database: Database) -> None:
    with database.writing() as connection, database.together(connection):
        for question in ("a", "b"):
            connection.execute(ANSWERS.insert(), {"question": question, "answer": "1"})
    assert n(database) == 2
    with (
        pytest.raises(IntegrityError, match="nothing was stored"),
        database.writing() as connection,
        database.together(connection),
    ):
        for question in ("c", "a", "d"):
            connection.execute(ANSWERS.insert(), {"question": question, "answer": "1"})
    assert n(database) == 2 and database.rolled_back == 1
    put(database, "c")
    assert n(database) == 3, "the next act goes on"


def test_rows_whose_key_is_there_are_not_added(database: Database) -> None:
    rows = [{"question": question, "answer": "2"} for question in ("a", "b")]
    put(database, "a")
    with database.writing() as connection:
        assert [database.add(connection, ANSWERS, some) for some in (rows, rows, rows[1:])] == [1, 0, 0]
        assert connection.scalar(select(ANSWERS.c.answer).where(ANSWERS.c.question == "a")) == "1"


def test_what_only_looks_holds_nobody_up_sees_one_state_and_writes_nothing(
    database: Database, another: Another
) -> None:
    other = another()
    with database:
        put(database, "a")
        with database.only_looking():
            assert (n(database), n(other)) == (1, 1), "what was written before is kept"
            put(other, "b")
            assert (n(database), n(other)) == (1, 2)
            with pytest.raises(IntegrityError, match="only looks"):
                put(database, "c")
        put(database, "d")
        assert n(database) == 3
    assert n(other) == 3


def test_threads_and_processes_take_turns(database: Database, another: Another) -> None:
    def adds(mine: Database) -> None:
        for _ in range(50):
            with mine:
                put(mine, f"{n(mine):064x}")

    threads = [threading.Thread(target=adds, args=(one,)) for one in (database, database, another())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n(database) == 150, "nobody counted while another wrote"


def test_a_database_that_another_process_holds_for_long_is_said_to_be_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "WAITS", 0.05)
    mine, other = (open_database(tmp_path / "state" / "state.db", METADATA) for _ in range(2))
    with mine, mine.writing():
        with pytest.raises(OutOfOrder, match="in use by another process"):
            put(other, "a")
        assert n(other) == 0, "reading goes on"
    put(other, "a")


def test_a_full_or_failing_disk_is_said_in_words_and_nothing_is_kept(tmp_path: Path) -> None:
    made = open_database(tmp_path / "state" / "state.db", METADATA)
    with made.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    made.close()

    with pytest.raises(DiskError, match="The disk is full: nothing was stored"), made:
        with made.writing() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for number in range(10_000):
            put(made, f"{number:064x}")
    assert n(made) == 0


def test_a_database_that_was_damaged_is_said_to_be(tmp_path: Path) -> None:
    place = tmp_path / "state" / "state.db"
    open_database(place, METADATA).close()
    data = bytearray(place.read_bytes())
    data[:16] = b"not a database!!"
    place.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"damaged .SQLITE_NOTADB.*Restore it"):
        open_database(place, METADATA)


def test_a_database_is_its_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "state" / "state.db"
    open_database(place, METADATA).close()
    assert place.stat().st_mode & 0o077 == 0 and place.parent.stat().st_mode & 0o077 == 0
    place.chmod(0o644)
    with pytest.raises(InputError, match="accessible to other users"):
        open_database(place, METADATA)


def test_what_is_deleted_is_overwritten_and_lies_in_no_journal(tmp_path: Path) -> None:
    made = open_database(tmp_path / "state" / "state.db", METADATA)
    secret = "d" * 60 + "cafe"
    put(made, secret)
    with made.writing() as connection:
        connection.execute(ANSWERS.delete())
    made.overwritten()
    found = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert secret.encode() not in found


def test_what_is_acknowledged_is_on_the_disk_first_and_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    """Only SQLite's own words say so without pulling a plug: FULL is 2, and of secure_delete ON is 1, FAST is 2."""
    made = open_database(tmp_path / "state" / "state.db", METADATA)
    for said in (made.reading, made.writing):
        with said() as connection:
            assert connection.scalar(text("PRAGMA synchronous")) == 2
            assert connection.scalar(text("PRAGMA secure_delete")) == 1


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.read_text
    line = f"server:/town {tmp_path} nfs4 rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda path, **more: line if path.name == "mounts" else real(path, **more))
    with pytest.raises(InputError, match=r"network file system .nfs4"):
        must_be_local(tmp_path / "office")


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(postgres: Any) -> None:
    place = postgres.place()
    for setting in ("synchronous_commit", "full_page_writes"):
        if setting == "synchronous_commit":
            with pytest.raises(InputError, match="synchronous_commit off may lose"):
                open_database(place.replace("-csearch", "-csynchronous_commit%3Doff%20-csearch"), METADATA)
    with pytest.raises(InputError, match="address with a password"):
        open_database(place.replace("postgres@", "postgres:secret@"), METADATA)


def test_a_server_that_goes_away_in_the_middle_is_said_and_nothing_is_made_up(postgres: Any) -> None:
    made = open_database(postgres.place(), METADATA)
    with pytest.raises(Unreachable, match="does not answer"), made:
        put(made, "a")
        with made.writing() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
        postgres.sql(f"SELECT pg_terminate_backend({pid})")
        put(made, "b")
    assert n(made) == 0
    put(made, "c")
    assert n(made) == 1
    made.close()


def test_a_server_that_goes_away_is_told_of_at_every_further_step_and_to_whoever_only_looks(postgres: Any) -> None:
    """Variants: the act goes on after its error was passed over; it settles; a reader of one state ends its look."""
    made = open_database(postgres.place(), METADATA)

    def cut() -> None:
        with made.reading() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
        postgres.sql(f"SELECT pg_terminate_backend({pid})")

    with pytest.raises(Unreachable, match="does not answer"), made:
        put(made, "a")
        cut()
        for step in (lambda: put(made, "b"), lambda: n(made), made.settle, lambda: put(made, "c")):
            with pytest.raises(Unreachable, match="does not answer"):
                step()
    with pytest.raises(Unreachable, match="does not answer"), made.snapshot() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        postgres.sql(f"SELECT pg_terminate_backend({pid})")
        connection.scalar(text("SELECT 1"))
    assert n(made) == 0
    made.close()


def test_offices_in_memory_share_nothing_and_are_made_quickly_enough_to_be_thrown_away() -> None:
    one, two = memory_database(METADATA), memory_database(METADATA)
    put(one, "a")
    assert (n(one), n(two)) == (1, 0)
    with one.alone("x") as held, one.alone("x", wait=False) as again:
        assert held and not again
    assert memory_database(KEY_METADATA).engine.dialect.name == "sqlite"


def test_who_reads_an_office_in_memory_takes_nothing_back_of_an_act() -> None:
    one = memory_database(METADATA)
    with one:
        put(one, "a")
        reader = threading.Thread(target=n, args=(one,))
        reader.start()
        reader.join(20)
        put(one, "b")
    assert n(one) == 2 and not reader.is_alive(), "a reader does not wait"


def test_nothing_of_the_content_is_in_an_error(database: Database) -> None:
    put(database, "Jane Doe")
    with pytest.raises(IntegrityError) as refused:
        put(database, "Jane Doe")
    assert "Jane" not in str(refused.value) and refused.value.__cause__ is None
    assert sqlite3.sqlite_version_info >= (3, 37), "STRICT tables"
    assert os.environ.get("PGPASSWORD") is None


def test_on_postgresql_nothing_is_done_without_the_row_by_which_acts_take_turns(postgres: Any) -> None:
    database = open_database(postgres.place(), METADATA)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM turn")
    with pytest.raises(IntegrityError, match="take turns is gone"), database.writing():
        pass
    database.close()
