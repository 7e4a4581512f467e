"""The kernel: the ports bundled together, and the state, a running tally of what the log says."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.archive_partitions import DAYS, class_of, homes, partition_at
from peelian.kernel.model.authorization_index import issued
from peelian.kernel.model.capability import Capability, Purpose, Role
from peelian.kernel.model.contexts import OfficeIdentity, ReleasePorts, Stores
from peelian.kernel.model.documents import (
    Admission,
    Approval,
    Authorization,
    D,
    Decision,
    Document,
    Enrolment,
    Evidence,
    Permit,
    Proposal,
    Publication,
    Refusal,
    Request,
    RetentionAct,
    digest_of,
    from_bytes,
    to_bytes,
)
from peelian.kernel.model.drill_due import is_recent
from peelian.kernel.model.formats import Format
from peelian.kernel.model.org_units import log_word as log_word
from peelian.kernel.model.people import Person, committed, signature_holds
from peelian.kernel.model.policy_port import Policy
from peelian.kernel.model.ports import Clock, Entry, Leaf
from peelian.kernel.model.retention_schedule import fold_partition
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT
from peelian.kernel.state.missing_documents import destroyed, lost
from peelian.kernel.state.state import CaseHistory as CaseHistory
from peelian.kernel.state.state import OfficeState as OfficeState

Record = tuple[str, Document, Mapping[str, str | int]]  # a signed document with its digest and what the log says of it
ENTRY_VERSION = 1
KINDS: Mapping[type[Document], str] = {
    Enrolment: "ENROLLED",
    Admission: "ADMITTED",
    Authorization: "ISSUED",
    Request: "ASKED",
    Permit: "PERMITTED",
    Evidence: "RAN",
    Decision: "DECIDED",
    Publication: "PUBLISHED",
    Refusal: "WARRANT_REFUSED",
    Proposal: "PROPOSED",
    Approval: "APPROVED",
}


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
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock)

    def capability(self, name: str) -> Capability:
        """The capability with this id; OutOfOrder names the ones there are."""
        found = {c.id: c for technology in self.technologies for c in technology.capabilities}
        if name not in found:
            raise OutOfOrder(f"Unknown capability {name[:60]!r}. Known: {', '.join(sorted(found))}")
        return found[name]

    def purposes_of(self, name: str) -> frozenset[Purpose]:
        """The purposes of the capability or watch with this id."""
        watches = {watch.id: watch.asks.purposes for technology in self.technologies for watch in technology.watches}
        return watches[name] if name in watches else self.capability(name).asks.purposes

    @property
    def formats(self) -> tuple[Format, ...]:
        """Every file format of every technology."""
        return tuple(f for technology in self.technologies for f in technology.formats)

    def now(self) -> datetime:
        """The present, in UTC."""
        now = self.clock()
        return now if now.tzinfo is UTC else now.astimezone(UTC)

    def latest(self) -> datetime:
        """The present, or the log's furthest time where the clock lies behind it: what has ended stays ended."""
        return max(
            self.now(), datetime.fromisoformat(self.state.authorization_status.furthest or "0001-01-01T00:00:00Z")
        )

    def append(self, kind: str, **fields: str | int) -> int:
        """Append one entry (version, time, kind and `fields`) and bring the state in step; returns its index."""
        with self.lock:
            return self.take(self.entry(kind, fields))

    def take(self, entry: Entry) -> int:
        """Append an entry that has its time already, and bring the state in step."""
        with self.lock:
            index = self.stores.log.append(entry)
            self._follow([index], [entry])
            return index

    def take_all(self, entries: Sequence[Entry]) -> list[int]:
        """Several that follow one another, durable together: one wait for the disk."""
        with self.lock:
            indexes = self.stores.log.append_all(entries)
            self._follow(indexes, entries)
            return indexes

    def _follow(self, indexes: Sequence[int], entries: Sequence[Entry]) -> None:
        """Bring the state in step with entries just appended, and with what others wrote to this log meanwhile.

        A log that lies behind the state is another one, beside the log that the state was folded from (a rehearsal).
        """
        known = self.state.authorization_status.entries
        if indexes[-1] < known or list(indexes) == list(range(known, known + len(indexes))):
            for index, entry in zip(indexes, entries, strict=True):
                fold(self, index, entry)
        else:
            caught_up(self)

    def entry(self, kind: str, fields: Mapping[str, str | int]) -> Entry:
        """An entry as it would be appended now: its version, the time, its kind and `fields`."""
        return {"v": ENTRY_VERSION, "t": time_text(self.now()), "kind": kind, **fields}

    def signed(self, document: D, *, given: Document | None = None) -> D:
        """The document with the office's own signature; `given` is the document it answers, where whoever holds the key
        judges it by that one."""
        return dataclasses.replace(document, signature=self.office.sign(document, given).hex())

    def record(self, document: Document, /, *beside: Leaf, **fields: str | int) -> int:
        """Archive a signed document, with what it names `beside` it, and log its digest: first kept, then logged, and
        only then true."""
        return self.record_as(KINDS[type(document)], document, *beside, **fields)

    def record_as(self, kind: str, document: Document, /, *beside: Leaf, **fields: str | int) -> int:
        """The same under a kind of its own: a derivative is an admission that was DERIVED."""
        return self.record_on(class_of(kind), kind, document, *beside, **fields)

    def record_on(self, retention: str, kind: str, document: Document, /, *beside: Leaf, **fields: str | int) -> int:
        """The same in another class of retention than the kind's own: a request that was refused."""
        digest = digest_of(document)
        self.stores.archive.put_all([*beside, self._leaf(digest, document, retention)])
        return self.append(kind, document=digest, **fields)

    def _leaf(self, digest: str, document: Document, retention: str) -> Leaf:
        return Leaf(digest=digest, document=to_bytes(document), partition=self.partition(retention))

    def partition(self, retention: str) -> str:
        """The partition of the archive on which a document of this class is put now."""
        return partition_at(retention, self.now())

    def record_all(self, documents: Sequence[Record]) -> None:
        """Several signed documents that follow one another, with their digests: kept together, then logged together."""
        with self.lock:
            self.stores.archive.put_all(
                [self._leaf(digest, one, class_of(KINDS[type(one)])) for digest, one, _ in documents]
            )
            self.take_all(
                [self.entry(KINDS[type(one)], {"document": digest, **fields}) for digest, one, fields in documents]
            )


