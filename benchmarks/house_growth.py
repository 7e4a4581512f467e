"""How a governed call grows with a town's people, data, papers, used warrants, cases and releases.

uv run python benchmarks/house_growth.py [--quick] [--json FILE]

Three offices have 0, 100 and 1,000 of one such thing more. Each verb is done in each of them in turns, so that a busy
minute of the machine counts for all three; the figure is the median of its milliseconds less its syncs and its tables
(see `house.py`), and the bar is for how many times as long it takes in the largest office as in the smallest. Not in
it: releases of the same data again, each of which is compared with all before it; noise; what a gateway reads.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import peelian.office
from figures import Figure, at_most, finish, flags, plain, show
from house import Calls, Town, metered
from peelian.governance import flow
from peelian.governance.capability import Paper, Purpose, Role
from peelian.governance.documents import Admission
from peelian.office import new_office
from peelian.process import collect_seldom

SIZES, QUICK_SIZES = (0, 100, 1_000), (0, 10, 100)
TURNS, QUICK_TURNS = 60, 10
MOST_TIMES = 1.25
NOT_COUNTED = "not counted"


def people(town: Town, n: int, made: Admission) -> None:
    """Somebody who is enrolled."""
    joined = {"name": "New", "roles": set(Role), "by": town.one, "second": town.two}
    town.office.enrol(f"person-{n}", unit=f"unit-{n}", **joined)


def datasets(town: Town, n: int, made: Admission) -> None:
    """A table that is admitted."""
    town.admit(10_000 + n, NOT_COUNTED)


def papers(town: Town, n: int, made: Admission) -> None:
    """A paper that serves what is asked for."""
    town.issued(Paper.ACCURACY_CRITERIA, "toy.prove", Purpose.PROOF, {})


def warrants(town: Town, n: int, made: Admission) -> None:
    """A warrant that is issued and used."""
    town.under_a_warrant(made, is_new=True)


def cases(town: Town, n: int, made: Admission) -> None:
    """A case of the same data, to its decision."""
    town.use(made, NOT_COUNTED)


def releases(town: Town, n: int, made: Admission) -> None:
    """A case of other data, to its publication."""
    released(town, 10_000 + n, NOT_COUNTED)


def released(town: Town, n: int, kind: str) -> None:
    """Every verb once, of data that nobody used."""
    decision = town.use(town.admit(n, kind), kind)
    town.calls.taken("publish", kind, partial(flow.publish, town.office.house, town.one, decision))


def issued(town: Town, kind: str) -> None:
    """A paper that nothing here rests on."""
    issuing = partial(town.issued, Paper.COUNCIL_APPROVAL, "toy.count", Purpose.ADVICE, {})
    town.calls.taken("issue", kind, issuing)


GROWN: Mapping[str, Callable[[Town, int, Admission], None]] = {
    "people": people,
    "datasets": datasets,
    "papers that serve the same": papers,
    "used warrants": warrants,
    "cases": cases,
    "releases": releases,
}


def growth(name: str, folder: Path, sizes: tuple[int, ...], turns: int) -> Iterator[Figure]:
    """How each verb grows with one thing. O(sum of sizes + turns × sizes)."""
    first = Calls()
    with ExitStack() as stack:
        technology = stack.enter_context(metered(first.meters))
        peelian.office.technologies = lambda: (technology,)
        towns = {}
        for size in sizes:
            office = stack.enter_context(new_office(folder / str(size), name="Toy"))
            town = towns[size] = Town(office, Calls(meters=first.meters), newcomers=0)
            made = town.admit(12, NOT_COUNTED)
            for n in range(size):
                GROWN[name](town, n, made)
            town.calls.spans.clear()
        for turn in range(turns):
            first_in_turn = turn % len(sizes)
            for town in (*towns.values(), *towns.values())[first_in_turn : first_in_turn + len(sizes)]:
                released(town, 100_000 + turn, "as a rule")
                town.under_a_warrant(town.admit(200_000 + turn, NOT_COUNTED), is_new=True)
                issued(town, "as a rule")
    for verb, kind in [key[:2] for key in towns[0].calls.spans if key[1] != NOT_COUNTED]:
        took = [statistics.median(town.calls.of(verb, kind)) for town in towns.values()]
        for size, milliseconds in zip(sizes, took, strict=True):
            yield show(plain(f"{verb} ({kind}) with {size:,} more {name}, median", milliseconds, "ms"))
        yield show(at_most(f"{verb} ({kind}): growth with {name}", took[-1] / took[0], "times", MOST_TIMES))


def main() -> None:
    """Print every figure."""
    given = flags("How governed calls grow.").parse_args()
    collect_seldom()  # as the command line and the servers do
    sizes, turns = (QUICK_SIZES, QUICK_TURNS) if given.quick else (SIZES, TURNS)
    figures: list[Figure] = []
    for name in GROWN:
        with tempfile.TemporaryDirectory() as folder:
            figures += growth(name, Path(folder), sizes, turns)
    finish(figures, given.json)


if __name__ == "__main__":
    main()
