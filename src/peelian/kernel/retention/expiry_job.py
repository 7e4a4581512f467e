"""The daily expiry job: what is due is queued and destroyed, and archive partitions past their time lose their key.

What is still needed (`needed`) is carried over before. It goes to a partition of its own, whose digests the log
holds as one digest; the day on which one of them is needed no longer, that partition is made anew without it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peelian.errors import IntegrityError
from peelian.kernel.model.archive_partitions import (
    CARRIED,
    CASES,
    DAYS,
    digest_of_digests,
    partition_at,
    quarter_ends,
    retention_of,
)
from peelian.kernel.model.ports import Leaf
from peelian.kernel.policy.authorize import time_must_go_on
from peelian.kernel.retention.paper_expiry import end_due_papers
from peelian.kernel.retention.parts_expiry import end_due_parts
from peelian.kernel.retention.retention import Swept, batched, drained, run_in_slices
from peelian.kernel.retention.retention_roots import keepers, needed_digests
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.missing_documents import OLDER_LOG, Remembers, carried_must_be_there

AT_IT = "retention"  # the lease of whoever is at the daily job
WARRANT = "warrant-"
DAILY = timedelta(days=1)
AT_ONCE, MOST_AT_ONCE = 25, 16 << 20  # documents and bytes that are carried over together


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What one run of the job did: the partitions it destroyed, how many documents with them, how many it carried
    over."""

    partitions: tuple[str, ...]
    documents: int
    carried: int


def is_due(kernel: Kernel) -> bool:
    """Whether the daily job has not been done for a day. O(1)."""
    last = kernel.state.jobs.last
    return bool(last) and kernel.now() - datetime.fromisoformat(last) >= DAILY


def has_jumped(kernel: Kernel) -> int:
    """By how many days the clock has jumped, while the daily job has to wait for that; 0 where it may go on. O(1)."""
    return kernel.state.jobs.jumped(kernel.now())


def sweep(kernel: Kernel) -> tuple[Swept, Expired]:
    """The office's whole daily job in one go: see `sweep_in_slices`."""
    return drained(sweep_in_slices(kernel))


def sweep_in_slices(kernel: Kernel) -> Generator[None, None, tuple[Swept, Expired]]:
    """The office's whole daily job: what of the data and then of the archive is over; logged, even where nothing was.

    It is O(datasets × log of cases + documents). The kernel is held for one slice at a time, some hundredths of a
    second; whoever draws the slices lets others have it in between. Refused while the clock is behind the log. Where it
    has jumped ahead (`jumps`) nothing is queued or destroyed for a day; the log says that the job waited, and for what.
    Who begins it while another process or thread is at it waits for that one, and finds nothing due.
    """
    time_must_go_on(kernel)
    with kernel.stores.lease(AT_IT, True):
        with kernel.lock:
            if days := has_jumped(kernel):
                kernel.append("SWEPT", queued=0, destroyed=0, partitions=0, waited=days, by="office")
                return Swept(queued=(), destroyed=()), Expired(partitions=(), documents=0, carried=0)
        done = yield from run_in_slices(kernel)
        yield
        end_due_parts(kernel)
        yield
        gone = yield from _expire_in_slices(kernel)
        yield
        end_due_papers(kernel)
        counts = {"queued": len(done.queued), "destroyed": len(done.destroyed), "partitions": len(gone.partitions)}
        kernel.append("SWEPT", **counts, by="office")
        return done, gone


def expire(kernel: Kernel) -> Expired:
    """The office's job for its archive in one go: see `expire_in_slices`."""
    return drained(expire_in_slices(kernel))


def expire_in_slices(kernel: Kernel) -> Generator[None, None, Expired]:
    """The office's job for its archive, daily. Who begins it while another is at it waits. O(documents + cases)."""
    with kernel.stores.lease(AT_IT, True):
        return (yield from _expire_in_slices(kernel))


