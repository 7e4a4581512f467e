"""The office: the one place where everything is put together, on disk or in memory."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import peelian
from peelian.errors import InputError, OutOfOrder
from peelian.intake.child import inspected_by_child
from peelian.intake.sources import Given
from peelian.integrations.authentication import Authentication, authentication_at, short_of
from peelian.integrations.office_counter import counted_here, counter_with
from peelian.integrations.opendp_noise import discrete_laplace
from peelian.integrations.person_keys import MemoryKeys, Passphrases, PersonKeys
from peelian.integrations.webauthn import answered
from peelian.integrations.witness_objection import keep_objection, objection
from peelian.kernel.access.decryption_checks import judged_by
from peelian.kernel.disclosure.noisy_release import NoisePorts
from peelian.kernel.identity.enrolment import agreed_at_once, enrol, must_be_short, newcomer
from peelian.kernel.identity.revocation import forget
from peelian.kernel.model.capability import Role
from peelian.kernel.model.contexts import OfficeIdentity, Readers, ReleasePorts, Stores
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.policy_port import Policy
from peelian.kernel.model.ports import Clock
from peelian.kernel.model.pseudonyms import FIRST, PERSON, VERSION, Token, tokens
from peelian.kernel.model.technology import Technology, formats_of
from peelian.kernel.policy.authorizer import Authorizer
from peelian.kernel.policy.engine_port import Engine, EngineAtNeed, WithoutBylaws
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.custody import must_come_in, while_it_may
from peelian.kernel.verbs.delivery import Handed, deliver, ready
from peelian.kernel.verbs.export import exported
from peelian.operations.demonstration import only_shipped
from peelian.operations.intake_files import HEAD_ROWS, Reading, admit_file, keep_file, looked_at_here, read_file
from peelian.operations.maintenance import Maintenance
from peelian.operations.technology_folders import say_of
from peelian.operations.technology_folders import technologies as technologies
from peelian.oversight.opening import put_right
from peelian.oversight.saved_searches import delete_all_searches
from peelian.pictures.panels import Say
from peelian.storage.database import memory_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.key_store import memory_key_store
from peelian.storage.log_keys import LogKeys, OneKey
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.noise_answers import AnswerRows
from peelian.storage.office_settings import (
    database_place,
    new_origin,
    new_secret,
    periods_of,
    read_secret,
    read_settings,
    witness_of,
    write_settings,
)
from peelian.storage.office_stores import make_apart, stores_at
from peelian.storage.operator_keys import new_key
from peelian.storage.people_names import NameRows
from peelian.storage.provenance_keys import provenance_in, provenance_in_memory, replaced_provenance
from peelian.storage.released_rows import ReleasedRows
from peelian.storage.restored_remnants import destroy_again, destroy_here
from peelian.storage.rows import StoredRows
from peelian.storage.schema import METADATA
from peelian.storage.tickets import TicketRows
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_memory import MemoryVault
from peelian.storage.working_keys import WorkingKeys

if TYPE_CHECKING:
    from peelian.oversight.verification.verifier import Verdict

_utc_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An open office: the kernel, and who can sit at its desks. Close it, or use it as a context."""

    kernel: Kernel
    path: Path | None  # None: in memory
    keys: PersonKeys | MemoryKeys  # of its people, as far as they are kept here
    checkpoint: Callable[[], object] = lambda: None  # sign the log as it is now
    maintenance: Maintenance | None = None  # what the office does by itself while it is open; None in memory
    copy_of_the_log: Callable[[Path], object] | None = None  # where a registrar holds the log
    closing: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the log's lock."""
        self.closing.close()

    def verdict(self, *, key: str = "", witnesses: Sequence[str] = ()) -> Verdict:
        """Sign a checkpoint of the log as it is now, and have the second verifier check every byte. O(entries)."""
        from peelian.oversight.verification.verifier import verify_log  # here and below: needed by this act alone

        if self.path is None:
            raise OutOfOrder("An office in memory has no log to verify.")
        self.checkpoint()
        if self.copy_of_the_log is None:
            return verify_log(self.path / "log", key=key, witnesses=witnesses)
        with TemporaryDirectory() as folder:
            self.copy_of_the_log(Path(folder))
            return verify_log(Path(folder), key=key, witnesses=witnesses)

    @property
    def people_keys(self) -> PersonKeys | None:
        """The files of its people's keys; None in memory."""
        return self.keys if isinstance(self.keys, PersonKeys) else None

    def authentication(self) -> Authentication:
        """The ways to the pages, as the settings are now."""
        return authentication_at(self.path, self.kernel)

    def asking(self, passphrases: Passphrases | None) -> Office:
        """The same office, whose people's passphrases come from there; otherwise from systemd's credentials."""
        if passphrases is not None and self.people_keys is not None:
            self.people_keys.passphrases = passphrases
        return self

    def person(self, short: str) -> Person:
        """The enrolled person with this short name; OutOfOrder where there is none."""
        person = self.kernel.state.people.get(self.kernel.office.token(short, of=PERSON))
        if person is None:
            raise OutOfOrder(f"{short[:40]!r} is not enrolled. See `peelian people list`.")
        return person

    def operator(self, short: str) -> Operator:
        """The same at the desk, their key unlocked. Refused where it must be protected and is not."""
        return Operator(person=self.person(short), sign=self.keys.of(short).sign)

    def enrol(
        self,
        short: str,
        *,
        name: str,
        unit: str,
        roles: Iterable[Role],
        trained_until: str = "",
        by: Operator | None = None,
        second: Operator | None = None,
    ) -> Operator:
        """A person joins under a short name; their signing key is made here and stays in the keys folder.

        `second` is at the desk, too, and agrees where it takes two; `staff_enrolment` is for those who are elsewhere.
        """
        must_be_short(short)
        kernel, own = self.kernel, self.keys.keep(short)
        person = newcomer(kernel, short, own, name=name, unit=unit, roles=roles, trained_until=trained_until)
        proposal = agreed_at_once(kernel, person, by=by, second=second) if by and second else ""
        person = enrol(kernel, person, by=by, proposal=proposal)
        return Operator(person=person, sign=lambda message: self.keys.of(short).sign(message))

    def forget(self, by: Operator, token: str) -> None:
        """Forget the name of somebody who has left, and shred their signing key where it is here."""
        forget(self.kernel, by, token)
        delete_all_searches(self.kernel, token)
        if short := short_of(self.kernel, self.keys.shorts(), token):
            self.keys.discard(short)

    def admit(
        self,
        by: Operator,
        path: Given,
        declaration: Declaration,
        *,
        format: str = "auto",
        options: Mapping[str, str] | None = None,
        progress: Progress = lambda says, share: None,
        partitions: bool | None = None,
    ) -> Admission:
        """Read a file through the door in and seal it, all or nothing; `partitions`: by month (None: if large)."""
        apart, given = self.path is not None, options or {}
        how = Reading(format=format, options=given, progress=progress, apart=apart, partitions=partitions)
        return admit_file(self.kernel, by, path, declaration, how)

    def look_into(
        self,
        path: Given,
        *,
        format: str = "auto",
        options: Mapping[str, str] | None = None,
        progress: Progress = lambda says, share: None,
    ) -> tuple[str, Admitted]:
        """What a file holds (its first million rows) and by which format, as `admit` would. Nothing is kept of it.
        Refused, and the reading ended, where the technology is suspended."""
        find, given = formats_of(self.kernel.technologies, "" if format == "auto" else format), options or {}
        file, apart = only_shipped(self.kernel, path, given), self.path is not None
        must_come_in(self.kernel, format)
        told = while_it_may(self.kernel, format, progress)
        name, taken = read_file(file, format, find, given, told, apart=apart, most_rows=HEAD_ROWS)
        must_come_in(self.kernel, name)
        return name, taken

    def keep_object(
        self,
        by: Operator,
        path: Given,
        declaration: Declaration,
        *,
        format: str,
        options: Mapping[str, str] | None = None,
        people: str | None = None,
        progress: Progress = lambda says, share: None,
    ) -> Admission:
        """Keep the file at `path` whole, under a format that keeps objects; nothing remains of one that is refused.
        `people`: the list of those whom it shows. A recording without one is declared to show people not known."""
        how = Reading(format=format, options=options or {}, progress=progress, apart=False, people=people)
        return keep_file(self.kernel, by, path, declaration, how)

    def hand_over(self, by: Operator, case: str, file: Path) -> Handed:
        """Write what a case lets leave the kernel, encrypted to its recipient, and the log's receipt for it beside it.

        A key that is none is found before anything is opened or written. The receipt's file ends in `.receipt`.
        """
        from peelian.integrations.age_exports import must_be_recipients, sealed_for
        from peelian.oversight.transparency.register import case_record

        decision = case_record(self.kernel, case).decision
        if decision is None:
            raise OutOfOrder("this case has no decision yet")
        recipient = ready(self.kernel, by, decision).delivery.recipient
        must_be_recipients([recipient])
        handed = deliver(self.kernel, by, decision, lambda source, to: sealed_for([to.recipient], source, file))
        file.with_name(f"{file.name}.receipt").write_bytes(self.kernel.stores.log.receipt(handed.index))
        return handed

    def export(self, by: Operator, case: str, file: Path, language: str = "en", *, hexagons: int | None = None) -> int:
        """Write a decided case's map for map programs, its origin in every row; returns how many places it has.

        The file's ending chooses among GeoPackage, GeoParquet, GeoJSON and CSV; with `hexagons` its squares are poured
        into H3 cells of that resolution. OutOfOrder: the case has no evidence, nobody decided it yet, or what it found
        is no map. Refused without a fresh step-up of whoever exports; the log says that it left, and who took it out.
        """
        from peelian.integrations.gis_exports import check_cells, check_ending, write_map
        from peelian.integrations.hexagons import in_hexagons
        from peelian.operations.ground import named_map
        from peelian.oversight.transparency.case_map import map_of_case

        check_ending(file)
        shapes = named_map(self, case, map_of_case(self.kernel, case, self.say(language)))
        shapes = in_hexagons(shapes, hexagons) if hexagons is not None else shapes
        check_cells(shapes)  # before the log says that a map left
        exported(self.kernel, by, case, "map")
        write_map(shapes, file)
        return len(shapes.table)

    def release_counts(
        self, by: Operator, sensor: str, day: date, counts: Sequence[int] | None = None
    ) -> tuple[int | None, ...]:
        """Publish a day's counts of a sensor (default: those sealed) with noise, kept: its windows, then the total."""
        from peelian.oversight.sensors.windows import release_counted

        if self.path is None:
            raise OutOfOrder("An office in memory does not store noisy answers.")
        made = release_counted(self.kernel, by, sensor, day, counts)
        return (*made.windows, made.total)

    def say(self, language: str, technology: str = "") -> Say:
        """Sentences in English or French, as `say_of` puts them."""
        return say_of(self.kernel.technologies, language, technology)


