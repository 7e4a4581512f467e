"""A real PostgreSQL for tests: Debian's, started once in a folder of its own, a schema a town."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import desk
import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import MetaData

from peelian.operations import office
from peelian.storage.database import Database, open_database

USER = "postgres"  # the server refuses to run as root
_NUMBER = itertools.count(1)


class Server:
    """A running server; `place()` makes an empty schema and gives its address."""

    def __init__(self, folder: Path, bin: Path) -> None:
        self.folder, self.bin = folder, bin
        self._session: psycopg.Connection[Any] | None = None

    def place(self) -> str:
        """The address of a new, empty schema."""
        schema = f"town_{next(_NUMBER)}_{os.getpid()}"
        self.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
        options = quote(f"-csearch_path={schema}", safe="")
        return f"postgresql://{USER}@/postgres?host={quote(str(self.folder), safe='')}&options={options}"

    def database(self, like: str = "template0") -> str:
        """The address of a new database, as another one is that nobody uses just now."""
        name = f"town_{next(_NUMBER)}_{os.getpid()}"
        made = SQL("CREATE DATABASE {} TEMPLATE {}")
        self.execute(made.format(Identifier(name), Identifier(like)))
        return f"postgresql://{USER}@/{name}?host={quote(str(self.folder), safe='')}"

    def copied(self, address: str) -> str:
        """The address of a copy of the database with this one."""
        return self.database(urlsplit(address).path[1:])

    def execute(self, statement: Composed) -> None:
        """Carry out one statement."""
        if self._session is None or self._session.closed:
            self._session = psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True)
        self._session.execute(statement)

    def sql(self, *statements: str) -> None:
        """Carry out statements, as the server's administrator."""
        given = [part for statement in statements for part in ("-c", statement)]
        self._run("psql", "-q", "-h", str(self.folder), "-d", "postgres", *given)

    def control(self, act: str, *more: str) -> None:
        """Start or stop it."""
        socket = f"-c unix_socket_directories={self.folder} -c listen_addresses='' -c max_connections=200"
        start = ["-o", socket, "-l", str(self.folder / "server.log")] if act != "stop" else []
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", *start, *more, act)

    def _run(self, program: str, *given: str) -> None:
        subprocess.run([*_as_postgres(), str(self.bin / program), *given], check=True, capture_output=True, cwd="/")


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server for as long as the context lasts; the test is skipped where Debian's package is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed: Debian package postgresql")
    memory = Path("/dev/shm")  # noqa: S108 (in memory: quick, and proves nothing of a disk)
    folder = Path(tempfile.mkdtemp(prefix="peelian-pg-", dir=memory if os.access(memory, os.W_OK) else None))
    try:
        folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        server = Server(folder, found[-1].parent)
        server._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8")
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_postgresql(server: Server) -> None:
    """From here on, each office of this process has its state in a schema of its own, whoever makes it."""
    made = office.new_office

    @wraps(made)
    def new_office(path: Path, **given: Any) -> office.Office:
        return made(path, **{"database": server.place(), "keys_database": server.place(), **given})

    def memory_database(metadata: MetaData, *, name: str = "state") -> Database:
        return open_database(server.place(), metadata, name=name)

    in_memory = desk.copied

    def copied(database: Database, metadata: MetaData) -> Database:
        if not database.is_postgresql:
            return in_memory(database, metadata)
        place = server.place()
        old, new = (Identifier(re.findall(r"town_\w+", str(at))[-1]) for at in (database.engine.url, place))
        for table in metadata.sorted_tables:
            one = {"old": Identifier(*old._obj, table.name), "new": Identifier(*new._obj, table.name)}
            server.execute(SQL("CREATE TABLE {new} (LIKE {old} INCLUDING ALL)").format(**one))
            server.execute(SQL("INSERT INTO {new} SELECT * FROM {old}").format(**one))
        return open_database(place, metadata, name=database.name)

    desk.copied = copied
    office.new_office = new_office
    office.memory_database = memory_database


def _as_postgres() -> Sequence[str]:
    return ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups") if os.getuid() == 0 else ()
