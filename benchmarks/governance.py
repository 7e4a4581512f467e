"""The log's speed against the disk's own, in one run: appends, proofs, verification, and how they grow.

Raw syncs and appends are measured in turns, and the median of their ratios is printed. Where a sync takes less than
about 0.15 ms, 64 threads are held up by the interpreter and not by the disk, most of all by waking one another on
another core. So the same is measured on one core, on which the registrar is kept, the process that owns the log of a
served office; and in memory with syncs of 0.2 and of 1 ms. The raw syncs are measured in the same way each time.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.adapters.log_files import FileLog, open_log
from peelian.governance.entries import encode_entry, time_text
from peelian.governance.ports import Entry
from peelian.oversight.verifier import verify_log

SIGNER = Ed25519PrivateKey.generate()
BATCH = 1_000
STEADY = 1.5  # how far apart the raw rates around a turn may be


def entry(number: int) -> Entry:
    """An entry of the size the kernel writes, about 380 bytes."""
    mark, before, actor = (sha256(f"{what}{number}".encode()).hexdigest() for what in "mba")
    return {
        "v": 1,
        "t": time_text(datetime.now(UTC)),
        "kind": "ASKED",
        "case": f"case-{number // 6}",
        "mark": mark,
        "before": before,
        "actor": actor[:32],
        "capability": "mapping.forecast",
        "purpose": "advice",
    }


def opened(folder: Path) -> FileLog:
    return open_log(folder, origin="bench.example/log", signer=SIGNER, clock=lambda: datetime.now(UTC))


def raw_syncs(folder: Path, count: int) -> float:
    """Appends of one entry's bytes, each with its fdatasync, per second."""
    data = encode_entry(entry(0))
    file = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    start = time.perf_counter()
    for _ in range(count):
        os.write(file, data)
        os.fdatasync(file)
    took = time.perf_counter() - start
    os.close(file)
    return count / took


