"""Offices that earlier versions of the program made, unpacked for today's code (`tests/data/kept/README.md`)."""

from __future__ import annotations

import re
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from desk import Desk, Hands
from postgres import USER, Server

from peelian.operations.office import open_office
from peelian.operations.upgrade import upgrade

KEPT = Path(__file__).parents[1] / "data" / "kept"
ARCHIVE = KEPT / "office-f72ad466.tar.xz"
ON_POSTGRESQL = KEPT / "office-f72ad466-postgresql.tar.xz"
TOO_OLD = (KEPT / "office-6a0750d.tar.xz", KEPT / "office-1e64e07b.tar.xz")
TYPED = ("square-1", "jane-doe-12-main-street", "feeder-1")


def unpacked(folder: Path, archive: Path = ARCHIVE) -> Path:
    """The folder of a kept office as its program left it, unpacked into `folder`."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    for file in (folder / "office").rglob("*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    (folder / "office").chmod(0o700)
    return folder / "office"


def unpacked_on(server: Server, folder: Path, archive: Path = ON_POSTGRESQL) -> Path:
    """The same of an office on PostgreSQL: its dumps are read into two new databases, which its settings then name."""
    path, text = unpacked(folder, archive), ""
    settings = path / "office.toml"
    text = settings.read_text()
    for what in ("database", "keys_database"):
        name = f"{what}_{abs(hash(folder)) % 10**9}"
        server.sql(f"CREATE DATABASE {name}")
        dump = server.folder / f"{name}.sql"
        dump.write_bytes((folder / f"{what}.sql").read_bytes())
        server._run("psql", "-q", "-h", str(server.folder), "-d", name, "-f", str(dump))
        address = f"postgresql://{USER}@/{name}?host={quote(str(server.folder), safe='')}"
        text = re.sub(f"^{what} = .*$", lambda _, line=f'{what} = "{address}"': line, text, flags=re.M)
    settings.write_text(text)
    return path


def before_released_counts(path: Path) -> Path:
    """A kept office as it was before the second migration: its database has had the first one alone."""
    with closing(sqlite3.connect(path / "state" / "state.db")) as database:
        for statement in SET_BACK:
            database.execute(statement)
        database.commit()
    return path


SET_BACK = (
    "DROP VIEW released_days",
    "DROP VIEW released_windows",
    "DROP TABLE released",
    "UPDATE alembic_version SET version_num = '0001'",
)


def the_day_after() -> Hands:
    """A clock of the day after the office was left."""
    clock = Hands()
    clock.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    return clock


@contextmanager
def kept_office(folder: Path) -> Iterator[Desk]:
    """The office of commit f72ad466, upgraded and opened a day after it was left, with everybody at their desks."""
    path = unpacked(folder)
    upgrade(path, clock=the_day_after())
    with at_their_desks(path) as town:
        yield town


@contextmanager
def at_their_desks(path: Path) -> Iterator[Desk]:
    """An unpacked office of this format, opened a day after it was left."""
    clock = the_day_after()
    with open_office(path, clock=clock) as office:
        shorts = [file.stem for file in sorted((path / "keys" / "operators").glob("*.pem"))]
        yield Desk(office=office, clock=clock, people={short: office.operator(short) for short in shorts})
