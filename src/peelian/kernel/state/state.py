"""Office state: what the log says now.

What grows with use is rows and entries, found when they are asked for. The rest is in parts: each is derived from the
entries of its topics when somebody first looks at it, and kept in step. Nothing is stored that the log does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from peelian.errors import DiskError, IntegrityError, Objection, OutOfOrder
from peelian.kernel.log import topics
from peelian.kernel.log.clock_guard import Jobs
from peelian.kernel.model.archive_partitions import Partitions
from peelian.kernel.model.documents import Admission, Authorization, RetentionAct
from peelian.kernel.model.people import Person
from peelian.kernel.model.ports import Entry, Log, Rows
from peelian.kernel.model.retention_schedule import RetentionState, fold_retention
from peelian.kernel.model.suspension import Suspension, Why
from peelian.kernel.state.alarm_state import AlarmState
from peelian.kernel.state.authorization_status import (
    AccessState,
    AdoptedState,
    Counted,
    DutyState,
    Passkey,
    ProposalState,
    SessionRows,
)
from peelian.kernel.state.case_history import CaseHistory as CaseHistory
from peelian.kernel.state.case_history import Histories
from peelian.kernel.state.dataset_state import DatasetState
from peelian.kernel.state.founding_state import Founding
from peelian.kernel.state.known import Known, can_be_read, faults_in, unless_damaged
from peelian.kernel.state.missing_documents import carried_must_be_there
from peelian.kernel.state.object_state import ObjectState
from peelian.kernel.state.people_state import PeopleState
from peelian.kernel.state.plan_state import PlanState
from peelian.kernel.state.projection import passkey_key, proof_key, words_of
from peelian.kernel.state.record_index import RecordIndex
from peelian.kernel.state.sensor_state import SensorState
from peelian.kernel.state.signed_documents import read_into, still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel

T = TypeVar("T")
Fold = Callable[["Kernel", Any, int, Entry], None]
"""Brings a part in step with the entry at an index."""
OPENS = frozenset({"OPENED", "OPENED_SET"})
LOOKS_EVERY = 0.5  # seconds
EARLIER = "An earlier version made this office. This one cannot open it. Make a new office and import the data again."


@dataclass(slots=True)
class InForce:
    """Authorizations issued and not revoked, suspended technologies, and cases excepted of that. O(1) per entry."""

    authorizations: Known[Authorization] = field(default_factory=Known)  # by digest
    closed: dict[str, tuple[str, str]] = field(default_factory=dict)  # damaged one → its technology, since when
    suspended: dict[str, Suspension] = field(default_factory=dict)  # by technology
    suspensions: Counter[str] = field(default_factory=Counter)  # technology → how many there were
    excepted: dict[str, str] = field(default_factory=dict)  # case, or root of a warrant → its suspended technology

    def fold(self, kernel: Kernel, index: int, entry: Entry) -> None:
        """Bring it in step with one entry; the authorization it names is read."""
        kind = entry["kind"]
        if kind in ("SUSPENDED", "RESUMED", "EXCEPTED"):
            self._technology(str(kind), index, entry)
            return
        self.authorizations.drop(str(entry.get("before", "")))  # confirmed: it takes its provisional one's place
        if kind == "ISSUED":
            digest = str(entry["document"])
            read_into(self.authorizations, kernel, digest, Authorization)
            if digest in self.authorizations.faults:
                self.closed[digest] = str(entry["serves"]).partition(".")[0], kernel.now().isoformat()

    def all_suspended(self) -> dict[str, Suspension]:
        """Technologies that are suspended, and those that count as suspended: an authorization of theirs is damaged."""
        closed = self.closed.items() if self.authorizations.faults else ()
        counts = {name: counts_as_suspended(at) for d, (name, at) in closed if d in self.authorizations.faults}
        return counts | self.suspended

    def _technology(self, kind: str, index: int, entry: Entry) -> None:
        """Earlier versions suspended without a reason, also what was suspended already, and one person lifted it."""
        technology = str(entry["technology"])
        if kind == "EXCEPTED":
            self.excepted[str(entry["of"])] = technology
        elif kind == "RESUMED":
            self.suspended.pop(technology, None)
            self.excepted = {of: one for of, one in self.excepted.items() if one != technology}
        else:
            self.suspensions[technology] += 1
            made = Suspension(since=str(entry["t"]), reason=str(entry.get("reason", "")), entry=index)
            self.suspended.setdefault(technology, made)


def counts_as_suspended(since: str, reason: Why = Why.DAMAGED) -> Suspension:
    """Nobody threw the switch, but a record is damaged that a technology's use rests on."""
    return Suspension(since=since, reason=reason, entry=-1)


