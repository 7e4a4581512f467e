"""How long does it take until a suspension stops what goes on? One record for each thing that was under way.

uv run python benchmarks/suspension.py [--json FILE]. An office on the disk is opened twice, as by two processes: one
works, the other suspends. Bar: 2 seconds, by the clock on the wall.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import slow_toy
import workers
from authentication import logged_on
from boxes import BOXES
from desk import Desk, declared, desk
from divided import desk_of, peopled
from labels import register_in_area
from own_keys import give_passphrases
from reviews import ready_desk
from sensing import a_sensor
from suspending import suspend
from toy import COUNT
from toy_watch import wells
from watched import stood

import peelian.operations.office
from figures import Figure, at_most, finish, flags, show
from peelian.errors import PeelianError
from peelian.integrations.sensor_gateway import Gateway
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import custody
from peelian.operations import run_worker
from peelian.operations.office import Office, open_office, technologies
from peelian.operations.sensor_listener import Collector
from peelian.web.app import make_app
from streams import decode, spelled

BAR, GIVE_UP = 2.0, 60.0


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    give_passphrases()
    figures = [timed() for timed in (killed_run, cut_import, closed_review, deaf_gateway, deaf_listener)]
    finish(figures, asked.json)


def figure(what: str, seconds: float) -> Figure:
    return show(at_most(f"suspended, {what}", seconds, "s", BAR))


def until(over: Callable[[], bool]) -> float:
    """Seconds until it is over; GIVE_UP where it is not."""
    began = time.monotonic()
    while not over() and time.monotonic() - began < GIVE_UP:
        time.sleep(0.005)
    return time.monotonic() - began


def gone(process: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True


@contextmanager
def two_offices() -> Iterator[tuple[Desk, Office, Path]]:
    """The office as it works, as another process has it, and a folder beside it."""
    known = (slow_toy.SLOW, BOXES)
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(peelian.operations.office, "technologies", lambda: known),
        patch.object(run_worker, "WORK", workers.toy),
        patch.dict(os.environ, {slow_toy.HERE: folder}),
    ):
        peopled(Path(folder) / "office")
        with open_office(Path(folder) / "office") as first, open_office(Path(folder) / "office") as second:
            yield desk_of(first), second, Path(folder)


def stopped_after(other: Kernel, board: object, technology: str, over: Callable[[], bool]) -> float:
    """Seconds from the click until it is over."""
    began = time.monotonic()
    suspend(other, board, technology)  # type: ignore[arg-type]
    until(over)
    return time.monotonic() - began


def _run(town: Desk) -> threading.Thread:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)

    def work() -> None:
        with suppress(PeelianError):
            run_worker.run(town.office, town.people["analyst"], permit)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def killed_run() -> Figure:
    """A run in a process of its own, whose arithmetic goes on."""
    with two_offices() as (town, other, folder):
        thread = _run(town)
        until((folder / "began").exists)
        worker = int((folder / "began").read_text(encoding="utf-8"))
        seconds = stopped_after(other.kernel, other.operator("board"), "toy", lambda: gone(worker))
        thread.join()
    return figure("a run's process is gone", seconds)


def cut_import() -> Figure:
    """A recording that comes in as fast as the machine takes it."""

    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, into: object, /) -> int:
            view = memoryview(into)  # type: ignore[arg-type]
            view[:] = bytes(len(view))
            self.taken += len(view)
            return len(view)

    with two_offices() as (town, other, _):
        file, over = Endless(), threading.Event()

        def keep() -> None:
            given, name = declared("disclosure"), BOXES.formats()[0].id
            with suppress(PeelianError):
                custody.keep(
                    town.kernel, town.people["clerk"], given, io.BufferedReader(file), format=name, size=1 << 40
                )
            over.set()

        thread = threading.Thread(target=keep)
        thread.start()
        until(lambda: file.taken > 8 << 20)
        seconds = stopped_after(other.kernel, other.operator("board"), "boxes", over.is_set)
        thread.join()
    return figure("an import is ended", seconds)


def closed_review() -> Figure:
    """A review that is open at the pages, at which nobody clicks."""
    town, case, _ = ready_desk()
    app = make_app(town.office)
    client = logged_on(app, town.office, "clerk")
    assert client.get(f"/en/cases/{case}/review").status_code == 200
    desks = app.state.reviews
    assert len(desks) == 1
    return figure(
        "an open review is closed", stopped_after(town.kernel, town.people["board"], "footage", lambda: not len(desks))
    )


def deaf_gateway() -> Figure:
    """Readings that come to a watch without end."""
    at = stood()
    gateway = Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=0.05).start()
    sends = threading.Event()

    def send() -> None:
        for reading in wells([1.0] * 100_000):
            gateway.offer("well-1", "peelian/readings/well-1", spelled(reading), lambda: None)
            if sends.wait(0.02):
                return

    thread = threading.Thread(target=send)
    thread.start()
    until(lambda: gateway.tally["taken"] > 5)
    over = lambda: gateway.tally["not permitted"] > 0  # noqa: E731
    seconds = stopped_after(at.town.kernel, at.town.people["board"], at.declared.technology, over)
    sends.set()
    thread.join()
    gateway.stop()
    return figure("a watch hears no reading", seconds)


def deaf_listener() -> Figure:
    """Counts that come to the listener without end."""
    town = desk(technologies())
    register_in_area(town.kernel, town.people, a_sensor())
    made, sends = Collector(town.office, town.people["custodian"]), threading.Event()

    def send() -> None:
        while not sends.wait(0.02):
            at = town.kernel.now().isoformat()
            body = f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{at}","peopleCount":20}}'.encode()
            made.offer("square-1", "", body, lambda: None)
            made.work()

    thread = threading.Thread(target=send)
    thread.start()
    until(lambda: made.tally["taken"] > 5)
    seconds = stopped_after(town.kernel, town.people["board"], "sensors", lambda: made.tally["refused"] > 0)
    sends.set()
    thread.join()
    return figure("the sensor listener takes no count", seconds)


if __name__ == "__main__":
    main()
