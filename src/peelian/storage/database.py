"""The office's database: SQLite beside the office, or PostgreSQL; one act is one transaction.

`with database:` is an act. Threads of this process take turns, other processes wait at the database's own lock, and
what was appended is kept together at the end. Readers never wait. `settle` keeps what an act appended so far, before
something is done that cannot be taken back: a key unwrapped or destroyed.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import cache
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Engine, MetaData, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.util import LRUCache

from peelian.errors import InputError, IntegrityError, OfficeShut, PeelianError, sentence
from peelian.storage import leases
from peelian.storage.act_memory import ActMemory, Look
from peelian.storage.database_errors import database_error
from peelian.storage.private_files import disk_error, must_be_local, open_private, plain, private_folder
from peelian.storage.schema import METADATA, MIGRATED, OLDER, VERSION, VIEWS, make_views
from peelian.storage.schema_description import looked_at
from peelian.storage.turns import begin, see_one_state, take_the_turn
from peelian.storage.waiting_line import WaitingLine

T = TypeVar("T")
UNSURE = "whether it was stored is in the log; look there before doing it again"
WAITS = 20.0  # seconds that an act waits for another process's
for _library in ("psycopg", "sqlalchemy.pool"):  # a lost connection is told in our words, not in theirs as well
    logging.getLogger(_library).addHandler(logging.NullHandler())
_ASKED_AFTER = 0.5  # seconds idle, after which a connection is asked whether its server is there
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "busy_timeout=10")


class Database:
    """One database. As a context it is an act: re-entrant, one thread of this process at a time."""

    def __init__(self, engine: Engine, *, folder: Path | None, name: str) -> None:
        self.engine, self.folder, self.name = engine, folder, name
        self.rolled_back = 0  # how often what an act wrote was taken back: whatever was read of it is not so
        self._turn = threading.RLock()
        self._depth = 0
        self._open: Connection | None = None
        self._owner = 0  # the thread whose act it is
        self._memory = ActMemory()
        self.look = Look()
        self._leases: dict[str, threading.Lock] = {}  # of a database in memory
        self._one: Any = threading.RLock() if self._is_in_memory else nullcontext()
        # of a database in memory: threads take turns with its one connection, for no longer than a query
        self._only_looks = False
        self._line: WaitingLine | None = None
        self._failed: PeelianError | None = None  # how the database failed within the act: nothing of it is kept
        self._settled = False  # whether the act kept some of what it wrote already

    @property
    def is_postgresql(self) -> bool:
        """Whether a PostgreSQL server holds it."""
        return self.engine.dialect.name == "postgresql"

    @property
    def _is_in_memory(self) -> bool:
        return self.folder is None and not self.is_postgresql

    def __enter__(self) -> Database:
        self._turn.acquire()
        self._depth, self._owner = self._depth + 1, threading.get_ident()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if self._depth == 1:
                failed = self._failed
                with self._one:
                    self._end(keep=failed is None and not isinstance(error, SQLAlchemyError))
                if failed is not None and error is None:  # somebody passed over it: the act is not done all the same
                    raise failed
        finally:
            self._depth -= 1
            self._failed = self._failed if self._depth else None
            self._settled = self._settled and self._depth > 0
            self._owner = self._owner if self._depth else 0
            self._turn.release()

    @property
    def in_act(self) -> bool:
        """Whether this thread is in an act."""
        return self._owner == threading.get_ident()

    def settle(self) -> None:
        """Keep what this act wrote so far; it goes on in a transaction of its own. Where the database failed in
        between, nothing of it is kept, and its error is raised again."""
        if self.in_act:
            failed, wrote = self._failed, self._open is not None
            with self._one:
                self._end(keep=failed is None)
            if failed is not None:
                raise failed
            self._settled = self._settled or wrote

    @contextmanager
    def only_looking(self) -> Iterator[None]:
        """Keep what this act wrote; until the block ends it reads one state of the database, and no other act waits."""
        self.settle()
        with self:
            self._only_looks = True
            try:
                yield
            finally:
                self._only_looks = False
                with self._one:
                    self._end(keep=self._failed is None)

    @contextmanager
    def writing(self, *, only_adds: bool = False) -> Iterator[Connection]:
        """The connection of the act, within which alone something is written. The act then reads anew what it had read;
        `only_adds`: not so, as nothing that it may have read is changed."""
        with self, self._one, self.plainly("nothing was stored"):
            if self._only_looks:
                raise IntegrityError("What only looks at the office wrote to it. Nothing was stored.")
            try:
                yield self._begun()
            finally:
                if not only_adds:
                    self._memory.wrote()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read by: the act's own within one, else one that sees all that was kept."""
        with self._one, self.plainly("it could not be read"):
            if self.in_act:
                yield self._begun()
            else:
                with self.engine.connect() as connection:
                    yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The same, but every statement sees one state of the database."""
        with self.reading() as connection:
            if self.in_act or self._is_in_memory:
                yield connection
                return
            see_one_state(connection)
            try:
                yield connection
            finally:
                with suppress(SQLAlchemyError):  # where it is gone, there is nothing to end
                    connection.exec_driver_sql("ROLLBACK")

    def once(self, what: Hashable, read: Callable[[], T], *, lasting: bool = False) -> T:
        """What `read` finds here. An act, beside which nobody writes, asks once until it writes or its transaction
        ends; `lasting`: until it ends, of what nobody ever changes. What was found is not to be changed."""
        return self._memory.once(what, read, lasting=lasting) if self.in_act else read()

    def recalled(self, what: Hashable) -> tuple[bool, Any]:
        """Whether this act knows what it would find if it asked `once`, and that."""
        return self._memory.recalled(what) if self.in_act else (False, None)

    def knows(self, known: Mapping[Hashable, Any]) -> None:
        """What this act just wrote or read, and would find if it asked `once`."""
        if self.in_act:
            self._memory.knows(known)

    def upsert(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, each in place of the one with its key. O(rows)."""
        connection.execute(_insert(table, self.is_postgresql, replaces=True), list(rows))

    def add(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert those rows whose key is not there; how many. O(rows)."""
        return connection.execute(_insert(table, self.is_postgresql, replaces=False), list(rows)).rowcount

    @contextmanager
    def together(self, connection: Connection) -> Iterator[None]:
        """Statements that answer nothing: PostgreSQL is sent all, then waited for. An error of one is that of all."""
        if not self.is_postgresql:
            return (yield)
        driver: Any = connection.connection.driver_connection
        try:
            with driver.pipeline():
                yield
        except self.engine.dialect.loaded_dbapi.Error as wrong:
            raise DBAPIError("", None, wrong) from None

    @contextmanager
    def alone(self, what: str, *, wait: bool = True, shared: bool = False) -> Iterator[bool]:
        """Hold a lease against every other process and thread of this office; False, at once, where another has it and
        `wait` is not asked for. It ends with the process, however that ends. `shared`: against those alone who do not
        share it."""
        if self._is_in_memory:
            leased = leases.in_memory(self._leases, what, wait=wait, shared=shared)
        elif self.is_postgresql:
            leased = leases.on_postgresql(self.engine, what, wait=wait, shared=shared)
        else:
            leased = leases.on_a_file(self.folder or Path(), what, wait=wait, shared=shared)
        with self.plainly("it was not done") if self.is_postgresql else nullcontext(), leased as held:
            yield held

    @contextmanager
    def plainly(self, what: str) -> Iterator[None]:
        """Turns an error of the database into one that says what was not done, and what to do; it names no content."""
        try:
            yield
        except SQLAlchemyError as wrong:
            made = database_error(wrong, self.name, what, unsure=what == UNSURE or self._settled)
            if self.in_act:
                made = self._failed = self._failed or made
                self._memory.end()
            raise made from None

    def overwritten(self) -> None:
        """See that what was deleted or replaced lies nowhere any more: SQLite overwrites it, its journal is emptied as
        soon as nobody reads in it. Of PostgreSQL see `docs/how-to`: there the key-encryption key is rotated."""
        if self.is_postgresql or self.folder is None or (self.in_act and self._open is not None):
            return
        with self.plainly("the journal was not emptied"), self.engine.connect() as connection:
            for _ in range(50):
                busy, *_rest = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                if not busy:
                    return
                sleep(0.01)

    def server_time(self) -> datetime | None:
        """PostgreSQL's own time; None on SQLite, which has none."""
        if not self.is_postgresql:
            return None
        with self.reading() as connection:
            found: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return found.astimezone(UTC)

    def close(self) -> None:
        """Let the database go; it may be used again."""
        self.engine.dispose()
        if self._line is not None:
            self._line.close()
            self._line = None

    def _in_line(self) -> WaitingLine | None:
        """Where this process waits for its turn to write to a SQLite file."""
        if self.folder is not None and not self.is_postgresql and self._line is None:
            with suppress(OSError):  # of a disk that cannot be written SQLite itself tells
                self._line = WaitingLine(self.folder)
        return self._line

    def _begun(self) -> Connection:
        if self._failed is not None:  # its connection may be another by now, without what the act wrote
            raise self._failed
        if self._open is None:
            connection = self.engine.connect()
            try:
                if self._only_looks:
                    see_one_state(connection)
                else:
                    take_the_turn(connection, wait=WAITS, line=self._in_line())
            except BaseException:
                connection.close()
                raise
            self._open, self.look.head = connection, None
            self._memory.begin()
        return self._open

    def _end(self, *, keep: bool) -> None:
        connection, self._open, self.look.head = self._open, None, None
        self._memory.end()
        if connection is None:
            return
        kept = False
        try:
            if keep:
                with self.plainly(UNSURE if self.is_postgresql else "nothing was stored"):
                    connection.exec_driver_sql("COMMIT")
                kept = True
        finally:
            if not kept:
                self.rolled_back += 1
                with suppress(SQLAlchemyError):  # where it is gone, what it had begun is gone with it
                    connection.exec_driver_sql("ROLLBACK")
                if not self._is_in_memory:
                    connection.invalidate()
            connection.close()


def open_database(place: Path | str, metadata: MetaData, *, name: str = "state") -> Database:
    """The database in the file `place`, or at its PostgreSQL address; its tables are made where it is new.

    InputError where the place is not for an office (a network file system, a server that may lose what it
    acknowledged); IntegrityError where it is damaged, or another version's. O(1).
    """
    database = as_it_is(place, name=name)
    with database.plainly("the database cannot be opened"):
        _must_keep_what_it_acknowledges(database)
        _must_be_of_this_version(database, metadata)
    return database


def as_it_is(place: Path | str, *, name: str = "state", only_looks: bool = False) -> Database:
    """The database at this place, of whatever version: no table is made or judged. `only_looks`: a SQLite file is
    opened to be read, and nothing is left beside it."""
    if isinstance(place, Path):
        return Database(looked_at(place) if only_looks else _sqlite(place), folder=place.parent, name=name)
    return Database(_postgresql(place), folder=None, name=name)


def memory_database(metadata: MetaData, *, name: str = "state") -> Database:
    """A database in the memory of this process: for tests, notebooks and throw-away trials. One connection serves."""
    anywhere = {"check_same_thread": False}
    engine = _engine("sqlite://", poolclass=StaticPool, skip_autocommit_rollback=True, connect_args=anywhere)
    with engine.connect() as connection:
        for statement in _statements(metadata):
            connection.exec_driver_sql(statement)
    return Database(engine, folder=None, name=name)


@cache
def _insert(table: Table, is_postgresql: bool, *, replaces: bool) -> Any:
    """The statement that inserts rows, each in place of the one with its key, or only where there is none."""
    if is_postgresql:
        from sqlalchemy.dialects.postgresql import insert as made  # heavy, and needed there alone

        insert: Any = made(table)
    else:
        insert = sqlite.insert(table)
    if not replaces:
        return insert.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)


