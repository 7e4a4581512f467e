"""Released rows: counts that were released, laid out in a table that other programs read through two views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from peelian.storage.database import Database
from peelian.storage.schema import RELEASED


class ReleasedRows:
    """Answers `ReleasePorts.published`. The signed records say what was released; these rows repeat them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, sensor: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Have these rows stand for a sensor, in place of those before. O(rows)."""
        with self._database.writing() as connection:
            connection.execute(RELEASED.delete().where(RELEASED.c.sensor == sensor))
            if rows:
                connection.execute(RELEASED.insert(), [dict(row) for row in rows])

    def of(self, sensor: str) -> list[dict[str, Any]]:
        """The rows that stand for a sensor. O(rows)."""
        with self._database.reading() as connection:
            found = connection.execute(select(RELEASED).where(RELEASED.c.sensor == sensor)).mappings()
            return [dict(row) for row in found]

    def sensors(self) -> list[str]:
        """The sensors for which rows stand. O(rows)."""
        with self._database.reading() as connection:
            return [str(one) for one in connection.scalars(select(RELEASED.c.sensor).distinct())]
