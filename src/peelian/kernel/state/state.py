"""Office state: what the log says now, and the history of each case."""

from __future__ import annotations

from dataclasses import dataclass, field

from peelian.kernel.model.archive_partitions import Partitions
from peelian.kernel.model.documents import Admission, Authorization
from peelian.kernel.model.people import Person
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.retention_schedule import RetentionState
from peelian.kernel.state.alarm_state import AlarmState
from peelian.kernel.state.authorization_status import AuthorizationStatus
from peelian.kernel.state.founding_state import Founding
from peelian.kernel.state.object_state import ObjectState
from peelian.kernel.state.record_index import RecordIndex
from peelian.kernel.state.replay_guard import ReplayGuard
from peelian.kernel.state.sensor_state import SensorState


@dataclass(slots=True)
class CaseHistory:
    """Where one case stands: the entries that concern it, by index."""

    case: str
    capability: str
    purpose: str
    by: str
    unit: str
    entries: list[tuple[int, Entry]] = field(default_factory=list)

    def digests(self, kind: str) -> list[str]:
        """Marks of this case's documents of one kind, oldest first."""
        return [str(entry["document"]) for _, entry in self.entries if entry["kind"] == kind]

    def after(self, kind: str, before: str) -> list[Entry]:
        """Entries of one kind that follow the document with the digest `before`."""
        return [entry for _, entry in self.entries if entry["kind"] == kind and entry.get("before") == before]

    @property
    def state(self) -> str:
        """The last thing that happened, as one word of the log; a decision that was refused leaves it as it was."""
        kinds = [str(entry["kind"]) for _, entry in self.entries]
        aside = {"EXPORTED", "REFUSED"} if "RAN" in kinds else {"EXPORTED"}
        return next(kind for kind in reversed(kinds) if kind not in aside)


@dataclass(slots=True)
class OfficeState:
    """What the log says now. Folded from the log at opening (O(entries)) and kept in step with each append (O(1))."""

    people: dict[str, Person] = field(default_factory=dict)
    founding: Founding = field(default_factory=Founding)
    datasets: dict[str, Admission] = field(default_factory=dict)
    authorizations: dict[str, Authorization] = field(default_factory=dict)  # by digest, issued and not revoked
    suspended: set[str] = field(default_factory=set)
    authorization_status: AuthorizationStatus = field(default_factory=AuthorizationStatus)
    objects: ObjectState = field(default_factory=ObjectState)
    histories: dict[str, CaseHistory] = field(default_factory=dict)
    alarms: AlarmState = field(default_factory=AlarmState)
    sensors: SensorState = field(default_factory=SensorState)
    destroyed: dict[str, Admission] = field(default_factory=dict)
    queued: dict[str, Admission] = field(default_factory=dict)  # waiting to be destroyed: out of use
    records: RecordIndex = field(default_factory=RecordIndex)
    retention: RetentionState = field(default_factory=RetentionState)
    partitions: Partitions = field(default_factory=Partitions)  # of the archive
    replay_guard: ReplayGuard = field(default_factory=ReplayGuard)  # signed words that served
    enrolled: dict[str, str] = field(default_factory=dict)  # person → the digest of the enrolment that holds
    unfinished: dict[str, Entry] = field(default_factory=dict)  # dataset → the entry that began to keep or to make it
    about: dict[str, list[int]] = field(default_factory=dict)  # dataset → the entries that concern it
    forgotten: set[str] = field(default_factory=set)  # people whose name and key are destroyed
    published: dict[str, dict[str, None]] = field(default_factory=dict)  # data's digest ("": forgotten) → cases
    noised: list[Entry] = field(default_factory=list)  # what was spent on noise, and what was drawn, oldest first
    ended: set[str] = field(default_factory=set)  # sessions in which nothing is shown any more
    began: str = ""  # the time of the log's first entry
    drilled: str = ""  # the time of the last breach drill that met its acceptance criteria
    drill_missed: str = ""  # the time of the last one that missed a bar, where none met them since

    def fold_case(self, index: int, entry: Entry) -> None:
        """Bring the track of a case in step with an entry of it. O(1); O(entries of the case) where it publishes."""
        case, kind = str(entry["case"]), entry["kind"]
        if kind == "ASKED":
            self.histories[case] = CaseHistory(
                case=case,
                capability=str(entry["capability"]),
                purpose=str(entry["purpose"]),
                by=str(entry["by"]),
                unit=str(entry["unit"]),
            )
        if history := self.histories.get(case):
            history.entries.append((index, entry))
            if kind == "PUBLISHED":
                self._take_note_of_publication(history)

    def _take_note_of_publication(self, history: CaseHistory) -> None:
        """Of which data something was published, so that what follows is compared with releases of the same data and
        with no others: of what its runs opened, not of what somebody looked at afterwards."""
        permits = history.digests("PERMITTED")
        opened = [entry for _, entry in history.entries if entry["kind"] == "OPENED" and entry.get("before") in permits]
        for name in {str(entry["dataset"]) for entry in opened}:
            made = self.datasets.get(name) or self.queued.get(name) or self.destroyed.get(name)
            self.published.setdefault(made.digest if made else "", {})[history.case] = None
