"""One flipped byte in each kind of thing that an office rests on, and what goes on meanwhile."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from desk import Desk
from divided import desk_of, lived, peopled
from event_plans import plan_body
from labels import numbers_typed
from postgres import Server
from row_tamper import QUESTIONS, answered, database_of, release_days
from sqlalchemy import select
from toy import COUNT, TOY
from toy_watch import HIGH, TOY_WATCH, WellWatch, wells
from watched import MemoryCheckpoints, issue_all

from peelian.kernel import verbs
from peelian.kernel.alarms import event_plans, operator_desk, watch, zone_count
from peelian.kernel.identity import step_up
from peelian.kernel.model.archive_partitions import CASES, PEOPLE
from peelian.operations.office import open_office
from peelian.storage.database import Database, open_database
from peelian.storage.key_store import FILE
from peelian.storage.office_settings import read_settings, write_settings
from peelian.storage.schema import KEY_METADATA, METADATA

KNOWN = (TOY, TOY_WATCH)
PLAN, OTHER_PLAN = "fete-2026", "fair-2026"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """An office with something of each kind: its cases, and digests by what they are of."""

    folder: Path
    published: str
    asked: str
    named: Mapping[str, str]


def founded(folder: Path) -> Lived:
    """The office, on disk, whose technologies are the toy and the toy that watches."""
    peopled(folder)
    with open_office(folder) as office, numbers_typed():
        at = desk_of(office)
        published = lived(at).case
        evidence, _ = verbs.run(at.kernel, at.people["analyst"], at.ask(COUNT))
        permit = at.ask(COUNT)
        answered(office, QUESTIONS[0])
        release_days(at)
        step_up.prove(at.kernel, at.people["board"])
        at.kernel.append("SESSION_BEGAN", session="s-1", by=at.people["clerk"].person.token, how="key")
        named = {short: one.person.token for short, one in at.people.items()} | {"undecided": evidence.case}
        n = at.kernel.stores.log.size()
        named |= watched(at)
        for index, entry in at.kernel.stores.log.read():
            about = entry.get("case") or entry.get("person") or ""
            for key in ("document", "findings", "object"):
                if key in entry and (index < n or str(entry["kind"]) not in named):
                    kind = entry["kind"] if key == "document" else key
                    named |= {f"{kind} {about}".strip(): str(entry[key]), str(kind): str(entry[key])}
        named |= {"partition": at.kernel.partition(CASES), "people": at.kernel.partition(PEOPLE)}
    return Lived(folder=folder, published=published, asked=permit.case, named=named)


def copied(of: Lived, to: Path, postgres: Server | None) -> Path:
    """A copy of the office; where it lies on a server, of its databases, too."""
    shutil.copytree(of.folder, to)
    if postgres is not None:
        settings = read_settings(to)
        for name in ("database", "keys_database"):
            settings |= {name: postgres.copied(settings[name])}
        write_settings(to, settings)
    return to


def watched(at: Desk) -> dict[str, str]:
    """Two wells are too high, of which one was answered; two events are planned, one of which was exercised. The
    alarms by their wells, and the digests of the first one's steps and of the first plan."""
    kernel, people, now = at.kernel, at.people, datetime.now(UTC)
    issue_all(at, HIGH)
    over = {"well-1": "north", "well-2": "south"}
    permit = watch.stand(
        kernel, people["commander"], HIGH.id, purpose="safety", params=WellWatch(), sensors=over, exercise=True
    )
    standing = watch.begin(kernel, permit, MemoryCheckpoints())
    named = {"watch": permit.case}
    for well in over:
        (move,) = watch.feed(kernel, standing, wells([6.0, 6.5], well, first=now - timedelta(seconds=5)))
        named[well] = move.alarm
    operator_desk.shelve(kernel, people["dispatcher"], named["well-1"], minutes=60, reason="it is being mended")
    named["ALARM_RAISED"], named["ALARM_SHELVED"] = kernel.state.alarms.steps[named["well-1"]]
    zone_count.count_zone(kernel, people["dispatcher"], zone="north", people=40)
    times = {"starts": (now - timedelta(hours=1)).isoformat(), "ends": (now + timedelta(hours=9)).isoformat()}
    for name in (PLAN, OTHER_PLAN):
        digest = event_plans.plan_event(kernel, people["commander"], plan_body(name=name, title=name, **times))
        event_plans.confirm_plan(kernel, people["dispatcher"], digest)
        named.setdefault("EVENT_PLANNED", digest)
    exercised = {"title": "Alarm by radio", "held": times["starts"], "roles": ["first aid"], "findings": []}
    event_plans.record_exercise(kernel, people["commander"], PLAN, exercised)
    return named


