"""The kernel on real incidents: admission, the demonstration's back-test, and how long each governed call takes.

uv run python benchmarks/kernel.py [--quick] [--json FILE]
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TypeVar

from figures import Figure, at_most, finish, flags, plain, show
from peelian.demos.labels import adopt
from peelian.demos.mapping import AREAS, CRITERIA, SETTINGS, TESTED
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.verbs.authorizations import issue
from peelian.operations.office import new_office
from peelian.operations.vocabularies import read_vocabulary
from peelian.process import collect_seldom
from toy_town import DECLARATION, WORDS, admitted, asked, know_the_toy, toy_office

ADMISSION_SECONDS, BACK_TEST_SECONDS = 5.0, 20.0
T = TypeVar("T")


def demonstration(folder: Path) -> list[Figure]:
    """Toronto admitted (median of three), then 52 weekly origins x 5 models x 250 m cells."""
    figures = []
    toronto = resources.files("peelian.technologies.mapping") / "examples" / "toronto"
    with new_office(folder / "town", name="Town").asking(ThrownAway()) as office, resources.as_file(toronto) as here:
        one = office.enrol("one", name="One", unit="a", roles=set(Role))
        two = office.enrol("two", name="Two", unit="b", roles=set(Role), by=one)
        options = {"demographics": str(Path(here) / "neighbourhood_indicators_2016.csv")}
        known = read_vocabulary(
            Path(here) / AREAS,
            LabelKind.AREA,
            "2016 census",
            office.kernel.technologies,
            format="auto",
            options=options,
        )
        adopt(office, {"custodian": one, "board": two}, known, words="the neighbourhoods of the census")
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            admission = office.admit(one, Path(here) / "toronto_mci_2014_2021.parquet", DECLARATION)
            seconds.append(time.perf_counter() - start)
        figures.append(show(at_most("admit 239,935 incidents", statistics.median(seconds), "s", ADMISSION_SECONDS)))
        areas = office.admit(one, Path(here) / AREAS, DECLARATION, options=options)
        kind = AuthorizationKind.ACCEPTANCE_CRITERIA
        issue(office.kernel, one, kind, serves="mapping.backtest", purposes=(Purpose.PROOF,), days=9, body=CRITERIA)
        params = office.kernel.capability("mapping.backtest").asks.params(**SETTINGS, **TESTED)
        data = {"incidents": admission.dataset, "areas": areas.dataset}
        permit = verbs.ask(office.kernel, one, "mapping.backtest", purpose="proof", params=params, datasets=data)
        start, cpu = time.perf_counter(), time.process_time()
        verbs.run(office.kernel, one, permit)
        figures.append(
            show(at_most("back-test of the demonstration", time.perf_counter() - start, "s", BACK_TEST_SECONDS))
        )
        figures.append(show(plain("back-test of the demonstration, CPU", time.process_time() - cpu, "s")))
    return figures


def governed_calls(folder: Path, cases: int) -> list[Figure]:
    """Every verb on the toy technology, each case of data of its own: milliseconds of the wall, with every wait for the
    disk."""
    spans: dict[str, list[float]] = defaultdict(list)

    def timed(verb: str, call: Callable[[], T]) -> T:
        start = time.perf_counter()
        made = call()
        spans[verb].append(1e3 * (time.perf_counter() - start))
        return made

    know_the_toy()
    with toy_office(folder / "toy") as office:
        kernel, one, two = office.kernel, office.operator("one"), office.operator("two")
        for n in range(cases):
            made = timed("admit", lambda n=n: admitted(kernel, one, n))
            permit = timed("ask", lambda made=made: asked(kernel, one, made.dataset))
            evidence, _ = timed("run", lambda permit=permit: verbs.run(kernel, one, permit))
            looked(kernel, two, evidence.case, whole=True)
            decision = timed("decide", lambda evidence=evidence: verbs.decide(kernel, two, evidence, **WORDS))
            timed("publish", lambda decision=decision: verbs.publish(kernel, one, decision))
    figures = []
    for verb, taken in spans.items():
        figures.append(show(plain(f"{verb}, with its waits for the disk, median", statistics.median(taken), "ms")))
        p95 = statistics.quantiles(taken, n=20)[-1]
        figures.append(show(plain(f"{verb}, with its waits for the disk, p95", p95, "ms")))
    return figures


def main() -> None:
    """Print every figure."""
    parser = flags("The kernel on real incidents.")
    parser.add_argument("--calls-only", action="store_true", help="only how long governed calls take")
    given = parser.parse_args()
    collect_seldom()  # as the command line and the servers do
    with tempfile.TemporaryDirectory() as folder:
        figures = [] if given.calls_only else demonstration(Path(folder))
        figures += governed_calls(Path(folder), 20 if given.quick else 200)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