@cache
def _statements(metadata: MetaData) -> Sequence[str]:
    """The statements that make the tables in SQLite, compiled once for all offices in memory."""
    dialect, made = sqlite.dialect(), []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return [*made, *(VIEWS["sqlite"] if metadata is METADATA else ())]


def _engine(address: str, *, skip_autocommit_rollback: bool = False, **more: Any) -> Engine:
    """An engine for SQLite that has its dialect, and what that compiled, in common with all others of this process."""
    engine = create_engine(
        address, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=skip_autocommit_rollback, **more
    )
    engine.dialect, compiled = _in_common(skip_autocommit_rollback)
    return engine.execution_options(compiled_cache=compiled)


@cache
def _in_common(skip_autocommit_rollback: bool) -> tuple[Dialect, LRUCache[Any, Any]]:
    engine = create_engine("sqlite://", isolation_level="AUTOCOMMIT", skip_autocommit_rollback=skip_autocommit_rollback)
    engine.connect().close()  # the dialect learns of SQLite what it must know
    return engine.dialect, LRUCache(1_000)


def _sqlite(file: Path) -> Engine:
    private_folder(file.parent)
    must_be_local(file.parent)
    try:
        os.close(open_private(file, os.O_RDWR | os.O_CREAT))
    except OSError as wrong:
        raise disk_error(wrong)(f"The database cannot be opened: {plain(wrong)}.") from wrong
    engine = _engine(f"sqlite:///{file}", connect_args={"timeout": 0.01, "cached_statements": 256})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgresql(address: str) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.drivername != "postgresql":
        raise InputError("not a database address", accepted="postgresql://USER@HOST/NAME")
    if url.password:
        raise InputError("database address with a password", accepted="a password file (PGPASSFILE) or peer login")
    try:
        engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    except ImportError:
        raise InputError("PostgreSQL needs the extra `server`", accepted="pip install 'peelian[server]'") from None

    @event.listens_for(engine, "checkin")
    def _idle(connection: Any, record: Any) -> None:
        record.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _must_answer(connection: Any, record: Any, proxy: object) -> None:
        """A connection that was idle may be of a server that was started again: then there is another."""
        if monotonic() - record.info.get("idle_since", inf) > _ASKED_AFTER and not _answers(engine, connection):
            raise DisconnectionError

    return engine


