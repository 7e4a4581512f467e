"""Do the tests notice? Each mutation of `tests/mutations.toml` changes one line that matters; its tests have to fail.

`python tools/mutations.py [--only WORDS] [--jobs N] [--json FILE]`, or `make mutations`. Each entry of the list names a
file, the text before, the text after and the tests that are to notice. The tests run first on the code as it is: where
they fail there, nothing is proven. One whose text before does not stand in its file exactly once is stale, and fails.
O(mutations × their tests), in CPU seconds; `--jobs` at once, each in its own copy of the sources.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from resource import RUSAGE_CHILDREN, getrusage

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutations.toml"
LONGEST = 300  # seconds that the tests of one mutation may take: a mutant that hangs is noticed
UNMUTATED = 3_600  # and those that all of them name together may take on the code as it is
LEAST = 0.95  # share that has to be killed
FAILED_TESTS, NO_TESTS = 1, (4, 5)  # pytest's exit codes


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a line that matters, and the tests that are to notice it."""

    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.before.split())[:60]} → {' '.join(self.after.split())[:60]}"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a mutation: killed, survived, or stale with the reason."""

    mutation: Mutation
    became: str
    why: str = ""


def listed(file: Path = LIST) -> tuple[Mutation, ...]:
    """The list. ValueError for an entry that lacks a field, names one twice or changes nothing. O(entries)."""
    found = []
    for one in tomllib.loads(file.read_text(encoding="utf-8"))["mutations"]:
        if one.keys() != {"file", "before", "after", "tests"} or one["before"] == one["after"] or not one["tests"]:
            raise ValueError(f"not a mutation: {one}")
        found.append(Mutation(one["file"], one["before"], one["after"], tuple(one["tests"])))
    if len({(one.file, one.before, one.after) for one in found}) < len(found):
        raise ValueError("a mutation stands there twice")
    return tuple(found)


def stale(one: Mutation, root: Path = ROOT) -> str:
    """Why a mutation says nothing about this tree, or "" where it does."""
    file = root / one.file
    if not file.is_file():
        return "no such file"
    if (n := file.read_text(encoding="utf-8").count(one.before)) != 1:
        return f"its text before stands there {n} times"
    lost = [test for test in one.tests if not (root / test.partition("::")[0]).exists()]
    return f"no such tests: {', '.join(lost)}" if lost else ""


def ran(tests: Sequence[str], sources: Path, *options: str, longest: int = LONGEST) -> tuple[int, list[str]]:
    """The exit code of these tests on those sources, that of failed tests where they hang; and which ones failed.

    What Python compiles lies beside the sources for the next mutation: starting pytest would cost most of the time.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPATH": str(sources), "PYTHONPYCACHEPREFIX": f"{sources}-compiled", "OMP_NUM_THREADS": "1"}
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", *options)
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=longest, check=False)
    except subprocess.TimeoutExpired:
        return FAILED_TESTS, ["they hang"]
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]


def tried(one: Mutation, copies: SimpleQueue[Path]) -> Told:
    """Mutate a copy of the sources, run the tests, put the file back."""
    if lacks := stale(one):
        return Told(one, "stale", lacks)
    copy = copies.get()
    try:
        file = copy / Path(one.file).relative_to("src")
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole.replace(one.before, one.after), encoding="utf-8")
        try:
            code, why = ran(one.tests, copy, "-x")
        finally:
            file.write_text(whole, encoding="utf-8")
    finally:
        copies.put(copy)
    if code in NO_TESTS:
        return Told(one, "stale", "its tests are not found")
    return Told(one, "survived" if code == 0 else "killed", "; ".join(why)[:160])


def _wrong(tests: Sequence[str], sources: Path) -> list[str]:
    """What fails of these tests, in one run, before anything is mutated."""
    code, why = ran(tests, sources, longest=UNMUTATED)
    return why or ([f"pytest says {code}"] if code else [])


@contextmanager
def copied(jobs: int) -> Iterator[SimpleQueue[Path]]:
    """As many copies of the sources as run at once, in memory where there is room."""
    roomy = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=roomy if os.access(roomy, os.W_OK) else None) as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for n in range(jobs):
            shutil.copytree(ROOT / "src", Path(folder) / str(n), ignore=shutil.ignore_patterns("__pycache__"))
            copies.put(Path(folder) / str(n))
        yield copies


def main() -> int:
    """Run them all and print what became of each; 1 where too many survive, one is stale, or a test fails anyhow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only those whose file, or one of whose tests, contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("--trust", action="store_true", help="do not run the tests on the code as it is first")
    parser.add_argument("--json", type=Path, help="write what became of each to this file")
    asked = parser.parse_args()
    chosen = [one for one in listed() if asked.only in one.file or any(asked.only in test for test in one.tests)]
    with copied(asked.jobs) as copies, ThreadPoolExecutor(asked.jobs) as pool:
        clean = copies.get()
        tests = sorted({test for one in chosen if not stale(one) for test in one.tests})
        wrong = [] if asked.trust or not tests else _wrong(tests, clean)
        if wrong:
            print("Nothing is proven: these tests fail on the code as it is.", *wrong, sep="\n")
            return 1
        copies.put(clean)
        told = []
        for n, one in enumerate(pool.map(lambda each: tried(each, copies), chosen), 1):
            told.append(one)
            print(f"{n:>4}/{len(chosen)}  {one.became:<8}  {one.mutation}  {one.why}".rstrip(), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in told], indent=1), encoding="utf-8")
    killed = sum(one.became == "killed" for one in told)
    spent = getrusage(RUSAGE_CHILDREN)
    print(f"{killed} of {len(told)} killed, {spent.ru_utime + spent.ru_stime:.0f} CPU s")
    return int(killed < LEAST * len(told) or any(one.became == "stale" for one in told))


if __name__ == "__main__":
    raise SystemExit(main())