def flipped(value: Any) -> Any:
    """The same with one byte another."""
    if isinstance(value, bytes):
        at = len(value) // 2
        return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
    return value + 1 if isinstance(value, int) else ("0" if value[:1] != "0" else "1") + value[1:]


@contextmanager
def row(folder: Path, table: str, column: str, **where: str) -> Iterator[None]:
    """A byte of a column of one row is another, until the end."""
    of_keys = table in ("keys", "used", "leaves", "heads")
    database = _keys_of(folder) if of_keys else database_of(folder)
    made = (KEY_METADATA if of_keys else METADATA).tables[table]
    try:
        with database.engine.connect() as connection:
            wanted = [made.c[name] == value for name, value in where.items()]
            was = connection.execute(select(made).where(*wanted).limit(1)).mappings().one()
            this = [one == was[one.name] for one in made.primary_key]
            connection.execute(made.update().where(*this).values({column: flipped(was[column])}))
            yield
            connection.execute(made.update().where(*this).values({column: was[column]}))
    finally:
        database.close()


@contextmanager
def file(folder: Path, pattern: str) -> Iterator[None]:
    """A byte of the newest of these files is another, until the end."""
    path = sorted(folder.glob(pattern))[-1]
    was = path.read_bytes()
    path.write_bytes(flipped(was))
    yield
    path.write_bytes(was)


@contextmanager
def without_table(folder: Path, name: str) -> Iterator[None]:
    """A table of the database has another name, until the end."""
    database = database_of(folder)
    try:
        with database.engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}_gone")
            yield
            connection.exec_driver_sql(f"ALTER TABLE {name}_gone RENAME TO {name}")
    finally:
        database.close()


