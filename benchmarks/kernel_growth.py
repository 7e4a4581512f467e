"""What grows with an office's past: verbs, commands and list pages at 10², 10³, 10⁴ and 10⁵ cases, on both databases.

uv run python benchmarks/kernel_growth.py [--quick] [--json FILE] [--postgresql]

The past is appended as log entries (seven a case) without its documents: none of what is measured reads them.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi.testclient import TestClient

import peelian.operations.office
from commands import cost
from figures import Figure, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.archive_partitions import CASES
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Request, digest_of, to_bytes
from peelian.kernel.model.ports import Entry
from peelian.operations.office import Office, new_office, open_office, technologies
from peelian.operations.rebuild import rebuilt
from peelian.storage.log_publisher import PublishedLog
from peelian.web.app import make_app
from peelian.web.frame.titles import MOST_TITLED
from toy_town import WORDS, admitted, asked, know_the_toy, postgresql, toy_office

REAL, SHOWN = technologies, MOST_TITLED  # cases that have their request: a search opens it for their titles
COMMANDS = (("cases",), ("people", "--as", "one"), ("capabilities",), ("suspend", "mapping", "--as", "one"))
PAGES = ("/en/register", "/en/log", "/en/inventory")  # the home page reads findings, which this past lacks
SEARCHES = (  # the last two go through every case and find none
    "/en/register?sort=oldest",
    "/en/register?q=forecast+c-0&technology=mapping&decision=adopt",
    "/en/cases?state=published&year=%(year)d",
    "/en/cases?q=c-00",
    "/en/log?event=DECIDED",
    "/en/register?q=forecast&year=1999",
    "/en/cases?q=nothing&state=refused",
)


def past(office: Office, capability: str, start: int, end: int, last: int) -> Iterator[Entry]:
    """Cases `start` to `end` that came to their end, one after another."""
    now = time_text(office.kernel.now())
    by = next(iter(office.kernel.state.people))
    for n in range(start, end):
        case, at = f"c-{n:010x}", {"v": 1, "t": now}
        digests = [f"{n:032x}{step:032x}" for step in range(6)]
        asked = {"capability": capability, "by": by, "unit": "a", "purpose": "proof"}
        if n < SHOWN or n >= last - SHOWN:  # the first and the last pages of a list open what was asked for
            digests[0] = requested(office, case, asked)
        yield {**at, "kind": "ASKED", "case": case, "document": digests[0], **asked}
        yield {**at, "kind": "PERMITTED", "case": case, "document": digests[1], "before": digests[0], "until": now}
        yield {**at, "kind": "STARTED", "case": case, "before": digests[1], "params": digests[5], "by": by}
        opened = {"object": digests[4][:32], "dataset": f"wells-{n}"}
        yield {**at, "kind": "OPENED", "case": case, "before": digests[1], **opened}
        yield {**at, "kind": "RAN", "case": case, "document": digests[2], "before": digests[1], "findings": digests[5]}
        decided = {"by": by, "unit": "b", "choice": "adopt"}
        yield {**at, "kind": "DECIDED", "case": case, "document": digests[3], "before": digests[2], **decided}
        yield {**at, "kind": "PUBLISHED", "case": case, "document": digests[4], "before": digests[3], "by": by}


def requested(office: Office, case: str, asked: dict[str, str]) -> str:
    """Archive the request of a case; its digest."""
    kernel = office.kernel
    made = Request(case=case, params={}, datasets={}, at=kernel.now().isoformat(), **asked)
    kernel.stores.archive.put(digest_of(made), to_bytes(made), partition=kernel.partition(CASES))
    return digest_of(made)


def grown(office: Office, capability: str, have: int, cases: int) -> float:
    """Give the office a past of so many cases; seconds an entry."""
    log = office.kernel.stores.log
    assert isinstance(log, PublishedLog)
    began, entries = time.perf_counter(), 7 * (cases - have)
    for start in range(have, cases, 500):
        log.copy(list(past(office, capability, start, min(cases, start + 500), cases)))
    return (time.perf_counter() - began) / max(1, entries)


def verbs_taken(office: Office, rounds: int) -> dict[str, float]:
    """The middle of each verb's milliseconds of the wall, with every wait for the disk."""
    spans: dict[str, list[float]] = defaultdict(list)
    kernel, one, two = office.kernel, office.operator("one"), office.operator("two")
    for n in range(rounds):
        marks = [time.perf_counter()]
        made = admitted(kernel, one, n)
        marks.append(time.perf_counter())
        permit = asked(kernel, one, made.dataset)
        marks.append(time.perf_counter())
        evidence, _ = verbs.run(kernel, one, permit)
        marks.append(time.perf_counter())
        looked(kernel, two, evidence.case, whole=True)
        decision = verbs.decide(kernel, two, evidence, **WORDS)
        marks.append(time.perf_counter())
        verbs.publish(kernel, one, decision)
        marks.append(time.perf_counter())
        for verb, start, end in zip(("admit", "ask", "run", "decide", "publish"), marks, marks[1:], strict=False):
            spans[verb].append(1e3 * (end - start))
    return {verb: statistics.median(taken) for verb, taken in spans.items()}


