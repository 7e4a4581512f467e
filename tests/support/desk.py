"""An office in memory with its people at their desks, for tests that walk a case through the verbs."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from threading import Lock
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from labels import adopt_labels_of
from sqlalchemy import MetaData

from peelian.kernel import verbs
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.identity.custody_grounds import BYLAW, NEEDED, why_not_keep
from peelian.kernel.model.capability import AuthorizationKind, Capability, Dataset, Purpose, Role
from peelian.kernel.model.documents import Admission, Authorization, Declaration, Permit
from peelian.kernel.model.formats import Admitted, Emit
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Watch
from peelian.kernel.policy.assessment_fingerprint import (
    VERSION_KEY,
    assessed_digest,
    body_key,
    settings_key,
    settings_of,
    versions,
)
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.state import PARTS, OfficeState
from peelian.kernel.verbs import authorizations, custody
from peelian.kernel.verbs.partitioned_admission import admit_in_parts
from peelian.measure.table import Kind, table
from peelian.operations.office import Office, memory_office
from peelian.storage.database import Database, memory_database
from peelian.storage.key_store import KeyStore
from peelian.storage.rows import RowsInAct
from peelian.storage.schema import KEY_METADATA

sign_as_earned = act(authorizations.sign_authorization)
"""For tests alone: a paper as if its case had been lived; in a divided office the test's own registrar signs it."""


