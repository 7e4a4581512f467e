"""The house: the ports bundled together, and the book, a running tally of what the log says."""

from __future__ import annotations

import dataclasses
import io
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.governance.book import Book as Book
from peelian.governance.book import Track as Track
from peelian.governance.capability import Capability, Format, Purpose, Role, Technology
from peelian.governance.documents import (
    Admission,
    Approval,
    Authority,
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
    from_bytes,
    mark_of,
    to_bytes,
)
from peelian.governance.drilled import is_recent
from peelian.governance.entries import time_text
from peelian.governance.issued import issued
from peelian.governance.lost import destroyed, lost
from peelian.governance.noise import DRAWN, SPENT
from peelian.governance.objects import Provenance
from peelian.governance.people import Person, committed, signature_holds
from peelian.governance.policy import Policy
from peelian.governance.ports import Archive, Clock, Directory, Entry, Leaf, Log, Vault
from peelian.governance.retention_rules import fold_shelf
from peelian.governance.shelving import DAYS, class_of, homes, shelf_at
from peelian.governance.tokens import Token
from peelian.governance.units import log_word as log_word

Record = tuple[str, Document, Mapping[str, str | int]]  # a signed document with its mark and what the log says of it
ENTRY_VERSION = 1
KINDS: Mapping[type[Document], str] = {
    Enrolment: "ENROLLED",
    Admission: "ADMITTED",
    Authority: "ISSUED",
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
class House:
    """Everything the verbs need. Made in one place only: `office.py`."""

    name: str
    log: Log
    vault: Vault
    archive: Archive
    directory: Directory
    clock: Clock
    policy: Policy
    technologies: tuple[Technology, ...]
    sign: Callable[[Document, Document | None], bytes]  # the office's own signature, and what the document answers
    public_key: str
    token: Token  # a keyed token for an identifier: the log never holds the identifier
    version: str
    scratch: Callable[[], BinaryIO] = io.BytesIO  # a file to write, seek and read, of which nothing remains once closed
    noise: Any = None  # a `noising.NoisePorts`; None: no noisy answers are kept
    provenance: Callable[[], Provenance | None] = lambda: None
    receipt: Callable[[int], bytes] = lambda index: b""
    keeps: Mapping[str, int] = field(default_factory=lambda: dict(DAYS))  # retention class → days after its quarter
    book: Book = field(default_factory=Book)
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock)

    def capability(self, name: str) -> Capability:
        """The capability with this id; OutOfOrder names the ones there are."""
        found = {c.id: c for technology in self.technologies for c in technology.capabilities}
        if name not in found:
            raise OutOfOrder(f"Unknown capability {name[:60]!r}. Known: {', '.join(sorted(found))}")
        return found[name]

    def purposes_of(self, name: str) -> frozenset[Purpose]:
        """The purposes of the capability or watch with this id."""
        watches = {watch.id: watch.purposes for technology in self.technologies for watch in technology.watches}
        return watches[name] if name in watches else self.capability(name).purposes

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
        return max(self.now(), datetime.fromisoformat(self.book.orders.furthest or "0001-01-01T00:00:00Z"))

    def append(self, kind: str, **fields: str | int) -> int:
        """Append one entry (version, time, kind and `fields`) and bring the book in step; returns its index."""
        with self.lock:
            return self.take(self.entry(kind, fields))

    def take(self, entry: Entry) -> int:
        """Append an entry that has its time already, and bring the book in step."""
        with self.lock:
            index = self.log.append(entry)
            self._follow([index], [entry])
            return index

    def take_all(self, entries: Sequence[Entry]) -> list[int]:
        """Several that follow one another, durable together: one wait for the disk."""
        with self.lock:
            indexes = self.log.append_all(entries)
            self._follow(indexes, entries)
            return indexes

    def _follow(self, indexes: Sequence[int], entries: Sequence[Entry]) -> None:
        """Bring the book in step with entries just appended, and with what others wrote to this log meanwhile.

        A log that lies behind the book is another one, beside the log that the book was folded from (a rehearsal).
        """
        known = self.book.orders.entries
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
        return dataclasses.replace(document, signature=self.sign(document, given).hex())

    def record(self, document: Document, /, *beside: Leaf, **fields: str | int) -> int:
        """Archive a signed document, with what it names `beside` it, and log its mark: first kept, then logged, and
        only then true."""
        return self.record_as(KINDS[type(document)], document, *beside, **fields)

    def record_as(self, kind: str, document: Document, /, *beside: Leaf, **fields: str | int) -> int:
        """The same under a kind of its own: a derivative is an admission that was DERIVED."""
        return self.record_on(class_of(kind), kind, document, *beside, **fields)

    def record_on(self, retention: str, kind: str, document: Document, /, *beside: Leaf, **fields: str | int) -> int:
        """The same in another class of retention than the kind's own: a request that was refused."""
        mark = mark_of(document)
        self.archive.put_all([*beside, self._leaf(mark, document, retention)])
        return self.append(kind, mark=mark, **fields)

    def _leaf(self, mark: str, document: Document, retention: str) -> Leaf:
        return Leaf(mark=mark, document=to_bytes(document), shelf=self.shelf(retention))

    def shelf(self, retention: str) -> str:
        """The shelf of the archive on which a document of this class is put now."""
        return shelf_at(retention, self.now())

    def record_all(self, documents: Sequence[Record]) -> None:
        """Several signed documents that follow one another, with their marks: kept together, then logged together."""
        with self.lock:
            self.archive.put_all([self._leaf(mark, one, class_of(KINDS[type(one)])) for mark, one, _ in documents])
            self.take_all([self.entry(KINDS[type(one)], {"mark": mark, **fields}) for mark, one, fields in documents])