def policy_inputs(kernel: Kernel) -> dict[str, Any]:
    """What every use is judged against: the authorizations and their issuers, suspensions, used warrants, adopted
    bylaws.

    Copies, each made in one step: the gate of the sensors looks from a thread of its own. O(authorizations + people).
    """
    state = kernel.state
    return {
        "authorizations": issued(state.authorizations.copy().values()),
        "issuers": state.people.copy(),
        "suspended": frozenset(state.suspended),
        "used": state.authorization_status.used.copy(),
        "bylaws": state.authorization_status.bylaws,
        "drill_is_recent": is_recent(state.drilled or state.began, kernel.now()),
    }


def signed(document: D, sign: Callable[[bytes], bytes], digest: str = "") -> D:
    """The document with a signature over its digest, which need not be given."""
    return dataclasses.replace(document, signature=sign((digest or digest_of(document)).encode()).hex())


def fold(kernel: Kernel, index: int, entry: Entry) -> None:
    """Bring the state in step with one entry; documents it names are read from the archive. O(1)."""
    state, kind = kernel.state, str(entry["kind"])
    if kind == "ENROLLED":
        _fold_person(kernel, entry)
    elif kind in ("RETIRED", "FORGOTTEN"):
        _fold_leaving(kernel, kind, str(entry["person"]))
    elif kind in ("ADMITTED", "DERIVED"):
        if admission := still_archived(kernel, str(entry["document"]), Admission):
            state.datasets[admission.dataset] = admission
    elif kind in ("ISSUED", "REVOKED", "WARRANT_REFUSED", "WARRANT_LAPSED"):
        _fold_authorization(kernel, kind, entry)
    else:
        _fold_standing(state, kind, entry)
    state.began = state.began or str(entry["t"])
    state.objects.fold(entry)
    fold_partition(state.retention, entry, lambda digest: still_archived(kernel, digest, RetentionAct))
    state.partitions.fold(entry)
    state.replay_guard.fold(index, entry)
    if "dataset" in entry:
        _fold_dataset(state, index, entry)
    if "case" in entry:
        state.fold_case(index, entry)
    state.authorization_status.fold(entry, lambda digest, document: still_archived(kernel, digest, document))
    state.alarms.fold(entry, lambda digest, document: still_archived(kernel, digest, document))
    state.sensors.fold(entry)
    state.records.fold(index, entry)