def pages(office: Office, cases: int) -> Iterator[Figure]:
    app = make_app(office)
    client = TestClient(app, base_url="http://localhost")
    secret, _ = app.state.lobby.sessions.begin(office.operator("one").person, "key", proof={})
    client.cookies.set("peelian", secret)
    for address in (*PAGES, *(one % {"year": office.kernel.now().year} for one in SEARCHES)):
        client.get(address)
        began = time.process_time()
        answer = client.get(address)
        spent = 1e3 * (time.process_time() - began)
        assert answer.status_code == 200, address
        yield at_most(f"{address} at {cases:,} cases, CPU", spent, "ms", 50)
        yield at_most(f"{address} at {cases:,} cases", len(answer.content) / 1024, "KB", 60)


def of_the_verbs(folder: Path, sizes: tuple[int, ...], places: dict[str, str], of: str) -> Iterator[Figure]:
    """Each verb of the toy technology, in an office that grows from size to size."""
    know_the_toy()
    toy_office(folder, **places).close()
    have, first = 0, {}
    for cases in sizes:
        with open_office(folder).asking(ThrownAway()) as office:
            yield plain(
                f"{of}: an entry of the past up to {cases:,} cases", 1e3 * grown(office, "toy.prove", have, cases), "ms"
            )
            office.checkpoint()
            have, taken = cases, verbs_taken(office, 20)
        first = first or taken
        for verb, spent in taken.items():
            yield plain(f"{of}: {verb} at {cases:,} cases, median", spent, "ms")
    for verb, spent in taken.items():
        yield at_most(f"{of}: {verb}, {sizes[-1]:,} against {sizes[0]:,} cases", spent / first[verb], "x", 2)
    peelian.operations.office.technologies = REAL


def of_the_commands(folder: Path, cases: int, places: dict[str, str], of: str) -> Iterator[Figure]:
    """Commands, pages and a rebuild of an office with so many cases."""
    with new_office(folder, name="Town", **places).asking(ThrownAway()) as office:
        office.enrol("one", name="One", unit="a", roles=set(Role))
        grown(office, "mapping.forecast", 0, cases)
    began = time.process_time()
    with open_office(folder).asking(ThrownAway()) as office:
        yield at_most(f"{of}: opening at {cases:,} cases, CPU", 1e3 * (time.process_time() - began), "ms", 500)
        yield from pages(office, cases)
    for words in COMMANDS:
        seconds, megabytes = cost(words, folder, runs=5)
        yield at_most(f"{of}: peelian {words[0]} at {cases:,} cases", seconds, "s CPU", 0.8)
        yield at_most(f"{of}: peelian {words[0]} at {cases:,} cases, peak", megabytes, "MB", 150)
    with open_office(folder).asking(ThrownAway()) as office:
        began, size = time.process_time(), office.kernel.stores.log.size()
        found = rebuilt(office.kernel)
        spent = time.process_time() - began
        yield at_most(f"{of}: rebuild of {size:,} entries, for 10⁶", spent * 1e6 / size / 60, "CPU min", 10)
        yield at_most(f"{of}: rows that differ after a rebuild", len(found), "rows", 0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield at_most(f"{of}: peak of this process, a rebuild of {size:,} entries included", peak, "MB", 500)


def main() -> None:
    """Print every figure."""
    parser = flags(__doc__ or "")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL, too")
    given = parser.parse_args()
    sizes = (100, 1_000) if given.quick else (100, 1_000, 10_000, 100_000)
    figures = []
    with TemporaryDirectory() as folder, ExitStack() as closing:
        server = closing.enter_context(postgresql()) if given.postgresql else None
        for of in ("SQLite", *(("PostgreSQL",) if server else ())):
            for what, measured in (("verbs", of_the_verbs), ("commands", of_the_commands)):
                on = {"database": server.place(), "keys_database": server.place()} if server and of != "SQLite" else {}
                given_sizes = sizes if what == "verbs" else sizes[-1]
                for figure in measured(Path(folder) / f"{of}-{what}", given_sizes, on, of):  # type: ignore[operator]
                    figures.append(show(figure))
    finish(figures, given.json)


if __name__ == "__main__":
    main()