def new_office(
    path: Path,
    *,
    name: str,
    clock: Clock | None = None,
    sigsum: bool = False,
    database: str = "",
    keys_database: str = "",
) -> Office:
    """Make an office in an empty folder and open it; `sigsum`: sigsum witnesses know it.

    `database` and `keys_database` are PostgreSQL addresses, of two databases that are not backed up together; without
    them both are SQLite files in the folder.
    """
    if path.exists() and any(path.iterdir()):
        raise InputError(f"{path.name} is not empty", accepted="a new or empty folder")
    make_apart(database, keys_database)
    (path / "keys" / "operators").mkdir(parents=True)
    for folder in (path, path / "keys", path / "keys" / "operators"):
        folder.chmod(0o700)
    key = new_key(path / "keys" / "log.pem").public_key().public_bytes_raw()
    new_secret(path / "keys" / "token.key")
    places = {"database": database, "keys_database": keys_database}
    settings = {"name": name, "origin": new_origin(name, key if sigsum else None), "tokens": VERSION}
    write_settings(path, settings | {name: place for name, place in places.items() if place})
    return open_office(path, clock=clock)


def open_office(
    path: Path, *, clock: Clock | None = None, policy: Policy | None = None, restored: bool = False
) -> Office:
    """Open the office at `path`. What it knows is read when it is asked for. O(log n).

    `restored`: two people put its database in place; heads kept apart follow it.
    """
    settings = read_settings(path)
    clock = clock or _utc_now
    if "registrar" in settings:
        return _divided(path, settings, clock, policy)
    closing = ExitStack()
    try:
        office = office_of(path, settings, database_place(path, settings), closing, clock=clock, policy=policy)
        kernel, log = office.kernel, office.kernel.stores.log
        if isinstance(log, PublishedLog) and isinstance(kernel.stores.vault, FileVault):
            log.must_be_under_this_key()
            since = log.oldest_head()
            if restored:
                log.set_heads_back()
            log.must_not_be_behind()
            log.show_key()
            destroy_again(kernel, kernel.stores.vault, log, path / "keys" / "operators", since)
        if not objection(path) and kernel.doubt() is None:  # else it is only read
            put_right(kernel)
        if office.people_keys is not None:
            office.people_keys.take_next()  # where a renewal was cut short
    except BaseException:
        closing.close()
        raise
    if isinstance(log, PublishedLog):
        closing.callback(log.close)
    return office


