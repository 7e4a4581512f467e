"""Record index: the newest office record and retention act of each kind.

Folded from the log alone: what a record says is not known here. What is still needed of them is judged in `needed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from peelian.kernel.model.ports import Entry
from peelian.kernel.model.suspension import OVERSEERS
from peelian.kernel.model.vocabulary import Role

_LISTERS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.CLERK})
_REVIEWERS = frozenset({Role.AUDITOR, Role.PRIVACY_OFFICER})
_PEERS = frozenset({Role.AUDITOR, Role.BOARD})
_DRILLERS = frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR, Role.BOARD, Role.CUSTODIAN})
_REGISTRARS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER})
_RECORDERS = frozenset({Role.PRIVACY_OFFICER, Role.CUSTODIAN, Role.CLERK})  # everybody else is told whom to tell
_KEPT_RECORDS: Mapping[str, tuple[str, frozenset[Role]]] = {
    "staff": ("STAFF_LISTED", _LISTERS),
    "roster": ("ROSTERED", _LISTERS),
    "subjects": ("SUBJECTS_LISTED", _LISTERS),
    "assignment": ("ASSIGNED", frozenset({Role.COMMANDER, Role.BOARD})),
    "pledge": ("PLEDGED", _REVIEWERS),
    "sample": ("SAMPLED", _REVIEWERS),
    "review": ("REVIEWED", _REVIEWERS),
    "answer": ("ANSWERED", frozenset({Role.CLERK, Role.PRIVACY_OFFICER})),
    "incident": ("INCIDENT", _RECORDERS),
    "amendment": ("AMENDED", _RECORDERS | {Role.BOARD}),  # who contained it says what was done
    "drill_begun": ("DRILL_BEGUN", _DRILLERS),
    "drill": ("DRILLED", frozenset()),  # a machine run as earlier versions counted it; nobody keeps one any longer
    "self_test": ("SELF_TESTED", _DRILLERS),
    "drill_opened": ("DRILL_OPENED", _DRILLERS),
    "drill_step": ("DRILL_STEPPED", frozenset(Role)),  # in the drill town, and of seats and lessons in the office
    "drill_report": ("DRILL_REPORTED", _DRILLERS),
    "drill_countersign": ("DRILL_COUNTERSIGNED", frozenset(Role)),
    "sensor": ("SENSOR_REGISTERED", _REGISTRARS),
    "sensor_batch": ("SENSORS_STATED", _REGISTRARS),
    "sensor_end": ("SENSOR_ENDED", _REGISTRARS),
    "sensor_update": ("SENSOR_UPDATED", _REGISTRARS),
    "sensor_release": ("SENSOR_RELEASED", frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER})),
    "assessment": ("ASSESSED", frozenset({Role.PRIVACY_OFFICER})),
    "peer_review": ("PEER_REVIEWED", _PEERS),
    "explanation": ("EXPLAINED", frozenset({Role.PRIVACY_OFFICER, Role.CLERK})),
    "approval": ("ENDORSED", frozenset({Role.COMMANDER, Role.BOARD, Role.COUNCIL})),
    "tool": ("TOOL_STATED", frozenset({Role.CUSTODIAN, Role.COMMANDER, Role.PRIVACY_OFFICER, Role.BOARD})),
    "drift": ("DRIFT_CHECKED", frozenset(Role)),  # whoever may ask for the proof again: the case that it is says so
    "rights": ("RIGHTS_ASSESSED", frozenset({Role.PRIVACY_OFFICER})),
    "vendor": ("VENDOR_BOUND", frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.COUNCIL})),
    "privileges": ("PRIVILEGES_REVIEWED", _PEERS),
    "produced": ("PRODUCED", frozenset({Role.PRIVACY_OFFICER, Role.BOARD, Role.COUNCIL, Role.AUDITOR, Role.CUSTODIAN})),
    "passkey": ("PASSKEY_ENROLLED", frozenset(Role)),
    "vocabulary": (
        "VOCABULARY_STATED",
        frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.ANALYST, Role.CLERK, Role.BOARD, Role.COUNCIL}),
    ),
    "contact": ("CONTACT_STATED", frozenset({Role.CUSTODIAN, Role.CLERK, Role.COUNCIL, Role.PRIVACY_OFFICER})),
    "ground": ("GROUND_STATED", frozenset({Role.CUSTODIAN, Role.ANALYST})),
    "suspension": ("SUSPENSION_EXPLAINED", OVERSEERS),
    "warrant_notice": ("WARRANT_NOTICED", frozenset({Role.PRIVACY_OFFICER})),
}
RECORDS: Mapping[str, str] = {record: kind for record, (kind, _) in _KEPT_RECORDS.items()}
"""What the office keeps records of, and the word of the log that says one was kept."""
MAKERS: Mapping[str, frozenset[Role]] = {record: makers for record, (_, makers) in _KEPT_RECORDS.items()}
"""Who may make which record at all; what it says may ask for more."""

NEWEST: Mapping[str, str] = {
    "STAFF_LISTED": "",
    "ROSTERED": "",
    "PRIVILEGES_REVIEWED": "",
    "DRILL_BEGUN": "",
    "DRILLED": "",
    "SELF_TESTED": "",
    "DRILL_OPENED": "",
    "DRILL_REPORTED": "",
    "DRILL_COUNTERSIGNED": "",
    "CONTACT_STATED": "",
    "SUBJECTS_LISTED": "dataset",
    "TAGGED": "dataset",
    "CATEGORY": "category",
    "HELD": "hold",
    "RIGHTS_ASSESSED": "serves",
    "PRODUCED": "requirement",
    "GROUND_STATED": "",
    "SUSPENSION_EXPLAINED": "technology",
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
