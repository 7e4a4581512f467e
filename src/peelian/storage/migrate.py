"""Bring a database's schema up to date, and say of which migration a schema is. Migrating needs Alembic, of the extra
`server`.

A migration that an office had is never edited: `migrations/frozen.toml` holds the digest of each file, and of the
schema that it leads to.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine

from peelian.errors import InputError
from peelian.storage.schema import METADATA, MIGRATED
from peelian.storage.schema_description import schema_digest

MIGRATIONS = Path(__file__).with_name("migrations")


@cache
def frozen() -> Mapping[str, Mapping[str, str]]:
    """Of each migration the digests of its file and of the schema it leads to, in SQLite and in PostgreSQL."""
    return tomllib.loads((MIGRATIONS / "frozen.toml").read_text(encoding="utf-8"))


def stated_version(connection: Connection) -> str:
    """The migration that the database says it had last; "" where it says none."""
    if not connection.dialect.has_table(connection, MIGRATED.name):
        return ""
    return str(connection.scalar(MIGRATED.select()) or "")


def is_as_migrated(connection: Connection) -> bool:
    """Whether the schema is exactly the one that the stated migration leads to."""
    known = frozen().get(stated_version(connection), {}).get(connection.dialect.name)
    return known == schema_digest(connection, METADATA)


def migrate(engine: Engine, *, to: str = "head", judged: Callable[[Connection], object] = bool) -> None:
    """Carry out every migration that the database has not had yet, all or none; `judged` looks at the outcome before it
    is kept, and may raise. O(rows changed)."""
    try:
        from alembic import command  # heavy, and of an extra
        from alembic.config import Config
    except ImportError:
        raise InputError("migrations need the extra `server`", accepted="pip install 'peelian[server]'") from None
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN" if engine.dialect.name == "postgresql" else "BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, to)
            judged(connection)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