def standing(house: House) -> dict[str, Any]:
    """What every use is judged against: the papers and their issuers, suspensions, used warrants, adopted bylaws.

    Copies, each made in one step: the gate of the sensors looks from a thread of its own. O(papers + people).
    """
    book = house.book
    return {
        "papers": issued(book.papers.copy().values()),
        "issuers": book.people.copy(),
        "suspended": frozenset(book.suspended),
        "used": book.orders.used.copy(),
        "bylaws": book.orders.bylaws,
        "drill_is_recent": is_recent(book.drilled or book.began, house.now()),
    }


def signed(document: D, sign: Callable[[bytes], bytes], mark: str = "") -> D:
    """The document with a signature over its mark, which need not be given."""
    return dataclasses.replace(document, signature=sign((mark or mark_of(document)).encode()).hex())


def fold(house: House, index: int, entry: Entry) -> None:
    """Bring the book in step with one entry; documents it names are read from the archive. O(1)."""
    book, kind = house.book, str(entry["kind"])
    if kind == "ENROLLED":
        _fold_person(house, entry)
    elif kind in ("RETIRED", "FORGOTTEN"):
        _fold_leaving(house, kind, str(entry["person"]))
    elif kind in ("ADMITTED", "DERIVED"):
        if admission := still_archived(house, str(entry["mark"]), Admission):
            book.datasets[admission.dataset] = admission
    elif kind in ("ISSUED", "REVOKED", "WARRANT_REFUSED", "WARRANT_LAPSED"):
        _fold_paper(house, kind, entry)
    else:
        _fold_standing(book, kind, entry)
    book.began = book.began or str(entry["t"])
    book.held.fold(entry)
    fold_shelf(book.shelf, entry, lambda mark: still_archived(house, mark, RetentionAct))
    book.shelves.fold(entry)
    book.words.fold(index, entry)
    if "dataset" in entry:
        _fold_dataset(book, index, entry)
    if "case" in entry:
        book.fold_case(index, entry)
    book.orders.fold(entry, lambda mark, document: still_archived(house, mark, document))
    book.watching.fold(entry, lambda mark, document: still_archived(house, mark, document))
    book.registered.fold(entry)
    book.filed.fold(index, entry)


def _fold_person(house: House, entry: Entry) -> None:
    mark, book = str(entry["mark"]), house.book
    if enrolment := still_archived(house, mark, Enrolment):
        was = book.people.get(enrolment.person)
        book.enrolled[enrolment.person] = mark
        book.forgotten.discard(enrolment.person)
        book.people[enrolment.person] = Person(
            token=enrolment.person,
            name=_named(house, mark, enrolment),
            unit=enrolment.unit,
            roles=frozenset(Role(role) for role in enrolment.roles),
            public_key=enrolment.public_key,
            trained_until=enrolment.trained_until,
        )
        book.founding.joined(entry, was, book.people[enrolment.person])


def _fold_leaving(house: House, kind: str, person: str) -> None:
    if kind == "FORGOTTEN":
        house.directory.forget(person)  # again at each opening: a crash leaves no name behind
        house.book.forgotten.add(person)
        return
    house.book.people.pop(person, None)
    house.book.enrolled.pop(person, None)
    house.book.founding.entrusted.pop(person, None)


def _named(house: House, mark: str, enrolment: Enrolment) -> str:
    """The name that an enrolment commits to; their token where it was forgotten, or the directory was lost."""
    found = house.directory.known(mark)
    if found is None:
        return enrolment.person
    if committed(found.name, found.salt) != enrolment.name or found.person != enrolment.person:
        raise IntegrityError("The directory holds a name that differs from the enrolled one. Restore the directory.")
    return found.name


def _fold_standing(book: Book, kind: str, entry: Entry) -> None:
    if kind in ("SUSPENDED", "RESUMED"):
        (book.suspended.add if kind == "SUSPENDED" else book.suspended.discard)(str(entry["technology"]))
    elif kind == "SESSION_ENDED":
        book.ended.add(str(entry["session"]))
    elif kind in (SPENT, DRAWN):
        book.noised.append(entry)
    elif kind == "DRILLED" and entry.get("met") == 1:  # one that missed a bar opens nothing
        book.drilled, book.drill_missed = str(entry["t"]), ""
    elif kind == "DRILLED":
        book.drill_missed = str(entry["t"])
    elif kind == "APPROVED":
        book.founding.approved(entry)