def declared(*purposes: str) -> Declaration:
    """What a test states about the data that it admits."""
    return Declaration(
        title="Test data",
        purposes=tuple(str(p) for p in purposes),
        legal_basis="a test",
        minimisation="only what the test needs",
        retention_days=400,
        source="made by the test",
        people="not_known",
    )


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._one_at_a_time = Lock()

    def __call__(self) -> datetime:
        with self._one_at_a_time:
            self.now += timedelta(milliseconds=10)
            return self.now

    def days(self, n: float) -> None:
        self.now += timedelta(days=n)


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """The office, its clock, and one person for each part."""

    office: Office
    clock: Hands
    people: dict[str, Operator]

    @property
    def kernel(self) -> Kernel:
        return self.office.kernel

    @property
    def holder(self) -> Kernel:
        """The kernel that holds the log: this one, or its registrar's."""
        return holder(self.kernel)

    def begins(self, moment: datetime) -> None:
        """Have the office's story begin at another time than its clock had: nothing was logged after it."""
        self.clock.now = moment
        set_head(self.kernel, furthest="", latest="")

    def kinds(self) -> list[str]:
        return [str(entry["kind"]) for _, entry in self.kernel.stores.log.read()]

    def opened(self) -> list[str]:
        """The datasets that cases opened, in order; looking at what comes in is no use of it."""
        entries = (entry for _, entry in self.kernel.stores.log.read())
        return [str(e["dataset"]) for e in entries if e["kind"] == "OPENED" and "case" in e]

    def admit(self, dataset: Dataset, purposes: Iterable[Purpose], shape: str = "") -> Admission:
        """Seal an example's table under its own format, or under any format of the shape it is read as."""
        formats = self.kernel.formats
        name = next((f.id for f in formats if f.id == dataset.format), "")
        name = name or next((f.id for f in formats if f.shape == shape), "")
        declaration = declared(*purposes)
        if dataset.stream is not None:
            return self._kept(dataset, declaration, name, shape)
        if dataset.partitions is not None:
            return self._in_partitions(dataset, declaration, name)
        taken = Admitted(table=dataset.table, facts=dataset.facts)
        adopt_labels_of(self.kernel, self.people, taken, name)
        return verbs.admit(self.kernel, self.people["custodian"], declaration, taken, format=name)

    def _in_partitions(self, dataset: Dataset, declaration: Declaration, format: str) -> Admission:
        """Seal an example's rows by month and region."""
        first = dataset.table.column("area").first_rows()
        labels = {"area": (Kind.PLACE, list(first)), "row": (Kind.COUNT, [row + 2 for row in first.values()])}
        taken = Admitted(table=table("points", labels), facts=dataset.facts)

        def read(emit: Emit) -> tuple[str, Admitted]:
            emit(dataset.table)
            return format, taken

        return admit_in_parts(self.kernel, self.people["custodian"], declaration, read)

    def _kept(self, dataset: Dataset, declaration: Declaration, format: str, shape: str) -> Admission:
        """Keep an example's stream; where no format brings its shape in, as if a case had made it."""
        assert dataset.stream is not None
        dataset.stream.seek(0)
        options = {key: str(dataset.facts[key]) for key in self._options(format) if key in dataset.facts}
        entitle(self.kernel, self.people["council"])
        if format:
            return custody.keep(
                self.kernel, self.people["custodian"], declaration, dataset.stream, format=format, options=options
            )
        taken = Admitted(table=dataset.table, facts=dataset.facts)
        kernel, name = self.holder, f"{shape}-{secrets.token_hex(6)}"
        uses = [one for technology in kernel.technologies for one in technology.capabilities]
        made_by = next((one.id for one in uses if shape in {make.shape for make in one.makes}), "")
        kernel.append("KEEPING", dataset=name, case="c-made", before="")
        with self.kernel.stores.vault.seal(name) as file:
            file.write(dataset.stream.read())
        document = Admission(
            dataset=name, shape=shape, format=made_by, object=file.sealed.object, digest=file.sealed.digest,
            rows=len(taken.table), declaration=dataclasses.asdict(declaration), facts=dict(taken.facts), dropped=(),
            description=custody.described(kernel, taken), size=file.sealed.size, case="c-made", by="office",
            at=kernel.now().isoformat(),
        )  # fmt: skip
        made = {"case": "c-made", "before": "", "parent": "", "size": file.sealed.size}
        custody.logged(kernel, kernel.signed(document), kind="DERIVED", **made)
        self.kernel.stores.follow()
        return kernel.state.datasets[name]

    def _options(self, format: str) -> tuple[str, ...]:
        return next((tuple(f.options) for f in self.kernel.formats if f.id == format), ())

    def authorization(
        self, authorization: AuthorizationKind, capability: Capability | Watch, body: Any = None, days: int = 30
    ) -> Authorization:
        """An authorization in force, signed by somebody who may; an accuracy report as if a case had earned it."""
        signer = next(p for p in self.people.values() if p.person.roles & ISSUERS[authorization])
        if (
            authorization is AuthorizationKind.IMPACT_ASSESSMENT
        ):  # as if it had been answered for the capability's own example
            computes = capability.reducer() if isinstance(capability, Watch) else capability.arithmetic()
            params = computes.example().params
            body = {
                "level": 2,
                VERSION_KEY: versions({})[0],
                body_key(capability.id): assessed_digest(capability, params),
                settings_key(capability.id): json.dumps([settings_of(capability, params)]),
            } | dict(body or {})
        return sign_as_earned(
            self.kernel,
            signer,
            authorization,
            serves=capability.id,
            purposes=tuple(capability.asks.purposes),
            days=days,
            body=body or {},
            before="",
        )

    def authorizations(self, capability: Capability, *, but: AuthorizationKind | None = None, days: int = 30) -> None:
        bodies = capability.arithmetic().example().authorizations
        for need in capability.needs:
            if need.kind is not but:
                self.authorization(need.kind, capability, bodies.get(need.kind), days)

    def ask(self, capability: Capability, who: str = "", **changes: Any) -> Permit:
        """Ask with the capability's own example; its datasets are admitted first."""
        example = capability.arithmetic().example()
        shapes = {read.role: read.shape for read in capability.reads}
        data = {
            role: self.admit(dataset, capability.asks.purposes, shapes[role]).dataset
            for role, dataset in example.datasets.items()
        }
        asked: dict[str, Any] = {
            "purpose": sorted(capability.asks.purposes)[0],
            "params": example.params,
            "datasets": data,
        } | changes
        return verbs.ask(self.kernel, self.people[who or self.asker(capability)], capability.id, **asked)

    def trained(self, until: str) -> None:
        """Everybody's training is renewed."""
        for short, one in list(self.people.items()):
            known, by = one.person, self.people["council" if short == "custodian" else "custodian"]
            self.people[short] = self.office.enrol(
                short, name=known.name, unit=known.unit, roles=known.roles, trained_until=until, by=by
            )

    def asker(self, capability: Capability) -> str:
        return next(n for n, p in self.people.items() if p.person.roles & capability.asks.askers)

    def decider(self, capability: Capability, unit: str) -> Operator:
        return next(
            p for p in self.people.values() if p.person.roles & capability.asks.deciders and p.person.unit != unit
        )


