"""Archive partitions: which retention partition a document lies in, and for how long.

Every partition holds one class of documents of one quarter, under a key of its own. When the quarter is over and the
class's days after it, the key is destroyed and with it every document on the partition, wherever copies of it may
lie. The log keeps the digests; its proofs stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from peelian.errors import InputError
from peelian.kernel.model.ports import Entry
from peelian.measure.canonical import canonical_digest

CASES, REFUSALS, PEOPLE, AUTHORIZATIONS = "cases", "refusals", "people", "authorizations"
DATA, REGISTER, ALARMS, RECORDS = "data", "register", "alarms", "records"
DAYS: Mapping[str, int] = {
    CASES: 2_557,  # seven years: beyond any limitation period that commonly applies to what was decided on them
    REFUSALS: 731,  # two years: the basic limitation period (Ontario, Limitations Act, 2002, section 4)
    PEOPLE: 2_557,  # as long as the cases they acted in
    AUTHORIZATIONS: 3_653,  # ten years: as long as documentation of a system (EU AI Act, article 18)
    DATA: 2_557,  # what was declared about a dataset, after it was destroyed
    REGISTER: 3_653,
    ALARMS: 731,  # two years, the same limitation period; logs of a system at least 6 months (EU AI Act, article 26(6))
    RECORDS: 2_557,  # as long as what they review; of breaches at least 24 months (Canada, SOR/2018-64, section 6)
}
"""For how many days after its quarter each class is kept."""
FEWEST_DAYS, MOST_DAYS = 183, 36_160  # six months (EU AI Act, article 26(6)) to 99 years
NOTICE = timedelta(days=30)  # a time that was made shorter counts from then on
CARRIED = "carried"

_RECORDS_OF: Mapping[str, str] = {  # the office's own records that have the time of what they are about
    **dict.fromkeys(("STAFF_LISTED", "ROSTERED", "PRIVILEGES_REVIEWED", "PASSKEY_ENROLLED"), PEOPLE),
    **dict.fromkeys(("ASSESSED", "PEER_REVIEWED", "EXPLAINED", "ENDORSED", "RIGHTS_ASSESSED"), AUTHORIZATIONS),
    **dict.fromkeys(("TOOL_STATED", "DRIFT_CHECKED", "VENDOR_BOUND", "PRODUCED", "VOCABULARY_STATED"), AUTHORIZATIONS),
    **dict.fromkeys(
        ("SENSOR_REGISTERED", "SENSORS_STATED", "SENSOR_UPDATED", "SENSOR_ENDED", "SENSOR_RELEASED"), REGISTER
    ),
    **dict.fromkeys(("GROUND_STATED", "CONTACT_STATED", "SUSPENSION_EXPLAINED"), REGISTER),
    "ASSIGNED": CASES,
    "SUBJECTS_LISTED": DATA,
}
_CLASS_OF: Mapping[str, str] = {
    **_RECORDS_OF,
    **dict.fromkeys(("ASKED", "PERMITTED", "OPENED_SET", "RAN", "DECIDED"), CASES),
    "REFUSED": REFUSALS,
    **dict.fromkeys(("ADMITTED", "DERIVED"), DATA),
    **dict.fromkeys(("ISSUED", "PROPOSED", "APPROVED", "WARRANT_REFUSED"), AUTHORIZATIONS),
    **dict.fromkeys(("CATEGORY", "TAGGED", "HELD", "RELEASED", "QUEUED", "RECOVERED"), AUTHORIZATIONS),
    **dict.fromkeys(("PUBLISHED", "CORRECTED"), REGISTER),
    "ENROLLED": PEOPLE,
}
_PARTITION = re.compile(r"([a-z]+)\.(\d{4})q([1-4])")


def class_of(kind: str) -> str:
    """The class of the document that an entry of this kind names."""
    if kind.startswith(("ALARM_", "WATCH_", "EVENT_", "HANDED_")):
        return ALARMS
    return _CLASS_OF.get(kind, RECORDS)


def partition_at(retention: str, at: datetime) -> str:
    """The partition of a class in the quarter of a moment.

    >>> partition_at("cases", datetime(2026, 11, 24, tzinfo=UTC))
    'cases.2026q4'
    """
    at = at.astimezone(UTC)
    return f"{retention}.{at.year:04d}q{(at.month + 2) // 3}"


def partitions_at(at: datetime) -> frozenset[str]:
    """The partitions on which documents of any class are put at a moment: of its quarter, and for a day of the one
    before."""
    return frozenset(partition_at(one, moment) for one in DAYS for moment in (at, at - timedelta(days=1)))


def quarter_ends(partition: str) -> datetime | None:
    """When a partition's quarter is over; None for a partition that is of no quarter.

    >>> quarter_ends("cases.2026q4").isoformat(), quarter_ends("warrant-ab")
    ('2027-01-01T00:00:00+00:00', None)
    """
    found = _PARTITION.fullmatch(partition)
    if found is None:
        return None
    year, quarter = int(found[2]), int(found[3])
    return datetime(year + quarter // 4, quarter % 4 * 3 + 1, 1, tzinfo=UTC)


def retention_of(partition: str) -> str:
    """The class a partition belongs to, carried or not; "" where it belongs to none."""
    name = partition.partition(".")[0]
    return name if name in DAYS else ""


def homes(entry: Entry) -> tuple[str, ...]:
    """The partitions on which the document of an entry was put: made around the turn of a quarter, it may be the
    earlier one's; of a refused request that of the refusals; and all records of the office once were of one class."""
    at = datetime.fromisoformat(str(entry["t"]))
    kind = str(entry["kind"])
    others = (REFUSALS,) if kind == "ASKED" else (RECORDS,) if kind in _RECORDS_OF else ()
    classes = (class_of(kind), *others)
    return tuple(dict.fromkeys(partition_at(one, moment) for one in classes for moment in (at, at - timedelta(days=1))))