def _keys_of(folder: Path) -> Database:
    place = read_settings(folder).get("keys_database") or folder / "keys" / "store" / FILE
    return open_database(place, KEY_METADATA, name="keys")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing: how it is damaged, which pages that shuts, and what these say. `office`: it shuts the office,
    as one of three faults; `opening`: only for whoever opens it then."""

    name: str
    damage: Callable[[Lived], AbstractContextManager[None]]
    shuts: frozenset[str] = frozenset()
    says: str = ""
    office: str = ""
    opening: bool = False
    in_rows: bool = False  # of a database, whichever it is


def _document(name: str, digest: str, *shuts: str) -> Kind:
    """`digest`: what it is named by in the office, with places for its cases."""

    def damage(of: Lived) -> AbstractContextManager[None]:
        found = of.named[digest.format(published=of.published, asked=of.asked, **of.named)]
        return row(of.folder, "documents", "sealed", digest=found)

    return Kind(name=name, damage=damage, shuts=frozenset(shuts), says="was altered, cut or swapped", in_rows=True)


def _row(name: str, column: str, *shuts: str, office: str = "", **where: str) -> Kind:
    def damage(of: Lived) -> AbstractContextManager[None]:
        found = {key: value.format(asked=of.asked, **of.named) for key, value in where.items()}
        return row(of.folder, name, column, **found)

    told = " ".join((f"row of {name}", *where.values()))
    says = "key" if name == "keys" else "was altered, is missing or was set back"
    return Kind(name=told, damage=damage, shuts=frozenset(shuts), says=says, office=office, in_rows=True)


def _file(name: str, pattern: str, *, says: str = "", office: str = "") -> Kind:
    def damage(of: Lived) -> AbstractContextManager[None]:
        return file(of.folder, pattern.format(**of.named))

    return Kind(name=name, damage=damage, says=says, office=office, opening=bool(office))


PUBLIC, UNDECIDED, ASKED = "published case", "undecided case", "asked case"
ALARM, EVENT_PLAN = "alarm", "event plan"
KINDS: tuple[Kind, ...] = (
    _document("published findings", "findings {published}", PUBLIC, UNDECIDED),
    _document("findings of a run", "RAN {published}", PUBLIC),
    _document("publication", "PUBLISHED {published}", PUBLIC),
    _document("decision", "DECIDED {published}", PUBLIC),
    _document("undecided findings", "RAN {undecided}", UNDECIDED),
    _document("request", "ASKED {asked}", ASKED),
    _document("permit", "PERMITTED {asked}", ASKED),
    _document("enrolment", "ENROLLED {analyst}"),
    _document("authorization", "ISSUED", PUBLIC, UNDECIDED, ASKED),
    _document("admission", "ADMITTED", ASKED),
    _document("proposal", "PROPOSED", "sensors"),
    _document("approval", "APPROVED", "sensors"),
    _document("label register", "VOCABULARY_STATED", "sensors"),
    _document("sensor", "SENSOR_REGISTERED", "sensors"),
    _document("edition of a sensor's counts", "SENSOR_RELEASED"),
    _document("first step of an alarm", "ALARM_RAISED", ALARM),
    _document("newest step of an alarm", "ALARM_SHELVED", ALARM),
    _document("request of a watch", "WATCH_ASKED"),
    _document("permit of a watch", "WATCH_STANDING"),
    _document("event plan", "EVENT_PLANNED", EVENT_PLAN),
    _document("confirmation of an event plan", "EVENT_PLAN_CONFIRMED", EVENT_PLAN),
    _document("exercise of an event plan", "EVENT_EXERCISED", EVENT_PLAN),
    _document("count by a person", "EVENT_COUNTED"),
    _row("names", "sealed", person="{analyst}"),
    _row("cases", "state", "cases", ASKED, key="{asked}"),
    _row("tallies", "n", "cases", "register"),
    _row("years", "asked", "register"),
    _row("uses", "asked", "register"),
    _row("proofs", "mac"),
    _row("intakes", "mac"),
    _row("sessions", "mac", key="s-1"),
    _row("answers", "answer"),
    _row("released", "value"),
    *(
        dataclasses.replace(_row("entries", column, kind=kind), name=f"{column} of the first entry {kind}")
        for kind in ("ENROLLED", "ISSUED", "PUBLISHED", "APPROVED")
        for column in ("spelling", "mac", "topic")
    ),
    _row("keys", "wrapped", PUBLIC, UNDECIDED, ASKED, object="partition {partition}"),
    _row("keys", "wrapped", object="{object}"),
    _file("bundle of entries", "log/tile/entries/**/*.p/*"),
    _file("tile of hashes", "log/tile/0/**/*.p/*"),
    _file("checkpoint that is shown", "log/checkpoint"),
    _file("sealed object", "objects/{object}*"),
    _row("head", "mac", office="head"),
    _row("chains", "mac", office="head"),
    _row("notes", "note", office="head"),
    _file("head beside the log", "log.signed", says="kept in log.signed is damaged", office="head"),
    _file("head beside the objects", "objects/log-head", says="kept in objects is damaged", office="head"),
    _file("key ring", "keys/store/**/*.key", says="key of the ring", office="ring"),
    _file("key of the tokens", "keys/token.key", says="does not belong to this log", office="ring"),
    Kind(
        name="table that is gone",
        damage=lambda of: without_table(of.folder, "head"),
        says="from its backup",
        office="schema",
        in_rows=True,
    ),
)
PEOPLES_KEY = _row("keys", "wrapped", object="partition {people}")
"""Under it every enrolment lies: nobody can be told from anybody."""
CONTAINED = tuple(kind for kind in KINDS if not kind.office)
SHUTTING = tuple(kind for kind in KINDS if kind.office)
