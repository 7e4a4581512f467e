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
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
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
from peelian.governance.documents import Admission, Decision, Declaration, Permit
from peelian.governance.people import Operator
from peelian.guided.mapping_demo import BARS, SETTINGS, TESTED
from peelian.measure.table import Table
from peelian.office import Office, new_office
from peelian.process import collect_seldom

ADMISSION_SECONDS, BACK_TEST_SECONDS, CALL_MILLISECONDS = 5.0, 20.0, 2.0
QUICK_FILE_MILLISECONDS, LONGEST_WAIT, PAUSE_SECONDS = 0.06, 400, 5
VERBS = ("admit", "ask", "run", "decide", "publish")
ROUNDS, REST_SECONDS = 5, 5
DECLARATION = Declaration(
    title="Benchmark",
    purposes=("proof", "advice"),
    legal_basis="published data",
    minimisation="declared columns only",
    retention_days=30,
    source="shipped with attribution",
)
PAPERS = (
    (Paper.ACCURACY_CRITERIA, "toy.prove", Purpose.PROOF),
    (Paper.COUNCIL_APPROVAL, HEAT.id, Purpose.ADVICE),
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


def settled(objects: Path) -> None:
    """Wait until it takes little to make a file where an office keeps its objects.

    An ext4 without a journal, as on some virtual machines, does not use the number of a deleted file again for one to
    six minutes (`recently_deleted` in the kernel's fs/ext4/ialloc.c), and looks at each such number when it makes a
    file beside them: up to a millisecond each time, after a benchmark that deleted its files. No office does that. That
    a file is made counts for the call, as all but syncs and tables do.
    """
    for attempt in range(LONGEST_WAIT // PAUSE_SECONDS):
        spans = []
        for n in range(5):
            start = time.perf_counter()
            file = os.open(objects / f"settling-{attempt}-{n}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            spans.append(1e3 * (time.perf_counter() - start))
            os.fdatasync(file)
            os.close(file)
        if statistics.median(spans) < QUICK_FILE_MILLISECONDS:
            return
        if not attempt:
            print("waiting until the file system has forgotten what was deleted here", file=sys.stderr)
        time.sleep(PAUSE_SECONDS)
    print("making a file is still slow: what makes one takes longer in these figures", file=sys.stderr)


def governed_calls(folder: Path, cases: int) -> list[Figure]:
    """Every verb of a toy capability on disk, less the time of its own syncs and of what the same job would do without
    governance: reading its tables from bytes, computing, and writing its tables as bytes.

    Of five cases that end without publication all are of the same data by the same people, and what Cedar said of them
    is remembered. With each five come: four admissions; two uses of data just admitted, both published, so that the
    second is compared with the first; a use under a warrant, in turns of one that was just issued, so that Cedar is
    asked of it, and of the same once more; and one in which two people who did nothing yet do everything for the first
    time.
    """
    calls = Calls()
    with metered(calls.meters) as technology:
        peelian.office.technologies = lambda: (technology,)
        with new_office(folder / "toy", name="Toy") as office:
            town = Town(office, calls, newcomers=cases // 5)
            made = town.admit(12, "of the same people")
            settled(folder / "toy" / "objects")
            for round in range(ROUNDS):
                calls.round = round
                for n in range(round * cases // ROUNDS, (round + 1) * cases // ROUNDS):
                    town.use(made, "of the same data", choice="decline" if n % 5 else "adopt")
                    if n % 5 == 0:
                        town.beside(n)
                time.sleep(REST_SECONDS if round < ROUNDS - 1 else 0)
    return calls.told()


@dataclass
class Town:
    """An office whose two people use a toy capability, and who else joins them."""

    office: Office
    calls: Calls
    newcomers: int  # pairs of people who have done nothing yet

    def __post_init__(self) -> None:
        self.one = self.office.enrol("one", name="One", unit="a", roles=set(Role))
        self.two = self.office.enrol("two", name="Two", unit="b", roles=set(Role), by=self.one)
        for paper, capability, purpose in PAPERS:
            self.issued(paper, capability, purpose, {})
        joined = {"name": "New", "roles": set(Role), "by": self.one, "second": self.two}
        pairs = ((f"asks-{n}", f"decides-{n}") for n in range(self.newcomers))
        self.new = [tuple(self.office.enrol(short, unit=short, **joined) for short in pair) for pair in pairs]

    def issued(self, paper: Paper, capability: str, purpose: Purpose, body: Mapping[str, Any]) -> None:
        """A paper that the uses rest on."""
        issue(self.office.house, self.one, paper, serves=capability, purposes=(purpose,), days=9, body=body)

    def admit(self, n: int, kind: str, by: Operator | None = None) -> Admission:
        """A table that nobody admitted yet."""
        counted = flow.Admitted(table=wells(n), facts={})
        admitting = partial(flow.admit, self.office.house, by or self.one, DECLARATION, counted, format="toy-wells")
        return self.calls.taken("admit", kind, admitting)

    def use(self, made: Admission, kind: str, *, choice: str = "decline", who: Pair | None = None) -> Decision:
        """Ask for a proof on it, run it, and have it decided."""
        asker, decider = who or (self.one, self.two)
        words = {"choice": choice, "reasons": "only to be measured", "other_evidence": "there is none here"}
        permit = self._asked(made, asker, ("toy.prove", "proof"), kind)
        evidence, _ = self.calls.taken("run", kind, partial(flow.run, self.office.house, asker, permit))
        deciding = partial(flow.decide, self.office.house, decider, evidence, **words)
        return self.calls.taken("decide", "that makes a paper" if choice == "adopt" else kind, deciding)

    def beside(self, n: int) -> None:
        """What comes with every fifth case."""
        *_, new = [self.admit(100 * n + number, "of the same people") for number in range(13, 17)]
        for kind in ("of data just admitted", "of data used once before"):
            decision = self.use(new, kind)
            self.calls.taken("publish", kind, partial(flow.publish, self.office.house, self.one, decision))
        self.under_a_warrant(new, is_new=n % 10 == 0)

        first, (asker, decider) = "for the first time", self.new.pop()
        decision = self.use(self.admit(100 * n + 17, first, asker), first, who=(asker, decider))
        self.calls.taken("publish", first, partial(flow.publish, self.office.house, asker, decision))

    def under_a_warrant(self, made: Admission, *, is_new: bool) -> None:
        """A use under a warrant that is issued for it, or under the newest one that there is."""
        kind = "under a new warrant" if is_new else "under a warrant used once before"
        if is_new:
            self.issued(Paper.WARRANT, HEAT.id, Purpose.ADVICE, BODY)
        permit = self._asked(made, self.one, (HEAT.id, "advice"), kind)
        self.calls.taken("run", kind, partial(flow.run, self.office.house, self.one, permit))

    def _asked(self, made: Admission, by: Operator, what: tuple[str, str], kind: str) -> Permit:
        data = {"purpose": what[1], "params": WellParams(), "datasets": {"wells": made.dataset}}
        return self.calls.taken("ask", kind, partial(flow.ask, self.office.house, by, what[0], **data))


@dataclass
class Calls:
    """How many milliseconds each call took beside its syncs and its tables, by round, verb and kind."""

    round: int = 0
    spans: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    around: list[float] = field(default_factory=list)  # how long the same small work took right before
    meters: list[Meter] = field(default_factory=list)
    own: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # verb → of its tables

    def taken(self, verb: str, kind: str, call: Callable[[], T]) -> T:
        """Do a call and note what it took."""
        self.around.append(small_work())
        self.meters.append(meter := Meter())
        start = time.perf_counter()
        made = call()
        self.spans[verb, kind, self.round].append(1e3 * (time.perf_counter() - start - meter.waited - meter.own))
        self.own[verb].append(1e3 * meter.own)
        return made

    def told(self) -> list[Figure]:
        """The bar is for a call, and for each verb, whatever the kind of use: the median of the rounds' 95th
        percentiles, since the machine is busy with others' work in some. Then the worst round, and each kind of use."""
        figures = []
        for verb in ("", *VERBS):
            rounds = [p95(self.of(verb, round=round)) for round in range(ROUNDS)]
            name = f"governed call ({verb or 'every verb'}) beyond fsync"
            bar = at_most(
                f"{name}, p95 (median of {ROUNDS} rounds)", statistics.median(rounds), "ms", CALL_MILLISECONDS
            )
            figures += [show(bar), show(plain(f"{name}, p95 of the worst round", max(rounds), "ms"))]
            figures.append(show(plain(f"{name}, median", statistics.median(self.of(verb)), "ms")))
            for kind in dict.fromkeys(kind for known, kind, _ in self.spans if known == verb):
                spans = self.of(verb, kind)
                figures.append(show(plain(f"{name}, {kind}, p95 of {len(spans)}", p95(spans), "ms")))
        return [*figures, *self.machine()]

    def machine(self) -> list[Figure]:
        """How long the disk and the tables took, and how fast the machine is."""
        syncs = [1e3 * meter.waited / meter.syncs for meter in self.meters if meter.syncs]
        made = [one for meter in self.meters for one in meter.making]
        figures = [show(plain("making a file, median", statistics.median(made), "ms"))]
        figures.append(show(plain("one sync, median", statistics.median(syncs), "ms")))
        for verb in ("admit", "run", "publish"):
            own = statistics.median(self.own[verb])
            figures.append(show(plain(f"reading, computing and writing tables ({verb}), median", own, "ms")))
        usual = statistics.median(self.around)
        figures.append(show(plain("3,000 squares in plain Python, median: how fast the processor is", usual, "ms")))
        name = "1,500 scattered objects touched, median: how fast the memory is"
        return [*figures, show(plain(name, far_away(), "ms"))]

    def of(self, verb: str, kind: str = "", round: int = -1) -> list[float]:
        """The calls of a verb, a kind or a round, where it is given."""
        kept = self.spans.items()
        chosen = (some for (v, k, r), some in kept if verb in ("", v) and kind in ("", k) and round in (-1, r))
        return [one for some in chosen for one in some]


def p95(spans: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(spans, n=20)[-1]


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


def small_work() -> float:
    """The same each time, about 0.1 ms: how many milliseconds it takes now."""
    start = time.perf_counter()
    _ = [n * n for n in range(3_000)]
    return 1e3 * (time.perf_counter() - start)


@dataclass
class Meter:
    """How often a call waited for the disk and how long in all, how long it read, computed and wrote its tables, and
    how long it took to make each file (which counts)."""

    syncs: int = 0
    waited: float = 0.0
    own: float = 0.0
    making: list[float] = field(default_factory=list)  # files
    busy: bool = False  # with its own tables: what one such step does within another counts once


T = TypeVar("T")
Pair = tuple[Operator, Operator]  # who asks, and who decides


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
    real |= {(os, "open"): making(meters, os.open)}
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


def making(meters: list[Meter], real: Callable[..., int]) -> Callable[..., int]:
    """An `os.open` that notes how long it takes to make a file."""

    def opened(path: Any, how: int, *given: Any, **named: Any) -> int:
        start = time.perf_counter()
        file = real(path, how, *given, **named)
        if meters and how & os.O_EXCL:
            meters[-1].making.append(1e3 * (time.perf_counter() - start))
        return file

    return opened


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
    collect_seldom()  # as the command line and the servers do
    with tempfile.TemporaryDirectory() as folder:
        figures = [] if given.calls_only else demonstration(Path(folder))
        figures += governed_calls(Path(folder), 100 if given.quick else 500)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
