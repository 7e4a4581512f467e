"""What a registrar costs: a governed use and single port calls, in process and over the socket, in turns in one run.

The registrar is a process of its own, as in a divided office. Times are of the wall; both sides wait for the same disk.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from desk import Desk
from divided import RunningRegistrar, desk_of, peopled
from own_keys import give_passphrases
from toy import COUNT, TOY

import peelian.operations.office
from figures import finish, flags, plain, show
from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.kernel.records.sensor_register import connection_back
from peelian.operations.dividing import divide
from peelian.operations.office import open_office


@contextmanager
def near_and_far(folder: Path) -> Iterator[tuple[Desk, Desk]]:
    """The same office twice: one in this process, one divided."""
    give_passphrases()
    near, far, registrar = folder / "near", folder / "far", RunningRegistrar(folder / "registrar", folder / "socket")
    peopled(near)
    peopled(far)
    divide(far, registrar.folder, registrar.socket)
    registrar.start()
    try:
        with open_office(near) as one, open_office(far) as other:
            yield desk_of(one), desk_of(other)
    finally:
        registrar.end()


def one_use(town: Desk, timed: Callable[[str, Callable[[], object]], object]) -> None:
    """A use with its parts timed."""
    kernel, analyst = town.kernel, town.people["analyst"]
    example = COUNT.arithmetic().example()
    data = {"wells": town.admit(example.datasets["wells"], COUNT.asks.purposes).dataset}
    asked = {"purpose": Purpose.ADVICE, "params": example.params, "datasets": data}
    permit = timed("ask", lambda: verbs.ask(kernel, analyst, COUNT.id, **asked))
    timed("run", lambda: verbs.run(kernel, analyst, permit))  # type: ignore[arg-type]
    timed("append one entry", lambda: connection_back(kernel, "broker"))
    digest = next(iter(kernel.state.histories.values())).digests("ASKED")[0]
    timed("read a document", lambda: kernel.stores.archive.get(digest))


def main() -> None:
    """Print the figures."""
    flag = flags(__doc__ or "").parse_args()
    peelian.operations.office.technologies = lambda: (TOY,)
    taken: dict[str, list[float]] = defaultdict(list)
    with TemporaryDirectory() as folder, near_and_far(Path(folder)) as towns:
        for town in towns:
            town.authorizations(COUNT, days=300)
        for _ in range(25 if flag.quick else 150):
            for where, town in zip(("in process", "through a registrar"), towns, strict=True):

                def timed(what: str, act: Callable[[], object], where: str = where) -> object:
                    start = time.perf_counter()
                    found = act()
                    taken[f"{what}, {where}"].append((time.perf_counter() - start) * 1000)
                    return found

                one_use(town, timed)
    figures = []
    for name, times in taken.items():
        figures.append(show(plain(f"{name}, median", median(times), "ms")))
        figures.append(show(plain(f"{name}, p95", quantiles(times, n=20)[18], "ms")))
    finish(figures, flag.json)


if __name__ == "__main__":
    main()
