"""The house on real incidents: admission, the demonstration's back-test, and what a governed call costs beyond fsync.

uv run python benchmarks/house.py [--quick] [--json FILE]
"""

from __future__ import annotations

import dataclasses
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from toy import TOY, WellParams, wells
from uses import BODY, HEAT

import peelian.office
from figures import Figure, at_most, finish, flags, plain, show
from peelian.governance import deciding, flow, noising
from peelian.governance.acts import issue
from peelian.governance.capability import Paper, Purpose, Role, Technology
from peelian.governance.documents import Admission, Decision, Declaration
from peelian.governance.people import Operator
from peelian.governance.warrants import MOST_USES
from peelian.guided.mapping_demo import BARS, SETTINGS, TESTED
from peelian.measure.table import Table
from peelian.office import new_office

ADMISSION_SECONDS, BACK_TEST_SECONDS, CALL_MILLISECONDS = 5.0, 20.0, 2.0
QUICK_FILE_MILLISECONDS, LONGEST_WAIT, PAUSE_SECONDS = 0.05, 90, 3
VERBS = ("ask", "run", "decide", "decide, adopting")
NEW = ("admit", *(f"{verb}, data just admitted" for verb in VERBS[:3]), "publish", "publish, again of the same data")
FIRST = tuple(f"{verb}, by somebody for the first time" for verb in ("admit", *VERBS[:3], "publish"))
WARRANTED = tuple(f"{verb}, under a warrant" for verb in VERBS[:2])
DECLARATION = Declaration(
    title="Benchmark",
    purposes=("proof", "advice"),
    legal_basis="published data",
    minimisation="declared columns only",
    retention_days=30,
    source="shipped with attribution",
)
WARRANT_BODY = {**BODY, "count": MOST_USES}
PAPERS = (
    (Paper.ACCURACY_CRITERIA, "toy.prove", Purpose.PROOF, {}),
    (Paper.COUNCIL_APPROVAL, HEAT.id, Purpose.ADVICE, {}),
    (Paper.WARRANT, HEAT.id, Purpose.ADVICE, WARRANT_BODY),
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


def settled(folder: Path) -> float:
    """Milliseconds that it takes to make a file here, after a wait of up to a minute and a half until that is quick:
    ext4 looks at each file that was deleted in the last minute when it makes one, ten times as long, and what was
    deleted here before is no office's doing. That a file is made counts for the call, as all but syncs and tables do.
    """
    for attempt in range(LONGEST_WAIT // PAUSE_SECONDS):
        spans = []
        for n in range(5):
            start = time.perf_counter()
            (folder / f"{attempt}-{n}").touch()
            spans.append(1e3 * (time.perf_counter() - start))
        if statistics.median(spans) < QUICK_FILE_MILLISECONDS:
            return statistics.median(spans)
        if not attempt:
            print("waiting until the file system has forgotten what was deleted here", file=sys.stderr)
        time.sleep(PAUSE_SECONDS)
    print("making a file is still slow: what makes one takes longer in these figures", file=sys.stderr)
    return statistics.median(spans)


def governed_calls(folder: Path, calls: int) -> list[Figure]:
    """Every verb of a toy capability on disk, less the time of its own syncs and of what the same job would do without
    governance: reading its tables from bytes, computing, and writing its tables as bytes.

    Most uses are of the same data by the same people, and what Cedar said of them is remembered. Beside every fifth the
    same people use data just admitted twice (the second publication is compared with the first), two people who join
    right before do everything for the first time, of whom nothing is remembered, and data are used under a warrant, of
    which nothing ever is.
    """
    beyond = {name: Spans() for name in (*VERBS, *NEW, *FIRST, *WARRANTED)}
    meters: list[Meter] = []
    with metered(meters) as technology:
        peelian.office.technologies = lambda: (technology,)
        with new_office(folder / "toy", name="Toy") as office:
            one = office.enrol("one", name="One", unit="a", roles=set(Role))
            two = office.enrol("two", name="Two", unit="b", roles=set(Role), by=one)
            for paper, capability, purpose, body in PAPERS:
                issue(office.house, one, paper, serves=capability, purposes=(purpose,), days=9, body=body)

            def timed(name: str, call: Callable[[], T]) -> T:
                return taken(beyond[name], meters, call)

            def use(made: Admission, names: Sequence[str], choice: str, who: Pair = (one, two)) -> Decision:
                ask, run, decide = names
                words = {"choice": choice, "reasons": "only to be measured", "other_evidence": "there is none here"}
                data = {"purpose": "proof", "params": WellParams(), "datasets": {"wells": made.dataset}}
                permit = timed(ask, lambda: flow.ask(office.house, who[0], "toy.prove", **data))
                evidence, _ = timed(run, lambda: flow.run(office.house, who[0], permit))
                return timed(decide, lambda: flow.decide(office.house, who[1], evidence, **words))

            def admitted(n: int, by: Operator = one) -> Admission:
                counted = flow.Admitted(table=wells(n), facts={})
                return flow.admit(office.house, by, DECLARATION, counted, format="toy-wells")

            def under_a_warrant(made: Admission) -> None:
                data = {"purpose": "advice", "params": WellParams(), "datasets": {"wells": made.dataset}}
                permit = timed(WARRANTED[0], lambda: flow.ask(office.house, one, HEAT.id, **data))
                timed(WARRANTED[1], lambda: flow.run(office.house, one, permit))

            def for_the_first_time(n: int) -> None:
                joined = {"roles": set(Role), "by": one, "second": two}
                asks = office.enrol(f"asks-{n}", name="New", unit="c", **joined)
                decides = office.enrol(f"decides-{n}", name="New", unit="d", **joined)
                made = timed(FIRST[0], lambda: admitted(13 + n + calls, asks))
                decision = use(made, FIRST[1:4], "decline", (asks, decides))
                timed(FIRST[4], lambda: flow.publish(office.house, asks, decision))

            made = admitted(12)
            for n in range(calls):
                use(made, VERBS[:3] if n % 5 else (*VERBS[:2], VERBS[3]), "decline" if n % 5 else "adopt")
                if n % 5 == 0:
                    new = timed(NEW[0], lambda n=n: admitted(13 + n))
                    for names, name in ((NEW[1:4], NEW[4]), (VERBS[:3], NEW[5])):
                        decision = use(new, names, "decline")
                        timed(name, lambda made=decision: flow.publish(office.house, one, made))
                    under_a_warrant(new)
                    for_the_first_time(n)
    return told_of_calls(beyond, meters)


def told_of_calls(beyond: Mapping[str, Spans], meters: Sequence[Meter]) -> list[Figure]:
    """What each kind of call took, how long the disk and the tables took, and how fast the machine is."""
    figures = []
    for name, spans in beyond.items():
        figures += spans.told(f"governed call ({name}) beyond fsync", CALL_MILLISECONDS)
    asks = [meter for name in ("ask", NEW[1]) for meter in beyond[name].meters]
    figures.append(show(plain("syncs of an ask, median", statistics.median(one.syncs for one in asks), "syncs")))
    each = statistics.median(1e3 * meter.waited / meter.syncs for meter in meters if meter.syncs)
    figures.append(show(plain("one of its syncs, median", each, "ms")))
    for name in ("run", "admit", "publish"):
        own = statistics.median(1e3 * meter.own for meter in beyond[name].meters)
        figures.append(show(plain(f"reading, computing and writing tables ({name}), median", own, "ms")))
    usual = statistics.median(around for spans in beyond.values() for around in spans.around)
    figures.append(show(plain("3,000 squares in plain Python, median: how fast the processor is", usual, "ms")))
    return [*figures, show(plain("1,500 scattered objects touched, median: how fast the memory is", far_away(), "ms"))]


def far_away() -> float:
    """How many milliseconds it takes to touch 1,500 objects that lie scattered over some megabytes, more than the
    processor keeps near: where others of the host use its caches, this takes longer, and so does every call."""
    things = [[n] for n in range(60_000)]
    random.Random(1).shuffle(things)
    spans = []
    for start in range(0, len(things), 1_500):
        begun = time.perf_counter()
        _ = [thing[0] for thing in things[start : start + 1_500]]
        spans.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(spans)


@dataclass
class Spans:
    """How many milliseconds calls of one kind took, and how long the same small work took right before and after each:
    where that took half as long again as it mostly does, the machine was busy with somebody else's work."""

    spans: list[float] = field(default_factory=list)
    around: list[float] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)

    def told(self, name: str, bar: float) -> list[Figure]:
        """The 95th percentile of all, against its bar, the median, and the same of the calls that nobody else
        disturbed."""
        p95, usual = statistics.quantiles(self.spans, n=20)[-1], statistics.median(self.around)
        calm = [span for span, around in zip(self.spans, self.around, strict=True) if around <= 1.5 * usual]
        return [
            show(at_most(f"{name}, p95", p95, "ms", bar)),
            show(plain(f"{name}, median", statistics.median(self.spans), "ms")),
            show(plain(f"{name}, p95 of the undisturbed", statistics.quantiles(calm, n=20)[-1], "ms")),
            show(plain(f"{name}, disturbed from outside", 100 * (1 - len(calm) / len(self.spans)), "%")),
        ]


def small_work() -> float:
    """The same each time, about 0.1 ms: how many milliseconds it takes now."""
    start = time.perf_counter()
    _ = [n * n for n in range(3_000)]
    return 1e3 * (time.perf_counter() - start)


@dataclass
class Meter:
    """How often a call waited for the disk and how long in all, and how long it read, computed and wrote its tables."""

    syncs: int = 0
    waited: float = 0.0
    own: float = 0.0
    busy: bool = False  # with its own tables: what one such step does within another counts once


T = TypeVar("T")
Pair = tuple[Operator, Operator]  # who asks, and who decides


def taken(spans: Spans, meters: list[Meter], call: Callable[[], T]) -> T:
    """Do a call and note how many milliseconds it took beside its syncs and its table."""
    before = small_work()
    meters.append(meter := Meter())
    start = time.perf_counter()
    made = call()
    spans.spans.append(1e3 * (time.perf_counter() - start - meter.waited - meter.own))
    spans.around.append(max(before, small_work()))
    spans.meters.append(meter)
    return made


@contextmanager
def metered(meters: list[Meter]) -> Iterator[Technology]:
    """The toy technology. Every sync, every reading and writing of tables and every run of it counts for the call that
    goes on."""

    def own(real: Callable[..., Any]) -> Callable[..., Any]:
        return tabled(meters, real)

    read, write = own(Table.from_parquet), own(Table.to_parquet)

    def from_parquet(file: BinaryIO) -> Table:
        return read(io.BytesIO(file.read()))  # to have its bytes, out of the vault, is no work on the table

    def to_parquet(table: Table, file: BinaryIO) -> None:
        write(table, made := io.BytesIO())
        file.write(made.getvalue())

    real: dict[tuple[Any, str], Callable[..., Any]]
    real = {(os, "fsync"): synced(meters, os.fsync), (os, "fdatasync"): synced(meters, os.fdatasync)}
    real |= {(Table, "from_parquet"): from_parquet, (Table, "to_parquet"): to_parquet}
    tables = ((flow, "pack"), (noising, "unpack"), (deciding, "unpack"))
    real |= {(module, name): own(getattr(module, name)) for module, name in tables}
    before = {place: getattr(*place) for place in real}
    for (module, name), counted in real.items():
        setattr(module, name, counted)
    try:
        yield dataclasses.replace(
            TOY, capabilities=tuple(dataclasses.replace(one, run=own(one.run)) for one in (*TOY.capabilities, HEAT))
        )
    finally:
        for (module, name), known in before.items():
            setattr(module, name, known)


def synced(meters: list[Meter], real: Callable[[int], None]) -> Callable[[int], None]:
    """A sync that counts."""

    def sync(file: int) -> None:
        start = time.perf_counter()
        real(file)
        if meters:
            meters[-1].syncs += 1
            meters[-1].waited += time.perf_counter() - start

    return sync


def tabled(meters: list[Meter], real: Callable[..., Any]) -> Callable[..., Any]:
    """Work on a table that counts, but for what it waits for the disk meanwhile; once, where it does more such."""

    def work(*given: Any, **named: Any) -> Any:
        if not meters or meters[-1].busy:
            return real(*given, **named)
        meter, start, waited = meters[-1], time.perf_counter(), meters[-1].waited
        meter.busy = True
        try:
            return real(*given, **named)
        finally:
            meter.busy = False
            meter.own += time.perf_counter() - start - (meter.waited - waited)

    return work


def main() -> None:
    """Print every figure."""
    parser = flags("The house on real incidents.")
    parser.add_argument("--calls-only", action="store_true", help="only what a governed call costs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = [] if given.calls_only else demonstration(Path(folder))
        figures.append(show(plain("making a file, median", settled(Path(folder)), "ms")))
        figures += governed_calls(Path(folder), 100 if given.quick else 500)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
