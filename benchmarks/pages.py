"""How long the public pages take at 50 requests a second, and how much of the first one a browser has to fetch.

Bars: 95 of 100 answers within 150 ms of the moment they were due, on two quiet cores; 150 KB for the first page, with
all it links. `--office PATH` measures an office there is, else one is made that is empty.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np

from figures import Figure, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from flood import free_port

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
PER_SECOND = 50


def main() -> None:
    """Measure, print, and fail where a bar is missed."""
    parser = flags(__doc__ or "")
    parser.add_argument("--office", help="the folder of an office")
    given = parser.parse_args()
    words = [sys.executable, "-m", "peelian"]
    with tempfile.TemporaryDirectory() as folder:
        office = given.office or str(Path(folder) / "office")
        if not given.office:
            subprocess.run([*words, "office", office, "--name", "Town"], check=True, capture_output=True)
        port = free_port()
        process = subprocess.Popen(
            [*words, "serve", "--office", office, "--port", str(port)], stdout=subprocess.DEVNULL
        )
        try:
            here = f"http://127.0.0.1:{port}"
            addresses = [*_once_it_answers(here)]
            waits = asyncio.run(load(addresses, seconds=4 if given.quick else 30))
            figures = [_p95(waits), plain("longest answer", max(waits) * 1000, "ms"), first_page(here)]
        finally:
            process.terminate()
            process.wait(60)
    finish([show(figure) for figure in figures], given.json)


async def load(addresses: list[str], *, seconds: int) -> list[float]:
    """Seconds from the moment each request was due to the end of its answer; none waits for another."""
    begun = time.perf_counter()

    async def one(client: httpx.AsyncClient, number: int) -> float:
        due = begun + number / PER_SECOND
        await asyncio.sleep(due - time.perf_counter())
        (await client.get(addresses[number % len(addresses)])).raise_for_status()
        return time.perf_counter() - due

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=30)) as client:
        return list(await asyncio.gather(*(one(client, n) for n in range(seconds * PER_SECOND))))


def _p95(waits: list[float]) -> Figure:
    return at_most(f"95th percentile at {PER_SECOND} requests/s", float(np.quantile(waits, 0.95)) * 1000, "ms", 150)


def first_page(here: str) -> Figure:
    """The bytes that travel for the first page: itself, its style sheet and its pictures, compressed."""
    with httpx.Client() as client:
        page = client.get(f"{here}/en/")
        linked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        total = sum(got.num_bytes_downloaded for got in [page, *(client.get(here + path) for path in linked)])
    return at_most("first page with all it links", total / 1000, "KB", 150)


def _once_it_answers(here: str) -> list[str]:
    """The addresses of the pages, each asked for once."""
    addresses = [f"{here}/{language}/{page}" for language in ("en", "fr") for page in PAGES]
    for _ in range(600):
        try:
            for address in addresses:
                httpx.get(address, timeout=60).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return addresses
    raise SystemExit("the pages do not answer")


if __name__ == "__main__":
    main()
