"""Record index: the newest office record and retention act of each kind.

Folded from the log alone: what a record says is not known here. What is still needed of them is judged in `needed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from peelian.kernel.model.ports import Entry

RECORDS: Mapping[str, str] = {
    "staff": "STAFF_LISTED",
    "roster": "ROSTERED",
    "subjects": "SUBJECTS_LISTED",
    "assignment": "ASSIGNED",
    "pledge": "PLEDGED",
    "sample": "SAMPLED",
    "review": "REVIEWED",
    "answer": "ANSWERED",
    "incident": "INCIDENT",
    "amendment": "AMENDED",
    "drill_begun": "DRILL_BEGUN",
    "drill": "DRILLED",
    "sensor": "SENSOR_REGISTERED",
    "sensor_batch": "SENSORS_STATED",
    "sensor_end": "SENSOR_ENDED",
    "sensor_update": "SENSOR_UPDATED",
    "sensor_release": "SENSOR_RELEASED",
    "assessment": "ASSESSED",
    "peer_review": "PEER_REVIEWED",
    "explanation": "EXPLAINED",
    "approval": "ENDORSED",
    "tool": "TOOL_STATED",
    "drift": "DRIFT_CHECKED",
    "rights": "RIGHTS_ASSESSED",
    "vendor": "VENDOR_BOUND",
    "privileges": "PRIVILEGES_REVIEWED",
    "produced": "PRODUCED",
    "passkey": "PASSKEY_ENROLLED",
    "vocabulary": "VOCABULARY_STATED",
    "contact": "CONTACT_STATED",
    "ground": "GROUND_STATED",
}
"""What the office keeps records of, and the word of the log that says one was kept."""

NEWEST: Mapping[str, str] = {
    "STAFF_LISTED": "",
    "ROSTERED": "",
    "PRIVILEGES_REVIEWED": "",
    "DRILL_BEGUN": "",
    "DRILLED": "",
    "CONTACT_STATED": "",
    "SUBJECTS_LISTED": "dataset",
    "TAGGED": "dataset",
    "CATEGORY": "category",
    "HELD": "hold",
    "RIGHTS_ASSESSED": "serves",
    "PRODUCED": "requirement",
    "GROUND_STATED": "",
}
"""Kinds of which the newest is in force: the field that says of what, "" where there is one for the whole office."""
FOLLOWING = frozenset({"PEER_REVIEWED", "EXPLAINED", "ENDORSED", "DRIFT_CHECKED"})
TOOL, VENDOR = "TOOL_STATED", "VENDOR_BOUND"
_KEPT = frozenset(RECORDS.values())


@dataclass(slots=True)
class RecordIndex:
    """Folded entry by entry, O(1) each."""

    newest: dict[tuple[str, str], Entry] = field(default_factory=dict)  # kind, of what → its entry
    following: dict[str, list[str]] = field(default_factory=dict)  # digest → the digests of records that go on from it
    plans: dict[str, list[str]] = field(default_factory=dict)  # case → the digests of its assignments
    incidents: dict[str, list[str]] = field(default_factory=dict)  # incident → its digests, amendments too
    records: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # kind → indexes and digests, oldest first

    def fold(self, index: int, entry: Entry) -> None:
        """Bring it in step with one entry."""
        kind, digest = str(entry["kind"]), str(entry.get("document", ""))
        if kind in _KEPT:
            self.records.setdefault(kind, []).append((index, digest))
        if kind in NEWEST:
            self.newest[kind, str(entry.get(NEWEST[kind], ""))] = entry
        elif kind in FOLLOWING:
            self.following.setdefault(str(entry["before"]), []).append(digest)
        elif kind == "ASSIGNED":
            self.plans.setdefault(str(entry["under"]), []).append(digest)
        elif kind in ("INCIDENT", "AMENDED"):
            self.incidents.setdefault(str(entry["incident"]), []).append(digest)

    def of(self, kind: str) -> Iterator[tuple[str, Entry]]:
        """The newest of one kind, by what each is about. O(newest)."""
        return ((about, entry) for (one, about), entry in self.newest.items() if one == kind)
