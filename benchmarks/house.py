"""The house on real incidents: admission, the demonstration's back-test, and what a governed call costs beyond fsync.

uv run python benchmarks/house.py [--quick] [--json FILE]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from toy import COUNT, TOY, WellParams, example

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
    """ask + run of a toy capability on disk, less the raw fdatasyncs its log entries cost in the same run."""
    peelian.office.technologies = lambda: (TOY,)
    with new_office(folder / "toy", name="Toy") as office:
        one = office.enrol("one", name="One", unit="a", roles=set(Role))
        issue(office.house, one, Paper.ACCURACY_CRITERIA, serves="toy.prove", purposes=(Purpose.PROOF,), days=9)
        made = flow.admit(
            office.house,
            one,
            DECLARATION,
            flow.Admitted(table=example().datasets["wells"].table, facts={}),
            format="toy-wells",
        )
        assert COUNT.reads
        spans, syncs = [], []
        for _ in range(calls):
            before = sum(1 for _ in office.house.log.read())
            start = time.perf_counter()
            permit = flow.ask(
                office.house, one, "toy.prove", purpose="proof", params=WellParams(), datasets={"wells": made.dataset}
            )
            asked = time.perf_counter() - start
            entries = sum(1 for _ in office.house.log.read()) - before
            sync = raw_sync(folder / "raw")
            spans.append((asked - entries * sync) * 1e3)
            syncs.append(sync * 1e3)
            assert permit
    p95 = statistics.quantiles(spans, n=20)[-1]
    return [
        show(at_most("governed call (ask) beyond fsync, p95", p95, "ms", CALL_MILLISECONDS)),
        show(plain("governed call (ask) beyond fsync, median", statistics.median(spans), "ms")),
        show(plain("raw fdatasync, median", statistics.median(syncs), "ms")),
    ]


def raw_sync(path: Path) -> float:
    """Seconds of one append of 300 bytes and its fdatasync."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        start = time.perf_counter()
        os.write(file, b"x" * 300)
        os.fdatasync(file)
        return time.perf_counter() - start
    finally:
        os.close(file)


def main() -> None:
    """Print every figure."""
    given = flags("The house on real incidents.").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = demonstration(Path(folder))
        figures += governed_calls(Path(folder), 60 if given.quick else 400)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
