"""The objects a kernel keeps whole: the library, and each object's history as the log tells it. Nothing is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from peelian.errors import OutOfOrder
from peelian.kernel.model.custody_declarations import Moment
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.retention_schedule import destroyed_at, due_at, why_kept
from peelian.kernel.retention.retention import item_of, needed
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.custody import moments
from peelian.oversight.footage.releases import Release, release_of

SAID: Mapping[str, str] = {
    "KEEPING": "custody or creation started",
    "OPENED": "opened",
    "OPENED_SET": "partitions opened by workers",
    "VIEWED": "copy looked through",
    "ADMITTED": "encrypted, described and admitted",
    "DERIVED": "made by a case",
    "TURNED_AWAY": "failed and rolled back",
    "TAGGED": "categorized",
    "ALLOWED": "person allowed to use it",
    "DISALLOWED": "permission withdrawn",
    "HELD": "hold placed",
    "RELEASED": "hold released",
    "QUEUED": "queued for destruction",
    "RECOVERED": "recovered from the queue",
    "DESTROYED": "destruction started",
    "SHREDDED": "key destroyed, can never be read again",
    "DELIVERED": "delivered, encrypted for a recipient",
    "UNDELIVERED": "delivery failed",
    "EXPORTED": "history exported",
}
"""What each entry means, as message ids."""
YEARLY = ("ADMITTED", "DERIVED", "DELIVERED", "HELD", "RELEASED", "QUEUED", "RECOVERED", "DESTROYED", "TURNED_AWAY")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One object in the library: what it is, where it stands, when it goes."""

    dataset: str
    shape: str
    format: str
    digest: str
    size: int
    recorded_at: str
    parent: str
    categories: tuple[str, ...]
    access: str  # "", restricted or confidential: the strictest of its categories
    state: str  # kept, queued or destroyed
    kept_by: str  # held, case, uncategorised, person, or "" where time alone decides
    goes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One entry about an object: index, time, kind, which object of its line it concerns, who, in which case."""

    index: int
    at: str
    kind: str
    dataset: str
    who: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """One object, its facts, its history up to the recording it was made from, and who was given something of it."""

    line: ItemLine
    admission: Admission
    history: tuple[HistoryStep, ...]
    made: tuple[str, ...]  # the derivatives made from it
    deliveries: tuple[Release, ...]


def library(kernel: Kernel) -> tuple[ItemLine, ...]:
    """Every object kept whole, the newest first; destroyed ones stay in the list. O(objects)."""
    wanted = needed(kernel)
    known = kernel.state
    states = {"kept": known.datasets, "queued": known.queued, "destroyed": known.destroyed}
    found = [
        (admission.at, _line(kernel, admission, state, wanted))
        for state, partition in states.items()
        for admission in partition.values()
        if admission.description
    ]
    return tuple(line for _, line in sorted(found, key=lambda pair: pair[0], reverse=True))


def item_record(kernel: Kernel, dataset: str) -> ItemRecord:
    """One object with its history; OutOfOrder where no object of that name is or was kept."""
    known = kernel.state
    for state, partition in (("kept", known.datasets), ("queued", known.queued), ("destroyed", known.destroyed)):
        if dataset in partition and partition[dataset].description:
            admission = partition[dataset]
            everything = (*known.datasets.values(), *known.queued.values(), *known.destroyed.values())
            return ItemRecord(
                line=_line(kernel, admission, state, needed(kernel)),
                admission=admission,
                history=tuple(_steps(kernel, moments(kernel, dataset))),
                made=tuple(a.dataset for a in everything if a.parent == dataset),
                deliveries=tuple(_deliveries(kernel, dataset, everything)),
            )
    raise OutOfOrder("No such object is kept here.")


def year_of(kernel: Kernel, year: int) -> Mapping[str, int]:
    """How often each act on objects was done in a year: the numbers of the annual report. O(entries).

    They count acts of the office and no person, so that small ones may be published.
    """
    known = kernel.state
    everything = (*known.datasets.values(), *known.queued.values(), *known.destroyed.values())
    objects = {admission.dataset for admission in everything if admission.description}
    tally = Counter(
        str(entry["kind"])
        for _, entry in kernel.stores.log.read()
        if str(entry["kind"]) in YEARLY
        and str(entry["t"]).startswith(f"{year}-")
        and (entry.get("dataset") in objects or entry["kind"] == "TURNED_AWAY")
    )
    return {kind: tally[kind] for kind in YEARLY}


def _line(kernel: Kernel, admission: Admission, state: str, wanted: frozenset[str]) -> ItemLine:
    item = item_of(kernel, admission, wanted)
    access = {c.access for c in item.categories}
    goes = {"kept": due_at(item), "queued": destroyed_at(item), "destroyed": None}[state]
    return ItemLine(
        dataset=admission.dataset,
        shape=admission.shape,
        format=admission.format,
        digest=admission.digest,
        size=admission.size,
        recorded_at=item.recorded_at.isoformat(),
        parent=admission.parent,
        categories=tuple(c.id for c in item.categories),
        access=next((word for word in ("confidential", "restricted") if word in access), ""),
        state=state,
        kept_by="" if state == "destroyed" else why_kept(item),
        goes_at=goes,
    )


def _deliveries(kernel: Kernel, dataset: str, everything: Sequence[Admission]) -> Iterator[Release]:
    """Deliveries of an object and of all that was made from it, oldest first. O(objects + their entries)."""
    line = {dataset}
    while more := {a.dataset for a in everything if a.parent in line} - line:
        line |= more
    for index, entry in kernel.stores.log.found_of("dataset", line):
        if entry["kind"] == "DELIVERED":
            yield release_of(kernel, index, entry)


def _steps(kernel: Kernel, found: Iterator[Moment]) -> Iterator[HistoryStep]:
    for moment in found:
        entry = moment.entry
        token = str(entry.get("by", ""))
        history = kernel.state.histories.get(str(entry.get("case", "")))
        token = token or (history.by if history else "")
        person = kernel.state.people.get(token)
        yield HistoryStep(
            index=moment.index,
            at=str(entry["t"]),
            kind=str(entry["kind"]),
            dataset=str(entry["dataset"]),
            who=person.name if person else token,
            case=str(entry.get("case", "")),
        )
