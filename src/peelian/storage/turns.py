"""Turns: one act at a time writes to a database, whichever process it is of; the others wait, and readers never do."""

from __future__ import annotations

from time import monotonic, sleep

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from peelian.errors import IntegrityError

_SELDOM, _OFTEN = 0.02, 0.0005  # seconds between two tries: of who came just now, of who has waited long


def take_the_turn(connection: Connection, *, wait: float) -> None:
    """Begin to write, once no other process does. Its error where SQLite lets nobody in for `wait` seconds;
    IntegrityError where somebody took away the row by which acts on PostgreSQL take turns."""
    if connection.dialect.name != "postgresql":
        begin(connection, wait=wait)
        return
    try:  # both are sent at once; without the row the server is asked to divide by zero
        connection.exec_driver_sql("BEGIN; SELECT 1 / count(*) FROM (SELECT name FROM turn FOR UPDATE) AS held")
    except DBAPIError as wrong:
        if getattr(wrong.orig, "sqlstate", "") != "22012":
            raise
        says = "The row by which acts take turns is gone. Restore the database from its backup."
        raise IntegrityError(says) from None


def begin(connection: Connection, *, wait: float) -> None:
    """Begin to write, on SQLite once no other process does; its error where that takes longer than `wait` seconds."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("BEGIN")
        return
    since = monotonic()
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as busy:
            if getattr(busy.orig, "sqlite_errorname", "") != "SQLITE_BUSY" or monotonic() >= since + wait:
                raise
        sleep(_pause(monotonic() - since))


def _pause(waited: float) -> float:
    """Seconds until the next try. SQLite gives its lock to whoever asks at the right moment, so who has waited longer
    asks oftener: after 100 ms every .8 ms."""
    return max(_OFTEN, _SELDOM / (1 + (waited / 0.02) ** 2))


def see_one_state(connection: Connection) -> None:
    """Begin to read, and take no turn: every statement sees the database as the first one does."""
    of = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"BEGIN{of}")
