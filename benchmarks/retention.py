"""The office's daily job, measured: how long it takes, and how long whoever else needs the kernel waits meanwhile.

uv run python benchmarks/retention.py [--quick] [--json FILE]. An office in files with a key table, of as many datasets,
documents of old cases and alarms (four steps each, one in ten not closed) as given; another thread asks for the kernel
every millisecond, as a person's act would.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from desk import Desk, Hands
from toy import COUNT, TOY
from toy_watch import HIGH, TOY_WATCH
from watched import issue_all

import peelian.operations.office
from figures import Figure, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.alarms import watch
from peelian.kernel.identity import enrolment
from peelian.kernel.model.alarms import Move, State
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.model.capability import Role
from peelian.kernel.model.ports import Leaf
from peelian.kernel.model.watch import Level
from peelian.kernel.retention.expiry_job import sweep_in_slices
from peelian.kernel.state.kernel import Kernel
from peelian.operations.maintenance import BETWEEN
from peelian.operations.office import new_office, open_office

LATER = "2099-01-01"
FULL = 2_000  # bytes of a document


def waited(kernel: Kernel, act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds that `act` takes, and the longest that another thread waited for the kernel."""
    longest, over = [0.0], threading.Event()

    def other() -> None:
        while not over.wait(0.001):
            asked = time.perf_counter()
            with kernel.lock:
                longest[0] = max(longest[0], time.perf_counter() - asked)

    thread = threading.Thread(target=other)
    thread.start()
    began = time.perf_counter()
    act()
    took = time.perf_counter() - began
    over.set()
    thread.join()
    return took * 1e3, longest[0] * 1e3


def in_turns(kernel: Kernel) -> None:
    """The daily job as an open office does it."""
    for _ in sweep_in_slices(kernel):
        time.sleep(BETWEEN)


def alarmed(town: Desk, alarms: int) -> None:
    """Alarms of a watch, signed and kept step by step; the tenth of each ten waits."""
    issue_all(town, HIGH)
    example = HIGH.reducer().example()
    asked = {"purpose": "safety", "params": example.params, "sensors": example.sensors}
    case = watch.stand(town.kernel, town.people["commander"], HIGH.id, **asked).case
    steps = (("raised", State.OPEN), ("acked", State.ACKED), ("decided", State.DECIDED), ("closed", State.CLOSED))
    for n in range(alarms):
        for step, state in steps[: 3 if n % 10 == 9 else 4]:
            same = {"alarm": f"a-{n}", "watch": case, "zone": f"z-{n}", "type": "high_well", "kind": "real"}
            said = {"choice": "watch", "reason": "a wave"} if step == "decided" else {}
            more = {"level": Level.NOTICE, "active": False, "at": town.kernel.now(), "detail": said}
            watch.log_move(town.kernel, Move(step=step, state=state, **same, **more))


def office_of(folder: Path, clock: Hands, datasets: int, documents: int, alarms: int) -> Desk:
    """An office that has lived for a while."""
    office = new_office(folder / "office", name="Town", clock=clock).asking(ThrownAway())
    custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN}, trained_until=LATER)
    council = None
    for role in (Role.ANALYST, Role.COMMANDER, Role.COUNCIL, Role.BOARD, Role.CLERK):
        told = {"name": str(role), "unit": f"unit-{role}", "roles": {role}, "trained_until": LATER}
        one = office.enrol(str(role), **told, by=custodian, second=council)
        council = one if role is Role.COUNCIL else council
    people = {
        short: office.operator(short)
        for short in ("custodian", *map(str, (Role.BOARD, Role.CLERK, Role.COUNCIL, Role.COMMANDER)))
    }
    town = Desk(office=office, clock=clock, people=people)
    wells = COUNT.arithmetic().example().datasets["wells"]
    for _ in range(datasets):
        town.admit(wells, COUNT.asks.purposes)
    body = b"x" * FULL
    leaves = [
        Leaf(digest=f"old-{n:08d}", document=body, partition=f"cases.{2024 + n % 2}q{1 + n % 4}")
        for n in range(documents)
    ]
    for start in range(0, documents, 500):
        town.kernel.stores.archive.put_all(leaves[start : start + 500])
    alarmed(town, alarms)
    return town


def measured(datasets: int, documents: int, alarms: int) -> list[Figure]:
    """Five days: one on which nothing is over, the end of the datasets, their destruction, of alarms, of old cases."""
    found = []
    with TemporaryDirectory() as folder:
        clock = Hands()
        town = office_of(Path(folder), clock, datasets, documents, alarms)
        say = f"retention: {datasets:,} datasets, {documents:,} documents of old cases, {alarms:,} alarms"
        for what, days in (
            ("nothing is over", 1),
            ("every dataset is queued", 400),
            ("every dataset is destroyed", 8),
            ("every closed alarm goes, open ones are carried over", DAYS["alarms"]),
            ("every old partition goes, what is needed is carried over", DAYS["cases"]),
        ):
            clock.days(days)
            took, wait = waited(town.kernel, lambda: in_turns(town.kernel))
            found.append(show(plain(f"{say}: {what}, the job takes", took, "ms")))
            found.append(show(at_most(f"{say}: {what}, another waits for the kernel at most", wait, "ms", 100)))
        town.office.close()
        began = time.perf_counter()
        open_office(Path(folder) / "office", clock=clock).close()
        found.append(show(plain(f"{say}: the office opens again in", (time.perf_counter() - began) * 1e3, "ms")))
    return found


def main() -> None:
    """Print the figures."""
    flag = flags(__doc__ or "").parse_args()
    peelian.operations.office.technologies = lambda: (TOY, TOY_WATCH)  # type: ignore[assignment]
    enrolment.MOST_TRAINED = type(enrolment.MOST_TRAINED)(days=36_500)  # training is not what is measured here
    sizes = ((50, 500, 50),) if flag.quick else ((200, 4_000, 500), (1_000, 20_000, 2_500))
    finish([one for size in sizes for one in measured(*size)], flag.json)


if __name__ == "__main__":
    main()
