"""Every access the log knows of, as one noun: an opened dataset, a delivered file, a look at a person's record.

So are reads of the office's own pages that concern people: of the staff, or of whom one recording shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from peelian.kernel.access.staff_reads import DATA, READS
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import CaseHistory, Kernel

KINDS = frozenset({"OPENED", "OPENED_SET", "DELIVERED", "EXPORTED", "ACCESSED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access: its log entry, when, by whom, to what. Tokens only; "" where the entry does not say."""

    index: int
    at: datetime
    kind: str
    by: str  # the actor's token
    unit: str
    dataset: str
    case: str
    subject: str = ""
    action: str = "open"
    outcome: str = "shown"
    session: str = ""
    address: str = ""
    batch: str = ""
    cell: str = ""
    before: str = ""  # the document it follows, where the kernel checked one
    concerns: str = ""  # of a read: everybody of the staff, or whom the dataset shows (`staff_reads`)


def accesses(kernel: Kernel, *, since: datetime | None = None, until: datetime | None = None) -> tuple[Access, ...]:
    """The accesses of the log in order, from `since` on and before `until`. O(entries)."""
    return tuple(accesses_in(kernel.state.histories, kernel.stores.log.read(), since=since, until=until))


def reads(kernel: Kernel, *, since: datetime | None = None, until: datetime | None = None) -> tuple[Access, ...]:
    """What the staff read of the office's own pages and lists that concerns people, in order. O(reads)."""
    found = []
    for index, entry in kernel.stores.log.read(kinds=("STAFF_READ",)):
        concerns, at = READS[str(entry["read"])].concerns, read_time(str(entry["t"]))
        if concerns and (since is None or at >= since) and (until is None or at < until):
            access = Access(
                index=index,
                at=at,
                kind="STAFF_READ",
                by=str(entry["by"]),
                unit=str(entry["unit"]),
                dataset=str(entry.get("of", "")) if concerns == DATA else "",
                case="",
                action="page",
                session=str(entry.get("session", "")),
                concerns=concerns,
            )
            found.append(access)
    return tuple(found)


def reviewed(kernel: Kernel, *, since: datetime | None = None, until: datetime | None = None) -> tuple[Access, ...]:
    """The accesses and such reads together, in the order of the log. O(entries)."""
    both = (*accesses(kernel, since=since, until=until), *reads(kernel, since=since, until=until))
    return tuple(sorted(both, key=lambda access: access.index))


def accesses_in(
    histories: Mapping[str, CaseHistory],
    entries: Iterable[tuple[int, Entry]],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Access]:
    """The accesses among `entries`, of the log or a copy of it; `tracks` are the cases openings belong to."""
    for index, entry in entries:
        if entry["kind"] not in KINDS:
            continue
        at = read_time(str(entry["t"]))
        if (since is None or at >= since) and (until is None or at < until):
            yield _access(histories, index, entry, at)


def _access(histories: Mapping[str, CaseHistory], index: int, entry: Entry, at: datetime) -> Access:
    """An opening names only its case: its actor is the one who asked for that."""
    case = str(entry.get("under", entry.get("case", "")))
    history = histories.get(case)
    return Access(
        index=index,
        at=at,
        kind=str(entry["kind"]),
        by=str(entry.get("by", history.by if history else "")),
        unit=str(entry.get("unit", history.unit if history else "")),
        dataset=str(entry.get("dataset", "")),
        case=case,
        subject=str(entry.get("subject", "")),
        action=str(entry.get("action", {"DELIVERED": "export", "EXPORTED": "export"}.get(str(entry["kind"]), "open"))),
        outcome=str(entry.get("outcome", "shown")),
        session=str(entry.get("session", "")),
        address=str(entry.get("address", "")),
        batch=str(entry.get("batch", "")),
        cell=str(entry.get("cell", "")),
        before=str(entry.get("before", "")),
    )
