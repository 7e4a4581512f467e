"""Office state: what the log says now.

What grows with use is rows and entries, found when they are asked for. The rest is in parts: each is derived from the
entries of its topics when somebody first looks at it, and kept in step. Nothing is stored that the log does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from peelian.errors import OutOfOrder
from peelian.kernel.log import topics
from peelian.kernel.model.archive_partitions import Partitions
from peelian.kernel.model.documents import Admission, Authorization, RetentionAct
from peelian.kernel.model.people import Person
from peelian.kernel.model.ports import Entry, Log, Rows
from peelian.kernel.model.retention_schedule import RetentionState, fold_retention
from peelian.kernel.state.alarm_state import AlarmState
from peelian.kernel.state.authorization_status import (
    AccessState,
    AuthorizationStatus,
    DutyState,
    EndedSessions,
    ProposalState,
)
from peelian.kernel.state.case_history import CaseHistory as CaseHistory
from peelian.kernel.state.case_history import Histories
from peelian.kernel.state.dataset_state import DatasetState
from peelian.kernel.state.founding_state import Founding
from peelian.kernel.state.missing_documents import carried_must_be_there
from peelian.kernel.state.object_state import ObjectState
from peelian.kernel.state.people_state import PeopleState
from peelian.kernel.state.plan_state import PlanState
from peelian.kernel.state.record_index import RecordIndex
from peelian.kernel.state.replay_guard import ReplayGuard
from peelian.kernel.state.sensor_state import SensorState
from peelian.kernel.state.signed_documents import still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel

OPENS = frozenset({"OPENED", "OPENED_SET"})
EARLIER = "An earlier version made this office. This one cannot open it. Make a new office and import the data again."


@dataclass(slots=True)
class InForce:
    """Authorizations issued and not revoked, and suspended technologies. O(1) per entry."""

    authorizations: dict[str, Authorization] = field(default_factory=dict)  # by digest
    suspended: set[str] = field(default_factory=set)
    suspensions: Counter[str] = field(default_factory=Counter)  # technology → how many there were

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring it in step with one entry; the authorization it names is read."""
        kind = entry["kind"]
        if kind in ("SUSPENDED", "RESUMED"):
            self.suspensions[str(entry["technology"])] += kind == "SUSPENDED"
            (self.suspended.add if kind == "SUSPENDED" else self.suspended.discard)(str(entry["technology"]))
            return
        self.authorizations.pop(str(entry.get("before", "")), None)  # confirmed: it takes its provisional one's place
        if kind == "ISSUED":
            digest = str(entry["document"])
            if authorization := still_archived(kernel, digest, Authorization):
                self.authorizations[digest] = authorization


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


