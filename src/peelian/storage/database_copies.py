"""Copies of databases while they are used: SQLite's backup API, and `pg_dump`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from peelian.errors import InputError, IntegrityError
from peelian.storage.private_files import open_private, private_folder


def copy_database(source: Path, to: Path) -> int:
    """Copy a SQLite database as it is at one moment; how many log entries it has (0: it is none of a log). O(bytes).

    Readers and writers go on meanwhile.
    """
    private_folder(to.parent)
    os.close(open_private(to, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(to)) as here,
        ):
            there.backup(here, pages=-1)
            here.execute("PRAGMA journal_mode=DELETE")  # one file, without a journal beside it
            (entries,) = (
                here.execute("SELECT count(*) FROM entries").fetchone()
                if here.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone()
                else (0,)
            )
    except sqlite3.DatabaseError as wrong:
        says = f"The database cannot be copied ({getattr(wrong, 'sqlite_errorname', 'damaged')})."
        raise IntegrityError(f"{says} Run `peelian doctor`.") from None
    return int(entries)


def dump_postgresql(address: str, to: Path) -> None:
    """Dump a PostgreSQL database, in PostgreSQL's own format, as it is at one moment. O(bytes).

    The password goes by the environment: everybody on the machine may read the arguments of a process.
    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # an office on SQLite needs none

    known = {name: str(value) for name, value in conninfo_to_dict(address).items() if value is not None}
    secret = {"PGPASSWORD": known.pop("password")} if "password" in known else {}
    options = ("--format=custom", "--no-owner", "--no-password", f"--file={to}", f"--dbname={make_conninfo(**known)}")
    if not _done_by("pg_dump", *options, **secret):
        raise IntegrityError("The PostgreSQL database cannot be dumped. Look into the server's own log.")
    to.chmod(0o600)


def check_copy(file: Path) -> None:
    """IntegrityError where a copied SQLite database is not whole. O(bytes)."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as copy:
            (says,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as wrong:
        says = getattr(wrong, "sqlite_errorname", "damaged")
    if says != "ok":
        raise IntegrityError(f"The copy {file.name} of the database is not whole. Nothing was changed.")


def check_dump(file: Path) -> None:
    """IntegrityError where a dump of PostgreSQL cannot be read whole. O(bytes)."""
    if not _done_by("pg_restore", "--file=/dev/null", str(file)):
        raise IntegrityError(f"The dump {file.name} of the database is not whole. Nothing was changed.")


def _done_by(name: str, *arguments: str, **environment: str) -> bool:
    """Whether one of PostgreSQL's own programs did it; InputError where it is not installed."""
    if (program := shutil.which(name)) is None:
        raise InputError(f"{name} is missing", accepted="Debian's package postgresql-client")
    given = os.environ | environment
    done = subprocess.run([program, *arguments], capture_output=True, check=False, env=given)  # noqa: S603 (no shell, our own words)
    return not done.returncode
