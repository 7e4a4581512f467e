"""The kernel: its contexts, its current state, and how a signed document or an entry is put on record."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.errors import Reason, Refused
from peelian.kernel.log.clock_guard import doubt, is_agreed, may_be_unconfirmed
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.archive_partitions import DAYS, class_of, partition_at
from peelian.kernel.model.capability import Capability, Purpose
from peelian.kernel.model.contexts import OfficeIdentity, ReleasePorts, Stores
from peelian.kernel.model.documents import Admission, D, Document, Request, StandingRequest, digest_of, to_bytes
from peelian.kernel.model.drill_due import is_recent
from peelian.kernel.model.formats import Format
from peelian.kernel.model.org_units import log_word as log_word
from peelian.kernel.model.people import Person
from peelian.kernel.model.policy_port import Policy, Use
from peelian.kernel.model.ports import Clock, Entry, Leaf
from peelian.kernel.model.technology import (
    Technology,
    capability_of,
    formats_of,
    owner_of_format,
    past_capability,
    technology_of,
)
from peelian.kernel.model.watch import Watch
from peelian.kernel.state.acts import Carries
from peelian.kernel.state.signed_documents import KINDS
from peelian.kernel.state.state import CaseHistory as CaseHistory
from peelian.kernel.state.state import OfficeState as OfficeState

Record = tuple[str, Document, Mapping[str, str | int]]  # a signed document with its digest and what the log says of it
ENTRY_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """What the verbs work with: who the office is, its stores, its technologies, its policy and its current state.

    Made in one place only: `operations/office.py`.
    """

    office: OfficeIdentity
    stores: Stores
    technologies: Sequence[Technology]
    policy: Policy
    clock: Clock
    release: ReleasePorts = field(default_factory=ReleasePorts)
    retention_days: Mapping[str, int] = field(default_factory=lambda: dict(DAYS))  # class → days after its quarter
    state: OfficeState = field(default_factory=OfficeState)
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock)  # as a context it is an act
    registrar: Carries | None = None  # who does the acts, where the log is held elsewhere
    guarded: bool = False  # whether the clock is this machine's, and is doubted where it jumps
    server_time: Callable[[], datetime | None] = lambda: None  # PostgreSQL's, where it holds the log

    def __post_init__(self) -> None:
        self.state.bind(self)

    def capability(self, name: str) -> Capability:
        """The capability with this id; OutOfOrder names the ones there are."""
        return capability_of(self.technologies, name)

    def past_capability(self, name: str) -> Capability:
        """The same for whoever reads a case: one that this version no longer has is known by its former title."""
        return past_capability(self.technologies, name)

    def purposes_of(self, name: str) -> frozenset[Purpose]:
        """The purposes of the capability or watch with this id."""
        technology = technology_of(self.technologies, name)
        watches = {watch.id: watch.asks.purposes for watch in technology.watches} if technology else {}
        return watches[name] if name in watches else self.capability(name).asks.purposes

    @property
    def formats(self) -> tuple[Format, ...]:
        """Every file format of every technology."""
        return formats_of(self.technologies)()

    def owner_of(self, format: str) -> str:
        """The technology that a recorded format belongs to; "" where nobody owns it."""
        return owner_of_format(self.technologies, format)

    def shape_of(self, admission: Admission) -> str:
        """A dataset's shape with its owner: "risk.quarters". Two technologies may use one word for different data."""
        return f"{self.owner_of(admission.format)}.{admission.shape}"

    def now(self) -> datetime:
        """The present, in UTC."""
        now = self.clock()
        return now if now.tzinfo is UTC else now.astimezone(UTC)

    def latest(self) -> datetime:
        """The present, or the log's furthest time where the clock lies behind it: what has ended stays ended."""
        furthest = str(self.stores.log.head()["furthest"])
        return max(self.now(), datetime.fromisoformat(furthest or "0001-01-01T00:00:00Z"))

    def doubt(self) -> Reason | None:
        """Why the present is not believed, and what to do; None where it is, and while an office is founded, since
        nobody is there to confirm it. O(1), but for O(proposals) where it lies beyond PostgreSQL's."""
        furthest = str(self.stores.log.head()["furthest"]) if self.guarded else ""
        if not furthest:
            return None
        now, log, server = self.now(), datetime.fromisoformat(furthest), self.server_time()
        found = doubt(now, log, server, timedelta(0)) and doubt(now, log, server, self._agreed())
        return found if found and self.state.founding.ended else None

    def must_know_the_time(self) -> None:
        """Refused while the present is not believed."""
        if reason := self.doubt():
            raise Refused([reason])

    def beyond_server(self) -> int:
        """By how many minutes the clock lies beyond PostgreSQL's own; 0 where it does not, or none holds the log."""
        server = self.server_time()
        return max(0, (self.now() - server) // timedelta(minutes=1)) if server else 0

    def _agreed(self) -> timedelta:
        """By how much the clock lay beyond PostgreSQL's when two people last confirmed it. O(proposals)."""
        status = self.state.dual_control
        said = [
            int(made.body.get("beyond", 0))
            for digest, made in status.proposals.items()
            if made.what == "clock" and digest in status.approved
        ]
        return timedelta(minutes=said[-1] if said else 0)

    def append(self, kind: str, **fields: str | int) -> int:
        """Append one entry (version, time, kind and `fields`) and bring the state in step; returns its index."""
        return self.take(self.entry(kind, fields))

    def take(self, entry: Entry) -> int:
        """Append an entry that has its time already, in this act."""
        return self.take_all([entry])[0]

    def take_all(self, entries: Sequence[Entry]) -> list[int]:
        """Several that follow one another, all or none."""
        with self.lock:
            indexes = self.stores.log.append_all(entries)
            for index, entry in zip(indexes, entries, strict=True):
                self.state.took(index, entry)
            return indexes

    def entry(self, kind: str, fields: Mapping[str, str | int]) -> Entry:
        """An entry as it would be appended now: its version, the time, its kind and `fields`. Refused where the present
        is not believed; what is logged all the same (`clock_guard`) says that its time is unconfirmed."""
        made: Entry = {"v": ENTRY_VERSION, "t": time_text(self.now()), "kind": kind, **fields}
        reason = self.doubt()
        if reason is None or is_agreed(made):
            return made
        if not may_be_unconfirmed(made):
            raise Refused([reason])
        return {**made, "unconfirmed": 1}

    def signed(self, document: D) -> D:
        """The document with the office's own signature."""
        return dataclasses.replace(document, signature=self.office.sign(digest_of(document).encode()).hex())

    def record(self, document: Document, kind: str = "", retention: str = "", /, **fields: str | int) -> int:
        """Archive a signed document and log its digest: first kept, then logged, and only then true. `kind`: another
        than its type's (a derivative is an admission that was DERIVED); `retention`: another class than the kind's (a
        request that was refused)."""
        digest, kind = digest_of(document), kind or KINDS[type(document)]
        with self.lock:
            entry = self.entry(kind, {"document": digest, **fields})  # nothing is kept where it may not be logged
            self.stores.archive.put_all([self._leaf(digest, document, retention or class_of(kind))])
            return self.take(entry)

    def _leaf(self, digest: str, document: Document, retention: str) -> Leaf:
        return Leaf(digest=digest, document=to_bytes(document), partition=self.partition(retention))

    def partition(self, retention: str) -> str:
        """The partition of the archive on which a document of this class is put now."""
        return partition_at(retention, self.now())

    def record_all(
        self, documents: Sequence[Record], then: Sequence[Entry] = (), *, first: Sequence[Entry] = ()
    ) -> None:
        """Several signed documents that follow one another, with their digests: kept together, then logged together,
        and with them the entries that come first, and those that follow from them."""
        with self.lock:
            entries = [self.entry(KINDS[type(one)], {"document": digest, **said}) for digest, one, said in documents]
            self.stores.archive.put_all(
                [self._leaf(digest, one, class_of(KINDS[type(one)])) for digest, one, _ in documents]
            )
            self.take_all([*first, *entries, *then])


def is_of(kernel: Kernel, entry: Entry, shape: str) -> bool:
    """Whether an entry admits or derives data of this shape, whose owner is named: "sensors.quarters". An entry names
    the bare shape; whose it is says the format of the dataset, also of one that was destroyed. O(1)."""
    state, bare = kernel.state, shape.partition(".")[2]
    if entry["kind"] not in ("ADMITTED", "DERIVED") or entry.get("shape") != bare:
        return False
    name = str(entry["dataset"])
    made = state.datasets.get(name) or state.queued.get(name) or state.destroyed.get(name)
    return made is not None and kernel.shape_of(made) == shape


def policy_inputs(kernel: Kernel) -> dict[str, Any]:
    """What every use is judged against: the authorizations and their issuers, suspensions, used warrants, adopted
    bylaws.

    Copies, each made in one step: the gate of the sensors looks from a thread of its own. O(authorizations + people).
    """
    state = kernel.state
    return {
        "authorizations": tuple(state.authorizations.copy().values()),
        "issuers": state.people.copy(),
        "suspended": frozenset(state.suspended),
        "used": state.used,
        "bylaws": state.adopted.whole("bylaws").bylaws,
        "drill_is_recent": is_recent(state.duties.drilled or state.began, kernel.now()),
    }


def use_of(
    kernel: Kernel,
    declared: Capability | Watch,
    request: Request | StandingRequest,
    params: Any,
    person: Person | None,
    **how: Any,
) -> Use:
    """The use that a request asks for, as the policy judges it now; `how` puts other fields of the use in the place of
    what the state says. O(authorizations + people)."""
    named = request.datasets if isinstance(request, Request) else {}
    datasets = {role: kernel.state.datasets.get(name) for role, name in named.items()}
    known = policy_inputs(kernel) | how
    return Use(
        capability=declared,
        purpose=request.purpose,
        params=params,
        datasets=datasets,
        person=person,
        now=kernel.now(),
        owner_of=kernel.owner_of,
        **known,
    )


def signed(document: D, sign: Callable[[bytes], bytes], digest: str = "") -> D:
    """The document with a signature over its digest, which need not be given."""
    return dataclasses.replace(document, signature=sign((digest or digest_of(document)).encode()).hex())