def _fold_person(kernel: Kernel, entry: Entry) -> None:
    digest, state = str(entry["document"]), kernel.state
    if enrolment := still_archived(kernel, digest, Enrolment):
        was = state.people.get(enrolment.person)
        state.enrolled[enrolment.person] = digest
        state.forgotten.discard(enrolment.person)
        state.people[enrolment.person] = Person(
            token=enrolment.person,
            name=_named(kernel, digest, enrolment),
            unit=enrolment.unit,
            roles=frozenset(Role(role) for role in enrolment.roles),
            public_key=enrolment.public_key,
            trained_until=enrolment.trained_until,
        )
        state.founding.joined(entry, was, state.people[enrolment.person])


def _fold_leaving(kernel: Kernel, kind: str, person: str) -> None:
    if kind == "FORGOTTEN":
        kernel.stores.directory.forget(person)  # again at each opening: a crash leaves no name behind
        kernel.state.forgotten.add(person)
        return
    kernel.state.people.pop(person, None)
    kernel.state.enrolled.pop(person, None)
    kernel.state.founding.entrusted.pop(person, None)


def _named(kernel: Kernel, digest: str, enrolment: Enrolment) -> str:
    """The name that an enrolment commits to; their token where it was forgotten, or the directory was lost."""
    found = kernel.stores.directory.known(digest)
    if found is None:
        return enrolment.person
    if committed(found.name, found.salt) != enrolment.name or found.person != enrolment.person:
        raise IntegrityError("The directory holds a name that differs from the enrolled one. Restore the directory.")
    return found.name


def _fold_standing(state: OfficeState, kind: str, entry: Entry) -> None:
    if kind in ("SUSPENDED", "RESUMED"):
        (state.suspended.add if kind == "SUSPENDED" else state.suspended.discard)(str(entry["technology"]))
    elif kind == "SESSION_ENDED":
        state.ended.add(str(entry["session"]))
    elif kind in (NOISE_SPENT, NOISE_DRAWN):
        state.noised.append(entry)
    elif kind == "DRILLED" and entry.get("met") == 1:  # one that missed a bar opens nothing
        state.drilled, state.drill_missed = str(entry["t"]), ""
    elif kind == "DRILLED":
        state.drill_missed = str(entry["t"])
    elif kind == "APPROVED":
        state.founding.approved(entry)


def opened(kernel: Kernel) -> Kernel:
    """The kernel with its book folded from the whole log. O(entries)."""
    kernel.state.authorization_status.left_open = set(caught_up(kernel).state.authorization_status.seated)
    return kernel


def caught_up(kernel: Kernel) -> Kernel:
    """The same kernel, its book brought in step with what others appended to the log meanwhile. O(what is new)."""
    for index, entry in kernel.stores.log.read(kernel.state.authorization_status.entries):
        fold(kernel, index, entry)
    return kernel


def archived(kernel: Kernel, digest: str, kind: type[D]) -> D:
    """The archived document with this digest; OutOfOrder where it was destroyed as its retention asks, IntegrityError
    where the archive holds something else under it, or lacks one that the log names."""
    try:
        found = kernel.stores.archive.get(digest)
    except (InputError, OutOfOrder) as error:
        raise why_none(kernel, digest, kind.__name__.lower()) or error from None
    document = from_bytes(found, kind)
    if digest_of(document) != digest:
        raise IntegrityError(f"The archive holds an altered {kind.__name__.lower()}.")
    return document


