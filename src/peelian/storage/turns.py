"""Turns: one act at a time writes to a database, whichever process it is of; the others wait, and readers never do."""

from __future__ import annotations

from time import monotonic, sleep

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from peelian.errors import IntegrityError
from peelian.storage.waiting_line import WaitingLine

_AGAIN = (
    0.0005  # seconds between two tries of the first in line; the others look as often less as they are further back
)
_RARELY = 0.01


def take_the_turn(connection: Connection, *, wait: float, line: WaitingLine | None = None) -> None:
    """Begin to write, once no other process does. Its error where SQLite lets nobody in for `wait` seconds;
    IntegrityError where somebody took away the row by which acts on PostgreSQL take turns."""
    if connection.dialect.name != "postgresql":
        begin(connection, wait=wait, line=line)
        return
    try:  # both are sent at once; without the row the server is asked to divide by zero
        connection.exec_driver_sql("BEGIN; SELECT 1 / count(*) FROM (SELECT name FROM turn FOR UPDATE) AS held")
    except DBAPIError as wrong:
        if getattr(wrong.orig, "sqlstate", "") != "22012":
            raise
        says = "The row by which acts take turns is gone. Restore the database from its backup."
        raise IntegrityError(says) from None


def begin(connection: Connection, *, wait: float, line: WaitingLine | None = None) -> None:
    """Begin to write, on SQLite once no other process does; who waits before this one has the better chance. Its error
    where that takes longer than `wait` seconds."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("BEGIN")
        return
    until = monotonic() + wait
    try:
        ahead = line.before() if line else 0
        if ahead:
            sleep(_pause(ahead))
        while not _began(connection, is_late=monotonic() >= until):
            sleep(_pause(line.before() if line else 0))
    finally:
        if line is not None:
            line.leave()


def _began(connection: Connection, *, is_late: bool) -> bool:
    """Whether SQLite lets this one write now; its error where it does not, and it is late."""
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as busy:
        if getattr(busy.orig, "sqlite_errorname", "") != "SQLITE_BUSY" or is_late:
            raise
        return False
    return True


def _pause(ahead: int) -> float:
    """Seconds until the next try. The first in line asks oftenest; the others ask, too, as on a busy machine the first
    may not be awake."""
    return _AGAIN * (1 + 4 * ahead)


def see_one_state(connection: Connection) -> None:
    """Begin to read, and take no turn: every statement sees the database as the first one does."""
    of = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"BEGIN{of}")
