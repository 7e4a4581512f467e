"""Hands in an office's database, SQLite or PostgreSQL, without its keys: they take rows away, change them and set them
back. And what the office says of itself afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desk import Desk
from divided import answering, desk_of, lived, peopled
from labels import register_in_area
from sensing import a_sensor
from sqlalchemy import Connection, Table, and_, select
from sqlalchemy.exc import IntegrityError as Collides
from suspending import suspend
from toy import COUNT

from peelian.errors import PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.noise import YEARLY, Question, charges, with_noise
from peelian.kernel.identity.revocation import retire
from peelian.kernel.log.signed_note import COSIGNATURE, Note, NoteKey, Signature, read_note
from peelian.kernel.model.pseudonyms import ANSWER
from peelian.kernel.retention import retention
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office, open_office
from peelian.operations.rebuild import rebuilt_at
from peelian.oversight.sensors.release import release
from peelian.oversight.transparency import register
from peelian.oversight.transparency.inventory import CLOSED, SUSPENDED, Use, uses_of
from peelian.oversight.transparency.yearly import yearly
from peelian.storage.database import Database, open_database
from peelian.storage.office_settings import database_place, read_settings
from peelian.storage.schema import METADATA

Row = dict[str, Any]
Rows = dict[str, list[Row]]
APART = frozenset({"tickets", "turn"})
"""Tables of which the log says nothing. A seat, a code or a challenge that was put there or set back grants nothing
(`test_sessions`, `test_log_on`), and by the row of `turn` acts take turns on PostgreSQL (`test_database`)."""
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_KEY = NoteKey(name="board.example/w", public=WITNESS.public_key().public_bytes_raw(), kind=COSIGNATURE)
ASKED = {"dataset": "wells", "technology": "toy", "term": "2026", "what": "wells"}
QUESTIONS = tuple(Question(**ASKED, period=f"2026-0{n}-01", cells=2, milli_epsilon=YEARLY // 3) for n in (1, 2, 3))
HIDES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "suspension": ({"kind": "SUSPENDED"}, {"chains": "technologies"}),
    "revocation": ({"kind": "RETIRED"}, {"chains": "people"}),
    "used run": ({"kind": "STARTED"}, {"warrants": "w-1", "chains": "all warrants"}),
    "ended session": ({"kind": "SESSION_ENDED"}, {"sessions": "s-1"}),
    "spent budget": ({"kind": "NOISE_SPENT"}, {"chains": "noise", "answers": QUESTIONS[-1].digest}),
}
"""What is hidden: the kind of the newest entry that tells of it, and the rows that rest on it."""


# ---- what the office says


def answered(office: Office, question: Question) -> tuple[int, ...]:
    """The noisy counts of two areas, drawn once."""
    kernel = office.kernel
    return with_noise(
        [14, 20],
        question,
        YEARLY,
        entries=kernel.state.noised,
        answers=kernel.release.noise.answers,
        draw=kernel.release.noise.draw,
        log=kernel.append,
        token=partial(kernel.office.token, of=ANSWER),
    )


def _looks(office: Office) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything that an office may be asked, and how."""
    kernel, state = office.kernel, office.kernel.state
    yield "the log", lambda: [dict(entry) for _, entry in kernel.stores.log.read()]
    yield "its head", lambda: dict(kernel.stores.log.head())
    yield "its root", lambda: kernel.stores.log.tree.root()  # type: ignore[attr-defined]
    yield "every case", lambda: state.histories.items()
    yield "cases, a page", lambda: register.page(kernel, most=2)
    yield "cases, another page", lambda: register.page(kernel, most=2, before=400)
    yield "the register", lambda: register.page(kernel, published=True)
    yield "counts", lambda: (register.n_cases(kernel), register.n_cases(kernel, published=True))
    yield "refusals", lambda: register.refusals(kernel)
    yield "the year", lambda: yearly(kernel, 2026)
    yield "inventory", lambda: uses_of(kernel)
    yield "budget", lambda: charges(state.noised, dataset="wells", term="2026", technology="toy")
    yield "passkeys", lambda: dict(state.passkeys)
    if kernel.registrar is None:  # else only the registrar knows the witness and draws noise
        yield "witnessed", lambda: kernel.stores.log.witnessed(WITNESS_KEY)  # type: ignore[attr-defined]
        for question in QUESTIONS:
            yield f"answer {question.period}", lambda question=question: answered(office, question)
    yield from ((f"people {key}", look) for key, look in _of_people(kernel))