def still_archived(kernel: Kernel, digest: str, kind: type[D]) -> D | None:
    """The same, and None where it was destroyed as its retention asks; errors where it is missing otherwise."""
    try:
        return archived(kernel, digest, kind)
    except OutOfOrder:
        if destroyed_on(kernel, digest):
            return None
        raise


def why_none(kernel: Kernel, digest: str, what: str) -> PeelianError | None:
    """Why there is no document with this digest: destroyed as its retention asks, or lost; None where no entry has
    it."""
    if day := destroyed_on(kernel, digest):
        return destroyed(day)
    entries = [
        entry
        for index in kernel.stores.log.find("document", digest)
        for _, entry in [next(kernel.stores.log.read(index))]
    ]
    return lost(kernel.stores.archive, entries, what) if entries else None


def must_not_be_destroyed(kernel: Kernel, digest: str) -> None:
    """OutOfOrder where the log says that the document with this digest ("": of none) was destroyed."""
    if digest and (day := destroyed_on(kernel, digest)):
        raise destroyed(day)


def destroyed_on(kernel: Kernel, digest: str) -> str:
    """The day on which the log says that the partition of this document was destroyed; "" where it does not say so.

    While a log is read for the first time, what it says of partitions lies ahead: then all of it is looked through
    once.
    """
    partitions = kernel.state.partitions
    indexes = kernel.stores.log.find("document", digest)
    if indexes and not partitions.is_whole:
        for _, entry in kernel.stores.log.read():
            partitions.fold(entry)
        partitions.is_whole = True
    wanted = (
        partition
        for index in indexes
        for _, entry in [next(kernel.stores.log.read(index))]
        for partition in homes(entry)
    )
    return next((partitions.destroyed[partition][:10] for partition in wanted if partition in partitions.destroyed), "")


def verify_against_log(kernel: Kernel, document: Document, signer: str) -> str:
    """The document's digest, once the log is found to hold it and the signer's key to have signed it; else
    OutOfOrder."""
    kind, digest = type(document), digest_of(document)
    history = kernel.state.histories.get(getattr(document, "case", ""))
    entries = [entry for _, entry in history.entries] if history else []
    if any(entry["kind"] == "ERASED" for entry in entries):
        raise OutOfOrder("The findings of this case were destroyed. Its warrant was refused, or was not confirmed.")
    if next((entry["kind"] for entry in entries if entry.get("document") == digest), "") != KINDS[kind]:
        raise OutOfOrder(f"This {kind.__name__.lower()} was altered, or was not made in this office.")
    if not signature_holds(signer, document.signature, digest.encode()):
        raise OutOfOrder(f"This {kind.__name__.lower()} is not signed by its author.")
    return digest


def _fold_authorization(kernel: Kernel, kind: str, entry: Entry) -> None:
    kernel.state.authorizations.pop(
        str(entry.get("before", "")), None
    )  # a confirmed warrant takes its provisional one's place
    if kind == "ISSUED":
        digest = str(entry["document"])
        if authorization := still_archived(kernel, digest, Authorization):
            kernel.state.authorizations[digest] = authorization


def _fold_dataset(state: OfficeState, index: int, entry: Entry) -> None:
    kind, dataset = str(entry["kind"]), str(entry["dataset"])
    state.about.setdefault(dataset, []).append(index)
    if kind == "KEEPING":
        state.unfinished[dataset] = entry
    elif kind in ("ADMITTED", "DERIVED", "TURNED_AWAY"):
        state.unfinished.pop(dataset, None)
    elif kind == "QUEUED" and dataset in state.datasets:
        state.queued[dataset] = state.datasets.pop(dataset)
    elif kind == "RECOVERED" and dataset in state.queued:
        state.datasets[dataset] = state.queued.pop(dataset)
    elif kind == "DESTROYED" and (dataset in state.datasets or dataset in state.queued):
        kept = state.queued if dataset in state.queued else state.datasets
        state.destroyed[dataset] = kept.pop(dataset)