@dataclass(frozen=True, slots=True)
class Unfinished(Mapping[str, Entry]):
    """Datasets that began to be kept or made and have no end yet, each with the entry that began it. O(1) for one."""

    log: Log
    rows: Rows

    def __getitem__(self, dataset: str) -> Entry:
        row = self.rows.row("intakes", dataset)
        if row is None or row["status"] != "open":
            raise KeyError(dataset)
        return self.log.entry(int(row["begun"]))

    def __iter__(self) -> Iterator[str]:
        return (dataset for dataset, _ in self.rows.all("intakes", order="begun", status="open"))

    def __len__(self) -> int:
        return self.rows.count("intakes", status="open")


class Part(Generic[T]):
    """A part of the state: how it begins, how an entry changes it, and the topics that it is derived from. As an
    attribute of the state it is in step with the log; errors as for `OfficeState.part`."""

    def __init__(self, make: Callable[[], T], fold: Fold, *topics: str) -> None:
        self.make, self.fold, self.topics, self.name = make, fold, topics, ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.lstrip("_")

    def __get__(self, state: OfficeState, owner: type) -> T:
        found: T = state.part(self.name)
        return found


def _by_entry(kernel: Kernel, part: Any, index: int, entry: Entry) -> None:
    part.fold(entry)


def _by_index(kernel: Kernel, part: Any, index: int, entry: Entry) -> None:
    part.fold(index, entry)


def _by_kernel(kernel: Kernel, part: Any, index: int, entry: Entry) -> None:
    part.fold(kernel, entry)


def _by_kernel_and_index(kernel: Kernel, part: Any, index: int, entry: Entry) -> None:
    part.fold(kernel, index, entry)


def _by_documents(kernel: Kernel, part: Any, index: int, entry: Entry) -> None:
    part.fold(entry, lambda digest, document: still_archived(kernel, digest, document))


def _duty(kernel: Kernel, part: DutyState, index: int, entry: Entry) -> None:
    part.fold(entry, lambda: kernel.state.began)


def _retained(kernel: Kernel, part: RetentionState, index: int, entry: Entry) -> None:
    fold_retention(part, entry, lambda digest: still_archived(kernel, digest, RetentionAct))


def _noised(kernel: Kernel, part: list[Entry], index: int, entry: Entry) -> None:
    part.append(entry)


@dataclass(slots=True)
class _Held:
    part: Any
    size: int  # of the log, as far as the part has followed it
    taken_back: int
    looked: float = 0.0  # when it was last looked whether what is damaged was restored