def office_of(
    path: Path,
    settings: Mapping[str, str],
    place: Path | str,
    closing: ExitStack,
    *,
    clock: Clock = _utc_now,
    policy: Policy | None = None,
) -> Office:
    """The office at `path` on the database at `place`, nothing of it checked or put right yet; `closing` closes it."""
    known, keys = technologies(), path / "keys"
    secret, key = read_secret(keys / "token.key"), LogKeys(keys, settings["origin"])
    kept = stores_at(
        path,
        settings,
        place,
        (key, secret),
        closing,
        permitted=judged_by(lambda: kernel),
        stopped=partial(objection, path),
    )
    token = tokens(secret, settings.get("tokens", FIRST), working := WorkingKeys(keys, secret, kept.log))
    named = _identity(settings["name"], key.first.public, kept.log.sign, token)
    looked_at, counter = partial(inspected_by_child, known), counter_with(path, lambda asks: kept.key(kernel, asks))
    kernel = Kernel(
        office=replace(named, generations=working.generations),
        stores=replace(kept.stores, readers=Readers(looked_at=looked_at, counter=counter)),
        clock=clock,
        policy=policy or Authorizer(engine=_policies(path / "bylaws")),
        technologies=known,
        release=ReleasePorts(
            noise=NoisePorts(answers=kept.answers, draw=discrete_laplace),
            published=ReleasedRows(kept.database).put,
            provenance=lambda: provenance_in(
                path / "keys", office=settings["name"], now=clock(), replaced=replaced_provenance(kept.log)
            ),
        ),
        retention_days=periods_of(settings),
        lock=kept.database,
        guarded=clock is _utc_now,
        server_time=kept.database.server_time,
    )
    return Office(
        kernel=kernel,
        path=path,
        checkpoint=kept.log.checkpoint,
        keys=PersonKeys(kernel=kernel, folder=path / "keys" / "operators"),
        maintenance=Maintenance(
            kernel=kernel, log=kept.log, witness=witness_of(settings), objected=partial(keep_objection, path)
        ),
        closing=closing,
    )


