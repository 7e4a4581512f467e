"""Counting workers: each opens partitions by itself, by openings that the run logs for its key, and returns counts.

What a worker asks whoever holds the keys passes through the run, and through a cluster's scheduler; the answer is
encrypted to the worker. It reads sealed files in the office's folder. A worker that is lost changes nothing: what it
had not finished is logged anew, for another.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

import numpy as np
import pyarrow as pa

from peelian.errors import PeelianError
from peelian.integrations.count_engines import engine_at
from peelian.integrations.incident_counts import Engine, Months, questions, rows_of
from peelian.integrations.office_counter import Handover
from peelian.integrations.part_spelling import read_tables, spelled_tables
from peelian.integrations.part_workers import Call, Crew, Lost, Rounds
from peelian.integrations.partition_worker import PartitionWorker
from peelian.kernel.model.counts import Bins, CellCounts
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.partitions import Partition
from peelian.kernel.vault.worker_keys import KeyRequest
from peelian.kernel.verbs.partition_opening import SealedPartitions, as_listed
from peelian.kernel.verbs.worker_sets import Ticket, Wanted
from peelian.measure.arrow_memory import to_values
from peelian.measure.categories import CATEGORIES

NO_FOLDER = (
    "A worker cannot see the office's folder of sealed objects. Mount it there at the same path, read only, then make "
    "a new request."
)
COUNTING = "Counting incidents in partitions"
MOST_AT_ONCE = 32  # openings of one set: a worker uses them within its ten minutes


# ---- in the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One partition to count: the opening, the answer to what was asked for it, and what it must turn out to be."""

    ticket: Ticket
    to: str  # the fresh key that the answer is encrypted to
    answer: bytes = field(repr=False)
    listed: Partition
    dataset: str
    objects: str
    bins: Bins


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Counts and lags of one partition, their categories by number in `words`."""

    tables: Sequence[pa.Table]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Own:
    """What a worker process keeps until it ends: its key, how to read the answers that it waits for, and an engine."""

    engine: Engine
    closing: ExitStack
    worker: PartitionWorker = field(default_factory=PartitionWorker)
    reads: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)  # by the fresh key
    one: threading.Lock = field(default_factory=threading.Lock)  # the engine counts one partition at a time


@cache
def _own() -> _Own:
    closing = ExitStack()
    return _Own(closing.enter_context(engine_at(threads=1)), closing)


def public_key(shared: None, part: None, progress: Progress) -> str:
    """In a worker: its key, as sets name it."""
    return _own().worker.public_key


def asks_for(shared: None, ticket: Ticket, progress: Progress) -> KeyRequest | None:
    """In a worker: what it asks for a ticket's data key; None where the ticket names a process that is gone."""
    own = _own()
    if ticket.leaf.worker != own.worker.public_key:
        return None
    asks, read = own.worker.asking(ticket)
    own.reads[asks.to] = read
    for forgotten in list(own.reads)[:-MOST_AT_ONCE]:  # whose run has ended
        own.reads.pop(forgotten, None)
    return asks


def counts_of(shared: None, order: Order, progress: Progress) -> Part | None:
    """In a worker: the counts of one partition; None where the process that asked for it is gone. IntegrityError where
    it is damaged, missing, or another one."""
    if not os.path.isdir(order.objects):
        raise PeelianError(NO_FOLDER)
    own, words = _own(), list(CATEGORIES)
    if (read := own.reads.pop(order.to, None)) is None:
        return None
    with own.worker.opened(order.ticket, order.objects, read(order.answer)) as file:
        points = as_listed(file.read(), order.listed, order.dataset)
    with own.one:
        return Part(tables=own.engine(rows_of(points, words), questions(order.bins)), words=words)


# ---- in the run


def counted_by(crew: Crew, partitions: SealedPartitions, bins: Bins, handover: Handover) -> CellCounts:
    """Count the partitions with these workers: the same, to the last bit, as in one process.

    An opening that is refused, or a damaged partition, ends the run with its error. O(rows), memory of the counts.
    """
    job = _Job(partitions=partitions, handover=handover, whole=_InOrder(partitions.listed, bins), bins=bins)
    rounds = _rounds(partitions, bins)
    for number in sorted(rounds.done):
        job.whole.take(number, rounds.done[number])
        rounds.done[number] = True  # its counts are added, and need no place of their own
    for waiting in rounds:
        with crew.workers() as calls, ThreadPoolExecutor(len(calls)) as threads:
            work = _Work(deque(waiting), len(calls), rounds)
            for thread in [threads.submit(_drained, job, call, work) for call in calls]:
                thread.result()
    return job.whole.counted()