def _of_people(kernel: Kernel) -> Iterator[tuple[str, Callable[[], Any]]]:
    state = kernel.state
    with suppress(PeelianError):  # then nothing is said of anybody
        for token, person in dict(state.people).items():
            yield token, lambda person=person: dataclasses.replace(person, name="")
            if person.name != token:  # else it says that it knows no name
                yield f"{token} name", lambda person=person: person.name
    yield "all", lambda: sorted(state.people)
    yield "in force", lambda: sorted(state.authorizations)
    yield "suspended", lambda: sorted(state.suspended)


def _by_key(office: Office, named: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is asked of one case, warrant, session, dataset or document."""
    kernel, state = office.kernel, office.kernel.state
    looks: Mapping[str, Callable[[str], Any]] = {
        "case": state.histories.get,
        "warrant": lambda key: (state.used.get(key, 0), state.collected.get(key, 0)),
        "session": lambda key: (state.seated.get(key), key in state.ended),
        "dataset": lambda key: key in state.unfinished,
        "document": kernel.stores.archive.get,
        "by": lambda key: state.proved(key),
    }
    for what, keys in named.items():
        for key in keys:
            yield f"{what} {key}", partial(looks[what], key)


def said(folder: Path, named: Mapping[str, Sequence[str]], client: Path | None = None) -> dict[str, Any]:
    """What an office says, whoever looks; of what it refuses to say, nothing. `client`: the divided office whose
    registrar has this folder: what it is told is what it says."""
    found: dict[str, Any] = {}
    with suppress(PeelianError), ExitStack() as closing:
        if client:
            closing.enter_context(answering(folder, Path(read_settings(client)["registrar"])))
        office = closing.enter_context(open_office(client or folder))
        for what, look in [*_looks(office), *_by_key(office, named)]:
            with suppress(PeelianError):
                found[what] = look()
    return found


def compared(folder: Path) -> list[str]:
    """What `peelian doctor --rebuild` finds."""
    try:
        return rebuilt_at(folder)
    except PeelianError as error:
        return [str(error)]


# ---- hands in its database


@dataclasses.dataclass(frozen=True)
class Done:
    """What was done to which table."""

    table: str
    way: str
    says: str


class Hands:
    """Hands in the database of an office that was lived in, with older copies of its rows."""

    def __init__(self, folder: Path, older: Sequence[Rows], chance: Random, client: Path | None = None) -> None:
        self.folder, self.older, self.chance, self.client = folder, older, chance, client
        self._database = database_of(folder)
        self.now = copied(self._database)
        self.named = _named(folder)
        self.truth = said(folder, self.named, client)
        self._files = {file: file.read_bytes() for file in _files(folder)}

    def close(self) -> None:
        self._database.close()

    def by_chance(self) -> Done:
        """A row is taken away, is changed, or stands as it stood in an older copy."""
        tables = [name for name, rows in self.now.items() if rows and name not in APART]
        while True:
            table = METADATA.tables[self.chance.choice(tables)]
            way = self.chance.choice([self._deleted, self._changed, self._replaced, self._set_back])
            with suppress(Collides, IndexError):
                with self._writing() as connection:
                    says = way(connection, table)
                if copied(self._database) != self.now:
                    return Done(table.name, way.__name__.strip("_"), f"{table.name}: {says}")

    def deleting(self, name: str) -> Done:
        """A row of this table is taken away."""
        with self._writing() as connection:
            return Done(name, "deleted", self._deleted(connection, METADATA.tables[name]))

    def hiding(self, what: str = "", *, back: bool | None = None) -> Done:
        """Something is hidden: the entry that tells of it, the rows that rest on it, or several of them. `what`: just
        this, with all of them, which are set back or are gone."""
        whole, what = bool(what), what or self.chance.choice(sorted(HIDES))
        of_entry, of_rows = HIDES[what]
        told = [("entries", max(row["idx"] for row in self.now["entries"] if row["kind"] == of_entry["kind"]))]
        told += list(of_rows.items())
        chosen = told if whole else self.chance.sample(told, self.chance.randint(1, len(told)))
        with self._writing() as connection:
            for name, key in chosen:
                table = METADATA.tables[name]
                (column,) = table.primary_key
                old = [row for rows in self.older for row in rows[name] if row[column.name] == key]
                connection.execute(table.delete().where(column == key))
                if name != "entries" and old and (self.chance.random() < 0.7 if back is None else back):
                    connection.execute(table.insert(), self.chance.choice(old))
        if copied(self._database) == self.now:
            return self.hiding()  # the older copies had just this
        return Done(what, "hidden", f"{what} hidden in {chosen}")

    def undo(self) -> None:
        """Everything is as it was."""
        with self._writing() as connection:
            for name, rows in self.now.items():
                table = METADATA.tables[name]
                if _all(connection, table) != rows:
                    connection.execute(table.delete())
                    connection.execute(table.insert(), rows) if rows else None
        for file in _files(self.folder):
            if self._files.get(file) is None:
                file.unlink()
        for file, data in self._files.items():
            if not file.exists() or file.read_bytes() != data:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)

    def judged(self, done: Done) -> tuple[list[str], list[str]]:
        """Which answers are others than before, and what a rebuild finds. Then all is as it was."""
        found = compared(self.folder)
        after = said(self.folder, self.named, self.client)
        false = [what for what, answer in after.items() if not self._is_true(what, answer)]
        self.undo()
        return false, found

    def unharmed(self) -> bool:
        """Whether the office says all that it said at first, and a rebuild finds nothing."""
        return said(self.folder, self.named, self.client) == self.truth and not compared(self.folder)

    def _is_true(self, what: str, answer: Any) -> bool:
        if what.startswith("by "):  # who stepped up earlier, or never, is asked to do so again
            return answer is None or answer <= self.truth[what]
        if what == "inventory":
            return _says_no_more(answer, self.truth[what])
        return what in self.truth and bool(answer == self.truth[what])

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._database.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    def _deleted(self, connection: Connection, table: Table) -> str:
        row = self.chance.choice(self.now[table.name])
        connection.execute(table.delete().where(_is(table, row)))
        return f"{_key(table, row)} deleted"

    def _changed(self, connection: Connection, table: Table) -> str:
        row, other = (self.chance.choice(self.now[table.name]) for _ in range(2))
        column = self.chance.choice(list(row))
        value = other[column] if other[column] != row[column] else _another(row[column])
        connection.execute(table.update().where(_is(table, row)).values({column: value}))
        return f"{_key(table, row)} has {column} = {value!r}"

    def _replaced(self, connection: Connection, table: Table) -> str:
        row, other = (self.chance.choice(self.now[table.name]) for _ in range(2))
        keys = {column.name for column in table.primary_key}
        values = {name: value for name, value in other.items() if name not in keys}
        if values:
            connection.execute(table.update().where(_is(table, row)).values(values))
        return f"{_key(table, row)} says what {_key(table, other)} does"

    def _set_back(self, connection: Connection, table: Table) -> str:
        now = self.now[table.name]
        row = self.chance.choice([row for rows in self.older for row in rows[table.name] if row not in now])
        connection.execute(table.delete().where(_is(table, row)))
        connection.execute(table.insert(), row)
        return f"{_key(table, row)} set back"


def database_of(folder: Path) -> Database:
    """The database of an office."""
    return open_database(database_place(folder, read_settings(folder)), METADATA)


def copied(database: Database) -> Rows:
    """Every row of every table."""
    with database.engine.connect() as connection:
        return {name: _all(connection, table) for name, table in METADATA.tables.items()}


def _all(connection: Connection, table: Table) -> list[Row]:
    found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()} for row in found
    ]


def _is(table: Table, row: Row) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key))


def _key(table: Table, row: Row) -> str:
    return " ".join(str(row[column.name]) for column in table.primary_key)


def _another(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else value + b"0" if isinstance(value, bytes) else f"{value or ''}0"


def _files(folder: Path) -> list[Path]:
    """The published log and the heads kept apart."""
    found = [file for file in (folder / "log").rglob("*") if file.is_file()]
    return [*found, *(file for file in (folder / "log.signed", folder / "objects" / "log-head") if file.exists())]


def _named(folder: Path) -> dict[str, list[str]]:
    with open_office(folder) as office:
        entries = [entry for _, entry in office.kernel.stores.log.read()]
    keys = ("case", "warrant", "session", "dataset", "document", "by")
    return {key: sorted({str(entry[key]) for entry in entries if entry.get(key)}) for key in keys}


# ---- an office that was lived in


def town(folder: Path) -> list[Rows]:
    """Live in a new office, whose technologies are the toy; older copies of its rows."""
    peopled(folder)
    older = []
    with open_office(folder) as office:
        at = desk_of(office)
        clerk = at.people["clerk"].person.token
        lived(at)
        at.kernel.append("SESSION_BEGAN", session="s-1", by=clerk, how="key")
        at.kernel.append("STARTED", case="c-0", before="d", warrant="w-1")
        answered(office, QUESTIONS[0])
        answered(office, QUESTIONS[1])
        release_days(at)
        _witness(office)
        older.append(copied(database_of(folder)))
        at.kernel.append("KEEPING", dataset="wells-9", by=clerk, format="toy-wells")
        at.kernel.take_all([at.kernel.entry("HEARTBEAT", {"entries": n}) for n in range(256)])
        lived(at)
        older.append(copied(database_of(folder)))
        at.kernel.append("TURNED_AWAY", dataset="wells-9", by=clerk)
        data = next(iter(at.kernel.state.datasets))
        retention.hold(at.kernel, at.people["clerk"], data, words="a court asks for it")
        at.kernel.append("SESSION_ENDED", session="s-1", by=clerk, why="off")
        at.kernel.append("STARTED", case="c-0", before="d", warrant="w-1")
        answered(office, QUESTIONS[2])
        suspend(at.kernel, at.people["board"], "toy")
        with suppress(Refused):  # and that is counted
            params, purpose = COUNT.arithmetic().example().params, sorted(COUNT.asks.purposes)[0]
            analyst, wells = at.people["analyst"], {"wells": data}  # admitted before: nothing comes in meanwhile
            verbs.ask(at.kernel, analyst, COUNT.id, purpose=purpose, params=params, datasets=wells)
        retire(at.kernel, at.people["custodian"], at.people["dispatcher"].person.token)
        at.kernel.append("HEARTBEAT", entries=1)
        _witness(office)
    return older


def release_days(at: Desk) -> None:
    """Two days of a sensor's counts are released: rows for other programs."""
    now = at.kernel.now()
    register_in_area(at.kernel, at.people, a_sensor(lon=-79.4, lat=43.65, ends=f"{now + timedelta(days=90):%Y-%m-%d}"))
    for days in (2, 1):
        release(at.kernel, at.people["clerk"], "square-1", (now - timedelta(days=days)).date(), [20] * 24)


def _witness(office: Office) -> None:
    log: Any = office.kernel.stores.log
    note = read_note(log.checkpoint())
    signature = WITNESS.sign(b"cosignature/v1\ntime 7\n" + note.text.encode())
    line = Signature(name=WITNESS_KEY.name, key_id=WITNESS_KEY.id, value=(7).to_bytes(8, "big") + signature)
    log.keep_witnessed(Note(text=note.text, signatures=(*note.signatures, line)).data, [WITNESS_KEY])


def _says_no_more(answer: Mapping[str, Sequence[Use]], truth: Mapping[str, Sequence[Use]]) -> bool:
    """Whether an inventory is as it was, but for people and authorizations that cannot be read; without
    these a use is stopped."""

    def is_less(one: Use, was: Use) -> bool:
        stopped = one.state in (SUSPENDED, CLOSED) or one.authorizations == was.authorizations
        fewer = stopped and all(kept in was.authorizations for kept in one.authorizations)
        held = ((one.askers, was.askers), (one.deciders, was.deciders))
        fewer = fewer and all(now[role] is None or now[role] <= n for now, before in held for role, n in before.items())
        less = {name: getattr(was, name) for name in ("authorizations", "until", "state", "askers", "deciders")}
        return fewer and dataclasses.replace(one, **less) == was

    pairs = [(one, was) for name in truth for one, was in zip(answer.get(name, ()), truth[name], strict=True)]
    return answer.keys() == truth.keys() and all(one == was or is_less(one, was) for one, was in pairs)