def _divided(path: Path, settings: Mapping[str, str], clock: Clock, policy: Policy | None) -> Office:
    """The office at `path`, whose log, signing key and key ring a registrar holds behind a socket."""
    from peelian.integrations.divided_kernel import divided_kernel

    authorizer = policy or Authorizer(engine=_policies(path / "bylaws"))
    kernel, log = divided_kernel(path, settings, clock, policy=authorizer, technologies=technologies())
    kernel = replace(kernel, guarded=clock is _utc_now)

    def tidied() -> None:
        if isinstance(kernel.stores.vault, FileVault):
            destroy_here(kernel, kernel.stores.vault, path / "keys" / "operators")

    tidied()
    return Office(
        kernel=kernel,
        path=path,
        checkpoint=log.checkpoint,
        keys=PersonKeys(kernel=kernel, folder=path / "keys" / "operators"),
        maintenance=Maintenance(kernel=kernel, log=None, tidied=tidied),
        copy_of_the_log=log.copy_files,
    )


def memory_office(
    *,
    name: str = "An office in memory",
    clock: Clock | None = None,
    policy: Policy | None = None,
    known: tuple[Technology, ...] | None = None,
) -> Office:
    """An office that lives as long as the process: for tests, notebooks and throw-away trials."""
    database, keys, secret = memory_database(METADATA), memory_key_store(), secrets.token_bytes(32)
    key = Ed25519PrivateKey.generate()
    log = PublishedLog(database, secret, keys=OneKey("memory.invalid/log", key))
    kernel = Kernel(
        office=_identity(name, log.key.public, key.sign, tokens(secret)),
        stores=Stores(
            log=log,
            rows=StoredRows(database, secret),
            vault=MemoryVault(permitted=judged_by(lambda: kernel), settle=database.settle),
            archive=DocumentRows(database, keys),
            directory=NameRows(database, keys),
            tickets=TicketRows(database),
            readers=Readers(looked_at=looked_at_here, counter=counted_here),
        ),
        clock=clock or _utc_now,
        policy=policy or Authorizer(engine=_policies()),
        technologies=technologies() if known is None else known,
        release=ReleasePorts(
            noise=NoisePorts(answers=AnswerRows(database), draw=discrete_laplace),
            provenance=lru_cache(maxsize=1)(lambda: provenance_in_memory(office=name, now=clock() if clock else None)),
        ),
        lock=database,
    )
    return Office(kernel=kernel, path=None, keys=MemoryKeys(kernel=kernel))


def _policies(bylaws: Path | None = None) -> Engine:
    """The policy engine, opened at the first question. Where the bylaws are damaged every act is refused but to suspend
    and to see pages (`WithoutBylaws`)."""

    def opened() -> Engine:
        from peelian.integrations.cedar_engine import open_policies

        try:
            return open_policies(bylaws)
        except InputError as wrong:
            return WithoutBylaws(engine=open_policies(), fault=wrong)

    return EngineAtNeed(opened)


def _identity(name: str, key: bytes, sign: Callable[[bytes], bytes], token: Token) -> OfficeIdentity:
    return OfficeIdentity(
        name=name,
        version=peelian.__version__,
        public_key=key.hex(),
        sign=sign,
        token=token,
        authenticator=answered,
    )