def opened(house: House) -> House:
    """The house with its book folded from the whole log. O(entries)."""
    house.book.orders.left_open = set(caught_up(house).book.orders.seated)
    return house


def caught_up(house: House) -> House:
    """The same house, its book brought in step with what others appended to the log meanwhile. O(what is new)."""
    for index, entry in house.log.read(house.book.orders.entries):
        fold(house, index, entry)
    return house


def archived(house: House, mark: str, kind: type[D]) -> D:
    """The archived document with this mark; OutOfOrder where it was destroyed as its retention asks, IntegrityError
    where the archive holds something else under it, or lacks one that the log names."""
    try:
        found = house.archive.get(mark)
    except (InputError, OutOfOrder) as error:
        raise why_none(house, mark, kind.__name__.lower()) or error from None
    document = from_bytes(found, kind)
    if mark_of(document) != mark:
        raise IntegrityError(f"The archive holds an altered {kind.__name__.lower()}.")
    return document


def still_archived(house: House, mark: str, kind: type[D]) -> D | None:
    """The same, and None where it was destroyed as its retention asks; errors where it is missing otherwise."""
    try:
        return archived(house, mark, kind)
    except OutOfOrder:
        if destroyed_on(house, mark):
            return None
        raise


def why_none(house: House, mark: str, what: str) -> PeelianError | None:
    """Why there is no document with this mark: destroyed as its retention asks, or lost; None where no entry has it."""
    if day := destroyed_on(house, mark):
        return destroyed(day)
    entries = [entry for index in house.log.find("mark", mark) for _, entry in [next(house.log.read(index))]]
    return lost(house.archive, entries, what) if entries else None


def must_not_be_destroyed(house: House, mark: str) -> None:
    """OutOfOrder where the log says that the document with this mark ("": of none) was destroyed."""
    if mark and (day := destroyed_on(house, mark)):
        raise destroyed(day)


def destroyed_on(house: House, mark: str) -> str:
    """The day on which the log says that the shelf of this document was destroyed; "" where it does not say so.

    While a log is read for the first time, what it says of shelves lies ahead: then all of it is looked through once.
    """
    shelves = house.book.shelves
    indexes = house.log.find("mark", mark)
    if indexes and not shelves.is_whole:
        for _, entry in house.log.read():
            shelves.fold(entry)
        shelves.is_whole = True
    wanted = (shelf for index in indexes for _, entry in [next(house.log.read(index))] for shelf in homes(entry))
    return next((shelves.destroyed[shelf][:10] for shelf in wanted if shelf in shelves.destroyed), "")


def the_log_knows(house: House, document: Document, signer: str) -> str:
    """The document's mark, once the log is found to hold it and the signer's key to have signed it; else OutOfOrder."""
    kind, mark = type(document), mark_of(document)
    track = house.book.tracks.get(getattr(document, "case", ""))
    entries = [entry for _, entry in track.entries] if track else []
    if any(entry["kind"] == "ERASED" for entry in entries):
        raise OutOfOrder("The findings of this case were destroyed. Its warrant was refused, or was not confirmed.")
    if next((entry["kind"] for entry in entries if entry.get("mark") == mark), "") != KINDS[kind]:
        raise OutOfOrder(f"This {kind.__name__.lower()} was altered, or was not made in this office.")
    if not signature_holds(signer, document.signature, mark.encode()):
        raise OutOfOrder(f"This {kind.__name__.lower()} is not signed by its author.")
    return mark


def _fold_paper(house: House, kind: str, entry: Entry) -> None:
    house.book.papers.pop(str(entry.get("before", "")), None)  # a confirmed warrant takes its provisional one's place
    if kind == "ISSUED":
        mark = str(entry["mark"])
        if paper := still_archived(house, mark, Authority):
            house.book.papers[mark] = paper


def _fold_dataset(book: Book, index: int, entry: Entry) -> None:
    kind, dataset = str(entry["kind"]), str(entry["dataset"])
    book.about.setdefault(dataset, []).append(index)
    if kind == "KEEPING":
        book.unfinished[dataset] = entry
    elif kind in ("ADMITTED", "DERIVED", "TURNED_AWAY"):
        book.unfinished.pop(dataset, None)
    elif kind == "QUEUED" and dataset in book.datasets:
        book.queued[dataset] = book.datasets.pop(dataset)
    elif kind == "RECOVERED" and dataset in book.queued:
        book.datasets[dataset] = book.queued.pop(dataset)
    elif kind == "DESTROYED" and (dataset in book.datasets or dataset in book.queued):
        kept = book.queued if dataset in book.queued else book.datasets
        book.destroyed[dataset] = kept.pop(dataset)
