"""An act asks once for what it read, and never answers by what may no longer be so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from peelian.errors import IntegrityError
from peelian.storage.act_memory import MOST
from peelian.storage.database import Database
from peelian.storage.schema import ANSWERS

Another = Callable[..., Database]


def put(database: Database, question: str, *, only_adds: bool = False) -> None:
    with database.writing(only_adds=only_adds) as connection:
        connection.execute(ANSWERS.insert(), {"question": question, "answer": "1"})


class Count:
    """Counts the answers, and how often it was asked."""

    def __init__(self, database: Database) -> None:
        self.database, self.asked = database, 0

    def __call__(self) -> int:
        self.asked += 1
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(ANSWERS)) or 0)

    def n(self, *, lasting: bool = False) -> int:
        return self.database.once("n", self, lasting=lasting)


def test_an_act_asks_once_until_it_writes_and_another_act_asks_again(database: Database, another: Another) -> None:
    count, other = Count(database), another()
    assert count.n() == count.n() == 0 and count.asked == 2, "nothing is remembered without an act"
    with database:
        assert count.n() == count.n() == 0 and count.asked == 3
        put(database, "a")
        assert count.n() == count.n() == 1 and count.asked == 4
    put(other, "b")
    with database:
        assert count.n() == 2
        database.settle()
        put(other, "c")
        assert count.n() == 3, "between the two transactions of an act another process may write"


def test_what_lasts_and_what_is_only_added_beside_is_asked_for_once_in_a_transaction(database: Database) -> None:
    count = Count(database)
    with database:
        assert count.n() == count.n(lasting=True) == 0
        put(database, "a", only_adds=True)
        assert count.n() == 0, "whoever adds says that nobody read of it"
        put(database, "b")
        assert count.n() == 2 and count.n(lasting=True) == 0
        database.settle()
        assert count.n(lasting=True) == 2


def test_what_was_taken_back_is_forgotten(database: Database) -> None:
    count = Count(database)
    with pytest.raises(IntegrityError), database:
        put(database, "a")
        database.knows({"n": 1})
        assert count.n() == count.n(lasting=True) == 1
        put(database, "a")
    with database:
        assert count.n() == count.n(lasting=True) == 0


def test_nothing_is_answered_from_memory_once_the_database_failed(database: Database) -> None:
    count = Count(database)
    with pytest.raises(IntegrityError), database:
        assert count.n(lasting=True) == 0
        with pytest.raises(IntegrityError):
            for _ in range(2):
                put(database, "a")
        asked = count.asked
        with pytest.raises(IntegrityError) if database.is_postgresql else database:
            count.n(lasting=True)
        assert count.asked == asked + 1
        database.settle()


def test_another_thread_is_not_told_what_an_act_wrote(database: Database) -> None:
    count = Count(database)
    with ThreadPoolExecutor(1) as pool, database:
        put(database, "a")
        assert count.n() == 1 and pool.submit(count.n).result() == 0


def test_an_error_is_not_remembered_and_memory_has_an_end(database: Database) -> None:
    def fails() -> int:
        raise LookupError

    with database:
        put(database, "a")
        for _ in range(2):
            with pytest.raises(LookupError):
                database.once("fails", fails)
        assert database.once("fails", lambda: 1) == 1
        for n in range(MOST):
            database.once(n, lambda: 0)
        assert database.once("late", lambda: 1) == 1 and database.once("late", lambda: 2) == 2
