"""A real Dask scheduler with its workers, each a process of one thread, as the manual says to start them."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
NO_SPILL = {"MEMORY__SPILL": "False", "MEMORY__TARGET": "False", "MEMORY__TERMINATE": "False"}


def no_core() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@dataclass(slots=True)
class Running:
    """A scheduler and its workers, and where these may write. `settings` are Dask's, of all of them."""

    address: str
    scheduler: subprocess.Popen[bytes]
    folder: Path
    settings: Mapping[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def worker(self, **settings: str) -> subprocess.Popen[bytes]:
        """One more worker, with these settings of Dask's workers in place of the manual's."""
        names = {f"DASK_DISTRIBUTED__WORKER__{name}": value for name, value in (NO_SPILL | settings).items()}
        words = ("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--death-timeout", "30")
        made = _process(*words, "--local-directory", str(self.folder), settings={**self.settings, **names})
        self.workers.append(made)
        return made

    def kill_one(self, chance: random.Random) -> None:
        """Kill any worker, and start another."""
        victim = self.workers.pop(chance.randrange(len(self.workers)))
        victim.kill()
        victim.wait()
        self.worker()


@contextmanager
def running(
    folder: Path, workers: int, protocol: str = "tcp", settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A scheduler on this machine with so many workers, until the end of the context."""
    file = folder / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--protocol", protocol, "--scheduler-file", str(file))
    scheduler = _process("dask_scheduler", *words, settings=settings or {})
    made = Running("", scheduler, folder / "workers", settings or {})
    try:
        until = time.monotonic() + 60
        while not made.address:
            assert time.monotonic() < until and scheduler.poll() is None
            time.sleep(0.1)
            if file.exists() and file.read_text().endswith("}"):
                made.address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            made.worker()
        yield made
    finally:
        for process in (*made.workers, scheduler):
            process.kill()
            process.wait()


def _process(program: str, *words: str, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *words, "--no-dashboard"],
        env=os.environ | THREADS | settings | paths, preexec_fn=no_core,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