def _rounds(partitions: SealedPartitions, bins: Bins) -> Rounds:
    """The partitions to count, without those that an earlier run of the same plan counted."""
    of = len(partitions.listed)
    step = partitions.kept(f"counts of {partitions.dataset} by {bins}", of)
    return Rounds(of, partitions.progress, COUNTING, step, _read, _spelled)


def _spelled(part: Part) -> bytes:
    return spelled_tables([*part.tables], [*part.words])


def _read(content: bytes) -> Part:
    tables, words = read_tables(content)
    return Part(tables=tables, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    partitions: SealedPartitions
    handover: Handover
    whole: _InOrder
    bins: Bins
    one: threading.RLock = field(default_factory=threading.RLock)  # the office is asked by one thread at a time

    def committed(self, numbers: Sequence[int], worker: str) -> tuple[Ticket, ...]:
        """One logged set: this worker opens these partitions."""
        listed = [self.partitions.listed[number] for number in numbers]
        wanted = tuple(Wanted(object=one.object, worker=worker) for one in listed)
        with self.one:
            return self.partitions.commits(self.partitions.dataset, wanted)

    def key(self, asks: KeyRequest) -> bytes:
        """The answer of whoever holds the keys."""
        with self.one:
            return self.handover.key(asks)


@dataclass(frozen=True, slots=True)
class _Work:
    """The partitions of a round that nobody has begun, by number."""

    waiting: deque[int]
    workers: int
    rounds: Rounds

    def some(self, listed: Sequence[Partition]) -> list[int]:
        """The next ones for one worker, all sealed as one dataset: fewer towards the end, so that all end together."""
        most = min(MOST_AT_ONCE, max(1, len(self.waiting) // (2 * self.workers)))
        first = listed[self.waiting[0]].dataset if self.waiting else ""
        taken: list[int] = []
        while self.waiting and len(taken) < most and listed[self.waiting[0]].dataset == first:
            taken.append(self.waiting.popleft())
        return taken


def _drained(job: _Job, call: Call, work: _Work) -> None:
    """One worker counts what waits, until nothing does, or until it is lost: then others count what it had left."""
    numbers: list[int] = []
    try:
        key = call(public_key, None, None)
        while True:
            with job.one:
                numbers = work.some(job.partitions.listed)
            if not numbers:
                return
            for ticket in job.committed(numbers, key):
                part = _counted(job, call, ticket, job.partitions.listed[numbers[0]])
                with job.one:
                    job.whole.take(numbers[0], part)
                    work.rounds.keep(number := numbers.pop(0), (None, part))
                    work.rounds.done[number] = True
    except Lost:
        with job.one:
            work.waiting.extend(numbers)
    except BaseException:
        with job.one:
            work.waiting.clear()  # nobody begins another
        raise


def _counted(job: _Job, call: Call, ticket: Ticket, listed: Partition) -> Part:
    asks = call(asks_for, None, ticket)
    if asks is None:
        raise Lost
    order = Order(
        ticket=ticket,
        to=asks.to,
        answer=job.key(asks),
        listed=listed,
        dataset=job.partitions.dataset,
        objects=job.handover.objects,
        bins=job.bins,
    )
    part: Part | None = call(counts_of, None, order)
    if part is None:
        raise Lost
    return part


class _InOrder:
    """Counts of partitions that come in any order, added in the order of the list, month by month."""

    def __init__(self, listed: Sequence[Partition], bins: Bins) -> None:
        self._months = [[k for k, _ in of] for _, of in groupby(enumerate(listed), key=lambda one: one[1].month)]
        self._held: dict[int, Part] = {}
        self._words, self._whole = list(CATEGORIES), Months(bins)

    def take(self, number: int, part: Part) -> None:
        """Keep the counts of one; add the months that are complete up to here."""
        self._held[number] = part
        while self._months and self._held.keys() >= set(self._months[0]):
            self._whole.add([self._renumbered(self._held.pop(k)) for k in self._months.pop(0)])

    def counted(self) -> CellCounts:
        """All of them."""
        return self._whole.counted(self._words)

    def _renumbered(self, part: Part) -> Sequence[pa.Table]:
        """The tables of a part by the numbers of all words, in the order in which they are seen for the first time."""
        self._words.extend(word for word in part.words if word not in self._words)
        number = np.array([self._words.index(word) for word in part.words], dtype=np.int32)
        if (number == np.arange(len(number))).all():
            return part.tables
        return [
            table.set_column(0, "category", pa.array(number[to_values(table.column("category"))]))
            for table in part.tables
        ]
