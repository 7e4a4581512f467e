"""The house on real incidents: admission, the demonstration's back-test, and what a governed call costs beyond fsync.

uv run python benchmarks/house.py [--quick] [--json FILE]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from toy import TOY, WellParams, example

import peelian.office
from figures import Figure, at_most, finish, flags, plain, show
from peelian.governance import flow
from peelian.governance.acts import issue
from peelian.governance.capability import Paper, Purpose, Role
from peelian.governance.documents import Declaration
from peelian.guided.mapping_demo import BARS, SETTINGS, TESTED
from peelian.office import new_office

ADMISSION_SECONDS, BACK_TEST_SECONDS, CALL_MILLISECONDS = 5.0, 20.0, 2.0
DECLARATION = Declaration(
    title="Benchmark",
    purposes=("proof", "advice"),
    legal_basis="published data",
    minimisation="declared columns only",
    retention_days=30,
    source="shipped with attribution",
)


def demonstration(folder: Path) -> list[Figure]:
    """Toronto admitted (median of three), then 52 weekly origins x 5 models x 250 m cells."""
    figures = []
    toronto = resources.files("peelian.technologies.mapping") / "examples" / "toronto"
    with new_office(folder / "town", name="Town") as office, resources.as_file(toronto) as here:
        one = office.enrol("one", name="One", unit="a", roles=set(Role))
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            admission = office.admit(one, Path(here) / "toronto_mci_2014_2021.parquet", DECLARATION)
            seconds.append(time.perf_counter() - start)
        figures.append(show(at_most("admit 239,935 incidents", statistics.median(seconds), "s", ADMISSION_SECONDS)))
        options = {"demographics": str(Path(here) / "neighbourhood_indicators_2016.csv")}
        areas = office.admit(one, Path(here) / "neighbourhoods_140.geojson", DECLARATION, options=options)
        kind = Paper.ACCURACY_CRITERIA
        issue(office.house, one, kind, serves="mapping.backtest", purposes=(Purpose.PROOF,), days=9, body=BARS)
        params = office.house.capability("mapping.backtest").params(**SETTINGS, **TESTED)
        data = {"incidents": admission.dataset, "areas": areas.dataset}
        permit = flow.ask(office.house, one, "mapping.backtest", purpose="proof", params=params, datasets=data)
        start, cpu = time.perf_counter(), time.process_time()
        flow.run(office.house, one, permit)
        figures.append(
            show(at_most("back-test of the demonstration", time.perf_counter() - start, "s", BACK_TEST_SECONDS))
        )
        figures.append(show(plain("back-test of the demonstration, CPU", time.process_time() - cpu, "s")))
    return figures


def governed_calls(folder: Path, calls: int) -> list[Figure]:
    """Ask, run and decide of a toy capability on disk, less the time that their own syncs took in the same call."""
    peelian.office.technologies = lambda: (TOY,)
    beyond: dict[str, list[float]] = {"ask": [], "run": [], "decide": []}
    waits: list[Waits] = []
    with new_office(folder / "toy", name="Toy") as office, counted_syncs(waits):
        one = office.enrol("one", name="One", unit="a", roles=set(Role))
        two = office.enrol("two", name="Two", unit="b", roles=set(Role), by=one)
        issue(office.house, one, Paper.ACCURACY_CRITERIA, serves="toy.prove", purposes=(Purpose.PROOF,), days=9)
        wells = flow.Admitted(table=example().datasets["wells"].table, facts={})
        made = flow.admit(office.house, one, DECLARATION, wells, format="toy-wells")
        words = {"choice": "decline", "reasons": "only to be measured", "other_evidence": "there is none here"}
        data = {"purpose": "proof", "params": WellParams(), "datasets": {"wells": made.dataset}}
        for _ in range(calls):
            permit = taken(beyond["ask"], waits, lambda: flow.ask(office.house, one, "toy.prove", **data))
            evidence, _ = taken(beyond["run"], waits, lambda permit=permit: flow.run(office.house, one, permit))
            taken(beyond["decide"], waits, lambda evidence=evidence: flow.decide(office.house, two, evidence, **words))
    figures = []
    for call, spans in beyond.items():
        p95, name = statistics.quantiles(spans, n=20)[-1], f"governed call ({call}) beyond fsync"
        figures.append(
            show(plain(f"{name}, its data read, p95", p95, "ms"))  # Parquet and the capability itself are in it
            if call == "run"
            else show(at_most(f"{name}, p95", p95, "ms", CALL_MILLISECONDS))
        )
        figures.append(show(plain(f"{name}, median", statistics.median(spans), "ms")))
    syncs = statistics.median(wait.times for wait in waits[-3 * calls :: 3])
    figures.append(show(plain("syncs of an ask, median", syncs, "syncs")))
    each = statistics.median(1e3 * wait.seconds / wait.times for wait in waits if wait.times)
    return [*figures, show(plain("one of its syncs, median", each, "ms"))]


@dataclass
class Waits:
    """How often a call waited for the disk, and how long in all."""

    times: int = 0
    seconds: float = 0.0


T = TypeVar("T")


def taken(spans: list[float], waits: list[Waits], call: Callable[[], T]) -> T:
    """Do a call and note how many milliseconds it took beside its syncs."""
    waits.append(Waits())
    start = time.perf_counter()
    made = call()
    spans.append(1e3 * (time.perf_counter() - start - waits[-1].seconds))
    return made


@contextmanager
def counted_syncs(waits: list[Waits]) -> Iterator[None]:
    """Every sync is timed, and added to the call that is going on."""
    real = {"fsync": os.fsync, "fdatasync": os.fdatasync}

    def timed(sync: Callable[[int], None]) -> Callable[[int], None]:
        def wait(file: int) -> None:
            start = time.perf_counter()
            sync(file)
            if waits:
                waits[-1].times, waits[-1].seconds = (
                    waits[-1].times + 1,
                    waits[-1].seconds + time.perf_counter() - start,
                )

        return wait

    for name, sync in real.items():
        setattr(os, name, timed(sync))
    try:
        yield
    finally:
        for name, sync in real.items():
            setattr(os, name, sync)


def main() -> None:
    """Print every figure."""
    parser = flags("The house on real incidents.")
    parser.add_argument("--calls-only", action="store_true", help="only what a governed call costs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = [] if given.calls_only else demonstration(Path(folder))
        figures += governed_calls(Path(folder), 100 if given.quick else 500)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
