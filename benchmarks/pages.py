"""How long pages take at 50 requests a second, public ones and staff's, and how much of the first a browser fetches.

Bars: 95 of 100 answers within 150 ms of the moment they were due, on two quiet cores; 150 KB for the first page, with
all it links. Every second request of the mixture is an analyst's, logged on. While the newest maps are drawn, as after
each start, public pages have a figure of their own; the others are taken once the servers rest and each page was asked
for once, whose longest answer has its own. `--processes N` serves
the office N times, each asked by turns. `--office PATH` measures the demonstration there; else one is built, of the
forecast alone.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np

from figures import Figure, at_most, finish, flags, plain, show
from peelian.kernel.identity.sessions import Sessions
from peelian.operations.office import open_office

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from flood import free_port
from proofs import a_pass

PAGES = (
    "",
    "register",
    "inventory",
    "log",
    "sensors",
    "compliance",
    "assessment",
    "about",
    "whoaccessed",
    "vocabularies",
)
STAFF = ("en/desk", "fr/cases", "en/authorizations", "fr/tasks", "en/data", "fr/ask")
PER_SECOND = 50


def main() -> None:
    """Measure, print, and fail where a bar is missed."""
    parser = flags(__doc__ or "")
    parser.add_argument("--office", help="the folder of an office")
    parser.add_argument("--processes", type=int, default=1, help="how many serve the office")
    given = parser.parse_args()
    words = [sys.executable, "-m", "peelian"]
    with tempfile.TemporaryDirectory() as folder:
        office = given.office or str(Path(folder) / "office")
        if not given.office:
            subprocess.run([*words, "demo", "--only", "mapping", "--out", office], check=True, capture_output=True)
        session = logged_on(Path(office), "analyst")
        ports = [free_port() for _ in range(given.processes)]
        serve = [*words, "serve", "--office", office, "--port"]
        serving = [subprocess.Popen([*serve, str(port)], stdout=subprocess.DEVNULL) for port in ports]
        try:
            figures = measured([f"http://127.0.0.1:{port}" for port in ports], serving, session, quick=given.quick)
        finally:
            for process in serving:
                process.terminate()
            for process in serving:
                process.wait(60)
    finish([show(figure) for figure in figures], given.json)


def measured(heres: list[str], serving: list[subprocess.Popen[bytes]], session: str, *, quick: bool) -> list[Figure]:
    """The figures of an office that is served at these addresses by these processes."""
    public, *_ = [_once_it_answers(here) for here in heres]
    first = max(_first_answers(here, session) for here in heres)
    mixed = [page for both in zip(public, [*STAFF] * len(public), strict=False) for page in both]
    ids, seconds = [process.pid for process in serving], 4 if quick else 30
    times = f" ({len(heres)} processes)" if len(heres) > 1 else ""
    waits = asyncio.run(load(heres, public, "", seconds=min(seconds, 8)))
    at_start = float(np.quantile(waits, 0.95)) * 1000
    figures = [
        plain(f"the first time that each staff page is asked for: longest answer{times}", 1000 * first, "ms"),
        plain(f"public pages while maps are drawn: 95th percentile{times}", at_start, "ms"),
    ]
    for name, asked in (("public pages", public), ("public and staff pages by turns", mixed)):
        name += times
        for id in ids:
            _until_it_rests(id)
        used = sum(map(_processor_seconds, ids))
        waits = asyncio.run(load(heres, asked, session, seconds=seconds))
        each = (sum(map(_processor_seconds, ids)) - used) / len(waits) * 1000
        figures += [_p95(name, waits), plain(f"{name}: longest answer", max(waits) * 1000, "ms")]
        figures.append(plain(f"{name}: processor time of the server for one", each, "ms"))
    return [*figures, first_page(heres[0])]


def logged_on(folder: Path, short: str) -> str:
    """The secret of a session of somebody, whose key lies there without a passphrase: it is a demonstration."""
    with open_office(folder) as office:
        by = office.operator(short)
        sessions = Sessions(office.kernel)
        return sessions.begin(by.person, "key", proof=a_pass(office.kernel, by))[0]


async def load(heres: list[str], pages: list[str], session: str, *, seconds: int) -> list[float]:
    """Seconds from the moment each request was due to the end of its answer; none waits for another."""
    begun = time.perf_counter()

    async def one(client: httpx.AsyncClient, number: int) -> float:
        due = begun + number / PER_SECOND
        await asyncio.sleep(due - time.perf_counter())
        page, here = pages[number % len(pages)], heres[number // 2 % len(heres)]
        headers = {"cookie": f"peelian={session}"} if page in STAFF else {}
        (await client.get(f"{here}/{page}", headers=headers)).raise_for_status()
        return time.perf_counter() - due

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=30)) as client:
        return list(await asyncio.gather(*(one(client, n) for n in range(seconds * PER_SECOND))))


def _p95(name: str, waits: list[float]) -> Figure:
    return at_most(
        f"{name}: 95th percentile at {PER_SECOND} requests/s", float(np.quantile(waits, 0.95)) * 1000, "ms", 150
    )


def _processor_seconds(process: int) -> float:
    """What a process has used of the processor (proc(5): user and system time, fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _until_it_rests(process: int) -> None:
    """Wait until a process has done next to nothing for two seconds: maps are drawn with pauses of one."""
    for _ in range(60):
        used = _processor_seconds(process)
        time.sleep(2)
        if _processor_seconds(process) - used < 0.05:
            return
    raise SystemExit("the server does not come to rest")


def first_page(here: str) -> Figure:
    """The bytes that travel for the first page: itself, its style sheet and its pictures, compressed."""
    with httpx.Client() as client:
        page = client.get(f"{here}/en/")
        linked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        total = sum(got.num_bytes_downloaded for got in [page, *(client.get(here + path) for path in linked)])
    return at_most("first page with all it links", total / 1000, "KB", 150)


def _first_answers(here: str, session: str) -> float:
    """Seconds of the longest answer, each staff page asked for once: what is imported for it is there from then on."""
    waits = []
    for page in STAFF:
        began = time.perf_counter()
        httpx.get(f"{here}/{page}", headers={"cookie": f"peelian={session}"}, timeout=60).raise_for_status()
        waits.append(time.perf_counter() - began)
    return max(waits)


def _once_it_answers(here: str) -> list[str]:
    """The public pages, each asked for once."""
    addresses = [f"{language}/{page}" for language in ("en", "fr") for page in PAGES]
    for _ in range(600):
        try:
            for address in addresses:
                httpx.get(f"{here}/{address}", timeout=60).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return addresses
    raise SystemExit("the pages do not answer")


if __name__ == "__main__":
    main()