class OfficeState:
    """What the log says now; bound to the kernel that it is the state of. Every question is answered from the log."""

    _people = Part(PeopleState, _by_kernel, topics.PEOPLE, topics.APPROVALS)
    _datasets = Part(DatasetState, _by_kernel, topics.DATA)
    _in_force = Part(InForce, _by_kernel_and_index, topics.AUTHORIZATIONS, topics.TECHNOLOGIES)
    _access = Part(AccessState, _by_entry, topics.ACCESS, topics.PEOPLE)
    dual_control = Part(ProposalState, _by_kernel, topics.APPROVALS, topics.PEOPLE)
    adopted = Part(AdoptedState, _by_kernel, topics.APPROVALS)
    duties = Part(DutyState, _duty, topics.DUTIES, topics.RECORDS, topics.APPROVALS)
    objects = Part(ObjectState, _by_kernel, topics.DATA, topics.APPROVALS)
    retention = Part(RetentionState, _retained, topics.DATA)
    partitions = Part(Partitions, _by_index, topics.PARTITIONS)
    alarms = Part(AlarmState, _by_documents, topics.ALARMS, topics.DATA, topics.PARTITIONS)
    plans = Part(PlanState, _by_documents, topics.ALARMS, topics.PARTITIONS)
    sensors = Part(SensorState, _by_entry, topics.SENSORS, topics.PARTITIONS)
    records = Part(RecordIndex, _by_index, topics.RECORDS, topics.DATA, topics.SENSORS, topics.ACCESS)
    noised = Part(list[Entry], _noised, topics.NOISE)  # what was spent on noise, and what was drawn, oldest first

    def __init__(self) -> None:
        self._kernel: Any = None
        self._held: dict[str, _Held] = {}
        self._lock = RLock()
        self._noticed: dict[str, IntegrityError] = {}
        self._reported: set[str] = set()
        self._is_whole = False  # what was carried over was found in the archive

    def bind(self, kernel: Kernel) -> None:
        """This is the state of that kernel, unless it is of another already."""
        self._kernel = self._kernel or kernel

    def took(self, index: int, entry: Entry) -> None:
        """This process appended an entry: parts that were in step until then follow at once. O(parts looked at)."""
        topic = topics.topic_of(str(entry["kind"]))
        with self._lock:
            for name, held in self._held.items():
                if held.size == index:
                    if topic and topic in PARTS[name].topics:
                        PARTS[name].fold(self._kernel, held.part, index, entry)
                    held.size = index + 1

    def part(self, name: str) -> Any:
        """A part, in step with the log; IntegrityError at the first look where a document that was carried over is not
        there. O(entries of its topics) at first, then O(new ones)."""
        log, declared = self._kernel.stores.log, PARTS[name]
        with self._lock:
            if not self._is_whole and name != "partitions":
                carried_must_be_there(self._kernel)
                self._is_whole = True
            taken_back, size = log.state()
            held = self._held.get(name)
            if held is None or held.taken_back != taken_back or self._is_mended(held):
                held = _Held(part=declared.make(), size=0, taken_back=taken_back)
            if held.size < size:
                for index, entry in log.follow(declared.topics, held.size - 1):
                    must_be_of_this_version(entry)
                    declared.fold(self._kernel, held.part, index, entry)
                    size = max(size, index + 1)
                held.size = size
                for fault in faults_in(held.part):
                    self.notice(fault)
            self._held[name] = held
            return held.part

    def _is_mended(self, held: _Held) -> bool:
        """Whether something of a part that could not be read can be read by now; looked at twice a second."""
        faults = faults_in(held.part)
        if not faults or monotonic() < held.looked + LOOKS_EVERY:
            return False
        held.looked = monotonic()
        return any(can_be_read(self._kernel, fault) for fault in faults)

    def notice(self, fault: IntegrityError) -> None:
        """Somebody met this fault: whoever looks after the office is told. A disk that fails and a witness that objects
        are told elsewhere, and are no damage of a record."""
        if not isinstance(fault, (DiskError, Objection)):
            self._noticed[fault.of or str(fault)] = fault

    def faults(self) -> list[IntegrityError]:
        """What was met and is still damaged. O(those)."""
        for name, fault in list(self._noticed.items()):
            if can_be_read(self._kernel, fault):
                self._noticed.pop(name, None)
                self._reported.discard(name)
        for fault in self._kernel.stores.log.faults():
            self.notice(fault)
        return list(self._noticed.values())

    def unreported(self) -> list[IntegrityError]:
        """Those that nobody was told of yet."""
        for fault in self._kernel.stores.log.faults():
            self.notice(fault)
        return [fault for name, fault in list(self._noticed.items()) if name not in self._reported]

    def reported(self, fault: IntegrityError) -> None:
        """Whoever looks after the office was told of this one."""
        self._reported.add(fault.of or str(fault))

    @property
    def people(self) -> Known[Person]:
        """Who is enrolled, by token."""
        return self._people.people

    @property
    def enrolled(self) -> dict[str, str]:
        """Each person's enrolment that holds, by its digest."""
        return self._people.enrolled

    @property
    def forgotten(self) -> set[str]:
        """People whose name and key are destroyed."""
        return self._people.forgotten

    @property
    def founding(self) -> Founding:
        """Who entrusted whom, and whether one person may still act alone."""
        return self._people.founding

    @property
    def datasets(self) -> Known[Admission]:
        """What is admitted, by name."""
        return self._datasets.datasets

    @property
    def queued(self) -> Known[Admission]:
        """What waits to be destroyed: out of use."""
        return self._datasets.queued

    @property
    def destroyed(self) -> Known[Admission]:
        """What was destroyed."""
        return self._datasets.destroyed

    @property
    def unfinished(self) -> Unfinished:
        """Each dataset that is neither kept nor turned away, with the entry that began it."""
        return Unfinished(self._kernel.stores.log, self._kernel.stores.rows)

    @property
    def authorizations(self) -> Known[Authorization]:
        """Issued and not revoked, by digest."""
        return self._in_force.authorizations

    @property
    def suspended(self) -> dict[str, Suspension]:
        """Technologies that are suspended or count as that, by their id; all of them where the log cannot be read, or
        nobody's enrolment who could suspend one."""
        found = unless_damaged(self.notice, self._stopped, None)
        return self._all(counts_as_suspended(self._kernel.now().isoformat())) if found is None else found

    def _stopped(self) -> dict[str, Suspension]:
        found, since = self._in_force.all_suspended(), self._people.nobody_suspends_since()
        return self._all(counts_as_suspended(since, Why.UNREAD)) | found if since else found

    def _all(self, made: Suspension) -> dict[str, Suspension]:
        return {one.id: made for one in self._kernel.technologies}

    @property
    def excepted(self) -> Mapping[str, str]:
        """What two people excepted of a suspension for a court: a case, or the root of a warrant → its technology."""
        return self._in_force.excepted

    @property
    def suspensions(self) -> Counter[str]:
        """How often each technology was suspended."""
        return self._in_force.suspensions

    @property
    def passkeys(self) -> Known[Passkey]:
        """Enrolled authenticators by their credentials' digests, each with its newest counter. O(authenticators)."""
        rows, found = self._kernel.stores.rows, Known[Passkey]()
        for credential, one in self._access.passkeys.items():
            try:
                row = rows.row("proofs", passkey_key(credential))
            except IntegrityError as fault:
                found.damaged(credential, fault)
                self.notice(fault)
                continue
            found.put(credential, replace(one, counter=int(row["counter"])) if row else one)
        return found

    @property
    def used(self) -> Mapping[str, int]:
        """How often each warrant was used, by its first digest."""
        return Counted(self._kernel.stores.rows, "used")

    @property
    def collected(self) -> Mapping[str, int]:
        """How many readings were collected under each warrant, by its first digest."""
        return Counted(self._kernel.stores.rows, "collected")

    def proved(self, person: str, session: str = "") -> datetime | None:
        """When a person last stepped up: in a session, or at the terminal; None where they never did. O(1)."""
        rows, key = self._kernel.stores.rows, proof_key(person, session)
        row = unless_damaged(self.notice, lambda: rows.row("proofs", key), None)  # they prove it once more
        return datetime.fromisoformat(str(row["at"])) if row else None

    @property
    def seated(self) -> Mapping[str, str]:
        """Open sessions, each with its person."""
        return SessionRows(self._kernel.stores.rows, "open")

    @property
    def ended(self) -> Mapping[str, str]:
        """Sessions in which nothing is shown any more, each with its person."""
        return SessionRows(self._kernel.stores.rows, "ended")

    def bound(self, session: str) -> tuple[str, datetime] | None:
        """The one role of a session that was opened with a token, and its end; None of any other session. O(1)."""
        row = self._kernel.stores.rows.row("sessions", session)
        how, _, rest = str(row["how"] if row else "").partition(" ")
        role, _, until = rest.partition(" ")
        return (role, datetime.fromisoformat(until)) if how == "token" else None

    def first_said(self, entry: Entry) -> int:
        """The index of the entry that said an entry's signed words first; -1 where none did, or it signs nothing: each
        signature, code and challenge serves once. O(1)."""
        words = words_of(entry)
        found = self._kernel.stores.log.found("said", words) if words else []
        return int(found[0][0]) if found else -1

    @property
    def histories(self) -> Histories:
        """Cases, each with its entries."""
        return Histories(self._kernel.stores.log, self._kernel.stores.rows)

    @property
    def began(self) -> str:
        """The time of the log's first entry."""
        return str(self._kernel.stores.log.head()["began"])

    @property
    def jobs(self) -> Jobs:
        """When the daily job was done, and whether it waits. Before the first, time counts from the log's beginning."""
        jobs = self.duties.jobs
        return jobs if jobs.last else replace(jobs, last=self.began)

    def published(self, digest: str) -> dict[str, CaseHistory]:
        """Cases that published something of the data with this digest ("": of data that is forgotten), oldest first: of
        what their runs opened, not of what somebody looked at afterwards. O(uses of the data)."""
        state = self._datasets
        kept = (state.datasets, state.queued, state.destroyed)
        names = (
            {name for some in kept for name, made in some.items() if made.digest == digest} if digest else state.gone
        )
        log = self._kernel.stores.log
        openings = [e for name in sorted(names) for _, e in log.found("dataset", name) if e["kind"] in OPENS]
        histories = self.histories.several({str(opening["case"]) for opening in openings if "case" in opening})
        found: dict[str, CaseHistory] = {}
        for opening in openings:
            history = histories.get(str(opening.get("case", "")))
            if history and history.digests("PUBLISHED") and opening.get("before") in history.digests("PERMITTED"):
                found[history.case] = history
        return found


PARTS: Mapping[str, Part[Any]] = {part.name: part for part in vars(OfficeState).values() if isinstance(part, Part)}


def must_be_of_this_version(entry: Entry) -> None:
    """OutOfOrder where the entry has the words of an earlier version: `mark` for a document's digest."""
    if "mark" in entry:
        raise OutOfOrder(EARLIER)
