"""An error of a database says what it means: a server that is away is no damage."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from peelian.errors import (
    DiskError,
    DiskFull,
    DiskReadOnly,
    IntegrityError,
    OfficeShut,
    OutOfOrder,
    Unreachable,
    Unsure,
)
from peelian.storage.database_errors import database_error

SECRET = "Jane Roe, 12 Elm Street"


def of_postgresql(code: str) -> psycopg.Error:
    """The error with this SQLSTATE; without one, that of a connection that could not be made."""
    return psycopg.errors.lookup(code)(SECRET) if code else psycopg.OperationalError(SECRET)


def of_sqlite(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(SECRET)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((of_postgresql(code), Unreachable) for code in ("", "08006", "28P01", "3D000", "53300", "57P01", "57P03")),
        *((of_postgresql(code), DiskError) for code in ("57014", "58030")),
        *((of_postgresql(code), OfficeShut) for code in ("XX001", "XX002", "42P01")),
        (of_postgresql("23505"), IntegrityError),
        (of_postgresql("53100"), DiskFull),
        (of_postgresql("25006"), DiskReadOnly),
        (of_postgresql("55P03"), OutOfOrder),
        (psycopg.ProgrammingError(SECRET), DiskError),
        (of_sqlite("SQLITE_CORRUPT"), OfficeShut),
        (of_sqlite("SQLITE_ERROR"), OfficeShut),
        (of_sqlite("SQLITE_CONSTRAINT"), IntegrityError),
        (of_sqlite("SQLITE_CANTOPEN"), DiskError),
        (of_sqlite("SQLITE_FULL"), DiskFull),
        (of_sqlite("SQLITE_BUSY"), OutOfOrder),
        (sqlite3.OperationalError(SECRET), DiskError),
    ],
    ids=lambda one: getattr(one, "sqlstate", None) or getattr(one, "__name__", None),
)
def test_each_error_is_told_by_its_kind_and_quotes_nothing(error: Exception, kind: type[Exception]) -> None:
    made = database_error(DBAPIError("", None, error), "state", "nothing was stored")
    assert type(made) is kind and SECRET not in str(made) and str(made).count(".") >= 1


def test_where_some_of_an_act_was_stored_nobody_is_told_to_do_it_again() -> None:
    made = database_error(DBAPIError("", None, of_postgresql("57P01")), "state", "nothing was stored", unsure=True)
    assert type(made) is Unsure and "The log says whether it was done" in str(made)
