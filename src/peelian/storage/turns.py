"""Turns: one act at a time writes to a database, whichever process it is of; the others wait.

On PostgreSQL acts queue for a row. SQLite has no queue: whoever asks when its lock is free has it. So a process that
found others before it leaves them time to ask, before it begins its next act.
"""

from __future__ import annotations

from time import monotonic, sleep

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from peelian.errors import IntegrityError

GIVES_WAY = 0.005  # seconds: those who wait ask more often than that
_TRIES_AGAIN = 0.003  # seconds: SQLite by itself would wait up to 100 ms, and be passed by others
_ROW = "BEGIN; SELECT 1 / count(*) FROM (SELECT name FROM turn FOR UPDATE) AS held"


class Turns:
    """The turns of one process at one database."""

    def __init__(self) -> None:
        self._waited, self._ended = False, 0.0

    def take(self, connection: Connection, *, wait: float) -> None:
        """Begin to write, once no other process does. Its error where SQLite lets nobody in for `wait` seconds;
        IntegrityError where somebody took away the row by which acts on PostgreSQL take turns."""
        if connection.dialect.name == "postgresql":
            _take_the_row(connection)
            return
        if self._waited and (rest := self._ended + GIVES_WAY - monotonic()) > 0:
            sleep(rest)
        self._waited = begin(connection, wait=wait)

    def ended(self) -> None:
        """The turn is over: what was written is kept, or taken back."""
        self._ended = monotonic()


def begin(connection: Connection, *, wait: float) -> bool:
    """Begin to write, on SQLite once no other process does; whether one did. Its error after `wait` seconds."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("BEGIN")
        return False
    start = monotonic()
    waited = False
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return waited
        except OperationalError as busy:
            if getattr(busy.orig, "sqlite_errorname", "") != "SQLITE_BUSY" or monotonic() >= start + wait:
                raise
        waited = True
        sleep(_TRIES_AGAIN)


def see_one_state(connection: Connection) -> None:
    """Begin to read: every statement sees the database as the first one does."""
    of = "ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"BEGIN {of}")


def _take_the_row(connection: Connection) -> None:
    """Both statements are sent at once; without the row the server is asked to divide by zero."""
    try:
        connection.exec_driver_sql(_ROW)
    except DBAPIError as wrong:
        if getattr(wrong.orig, "sqlstate", "") != "22012":
            raise
        says = "The row by which acts take turns is gone. Restore the database from its backup."
        raise IntegrityError(says) from None
