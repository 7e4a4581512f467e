"""The vault: throughput and memory of round trips as objects grow, opening in the middle, rotation as keys grow.

A partition of the archive is looked at, too, as its documents grow.

Every round trip runs in a process of its own, and its memory is what that process grew by at its peak. Beside it, in
the same run: a plain file written and read the same way, and one encryption of the whole object in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.errors import OutOfOrder
from peelian.kernel.model.ports import Leaf
from peelian.storage.database import open_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.key_store import open_key_store
from peelian.storage.schema import METADATA
from peelian.storage.vault_files import FileVault, open_vault
from peelian.storage.vault_keys import StoredKeys

MIB = 1 << 20


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    figures: list[Figure] = []
    with TemporaryDirectory() as place:
        for mib in (16, 64) if asked.quick else (64, 128, 256, 512, 1024):
            figures += round_trip(Path(place) / str(mib), mib)
        figures += openings(Path(place) / "openings", 50 if asked.quick else 500)
        for n in (1_000, 10_000) if asked.quick else (1_000, 10_000, 100_000):
            figures += rotation(Path(place) / f"keys{n}", n)
            figures += documents(Path(place) / f"documents{n}", n)
    finish(figures, asked.json)


def round_trip(folder: Path, mib: int) -> list[Figure]:
    """One object of `mib` MiB, in a process of its own."""
    folder.mkdir()
    child = [sys.executable, __file__, "--child", str(folder), str(mib)]
    got = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)  # ourselves
    whole = AESGCM(bytes(32))
    data = os.urandom(MIB) * min(mib, 256)
    start = time.perf_counter()
    whole.decrypt(bytes(12), whole.encrypt(bytes(12), data, None), None)
    one_shot = 2 * len(data) / 1e6 / (time.perf_counter() - start)
    kind = at_least if mib == 512 else lambda name, value, unit, bar: plain(name, value, unit)
    most = at_most if mib == 512 else lambda name, value, unit, bar: plain(name, value, unit)
    return [
        show(kind(f"seal {mib} MiB, with digest and fsync", got["seal"], "MB/s", 200)),
        show(plain(f"seal {mib} MiB, by CPU seconds", got["cpu"], "MB/s")),
        show(kind(f"open and read {mib} MiB", got["read"], "MB/s", 200)),
        show(plain(f"a plain file of {mib} MiB written, with digest and fsync", got["plain_write"], "MB/s")),
        show(plain(f"a plain file of {mib} MiB read", got["plain_read"], "MB/s")),
        show(plain(f"one encryption and decryption of {min(mib, 256)} MiB in memory", one_shot, "MB/s")),
        show(most(f"memory grown by sealing and reading {mib} MiB", got["memory"], "MiB", 64)),
        show(at_least(f"round trip of {mib} MiB identical", got["identical"], "of 1", 1)),
    ]


def child(folder: Path, mib: int) -> None:
    """Seal, read back and compare; the blocks differ from one another by their number."""
    block = bytearray(os.urandom(MIB))
    opened: list[str] = []
    vault = _vault(folder, opened)
    before = _peak()
    start, cpu = time.perf_counter(), time.process_time()
    with vault.seal("d") as file:
        for k in range(mib):
            block[:8] = k.to_bytes(8)
            file.write(block)
    seal_cpu = time.process_time() - cpu
    seal = time.perf_counter() - start
    opened.append(file.sealed.object)
    start, k, same = time.perf_counter(), 0, True
    with vault.open(file.sealed.object, intent=0) as source:
        while piece := source.read(MIB):
            block[:8] = k.to_bytes(8)
            same, k = same and piece == block, k + 1
    read = time.perf_counter() - start
    memory = (_peak() - before) / 1024
    plain_write, plain_read = _plain(folder / "plain", block, mib)
    speed = {name: mib * MIB / 1e6 / seconds for name, seconds in (("seal", seal), ("read", read), ("cpu", seal_cpu))}
    speed |= {"plain_write": mib * MIB / 1e6 / plain_write, "plain_read": mib * MIB / 1e6 / plain_read}
    print(json.dumps(speed | {"memory": memory, "identical": int(same and k == mib)}))
    vault.destroy(file.sealed.object)


def _peak() -> int:
    """The most memory this process ever held, in KiB (unlike ru_maxrss, not inherited from its parent)."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])


