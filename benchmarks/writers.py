"""Eight processes that write to one SQLite office at once: how long an act waits, beside eight bare SQLite writers.

uv run python benchmarks/writers.py [--quick] [--json FILE]

A bare writer is Python's own `sqlite3` with the same settings (WAL, `synchronous=FULL`): `BEGIN IMMEDIATE`, as many
rows of the same size as a step-up writes, `COMMIT`. Both kinds make as many commits each without a pause, in turn, in
one run. Then the process that has waited longest is stopped (SIGSTOP) and goes on after some seconds, and writers are
killed at any moment.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import ForkProcess as Process
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import peelian.storage.database as databases
from figures import Figure, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.identity import step_up
from peelian.operations.office import open_office
from peelian.operations.rebuild import rebuilt
from peelian.oversight.verification.verifier import verify_log
from peelian.process import collect_seldom
from toy_town import know_the_toy, toy_office

WRITERS = 8
FORK = get_context("fork")
FOR_EVER, ROUNDS = 1_000_000, 3
PLACE = struct.Struct("@d")  # since when a process waits for its turn; 0: it does not
ROW = b"x" * 700  # as large as a step-up's entry
STOPPED = 4.0  # seconds
BARE = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON")


class Places:
    """Since when each process waits, in memory that all share."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), PLACE.size * WRITERS)

    def put(self, writer: int, since: float) -> None:
        PLACE.pack_into(self._map, writer * PLACE.size, since)

    def waits(self, writer: int) -> float:
        return float(PLACE.unpack_from(self._map, writer * PLACE.size)[0])


def bare(file: Path) -> Callable[[], object]:
    """One commit of a bare writer: five rows, as a step-up writes."""
    own = sqlite3.connect(file, timeout=60, isolation_level=None)
    for pragma in BARE:
        own.execute(pragma)
    own.execute("CREATE TABLE IF NOT EXISTS written (n INTEGER PRIMARY KEY, body BLOB) STRICT")

    def write() -> None:
        own.execute("BEGIN IMMEDIATE")
        for _ in range(5):
            own.execute("INSERT INTO written (body) VALUES (?)", (ROW,))
        own.execute("COMMIT")

    return write


def writes(what: str, folder: Path, writer: int, go: Event, most: int) -> None:
    """Write so often without a pause, or until killed: a line of when and how long for each act that was
    acknowledged."""
    place, took = Places(folder / "places"), databases.take_the_turn

    def take_the_turn(*given: Any, **more: Any) -> None:
        place.put(writer, time.monotonic())
        try:
            took(*given, **more)
        finally:
            place.put(writer, 0.0)

    databases.take_the_turn = take_the_turn
    write = bare(folder / "bare.db") if what == "bare" else steps_up(folder / "office")
    with (folder / f"{what}-{writer}").open("w") as told:
        write()
        told.write("ready\n")
        told.flush()
        go.wait()
        for _ in range(most):
            began = time.monotonic()
            write()
            told.write(f"{began} {time.monotonic() - began}\n")
            told.flush()
        signal.pause()


def steps_up(folder: Path) -> Callable[[], object]:
    """One act: somebody steps up."""
    kernel = (office := open_office(folder).asking(ThrownAway())).kernel
    return partial(step_up.prove, kernel, office.operator("one"))


def started(what: str, folder: Path, most: int = FOR_EVER) -> list[Process]:
    """Eight writers that are ready, and then go."""
    (folder / "places").write_bytes(bytes(PLACE.size * WRITERS))
    go, files = FORK.Event(), [folder / f"{what}-{n}" for n in range(WRITERS)]
    for file in files:
        file.write_text("")
    made = [FORK.Process(target=writes, args=(what, folder, n, go, most), daemon=True) for n in range(WRITERS)]
    for one in made:
        one.start()
    while not all(file.read_text() for file in files):
        time.sleep(0.05)
    go.set()
    return made


def stop(process: Process, by: signal.Signals) -> None:
    """Send a signal to a writer."""
    os.kill(process.pid or 0, by)


def ended(what: str, folder: Path, made: list[Process]) -> list[list[tuple[float, float]]]:
    """Kill the writers; when each act of each began and how long it took."""
    for one in made:
        one.kill()
        one.join()
    told = []
    for n in range(WRITERS):
        lines = (folder / f"{what}-{n}").read_text().rpartition("\n")[0].splitlines()[1:]
        told.append([(float(began), float(took)) for began, took in map(str.split, lines)])
    return told