def checked_periods(days: Mapping[str, int]) -> dict[str, int]:
    """How long each class is kept, for what is not said the default; InputError where a class or a time is none."""
    for retention, n in days.items():
        if retention not in DAYS:
            raise InputError(f"unknown class of documents {retention[:40]!r}", accepted=", ".join(DAYS))
        if n and not FEWEST_DAYS <= n <= MOST_DAYS:
            accepted = f"{FEWEST_DAYS} to {MOST_DAYS:,} days, or 0: until a person decides"
            raise InputError(
                "retention period of documents out of range", column=f"keep_{retention}_days", accepted=accepted
            )
    return {**DAYS, **days}


def digest_of_digests(digests: frozenset[str]) -> str:
    """What the log says of the documents that were carried over, so that none of them can be taken away unseen."""
    return canonical_digest(sorted(digests))


@dataclass(slots=True)
class Partitions:
    """What the log says of partitions. Folded entry by entry, O(1) each; the same entry may come twice."""

    destroyed: dict[str, str] = field(default_factory=dict)  # partition → the time of the log's entry
    pending: set[str] = field(default_factory=set)  # destroyed by the log, the key perhaps not yet
    carried: dict[str, str] = field(default_factory=dict)  # partition → the digest of the digests carried over to it
    at: dict[str, int] = field(default_factory=dict)  # partition → the index of the entry that says so
    restored: list[tuple[int, int]] = field(default_factory=list)  # entries whose documents a restored log may lack
    periods: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)  # class → since when how many days

    @property
    def lost(self) -> frozenset[str]:
        """Partitions carried over by entries that a restored log has without their documents."""
        return frozenset(name for name, index in self.at.items() if self.came_alone(index))

    def came_alone(self, index: int) -> bool:
        """Whether a restored log took this entry from the published log, without its document. O(restorations)."""
        return any(copied <= index < size for copied, size in self.restored)

    def fold(self, index: int, entry: Entry) -> None:
        """Bring it in step with one entry."""
        kind, partition = entry["kind"], str(entry.get("partition", ""))
        if kind == "PARTITION_DESTROYED":
            self.destroyed.setdefault(partition, str(entry["t"]))
            self.pending.add(partition)
        elif kind == "PARTITION_SHREDDED":
            self.pending.discard(partition)
        elif kind == "CARRIED":
            self.carried[partition], self.at[partition] = str(entry["digests"]), index
        elif kind == "RESTORED":
            self.restored.append((int(entry["copied"]), int(entry["size"])))
        elif kind == "KEPT_FOR":
            since = datetime.fromisoformat(str(entry["t"]))
            said = self.periods.setdefault(str(entry["retention"]), [])
            if (since, int(entry["days"])) not in said:
                said.append((since, int(entry["days"])))

    def days(self, retention: str, now: datetime) -> int:
        """For how long a class is kept now; 0: no document of it is destroyed by itself.

        The longest of what the log said within 30 days and of what it said last before. So a time made shorter, and the
        first one ever said, count from 30 days after.
        """
        said = self.periods.get(retention, [])
        before = [days for since, days in said if now - since >= NOTICE]
        standing = before[-1:] + [days for since, days in said if now - since < NOTICE]
        return max(standing) if before and all(standing) else 0

    def is_due(self, partition: str, now: datetime) -> bool:
        """Whether the time of a quarter's partition is over."""
        ends, days = quarter_ends(partition), self.days(retention_of(partition), now)
        return ends is not None and days > 0 and ends + timedelta(days=days) <= now
