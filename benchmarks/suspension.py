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
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import clusters
import httpx
import many_parts
import slow_toy
import workers
from authentication import logged_on
from boxes import BOXES, CONTENT, SHORTEN, BoxParams
from browser import served
from desk import Desk, declared, desk
from divided import desk_of, peopled
from evening import evening
from labels import register_in_area
from own_keys import give_passphrases
from reviews import ready_desk
from sensing import a_sensor
from suspending import suspend
from toy import COUNT, TOY
from toy_watch import wells
from watched import stood

import peelian.operations.office
from figures import Figure, at_most, finish, flags, show
from peelian.errors import PeelianError
from peelian.integrations.sensor_gateway import Gateway, Often
from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Reading
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import custody, delivery
from peelian.operations import run_worker
from peelian.operations.office import Office, open_office, technologies
from peelian.operations.sensor_listener import Collector
from peelian.oversight.sensors.live import keep_live
from peelian.oversight.watches.zone_levels import LEVEL
from peelian.technologies.sensors.windows import Window
from peelian.web.app import make_app
from streams import decode, spelled

BAR, GIVE_UP = 2.0, 240.0


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    give_passphrases()
    timed = (
        killed_run, killed_processes, killed_cluster, cut_import, cut_delivery, closed_review, deaf_gateway,
        deaf_listener, silent_publisher, dark_wall, dark_sensors,
    )  # fmt: skip
    finish([one() for one in timed], asked.json)


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
def two_offices(
    known: tuple[Technology, ...] = (slow_toy.SLOW, BOXES), work: Any = workers.toy
) -> Iterator[tuple[Desk, Office, Path]]:
    """The office as it works, as another process has it, and a folder beside it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(peelian.operations.office, "technologies", lambda: known),
        patch.object(run_worker, "WORK", work),
        patch.dict(os.environ, {slow_toy.HERE: folder, many_parts.HERE: folder}),
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


def _parts_end(setting: str, value: str) -> float:
    """Until two processes are gone, each of which waits in a part of a run."""
    with (
        patch.dict(os.environ, {setting: value}),
        two_offices((many_parts.MANY,), many_parts.works) as (town, other, folder),
    ):
        thread = _run(town)
        until(lambda: len(list(folder.glob("at *"))) == 2)
        processes = [int(path.name.split()[1]) for path in folder.glob("at *")]
        assert len(processes) == 2
        board = other.operator("board")
        seconds = stopped_after(other.kernel, board, "toy", lambda: all(gone(one) for one in processes))
        thread.join()
    return seconds


def killed_processes() -> Figure:
    """A run's parts in processes of this machine."""
    return figure("the processes of a run's parts are gone", _parts_end("PEELIAN_JOBS", "2"))


def killed_cluster() -> Figure:
    """A run's parts on the workers of a Dask scheduler."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, {many_parts.HERE: folder}),
        clusters.running(Path(folder), 2) as cluster,
    ):
        return figure("a cluster's workers of a run's parts are gone", _parts_end("PEELIAN_SCHEDULER", cluster.address))


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


def cut_delivery() -> Figure:
    """A derivative of 64 MB that is being handed over, some 6 MB a second."""
    town, given, taken = desk((TOY, BOXES)), declared("disclosure"), [0]
    kernel, clerk = town.kernel, town.people["clerk"]
    box = io.BytesIO(CONTENT + bytes(64 << 20))
    kept = custody.keep(kernel, clerk, given, box, format=BOXES.formats()[0].id)
    params = BoxParams(most=64 << 20)
    found, _ = verbs.run(kernel, clerk, town.ask(SHORTEN, params=params, datasets={"box": kept.dataset}))
    words = {"reasons": "she is entitled to it", "other_evidence": "document: her letter of March"}
    looked(kernel, town.people["privacy-officer"], found.case, whole=True)
    decision = verbs.decide(kernel, town.people["privacy-officer"], found, choice="accept", **words)
    prove(kernel, clerk)

    def hand_over(file: BinaryIO, to: object) -> None:
        while some := file.read(1 << 16):
            taken[0] += len(some)
            time.sleep(0.01)

    def deliver() -> None:
        with suppress(PeelianError):
            delivery.deliver(kernel, clerk, decision, hand_over)

    thread = threading.Thread(target=deliver)
    thread.start()
    until(lambda: taken[0] > 4 << 20)
    seconds = stopped_after(kernel, town.people["board"], "boxes", lambda: not thread.is_alive())
    assert taken[0] < 64 << 20
    return figure("a delivery is ended", seconds)


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


def silent_publisher() -> Figure:
    """Live levels of a zone, published as its counter sends four times a second."""
    e = evening("square", planned=0)
    kernel, sends = e.town.kernel, threading.Event()

    def read(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
        return (Reading(sensor=sensor, time=e.now, what="occupants", values={"count": float(body)}),)

    gateway = Gateway(
        kernel, [e.at.standing], read, often=Often(judge=e.levels.judge, show=e.levels.gather), checkpoint_seconds=0.05
    ).start()

    def send() -> None:
        count = 0
        while not sends.wait(0.25):
            count, e.town.clock.now = count + 1, e.now + timedelta(seconds=1)
            body = str(100 + count).encode()
            gateway.offer("counter-square", "peelian/readings/counter-square", body, lambda: None)

    thread = threading.Thread(target=send)
    thread.start()
    published = lambda: dict(kernel.stores.tickets.all(LEVEL))  # noqa: E731
    first = until(published) and published()
    until(lambda: published() != first)
    began = last = time.monotonic()
    suspend(kernel, e.town.people["board"], "crowd")
    before = published()
    while time.monotonic() - began < 2 * BAR:
        if (now := published()) != before:
            before, last = now, time.monotonic()
        time.sleep(0.01)
    sends.set()
    thread.join()
    gateway.stop()
    return figure("the newest live level was published", last - began)


def dark_wall() -> Figure:
    """The wall of the console, which a browser asks for as soon as the stream of events says so."""
    e = evening("north")
    e.go(8, {"north": (60, 0)})
    e.written()
    app = make_app(e.town.office)
    client, told = logged_on(app, e.town.office, "dispatcher"), threading.Event()
    assert "Level of service" in client.get("/en/console/wall").text
    with served(app) as address, httpx.Client(base_url=address, cookies=dict(client.cookies), timeout=60) as seat:

        def listen() -> None:
            with seat.stream("GET", "/en/console/events") as events:
                for line in events.iter_lines():
                    if line == "event: floor" and "Level of service" not in client.get("/en/console/wall").text:
                        told.set()
                        break

        thread = threading.Thread(target=listen)
        thread.start()
        time.sleep(1.0)
        assert not told.is_set() and thread.is_alive()
        seconds = stopped_after(e.town.kernel, e.town.people["board"], "crowd", told.is_set)
        thread.join()
    return figure("the wall shows no level", seconds)


def dark_sensors() -> Figure:
    """The live page of the sensors."""
    town = desk(technologies())
    register_in_area(town.kernel, town.people, a_sensor())
    start = town.kernel.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    keep_live(town.kernel, [Window(sensor="square-1", measure="people", start=start, n=9, count=4321)])
    client = logged_on(make_app(town.office), town.office, "analyst")
    shows = lambda: "4321 people" in client.get("/en/sensors/live").text  # noqa: E731
    assert shows()
    seconds = stopped_after(town.kernel, town.people["board"], "sensors", lambda: not shows())
    return figure("the live page of sensors shows no count", seconds)


if __name__ == "__main__":
    main()
