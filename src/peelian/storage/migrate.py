"""Bring a database's schema up to date. Needs Alembic, of the extra `server`."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from peelian.errors import InputError


def migrate(engine: Engine, *, to: str = "head") -> None:
    """Carry out every migration that the database has not had yet, each whole or not at all. O(rows changed)."""
    try:
        from alembic import command  # heavy, and of an extra
        from alembic.config import Config
    except ImportError:
        raise InputError("migrations need the extra `server`", accepted="pip install 'peelian[server]'") from None
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN" if engine.dialect.name == "postgresql" else "BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, to)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
