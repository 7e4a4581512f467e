"""Several processes of one office at once: whole cases a second, none lost or doubled, and how long an act waits.

uv run python benchmarks/kernel_concurrent.py [--quick] [--json FILE] [--postgresql]

Each process takes whole cases of the toy technology through ask, run, decide and publish; the clock runs from when all
have opened the office. A dataset serves 25 cases: publishing compares with what was published of the same data, so its
cost grows with that, which is a line of its own. Beside them one process keeps a watch's checkpoints for 2,000 readings
a second, as `watch serve` does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.operations.office import open_office
from peelian.operations.rebuild import rebuilt
from peelian.oversight.verification.verifier import verify_log
from peelian.process import collect_seldom
from toy_town import WORDS, admitted, asked, know_the_toy, postgresql, toy_office

READINGS = 2_000  # a second
SERVES = 25  # cases, a dataset


def works(folder: Path, cases: int, first: int) -> None:
    """Take cases through every verb, from the dataset `first` on; print each one's name and the longest act."""
    know_the_toy()
    collect_seldom()  # as the command line and the servers do
    with open_office(folder).asking(ThrownAway()) as office:
        kernel, one, two = office.kernel, office.operator("one"), office.operator("two")
        datasets = sorted(kernel.state.datasets)
        print("ready", flush=True)
        sys.stdin.readline()
        for n in range(cases):
            dataset, spans = datasets[first + n // SERVES], []
            start = time.perf_counter()
            permit = asked(kernel, one, dataset)
            spans.append(time.perf_counter() - start)
            evidence, _ = verbs.run(kernel, one, permit)
            start = time.perf_counter()
            looked(kernel, two, evidence.case, whole=True)
            decision = verbs.decide(kernel, two, evidence, **WORDS)
            spans.append(time.perf_counter() - start)
            start = time.perf_counter()
            verbs.publish(kernel, one, decision)
            spans.append(time.perf_counter() - start)
            print(json.dumps([permit.case, max(spans)]), flush=True)


def watches(folder: Path) -> None:
    """Keep checkpoints of 2,000 readings a second until the standard input is closed."""
    from peelian.storage.checkpoints import FileCheckpoints

    kept, n = FileCheckpoints(folder / "watching" / "checkpoints.db"), 0
    while True:
        start = time.perf_counter()
        kept.save("w-1", {f"sensor-{(n + k) % 500}": json.dumps({"latest": n + k}) for k in range(READINGS // 4)})
        n += READINGS // 4
        time.sleep(max(0.0, 0.25 - (time.perf_counter() - start)))


def measured(folder: Path, processes: int, cases: int, places: dict[str, str], of: str) -> Iterator[Figure]:
    know_the_toy()
    each = -(-cases // SERVES)
    with toy_office(folder, **places) as office:
        for n in range(processes * each):
            admitted(office.kernel, office.operator("one"), n)
    beside = subprocess.Popen([sys.executable, __file__, "--watches", str(folder)])
    given = [sys.executable, __file__, "--works", str(folder), str(cases)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen([*given, str(n * each)], **pipes) for n in range(processes)]
    for child in children:
        child.stdout.readline()
    start = time.perf_counter()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [json.loads(line) for child in children for line in child.communicate()[0].splitlines()]
    taken = time.perf_counter() - start
    beside.kill()
    failed = sum(child.returncode != 0 for child in children)
    waits = sorted(longest for _, longest in told)
    yield at_most(f"{of}: processes of {processes} that failed", failed, "processes", 0)
    yield at_least(f"{of}: whole cases, {processes} processes x {cases}", len(told) / taken, "cases/s", 10)
    yield plain(f"{of}: longest act of a case, median", 1e3 * waits[len(waits) // 2], "ms")
    yield plain(f"{of}: longest act of a case, 99 of 100", 1e3 * waits[len(waits) * 99 // 100], "ms")
    with open_office(folder).asking(ThrownAway()) as office:
        office.checkpoint()
        kinds = Counter(str(entry["kind"]) for _, entry in office.kernel.stores.log.read())
        lost = sum(office.kernel.state.histories[case].state != "PUBLISHED" for case, _ in told)
        yield at_most(f"{of}: acknowledged cases that are lost", lost, "cases", 0)
        doubled = abs(kinds["PUBLISHED"] - len(told)) + abs(kinds["STARTED"] - len(told))
        yield at_most(f"{of}: cases that are there twice or not asked for", doubled, "cases", 0)
        yield at_most(f"{of}: rows that differ from the log", len(rebuilt(office.kernel)), "rows", 0)
        yield at_most(f"{of}: faults the second verifier found", int(not verify_log(folder / "log").ok), "faults", 0)


def main() -> None:
    """Print every figure."""
    if sys.argv[1:2] == ["--works"]:
        return works(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    if sys.argv[1:2] == ["--watches"]:
        return watches(Path(sys.argv[2]))
    parser = flags(__doc__ or "")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL, too")
    given = parser.parse_args()
    processes, cases = (4, 40) if given.quick else (8, 200)
    figures = []
    with TemporaryDirectory() as folder, ExitStack() as closing:
        for figure in measured(Path(folder) / "sqlite", processes, cases, {}, "SQLite"):
            figures.append(show(figure))
        if given.postgresql:
            server = closing.enter_context(postgresql())
            places = {"database": server.place(), "keys_database": server.place()}
            for figure in measured(Path(folder) / "server", processes, cases, places, "PostgreSQL"):
                figures.append(show(figure))
    return finish(figures, given.json)


if __name__ == "__main__":
    main()
