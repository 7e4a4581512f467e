"""One flipped byte in each kind of thing that an office rests on, and what goes on meanwhile."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from authentication import at_pages, logged_on, send
from divided import desk_of, lived, peopled
from row_tamper import QUESTIONS, _release_days, answered, database_of
from sqlalchemy import select
from terminal import peelian
from toy import COUNT

from peelian.kernel import verbs
from peelian.kernel.identity import step_up
from peelian.operations.office import Office, open_office
from peelian.storage.database import open_database
from peelian.storage.schema import KEY_METADATA, METADATA


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """An office with something of each kind, and the names of its things."""

    folder: Path
    published: str
    undecided: str
    asked: str
    named: dict[str, str]


def founded(folder: Path) -> Lived:
    peopled(folder)
    with open_office(folder) as office:
        at = desk_of(office)
        published = lived(at).case
        evidence, _ = verbs.run(at.kernel, at.people["analyst"], at.ask(COUNT))
        permit = at.ask(COUNT)
        answered(office, QUESTIONS[0])
        _release_days(at)
        step_up.prove(at.kernel, at.people["board"])
        entries = [entry for _, entry in at.kernel.stores.log.read()]
        named = {
            "board": at.people["board"].person.token,
            "analyst": at.people["analyst"].person.token,
        }
        for entry in entries:
            if "document" in entry:
                named[f"{entry['kind']} {entry.get('case') or entry.get('person') or entry.get('act', '')}".strip()] = (
                    str(entry["document"])
                )
                named[str(entry["kind"])] = str(entry["document"])
            if "findings" in entry:
                named[f"findings {entry['case']}"] = str(entry["findings"])
            if "object" in entry:
                named["object"] = str(entry["object"])
                named["dataset"] = str(entry["dataset"])
    return Lived(folder=folder, published=published, undecided=evidence.case, asked=permit.case, named=named)


def flipped(value: Any) -> Any:
    """The same with one byte another."""
    if isinstance(value, bytes):
        at = len(value) // 2
        return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
    return value + 1 if isinstance(value, int) else ("0" if value[:1] != "0" else "1") + value[1:]


@contextmanager
def row(folder: Path, name: str, column: str, **where: Any) -> Iterator[None]:
    """A byte of a column of one row is another, until the end."""
    metadata = KEY_METADATA if name in KEY_METADATA.tables and name not in METADATA.tables else METADATA
    if metadata is KEY_METADATA:
        database = open_database(folder / "keys" / "store" / "keys.db", KEY_METADATA, name="keys")
    else:
        database = database_of(folder)
    table = metadata.tables[name]
    wanted = [table.c[key] == value for key, value in where.items()]
    try:
        with database.engine.connect() as connection:
            was = connection.execute(select(table).where(*wanted).limit(1)).mappings().one()
            key = [c == was[c.name] for c in table.primary_key]
            connection.execute(table.update().where(*key).values({column: flipped(was[column])}))
        yield
        with database.engine.connect() as connection:
            now = [c == was[c.name] for c in table.primary_key if c.name != column]
            changed = connection.execute(table.update().where(*now).values({column: was[column]}))
    finally:
        database.close()


@contextmanager
def file(folder: Path, name: str) -> Iterator[None]:
    path = sorted(folder.glob(name))[-1]
    was, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o600)
    path.write_bytes(flipped(was))
    yield
    path.write_bytes(was)
    path.chmod(mode)