def appends(log: FileLog, writers: int, each: int) -> float:
    """Durable appends per second of `writers` threads that are there already: as in a server, none is made for one."""
    entries = [entry(number) for number in range(each)]
    ready = Barrier(writers + 1)

    def write() -> None:
        ready.wait()
        for one in entries:
            log.append(one)

    threads = [Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    return writers * each / (time.perf_counter() - start)


@dataclass
class Turns:
    """Rates of one kind, and what the disk alone did right before and after; turns between which it changed are left
    out, since other people's load may make it ten times slower within a second."""

    rates: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    def take(self, before: float, rate: float, after: float) -> None:
        if max(before, after) <= STEADY * min(before, after):
            self.rates.append(rate)
            self.ratios.append(rate / ((before + after) / 2))


def against_the_disk(folder: Path, rounds: int, say: Callable[[Figure], None], disk: str) -> None:
    log = opened(folder / "speed")
    raw, one, many = [], Turns(), Turns()
    for _ in range(4 * rounds):
        first = raw_syncs(folder, 100)
        single = appends(log, 1, 200)
        second = raw_syncs(folder, 100)
        crowd = appends(log, 64, 200)
        third = raw_syncs(folder, 100)
        one.take(first, single, second)
        many.take(second, crowd, third)
        raw += [first, second, third]
        if min(len(one.ratios), len(many.ratios)) >= rounds:
            break
    log.close()
    say(plain(f"raw fdatasync, {disk}", median(raw), "1/s"))
    for name, turns, bar in (("1 writer", one, 0.6), ("64 writers", many, 5.0)):
        if turns.ratios:
            say(plain(f"turns of {name} with a steady disk, {disk}", len(turns.ratios), "turns"))
            say(plain(f"appends of {name}, {disk}", median(turns.rates), "1/s"))
            say(at_least(f"{name} against raw fdatasync, {disk}", median(turns.ratios), "times", bar))
        else:
            say(plain(f"turns of {name} with a steady disk, {disk}", 0, "turns"))


@contextmanager
def one_core() -> Iterator[None]:
    """This process on one core, as the registrar's unit keeps it (CPUAffinity)."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def slower_disk(seconds: float) -> Iterator[None]:
    """Every fdatasync takes at least so long: a disk without a write cache that survives power cuts."""
    real = os.fdatasync

    def slow(file: int) -> None:
        start = time.perf_counter()
        real(file)
        time.sleep(max(0.0, seconds - (time.perf_counter() - start)))

    os.fdatasync = slow
    try:
        yield
    finally:
        os.fdatasync = real


def disks(folder: Path, rounds: int, say: Callable[[Figure], None]) -> None:
    """Appends against raw syncs: on the disk as it is, and in memory with syncs of a known length, which nobody else's
    load on the disk changes."""
    against_the_disk(folder, rounds, say, "this disk")
    with one_core():
        (folder / "one").mkdir()
        against_the_disk(folder / "one", rounds, say, "this disk, process on one core")
    memory = Path("/dev") / "shm"
    with TemporaryDirectory(dir=memory if memory.is_dir() else folder) as place:
        for name, seconds in (("0.2 ms", 0.000_14), ("1 ms", 0.000_94)):  # a sleep takes about 60 µs longer
            with slower_disk(seconds):
                there = Path(place) / name.replace(" ", "")
                there.mkdir()
                against_the_disk(there, rounds, say, f"in memory, {name} a sync")


def growth(folder: Path, sizes: list[int], say: Callable[[Figure], None]) -> None:
    """One log that grows through `sizes`; at each, what an append, a proof, an opening and a verification cost."""
    size = 0
    log = opened(folder / "growth")
    for target in sizes:
        start, added = time.perf_counter(), target - size
        while size < target:
            log.append_all([entry(number) for number in range(size, size + BATCH)])
            size += BATCH
        batched = (time.perf_counter() - start) / added
        proofs = proof_times(log, size)
        log.close()
        start = time.perf_counter()
        verdict = verify_log(folder / "growth", key=log.key.text)
        verified = time.perf_counter() - start
        assert verdict.ok, verdict.says
        start = time.perf_counter()
        log = opened(folder / "growth")
        reopened = time.perf_counter() - start
        name = f"{target:,} entries"
        say(plain(f"append in batches of {BATCH:,} up to {name}", 1e6 * batched, "µs an entry"))
        p95 = 1e3 * quantiles(proofs, n=20)[-1]
        say(
            at_most(f"receipt p95 at {name}", p95, "ms", 1)
            if target == 100_000
            else plain(f"receipt p95 at {name}", p95, "ms")
        )
        say(plain(f"verification of {name}", verified, "s"))
        rate = target / verified
        verifying = f"verification rate at {name}"
        say(
            at_least(verifying, rate, "entries/s", 150_000)
            if target >= 100_000
            else plain(verifying, rate, "entries/s")
        )
        say(plain(f"opening at {name}", reopened, "s"))
    log.close()


def proof_times(log: FileLog, size: int) -> list[float]:
    log.checkpoint()
    chance = random.Random(size)
    took = []
    for _ in range(2_000):
        index = chance.randrange(size)
        start = time.perf_counter()
        log.receipt(index)
        took.append(time.perf_counter() - start)
    return took


def main() -> None:
    parser = flags("The log's speed against raw fdatasync of the same disk, and its growth.")
    parser.add_argument("--folder", type=Path, default=Path("build"), help="a folder on the disk to measure")
    parser.add_argument("--only", choices=("disk", "growth"), help="only one of the two parts")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []

    def say(figure: Figure) -> None:
        figures.append(show(figure))

    with TemporaryDirectory(dir=asked.folder) as folder:
        if asked.only != "growth":
            disks(Path(folder), 3 if asked.quick else 9, say)
        if asked.only != "disk":
            growth(Path(folder), [10_000, 100_000] if asked.quick else [10_000, 100_000, 1_000_000], say)
    finish(figures, asked.json)


if __name__ == "__main__":
    main()