def _answers(engine: Engine, connection: Any) -> bool:
    try:
        return bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False


def _must_keep_what_it_acknowledges(database: Database) -> None:
    """InputError where a PostgreSQL server may lose, in a power cut, what it said it had kept."""
    if database.is_postgresql:
        with database.engine.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                if connection.exec_driver_sql(f"SHOW {setting}").scalar() == "off":
                    raise InputError(
                        f"PostgreSQL with {setting} off may lose what it acknowledged", accepted=f"{setting} = on"
                    )


def _must_be_of_this_version(database: Database, metadata: MetaData) -> None:
    """Make the tables of a new database. Refuse one of another version, which is left as it is (`peelian machine
    upgrade`), and one that lost a table."""
    with database.engine.connect() as connection:
        begin(connection, wait=WAITS)
        there = _tables(connection, metadata)
        if not there and database.is_postgresql:  # whoever else logs on may hold this lock
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7265656)")
            there = _tables(connection, metadata)
        if not there:
            metadata.create_all(connection)
            connection.exec_driver_sql("INSERT INTO turn VALUES ('act')")
            if metadata is METADATA:
                make_views(connection)
                connection.execute(MIGRATED.insert(), {"version_num": VERSION})
        connection.exec_driver_sql("COMMIT")
        if there and metadata is METADATA and MIGRATED.name in there:
            _must_be_this(str(connection.scalar(MIGRATED.select())))
        if there and (lost := sorted(metadata.tables.keys() - there)):
            says = "Tables are missing from the %(name)s database: %(tables)s. Restore the database from its backup."
            raise OfficeShut(sentence(says, name=database.name, tables=", ".join(lost)), of="schema")


def _tables(connection: Connection, metadata: MetaData) -> set[str]:
    """Those of the declared tables that the database has."""
    return metadata.tables.keys() & set(connection.dialect.get_table_names(connection))


def _must_be_this(version: str) -> None:
    if version in OLDER:
        raise InputError("the database has an older format than this program", accepted="`peelian machine upgrade`")
    if version != VERSION:
        accepted = "the newer program. Its `peelian machine upgrade` also ends an upgrade that was interrupted"
        raise InputError("a newer program made or upgraded this database", accepted=accepted)