def waits(of: str, told: list[list[tuple[float, float]]], seconds: float) -> tuple[float, list[Figure]]:
    """The time within which 99 of 100 acts were done, in ms, and what is said of all."""
    took = sorted(1e3 * one for each in told for _, one in each)
    p99 = took[len(took) * 99 // 100]
    return p99, [
        plain(f"{of}: commits", len(took) / seconds, "a second"),
        plain(f"{of}: median", took[len(took) // 2], "ms"),
        plain(f"{of}: 99 of 100 within", p99, "ms"),
        plain(f"{of}: longest", took[-1], "ms"),
    ]


def as_many_each(what: str, folder: Path, most: int) -> tuple[list[list[tuple[float, float]]], float]:
    """Eight writers that make as many commits each; how long each commit took, and all of them."""
    made, files = started(what, folder, most), [folder / f"{what}-{n}" for n in range(WRITERS)]
    began = time.monotonic()
    while any(file.read_text().count("\n") <= most for file in files):
        time.sleep(0.02)
    seconds = time.monotonic() - began
    return ended(what, folder, made), seconds


def beside_a_stopped_one(folder: Path) -> Iterator[Figure]:
    """The process that has waited longest is stopped while it waits, and goes on later."""
    made, places = started("acts", folder), Places(folder / "places")
    time.sleep(1)
    stopped = -1
    while stopped < 0:
        waiting = [(since, n) for n in range(WRITERS) if (since := places.waits(n))]
        if not waiting:
            continue
        first = min(waiting)[1]
        stop(made[first], signal.SIGSTOP)
        time.sleep(0.02)
        if places.waits(first) and time.monotonic() - places.waits(first) > 0:
            stopped = first
        else:
            stop(made[first], signal.SIGCONT)
    since = time.monotonic()
    time.sleep(STOPPED)
    stop(made[stopped], signal.SIGCONT)
    until = time.monotonic()
    time.sleep(3)
    alive = made[stopped].is_alive()
    told = ended("acts", folder, made)
    others = [
        took for n, each in enumerate(told) if n != stopped for at, took in each if at + took > since and at < until
    ]
    yield plain("acts of the others while one is stopped", len(others) / STOPPED, "a second")
    yield at_most("longest act of the others while one is stopped", max(others, default=60.0), "s", 2.5)
    goes_on = alive and any(at > until for at, _ in told[stopped])
    yield at_most("stopped processes that did not go on", int(not goes_on), "processes", 0)


def killed(folder: Path, kills: int) -> Iterator[Figure]:
    """All writers are killed at any moment, again and again: what they acknowledged is in the log."""
    acknowledged, n = 0, 0
    while n < kills:
        made = started("acts", folder)
        time.sleep(random.uniform(0.05, 0.6))
        acknowledged += sum(map(len, ended("acts", folder, made))) + WRITERS  # each wrote one before it was ready
        n += WRITERS
    yield plain("writers killed", n, "processes")
    with open_office(folder / "office").asking(ThrownAway()) as office:
        office.checkpoint()
        there = sum(1 for _ in office.kernel.stores.log.read(kinds=("PROVED",))) - before(folder)
        yield at_most("acknowledged acts that are lost", max(0, acknowledged - there), "acts", 0)
        yield at_most("acts that nobody did", max(0, there - acknowledged - n), "acts", 0)
        yield at_most("rows that differ from the log", len(rebuilt(office.kernel)), "rows", 0)
        yield at_most(
            "faults the second verifier found", int(not verify_log(folder / "office" / "log").ok), "faults", 0
        )


def before(folder: Path) -> int:
    """How many step-ups the log had before writers were killed."""
    return int((folder / "before").read_text())


def measured(folder: Path, most: int, kills: int) -> Iterator[Figure]:
    know_the_toy()
    collect_seldom()
    toy_office(folder / "office").close()
    found: dict[str, list[list[tuple[float, float]]]] = {"bare": [], "acts": []}
    taken = {"bare": 0.0, "acts": 0.0}
    for what in ("bare", "acts") * ROUNDS:  # in turn, as the machine is not always as busy
        told, seconds = as_many_each(what, folder, most)
        found[what] += told
        taken[what] += seconds
    of_bare, said = waits("eight bare writers", found["bare"], taken["bare"])
    of_acts, more = waits("eight writers of acts", found["acts"], taken["acts"])
    yield from (*said, *more)
    yield at_most("99 of 100 acts, by bare commits", of_acts / of_bare, "times", 3)
    yield from beside_a_stopped_one(folder)
    with open_office(folder / "office").asking(ThrownAway()) as office:
        n = sum(1 for _ in office.kernel.stores.log.read(kinds=("PROVED",)))
    (folder / "before").write_text(str(n))
    yield from killed(folder, kills)


def main() -> None:
    """Print every figure."""
    given = flags(__doc__ or "").parse_args()
    with TemporaryDirectory(dir=os.environ.get("PEELIAN_BENCHMARK_FOLDER")) as folder:
        figures = [
            show(figure) for figure in measured(Path(folder), 25 if given.quick else 100, 8 if given.quick else 40)
        ]
    return finish(figures, given.json)


if __name__ == "__main__":
    main()
