"""The log as it grows: appends of one act and of several processes at once, proofs, verification, opening."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from figures import Figure, at_least, finish, flags, plain, show
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.ports import Entry
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.database import open_database
from peelian.storage.log_heads import HeadFile, Heads
from peelian.storage.log_keys import OneKey
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.private_files import private_folder
from peelian.storage.schema import METADATA

ORIGIN, SIGNER = "bench.example/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BATCH = 1_000


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
        "by": actor[:20],
        "unit": "u",
        "capability": "mapping.forecast",
        "purpose": "advice",
    }


def opened(folder: Path) -> PublishedLog:
    """The log in a folder, as an office opens it."""
    private_folder(folder)
    database = open_database(folder / "state" / "state.db", METADATA)
    keys = OneKey(ORIGIN, SIGNER)
    heads = Heads({"log.signed": HeadFile(folder / "log.signed")}, keys.read)
    log = PublishedLog(database, bytes(32), keys=keys, folder=folder / "log", heads=heads)
    log.must_not_be_behind()
    return log


def shut(log: PublishedLog) -> None:
    """Sign it, and let its database go."""
    log.close()
    log._database.close()


def appends(folder: Path, each: int) -> float:
    """Durable appends per second, each an act of its own."""
    log = opened(folder)
    start = time.perf_counter()
    for number in range(each):
        log.append(entry(number))
    took = time.perf_counter() - start
    shut(log)
    return each / took


def at_once(folder: Path, processes: int, each: int) -> float:
    """The same by several processes that take turns, each of which opened the log beforehand."""
    shut(opened(folder))
    context = get_context("spawn")
    ready = context.Barrier(processes + 1)
    running = [context.Process(target=_appends_when, args=(folder, each, ready)) for _ in range(processes)]
    for one in running:
        one.start()
    ready.wait()
    start = time.perf_counter()
    for one in running:
        one.join()
    took = time.perf_counter() - start
    assert all(one.exitcode == 0 for one in running)
    log = opened(folder)
    shut(log)
    return processes * each / took


def _appends_when(folder: Path, each: int, ready: Barrier) -> None:
    log = opened(folder)
    ready.wait()
    for number in range(each):
        log.append(entry(number))
    log._database.close()


def growth(folder: Path, sizes: list[int], say: Callable[[Figure], None]) -> None:
    """One log that grows through `sizes`; at each, CPU seconds of append, proof, opening and verification."""
    size = 0
    log = opened(folder / "growth")
    for target in sizes:
        start, added = time.process_time(), target - size
        while size < target:
            log.append_all([entry(number) for number in range(size, size + BATCH)])
            size += BATCH
        batched = (time.process_time() - start) / added
        proofs = proof_times(log, size)
        shut(log)
        start = time.process_time()
        verdict = verify_log(folder / "growth" / "log", key=log.key.text)
        verified = time.process_time() - start
        assert verdict.ok, verdict.says
        start = time.process_time()
        log = opened(folder / "growth")
        reopened = time.process_time() - start
        name = f"{target:,} entries"
        say(plain(f"append in batches of {BATCH:,} up to {name}, CPU", 1e6 * batched, "µs an entry"))
        p95 = 1e3 * quantiles(proofs, n=20)[-1]
        say(plain(f"receipt p95 at {name}, CPU", p95, "ms"))
        say(plain(f"verification of {name}, CPU", verified, "s"))
        rate = target / verified
        verifying = f"verification rate at {name}, CPU"
        say(
            at_least(verifying, rate, "entries/s", 150_000)
            if target >= 100_000
            else plain(verifying, rate, "entries/s")
        )
        say(plain(f"opening at {name}, CPU", reopened, "s"))
    shut(log)


def proof_times(log: PublishedLog, size: int) -> list[float]:
    """CPU seconds of receipts."""
    log.checkpoint()
    chance = random.Random(size)
    took = []
    for _ in range(200):
        index = chance.randrange(size)
        start = time.process_time()
        log.receipt(index)
        took.append(time.process_time() - start)
    return took


def main() -> None:
    parser = flags("The log as it grows.")
    parser.add_argument("--folder", type=Path, default=Path("build"), help="a folder on the disk to measure")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []

    def say(figure: Figure) -> None:
        figures.append(show(figure))

    with TemporaryDirectory(dir=asked.folder) as folder:
        each = 100 if asked.quick else 1_000
        say(plain("appends of one process", appends(Path(folder) / "one", each), "1/s"))
        for processes in (2, 8):
            name = f"appends of {processes} processes at once"
            say(plain(name, at_once(Path(folder) / str(processes), processes, each), "1/s"))
        growth(Path(folder), [10_000, 100_000] if asked.quick else [10_000, 100_000, 1_000_000], say)
    finish(figures, asked.json)


if __name__ == "__main__":
    main()