def _expire_in_slices(kernel: Kernel) -> Generator[None, None, Expired]:
    """PARTITION_DESTROYED is logged before a key goes and PARTITION_SHREDDED after it: what an interruption left is
    completed by the next run.

    What is needed is copied slice by slice; whatever came to be needed meanwhile is copied in the slice that says so.
    Refused while the clock is behind the log.
    """
    time_must_go_on(kernel)
    # the first look at 100,000 documents takes a while, and needs nothing of the kernel
    kernel.stores.archive.partitions()
    with kernel.lock:
        _say_periods(kernel)
        remove_what_came_back(kernel)
    for partition in sorted(kernel.state.partitions.pending):
        yield
        _shred(kernel, partition)
    yield
    due, needed = _due(kernel)
    copies = {retention: f"{retention}.{CARRIED}-{kernel.stores.log.size()}" for retention in DAYS}
    for retention, copy in copies.items():
        for some in batched(sorted(_to_carry(retention, due, needed)), AT_ONCE):
            yield
            _copy(kernel, some, copy)
    yield
    with kernel.lock:
        due, needed = _due(kernel)
        carried = sum(_carry(kernel, copy, _to_carry(name, due, needed)) for name, copy in copies.items())
        gone = sum(map(len, due.values())) - carried
        for partition, digests in due.items():
            kernel.append("PARTITION_DESTROYED", partition=partition, n=len(digests), by="office")
    for partition in due:
        yield
        _shred(kernel, partition)
    return Expired(partitions=tuple(due), documents=gone, carried=carried)


def remove_what_came_back(kernel: Kernel) -> None:
    """Destroy partitions that were carried, but a crash came before the log knew of it; and those that the log says are
    destroyed, again: a backup may have brought back their documents, their key, or both. When the office opens, and
    daily. O(documents + partitions that ever were).

    IntegrityError where a carried partition that the log does not know is the only one that has a document: nothing is
    destroyed then, for a crash leaves the ones that were copied from.
    """
    known, partitions = kernel.state.partitions, kernel.stores.archive.partitions()
    unknown = {partition for partition in partitions if _is_carried(partition) and partition not in known.carried}
    elsewhere = {digest for partition, digests in partitions.items() if partition not in unknown for digest in digests}
    if any(
        kernel.stores.log.found("document", digest)
        for partition in unknown
        for digest in partitions[partition] - elsewhere
    ):
        raise IntegrityError(f"The archive holds documents carried over by entries this log lacks. {OLDER_LOG}")
    for partition in sorted(unknown | known.destroyed.keys() - known.pending):
        kernel.stores.archive.destroy_partition(partition)


def remove_unless_at_work(kernel: Kernel) -> None:
    """The same when an office is opened: where another process is at the daily job it has just done so, and what it
    copies now is not what came back."""
    with kernel.stores.lease(AT_IT, False) as nobody:
        if nobody:
            remove_what_came_back(kernel)


def _due(kernel: Kernel) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The partitions whose time is over, or that hold what is needed no longer, with their digests; and the digests
    that are needed. O(documents + cases)."""
    with kernel.lock:
        known, partitions = kernel.state.partitions, kernel.stores.archive.partitions()
        over = sorted(partition for partition in partitions if known.is_due(partition, kernel.now()))
        needed = needed_digests(kernel) if over or known.carried else frozenset()
        over += [s for s in known.carried if s in partitions and s not in known.destroyed and partitions[s] - needed]
        over += sorted(
            partition for partition in partitions if partition.startswith(WARRANT) and _is_over(kernel, partition)
        )
        return {partition: partitions[partition] for partition in over}, needed


def _quarters(kernel: Kernel) -> frozenset[str]:
    """Every partition of a quarter that there may ever have been. O(quarters)."""
    now = kernel.now()
    began = datetime.fromisoformat(kernel.state.began) if kernel.state.began else now
    months = range((now.year - began.year + 1) * 4)
    days = (datetime(began.year + n // 4, n % 4 * 3 + 1, 1, tzinfo=UTC) for n in months)
    return frozenset(partition_at(retention, day) for day in days for retention in DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A class of the archive: for how many days after its quarter it is kept (0: no time), how many documents it has,
    and the day on which its next partition is destroyed ("": none)."""

    retention: str
    days: int
    documents: int
    next: str


