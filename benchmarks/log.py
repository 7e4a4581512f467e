"""The log's speed against the disk's own, in one run: appends, proofs, verification, and how they grow.

Raw syncs and appends are measured in turns, and the median of their ratios is printed.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.kernel.log.entry_schema import encode_entry, time_text
from peelian.kernel.model.ports import Entry
from peelian.oversight.verifier import verify_log
from peelian.storage.log_files import FileLog, open_log

SIGNER = Ed25519PrivateKey.generate()
BATCH = 1_000
STEADY = 1.5  # how far apart the raw rates around a turn may be


def entry(number: int) -> Entry:
    """An entry of the size the kernel writes, about 380 bytes."""
    digest, before, actor = (sha256(f"{what}{number}".encode()).hexdigest() for what in "mba")
    return {
        "v": 1,
        "t": time_text(datetime.now(UTC)),
        "kind": "ASKED",
        "case": f"case-{number // 6}",
        "document": digest,
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


def against_the_disk(folder: Path, rounds: int, say: Callable[[Figure], None]) -> None:
    """Durable appends of one writer and of 64, against raw syncs of the same disk."""
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
    say(plain("raw fdatasync", median(raw), "1/s"))
    for name, turns in (("1 writer", one), ("64 writers", many)):
        say(plain(f"turns of {name} with a steady disk", len(turns.ratios), "turns"))
        if turns.ratios:
            say(plain(f"appends of {name}", median(turns.rates), "1/s"))
            say(plain(f"{name} against raw fdatasync", median(turns.ratios), "times"))


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
            against_the_disk(Path(folder), 3 if asked.quick else 9, say)
        if asked.only != "disk":
            growth(Path(folder), [10_000, 100_000] if asked.quick else [10_000, 100_000, 1_000_000], say)
    finish(figures, asked.json)


if __name__ == "__main__":
    main()