@dataclass(slots=True)
class Noised:
    """What was spent on noise, and what was drawn, oldest first."""

    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the state: the topics it is derived from, how it begins, and how an entry changes it."""

    topics: Collection[str]
    make: Callable[[], Any]
    fold: Callable[[Kernel, Any, int, Entry], None]


def _alarms(kernel: Kernel, part: AlarmState, index: int, entry: Entry) -> None:
    part.fold(entry, lambda digest, document: still_archived(kernel, digest, document))


def _plans(kernel: Kernel, part: PlanState, index: int, entry: Entry) -> None:
    part.fold(entry, lambda digest, document: still_archived(kernel, digest, document))


def _retention(kernel: Kernel, part: RetentionState, index: int, entry: Entry) -> None:
    fold_retention(part, entry, lambda digest: still_archived(kernel, digest, RetentionAct))


PARTS: Mapping[str, Part] = {
    "people": Part(
        (topics.PEOPLE, topics.APPROVALS), PeopleState, lambda kernel, part, _, entry: part.fold(kernel, entry)
    ),
    "datasets": Part((topics.DATA,), DatasetState, lambda kernel, part, _, entry: part.fold(kernel, entry)),
    "in_force": Part(
        (topics.AUTHORIZATIONS, topics.TECHNOLOGIES), InForce, lambda kernel, part, _, entry: part.fold(kernel, entry)
    ),
    "acts": Part(
        (topics.APPROVALS, topics.PEOPLE), ProposalState, lambda kernel, part, _, entry: part.fold(kernel, entry)
    ),
    "access": Part((topics.ACCESS, topics.PEOPLE), AccessState, lambda kernel, part, _, entry: part.fold(entry)),
    "duties": Part(
        (topics.DUTIES, topics.RECORDS, topics.APPROVALS),
        DutyState,
        lambda kernel, part, _, entry: part.fold(entry, lambda: kernel.state.began),
    ),
    "objects": Part(
        (topics.DATA, topics.APPROVALS), ObjectState, lambda kernel, part, _, entry: part.fold(kernel, entry)
    ),
    "retention": Part((topics.DATA,), RetentionState, _retention),
    "partitions": Part((topics.PARTITIONS,), Partitions, lambda kernel, part, index, entry: part.fold(index, entry)),
    "alarms": Part((topics.ALARMS, topics.DATA, topics.PARTITIONS), AlarmState, _alarms),
    "plans": Part((topics.ALARMS, topics.PARTITIONS), PlanState, _plans),
    "sensors": Part((topics.SENSORS, topics.PARTITIONS), SensorState, lambda kernel, part, _, entry: part.fold(entry)),
    "records": Part(
        (topics.RECORDS, topics.DATA, topics.SENSORS, topics.ACCESS),
        RecordIndex,
        lambda kernel, part, index, entry: part.fold(index, entry),
    ),
    "noise": Part((topics.NOISE,), Noised, lambda kernel, part, _, entry: part.entries.append(entry)),
}


@dataclass(slots=True)
class _Held:
    part: Any
    size: int  # of the log, as far as the part has followed it
    taken_back: int


class OfficeState:
    """What the log says now; bound to the kernel that it is the state of. Every question is answered from the log."""

    def __init__(self) -> None:
        self._kernel: Any = None
        self._held: dict[str, _Held] = {}
        self._lock = RLock()
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
            if held is None or held.taken_back != taken_back:
                held = _Held(part=declared.make(), size=0, taken_back=taken_back)
            if held.size < size:
                for index, entry in log.follow(declared.topics, held.size - 1):
                    must_be_of_this_version(entry)
                    declared.fold(self._kernel, held.part, index, entry)
                    size = max(size, index + 1)
                held.size = size
            self._held[name] = held
            return held.part

    @property
    def people(self) -> dict[str, Person]:
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
    def _people(self) -> PeopleState:
        found: PeopleState = self.part("people")
        return found

    @property
    def _datasets(self) -> DatasetState:
        found: DatasetState = self.part("datasets")
        return found

    @property
    def _in_force(self) -> InForce:
        found: InForce = self.part("in_force")
        return found

    @property
    def _duties(self) -> DutyState:
        found: DutyState = self.part("duties")
        return found

    @property
    def datasets(self) -> dict[str, Admission]:
        """What is admitted, by name."""
        return self._datasets.datasets

    @property
    def queued(self) -> dict[str, Admission]:
        """What waits to be destroyed: out of use."""
        return self._datasets.queued

    @property
    def destroyed(self) -> dict[str, Admission]:
        """What was destroyed."""
        return self._datasets.destroyed

    @property
    def unfinished(self) -> Unfinished:
        """Each dataset that is neither kept nor turned away, with the entry that began it."""
        return Unfinished(self._kernel.stores.log, self._kernel.stores.rows)

    @property
    def authorizations(self) -> dict[str, Authorization]:
        """Issued and not revoked, by digest."""
        return self._in_force.authorizations

    @property
    def suspended(self) -> set[str]:
        """Technologies that are suspended."""
        return self._in_force.suspended

    @property
    def suspensions(self) -> Counter[str]:
        """How often each technology was suspended."""
        return self._in_force.suspensions

    @property
    def authorization_status(self) -> AuthorizationStatus:
        """Used warrants, step-ups, sessions, proposals, and when things last happened."""
        acts, access, duties = (_Look(self, name) for name in ("acts", "access", "duties"))
        return AuthorizationStatus(self._kernel, acts, access, duties)

    @property
    def objects(self) -> ObjectState:
        """Sealed objects."""
        found: ObjectState = self.part("objects")
        return found

    @property
    def histories(self) -> Histories:
        """Cases, each with its entries."""
        return Histories(self._kernel.stores.log, self._kernel.stores.rows)

    @property
    def alarms(self) -> AlarmState:
        """Watches and alarms."""
        found: AlarmState = self.part("alarms")
        return found

    @property
    def plans(self) -> PlanState:
        """Event plans."""
        found: PlanState = self.part("plans")
        return found

    @property
    def sensors(self) -> SensorState:
        """The public register of sensors."""
        found: SensorState = self.part("sensors")
        return found

    @property
    def records(self) -> RecordIndex:
        """Office records."""
        found: RecordIndex = self.part("records")
        return found

    @property
    def retention(self) -> RetentionState:
        """Categories, holds and the queue."""
        found: RetentionState = self.part("retention")
        return found

    @property
    def partitions(self) -> Partitions:
        """Retention partitions of the archive."""
        found: Partitions = self.part("partitions")
        return found

    @property
    def replay_guard(self) -> ReplayGuard:
        """Signed words that served."""
        return ReplayGuard(self._kernel.stores.log)

    @property
    def noised(self) -> list[Entry]:
        """What was spent on noise, and what was drawn, oldest first."""
        noised: Noised = self.part("noise")
        return noised.entries

    @property
    def ended(self) -> EndedSessions:
        """Sessions in which nothing is shown any more."""
        return EndedSessions(self._kernel.stores.rows)

    @property
    def began(self) -> str:
        """The time of the log's first entry."""
        return str(self._kernel.stores.log.head()["began"])

    @property
    def drilled(self) -> str:
        """The time of the last breach drill that met its acceptance criteria."""
        return self._duties.drilled

    @property
    def drill_missed(self) -> str:
        """The time of the last one that missed a bar, where none met them since."""
        return self._duties.drill_missed

    def about(self, dataset: str) -> list[int]:
        """The entries that concern a dataset, oldest first. O(those)."""
        found: list[int] = self._kernel.stores.log.find("dataset", dataset)
        return found

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


@dataclass(frozen=True, slots=True)
class _Look:
    state: OfficeState
    name: str

    def __call__(self) -> Any:
        return self.state.part(self.name)


def must_be_of_this_version(entry: Entry) -> None:
    """OutOfOrder where the entry has the words of an earlier version: `mark` for a document's digest."""
    if "mark" in entry:
        raise OutOfOrder(EARLIER)