def kept_classes(kernel: Kernel) -> tuple[Kept, ...]:
    """Every class with what it holds now. O(documents)."""
    partitions, found = kernel.stores.archive.partitions(), []
    for retention in DAYS:
        days = kernel.retention_days.get(retention, 0)
        own = {
            partition: digests for partition, digests in partitions.items() if partition.partition(".")[0] == retention
        }
        ends = [end for partition in own if (end := quarter_ends(partition)) is not None]
        first = f"{min(ends) + timedelta(days=days):%Y-%m-%d}" if ends and days else ""
        documents = sum(map(len, own.values()))
        found.append(Kept(retention=retention, days=days, documents=documents, next=first))
    return tuple(found)


def must_be_whole(kernel: Kernel) -> None:
    """IntegrityError where a document that the log says was carried over is not in the archive, or where a partition
    was destroyed that the log does not say. O(documents + quarters since the office began)."""
    archive, known = kernel.stores.archive, kernel.state.partitions.destroyed
    if isinstance(archive, Remembers) and any(s not in known and archive.is_destroyed(s) for s in _quarters(kernel)):
        raise IntegrityError(f"A retention partition was destroyed, but this log has no such entry. {OLDER_LOG}")
    carried_must_be_there(kernel)


def _to_carry(retention: str, due: Mapping[str, frozenset[str]], needed: frozenset[str]) -> frozenset[str]:
    """The digests on the due partitions of a class that something in force still needs."""
    return frozenset(
        digest
        for partition, digests in due.items()
        if retention_of(partition) == retention
        for digest in digests & needed
    )


def _copy(kernel: Kernel, digests: Iterable[str], partition: str) -> None:
    """Put these documents on another partition, too."""
    leaves: list[Leaf] = []
    with kernel.lock:
        for digest in digests:
            leaves.append(Leaf(digest=digest, document=kernel.stores.archive.get(digest), partition=partition))
            if sum(len(leaf.document) for leaf in leaves) > MOST_AT_ONCE:
                kernel.stores.archive.put_all(leaves)
                leaves.clear()
        kernel.stores.archive.put_all(leaves)


def _carry(kernel: Kernel, partition: str, digests: frozenset[str]) -> int:
    """Say that these were carried over, once the last of them is there; how many."""
    if not digests:
        return 0
    _copy(kernel, sorted(digests - kernel.stores.archive.partitions().get(partition, frozenset())), partition)
    there = kernel.stores.archive.partitions()[partition]
    kernel.append("CARRIED", partition=partition, n=len(there), digests=digest_of_digests(there))
    return len(there)


def _shred(kernel: Kernel, partition: str) -> None:
    kernel.stores.archive.destroy_partition(partition)
    kernel.append("PARTITION_SHREDDED", partition=partition, by="office")


def _is_over(kernel: Kernel, partition: str) -> bool:
    """Whether a warrant's findings have outlived the documents of every case under it."""
    root = partition.removeprefix(WARRANT)
    under = [
        t
        for t in kernel.state.histories.values()
        if any(str(e.get("warrant", "")).startswith(root) for _, e in t.entries)
    ]
    last = [str(history.entries[-1][1]["t"]) for history in under]
    days = kernel.state.partitions.days(CASES, kernel.now())
    if not last or not days or any(map(keepers(kernel), under)):
        return False
    return datetime.fromisoformat(max(last)) + timedelta(days=days + 92) <= kernel.now()


def _is_carried(partition: str) -> bool:
    return f".{CARRIED}-" in partition


def _say_periods(kernel: Kernel) -> None:
    for retention, days in kernel.retention_days.items():
        said = kernel.state.partitions.periods.get(retention, [])
        if not said or said[-1][1] != days:
            kernel.append("KEPT_FOR", retention=retention, days=days)