def _plain(path: Path, block: bytearray, mib: int) -> tuple[float, float]:
    start, digest = time.perf_counter(), hashlib.sha256()
    with path.open("wb", buffering=0) as file:
        for k in range(mib):
            block[:8] = k.to_bytes(8)
            digest.update(block)
            file.write(block)
        os.fsync(file.fileno())
    write = time.perf_counter() - start
    start, k, same = time.perf_counter(), 0, True
    with path.open("rb", buffering=0) as file:
        while piece := file.read(MIB):
            block[:8] = k.to_bytes(8)
            same, k = same and piece == block, k + 1
    read = time.perf_counter() - start
    assert same
    path.unlink()
    return write, read


def openings(folder: Path, n: int) -> list[Figure]:
    """Open an object of 64 MiB and read 4 KiB from its middle, again and again; beside it, one fdatasync."""
    opened: list[str] = []
    vault = _vault(folder, opened)
    with vault.seal("d") as file:
        for _ in range(64):
            file.write(bytes(MIB))
    took, syncs = [], []
    scrap = os.open(folder / "scrap", os.O_RDWR | os.O_CREAT)
    for intent in range(n):
        opened.append(file.sealed.object)
        start = time.perf_counter()
        with vault.open(file.sealed.object, intent=intent) as source:
            source.seek(32 * MIB)
            source.read(4096)
        took.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        os.pwrite(scrap, b"x", 0)
        os.fdatasync(scrap)
        syncs.append(1000 * (time.perf_counter() - start))
    os.close(scrap)
    beyond = statistics.quantiles(took, n=20)[18] - statistics.quantiles(syncs, n=20)[18]
    assert vault.unwraps == len(vault.keys.openings()) == n
    return [
        show(plain("open and read 4 KiB in the middle of 64 MiB, p50", statistics.median(took), "ms")),
        show(at_most("the same, p95 beyond one fdatasync", beyond, "ms", 2)),
    ]


def rotation(folder: Path, n: int) -> list[Figure]:
    """Open a store of `n` keys anew, and rewrap it; CPU seconds, because the machine may be shared."""
    store = open_key_store(folder)
    with store.database:
        for number in range(n):
            store.add(f"{number:032x}", secrets.token_bytes(32))
    store.close()
    start = time.process_time()
    store = open_key_store(folder)
    opened = time.process_time() - start
    start = time.process_time()
    assert store.rotate() == n
    took = time.process_time() - start
    store.close()
    name = f"rewrap {n:,} keys under a new wrapping key, CPU"
    return [show(plain(name, took, "s")), show(plain(f"open a store of {n:,} keys, CPU", opened, "s"))]


def documents(folder: Path, n: int) -> list[Figure]:
    """A partition of `n` documents of a kilobyte: one read, one kept, all destroyed."""
    database, keys = open_database(folder / "state.db", METADATA), open_key_store(folder / "keys")
    archive, digests = DocumentRows(database, keys), [secrets.token_hex(32) for _ in range(n)]
    for at in range(0, n, 1_000):
        archive.put_all([Leaf(digest=one, document=os.urandom(1_000)) for one in digests[at : at + 1_000]])
    reads, puts = [], []
    for digest in secrets.SystemRandom().sample(digests, 300):
        start = time.process_time()
        archive.get(digest)
        reads.append(1e6 * (time.process_time() - start))
        start = time.process_time()
        archive.put(secrets.token_hex(32), bytes(1_000))
        puts.append(1e6 * (time.process_time() - start))
    start = time.perf_counter()
    assert archive.destroy_partition("") == n + 300
    gone = time.perf_counter() - start
    return [
        show(plain(f"read one document of {n:,}, CPU, median", statistics.median(reads), "µs")),
        show(plain(f"keep one document beside {n:,}, CPU, median", statistics.median(puts), "µs")),
        show(plain(f"destroy a partition of {n:,} documents", gone, "s")),
    ]


def _vault(folder: Path, opened: list[str]) -> FileVault:
    """A vault whose log is the list of objects opened."""

    def permitted(intent: int, *, object: str, dataset: str) -> None:
        if opened[intent] != object:
            raise OutOfOrder("another object was opened")

    return open_vault(folder / "objects", StoredKeys(open_key_store(folder / "keys"), permitted))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