def entitle(kernel: Kernel, by: Operator) -> None:
    """Have the council approve recordings by a bylaw, and an assessment signed, for every technology whose recordings
    show people; once."""
    for owner in {kernel.owner_of(one.id) for one in kernel.formats if one.of_people}:
        if tuple(why_not_keep(kernel, owner)):
            for kind, body in ((NEEDED[0], {BYLAW: "ab" * 32}), (NEEDED[1], {"level": 2})):
                told = {"serves": f"{owner}.*", "purposes": ("disclosure",), "days": 3650, "body": body, "before": ""}
                sign_as_earned(kernel, by, kind, **told)


def confirm_clock(kernel: Kernel, by: Operator, second: Operator) -> None:
    """Two people confirm the present, after the clock jumped ahead."""
    proposal = dual_control.propose(kernel, by, "clock", words="the date is right")
    step_up.prove(kernel, second)
    dual_control.approve(kernel, second, proposal)


def guard(kernel: Kernel) -> None:
    """From here on its clock is doubted where it jumps, as a machine's own is."""
    for one in (kernel, holder(kernel)):
        object.__setattr__(one, "guarded", True)


def in_use_meanwhile(monkeypatch: Any) -> None:
    """From here on every clock is believed, as that of an office that was in use all the time."""
    monkeypatch.setattr(Kernel, "doubt", lambda kernel: None)


def holder(kernel: Kernel) -> Kernel:
    """The kernel that holds its office's log (see `on_registrar`)."""
    carrier: Any = kernel.registrar
    held: Kernel = carrier.registrar.holder if carrier else kernel
    return held


def set_head(kernel: Kernel, **changes: str) -> None:
    """Have the log's head say other times, as a log has it whose entries are of those times."""
    kernel.stores.follow()
    for one in {id(each): each for each in (kernel, holder(kernel))}.values():
        log: Any = one.stores.log
        with one.lock:
            rows = RowsInAct(log._database, log._key)
            rows.put("head", "log", {**log.head(), **changes})
            with log._database.writing() as connection:
                rows.write(connection)


def another_program(town: Desk) -> Kernel:
    """The kernel as another program of the office has it: the same database, and a state of its own."""
    return dataclasses.replace(town.kernel, state=OfficeState())


def parts(kernel: Kernel) -> dict[str, Any]:
    """Every part of its state, to be compared with another program's."""
    return {name: kernel.state.part(name) for name in PARTS}


def desk(known: tuple[Technology, ...] | None = None) -> Desk:
    """A new office in memory with one person in each role, each of a unit of their own.

    A copy of one that was founded before, with its keys and people: enrolling them takes far longer than most tests.
    Where a test needs two offices that know nothing of one another, `founded` makes one with keys of its own.
    """
    first = _first()
    state, store = first.kernel.lock, first.kernel.stores.directory._keys
    secret, signer = first.kernel.stores.rows._key, first.kernel.stores.log.keys.signer
    clock = Hands()
    clock.now = first.clock.now
    same = {
        "memory_database": lambda metadata: copied(state, metadata),
        "memory_key_store": lambda: KeyStore(copied(store.database, KEY_METADATA), store._ring, folder=None),
        "secrets": SimpleNamespace(token_bytes=lambda n: secret),
        "Ed25519PrivateKey": SimpleNamespace(generate=lambda: signer),
    }
    with patch.multiple("peelian.operations.office", **same):
        office = memory_office(clock=clock, known=known, policy=first.kernel.policy)
    for short in first.people:
        theirs = SimpleNamespace(generate=partial(first.office.keys.of, short))
        with patch("peelian.integrations.person_keys.Ed25519PrivateKey", theirs):
            office.keys.keep(short)
    return Desk(office=office, clock=clock, people=dict(first.people))


@cache
def _first() -> Desk:
    return founded(())


def copied(database: Database, metadata: MetaData) -> Database:
    """A database in memory with all that another one holds (on PostgreSQL, see `postgres.on_postgresql`)."""
    made = memory_database(MetaData(), name=database.name)
    with database.engine.connect() as there, made.engine.connect() as here:
        there.connection.driver_connection.backup(here.connection.driver_connection)
    return made


def founded(known: tuple[Technology, ...] | None = None) -> Desk:
    """The same, with keys of its own: each person is enrolled as they are in a town."""
    clock = Hands()
    office = memory_office(clock=clock, known=known)
    people = {"custodian": office.enrol("custodian", name="Custodian", unit="city-it", roles={Role.CUSTODIAN})}
    for role in Role:
        short = str(role).replace("_", "-")
        if short not in people:
            by, second = people["custodian"], people.get("board")
            people[short] = office.enrol(short, name=short, unit=f"unit-{short}", roles={role}, by=by, second=second)
    return Desk(office=office, clock=clock, people=people)
