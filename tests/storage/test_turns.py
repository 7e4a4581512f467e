"""One act at a time writes; whoever only looks takes no turn."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from peelian.storage.database import Database
from peelian.storage.schema import ANSWERS
from peelian.storage.turns import begin, see_one_state, take_the_turn

Another = Callable[..., Database]


def test_a_turn_begins_when_the_one_before_it_ends(database: Database, another: Another) -> None:
    done: list[str] = []

    def waits() -> None:
        with another().engine.connect() as connection:
            take_the_turn(connection, wait=10)
            done.append("second")
            connection.exec_driver_sql("COMMIT")

    with database.engine.connect() as connection:
        take_the_turn(connection, wait=10)
        waiting = threading.Thread(target=waits)
        waiting.start()
        waiting.join(0.05)
        done.append("first")
        connection.exec_driver_sql("COMMIT")
        waiting.join()
    assert done == ["first", "second"]


def test_on_sqlite_nobody_waits_for_ever(database: Database, another: Another) -> None:
    if database.is_postgresql:
        pytest.skip("acts queue for a row there")
    with database.engine.connect() as first, another().engine.connect() as second:
        begin(first, wait=0)
        with pytest.raises(OperationalError, match="locked"):
            begin(second, wait=0.02)
        first.exec_driver_sql("COMMIT")
        begin(second, wait=0)
        second.exec_driver_sql("COMMIT")


def test_whoever_looks_waits_for_nobody_and_sees_what_was_there(database: Database, another: Another) -> None:
    count = select(func.count()).select_from(ANSWERS)
    with database.engine.connect() as writing, another().engine.connect() as looking:
        take_the_turn(writing, wait=0)
        see_one_state(looking)
        assert looking.scalar(count) == 0
        writing.execute(ANSWERS.insert(), {"question": "a", "answer": "1"})
        writing.exec_driver_sql("COMMIT")
        assert looking.scalar(count) == 0
        looking.exec_driver_sql("COMMIT")
        assert looking.scalar(count) == 1
