"""Database errors: what an error of SQLite or PostgreSQL means, as one of ours, and what to do."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InvalidRequestError, SQLAlchemyError, TimeoutError

from peelian.errors import (
    DiskError,
    DiskFull,
    DiskReadOnly,
    IntegrityError,
    OfficeShut,
    OutOfOrder,
    PeelianError,
    Unreachable,
    Unsure,
    sentence,
)

_AWAY = ("08", "28", "3D", "53300", "57P")
"""SQLSTATE of a server that cannot be reached, does not let this user in, has no such database or shuts down
(PostgreSQL 17, appendix A)."""

_ITSELF = ("SQLITE_ERROR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_SCHEMA", "42", "XX")
"""A table or a column is missing, or the database's own files are damaged."""


def database_error(wrong: SQLAlchemyError, name: str, what: str, *, unsure: bool = False) -> PeelianError:
    """An error of the tree for an error of the database, by its kind; never its text, which may quote content.

    `what` says what was not done; `unsure`: some of the act was stored, or may be. An error that is no database's, but
    of a statement that we made wrongly, is raised as it is.
    """
    orig = wrong.orig if isinstance(wrong, DBAPIError) else None
    code = str(getattr(orig, "sqlite_errorname", "") or getattr(orig, "sqlstate", "") or "")
    if isinstance(wrong, (InvalidRequestError, TimeoutError)) or _is_away(orig, code):
        return _gone(name, unsure=unsure)
    if orig is None:
        raise wrong
    if code.startswith(("SQLITE_FULL", "53100")):
        return DiskFull(f"The disk is full: {what}. Free some space and do it again.")
    if code.startswith(("SQLITE_READONLY", "SQLITE_PERM", "25006")):
        return DiskReadOnly(f"The disk is read-only: {what}. Make it writable and do it again.")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "55P03")):
        return OutOfOrder(f"The {name} database is in use by another process: {what}. Do it again in a moment.")
    if code.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "57", "58")) or not code:
        return DiskError(f"The {name} database does not answer ({code or type(orig).__name__}): {what}.")
    return _damaged(name, code, what)


def _damaged(name: str, code: str, what: str) -> PeelianError:
    if not code.startswith(_ITSELF):
        return IntegrityError(f"The {name} database is damaged ({code}): {what}. Restore it from its backup.")
    says = "The %(name)s database or its schema is damaged (%(code)s). Restore it from its backup."
    return OfficeShut(sentence(says, name=name, code=code), of="schema")


def _is_away(error: BaseException | None, code: str) -> bool:
    """Whether PostgreSQL is not to be had. An error without a code is of the connection, not of the server."""
    if not hasattr(error, "sqlstate"):
        return False
    of_connection = any(kind.__name__ in ("OperationalError", "InterfaceError") for kind in type(error).__mro__)
    return code.startswith(_AWAY) if code else of_connection


def _gone(name: str, *, unsure: bool) -> Unreachable:
    if unsure:
        says = (
            "The database (%(name)s) went away in the middle of this. The log says whether it was done: look there "
            "before doing it again."
        )
        return Unsure(sentence(says, name=name))
    says = "The database (%(name)s) does not answer. See that its server runs and lets this user in, then do it again."
    return Unreachable(sentence(says, name=name))
