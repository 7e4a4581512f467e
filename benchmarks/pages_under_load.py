"""How long a visitor waits for a page of a real `peelian serve` while 2,000 hostile connections are open.

Bar: 1 s at most, from one address and from many, whatever the connections have sent so far.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from figures import Figure, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.operations.office import new_office

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from flood import KINDS, flooded, free_port, open_ones, seconds_to_answer

SOURCES = {"one address": ["127.0.0.1"], "200 addresses": [f"127.0.1.{n}" for n in range(1, 201)]}


def main() -> None:
    """Measure, print, and fail where the bar is missed."""
    given = flags(__doc__ or "").parse_args()
    n, times = (500, 5) if given.quick else (2_000, 20)
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "peelian"]
        new_office(Path(folder) / "office", name="Town").asking(ThrownAway()).close()
        port = free_port()
        process = subprocess.Popen([*words, "serve", "--port", str(port)], cwd=folder, stdout=subprocess.DEVNULL)
        try:
            _until_it_answers(port)
            figures = measured(port, n, times)
        finally:
            process.terminate()
            process.wait(60)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures.append(show(plain("largest memory of the server", used.ru_maxrss / 1024, "MiB")))
    finish(figures, given.json)


def measured(port: int, n: int, times: int) -> list[Figure]:
    """The longest wait of a few, without and with each kind of flood."""
    figures = [show(plain("no flood", seconds_to_answer(port, times=times), "s"))]
    for kind, begins in KINDS.items():
        for where, sources in SOURCES.items():
            with flooded(port, n, begins, sources) as held:
                name = f"{n:,} connections with {kind}, {where}"
                figures.append(show(at_most(name, seconds_to_answer(port, times=times), "s", 1)))
                figures.append(show(plain(f"{name}: still open", open_ones(held), "connections")))
    return figures


def _until_it_answers(port: int) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/en/log", timeout=60)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the pages do not answer")


if __name__ == "__main__":
    main()
