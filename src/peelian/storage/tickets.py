"""Tickets: what serves for a while and is kept for every process of the office: seats, codes, challenges, attempts.

None of them grants anything by itself: a seat counts while the log says that its session is open, a code by its
signature, a challenge by its token.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from peelian.kernel.log.entry_schema import time_text
from peelian.storage.database import Database
from peelian.storage.schema import TICKETS


class TicketRows:
    """Answers `ports.Tickets`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, key: str, body: str, at: datetime, *, most: int = 0) -> None:
        """Keep a ticket in place of what has its key; of more than `most` of its kind the oldest go."""
        with self._database.writing() as connection:
            row = {"kind": kind, "key": key, "body": body, "at": time_text(at)}
            self._database.upsert(connection, TICKETS, [row])
            count = select(func.count()).select_from(TICKETS).where(TICKETS.c.kind == kind)
            if most and (over := int(connection.scalar(count) or 0) - most) > 0:
                oldest = select(TICKETS.c.key).where(TICKETS.c.kind == kind).order_by(TICKETS.c.at).limit(over)
                connection.execute(TICKETS.delete().where(TICKETS.c.kind == kind, TICKETS.c.key.in_(oldest)))

    def put_all(self, kind: str, bodies: Mapping[str, str], at: datetime) -> None:
        """Keep several tickets, by key, each in place of what has its key: all of them or none. O(those)."""
        rows = [{"kind": kind, "key": key, "body": body, "at": time_text(at)} for key, body in bodies.items()]
        if rows:
            with self._database.writing() as connection:
                self._database.upsert(connection, TICKETS, rows)

    def get(self, kind: str, key: str) -> str | None:
        """What a ticket says; None where there is none. O(1)."""
        with self._database.reading() as connection:
            wanted = (TICKETS.c.kind == kind, TICKETS.c.key == key)
            found: str | None = connection.scalar(select(TICKETS.c.body).where(*wanted))
        return found

    def take(self, kind: str, key: str) -> str | None:
        """The same, and it is gone: of two who take a ticket one has it."""
        with self._database.writing() as connection:
            wanted = (TICKETS.c.kind == kind, TICKETS.c.key == key)
            found: str | None = connection.scalar(TICKETS.delete().where(*wanted).returning(TICKETS.c.body))
        return found

    def all(self, kind: str) -> list[tuple[str, str]]:
        """Every ticket of a kind with its key, the oldest first. O(those)."""
        with self._database.reading() as connection:
            wanted = select(TICKETS.c.key, TICKETS.c.body).where(TICKETS.c.kind == kind).order_by(TICKETS.c.at)
            return [(key, body) for key, body in connection.execute(wanted)]

    def forget(self, kind: str, before: datetime) -> None:
        """Let go of those that were put before a moment; nothing is written where there are none."""
        old = (TICKETS.c.kind == kind, TICKETS.c.at < time_text(before))
        with self._database.reading() as connection:
            there = connection.scalar(select(TICKETS.c.key).where(*old).limit(1))
        if there is not None:
            with self._database.writing() as connection:
                connection.execute(TICKETS.delete().where(*old))
