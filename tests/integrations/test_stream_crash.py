"""kill -9 in mid-stream, again and again, a real broker and a real disk: every alarm is in the log once.

In a divided office, where tests run so, its registrar is killed as well."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import workers
from broker import Mosquitto, until
from divided import RunningRegistrar
from standing_office import office_at, stands
from stream_process import with_wells
from toy_watch import wells

from peelian.kernel.model.alarms import CITY
from peelian.operations.dividing import divide
from peelian.operations.office import open_office
from streams import spelled

pytestmark = pytest.mark.slow
CYCLE = [1.0, 6.0, 6.5, 6.5, 1.0]
CYCLES, KILLS = 60, 2


def _process(folder: Path, case: str, port: int, *more: str) -> subprocess.Popen[bytes]:
    here = Path(__file__).resolve().parents[1] / "support"
    process = subprocess.Popen(
        [sys.executable, here / "stream_process.py", folder / "office", case, str(port), folder, *more],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(here)},
    )
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    return process


class Receiver(BaseHTTPRequestHandler):
    """Another system that is told of alarms: it keeps what it is posted, by entry of the log."""

    told: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        self.told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def registrar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningRegistrar | None]:
    """The registrar that the office is to have, where tests run divided."""
    if not os.environ.get("PEELIAN_TESTS_DIVIDED"):
        yield None
        return
    monkeypatch.setenv(workers.WELLS, "yes")
    made = RunningRegistrar(tmp_path / "registrar", tmp_path / "socket")
    yield made
    made.end()


def _divided(registrar: RunningRegistrar | None, office: Path) -> None:
    """From here on the registrar has the office's log and keys."""
    if registrar:
        divide(office, registrar.folder, registrar.socket)
        registrar.start()


def _killed(registrar: RunningRegistrar | None) -> None:
    """It dies as well, and comes back."""
    if registrar:
        registrar.end(signal.SIGKILL)
        registrar.start()


def _kept(process: subprocess.Popen[bytes], n: int, last: datetime) -> bool:
    """Whether every sensor's last reading was worked off and kept; waits for it, however busy the machine is."""
    assert process.stdout is not None
    wanted = f"{n} {last.isoformat()}\n".encode()
    return any(process.stdout.readline() == wanted for _ in range(120))


def test_many_sensors_whose_states_are_kept_in_slices_lose_and_double_nothing(
    tmp_path: Path, registrar: RunningRegistrar | None
) -> None:
    """300 wells in turn: when the process dies some states are kept and others are not; each is made good by itself."""
    mosquitto = Mosquitto(tmp_path).start()
    mosquitto.certificates.for_("peelian-gateway")
    office, town = office_at(tmp_path / "office")
    names = [f"well-{n}" for n in range(1, 301)]
    with office:
        start = office.kernel.now() - timedelta(minutes=55)
        sensors = {name: f"zone-{name}" for name in names}
        permit = stands(with_wells(office), town, "toywatch.high", sensors=sensors, exercise=True)
    _divided(registrar, tmp_path / "office")
    process = _process(tmp_path, permit.case, mosquitto.port)
    publisher = mosquitto.client("publisher")
    # Two in a hundred rise; all speak ten times, in turn.
    levels = {name: CYCLE * 2 if nth % 50 == 0 else [1.0] * 10 for nth, name in enumerate(names)}
    said = {name: list(map(spelled, wells(levels[name], sensor=name, first=start))) for name in names}
    try:
        for second in range(10):
            for nth, name in enumerate(names):
                publisher.publish(f"peelian/readings/{name}", said[name][second], qos=1)
                if nth % 10 == 0:
                    time.sleep(0.002)
            if second == 5:
                _killed(registrar)
            if second in (3, 7):
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = _process(tmp_path, permit.case, mosquitto.port)
        assert until(lambda: not publisher._out_messages), "the broker has them all"
        assert _kept(process, len(names), start + timedelta(seconds=9)), "worked off, and kept"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        publisher.disconnect()
        mosquitto.stop()
    with open_office(tmp_path / "office") as again:
        steps = Counter(
            (str(e["zone"]), str(e["kind"]))
            for _, e in again.kernel.stores.log.read()
            if str(e["kind"]).startswith("ALARM_")
        )
        loud = [f"zone-{name}" for nth, name in enumerate(names) if nth % 50 == 0]
        for zone in loud:
            assert steps[zone, "ALARM_RAISED"] == 1 == steps[zone, "ALARM_REOPENED"], steps
            assert steps[zone, "ALARM_CLEARED"] == 2, steps
        assert {zone for zone, _ in steps} - {CITY} == set(loud) and again.verdict().ok


def test_every_alarm_is_logged_once_and_told_though_the_gateway_is_killed(
    tmp_path: Path, registrar: RunningRegistrar | None
) -> None:
    Receiver.told.clear()
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{receiver.server_address[1]}/"
    mosquitto = Mosquitto(tmp_path).start()
    mosquitto.certificates.for_("peelian-gateway")
    office, town = office_at(tmp_path / "office")
    with office:
        start = office.kernel.now() - timedelta(minutes=55)
        permit = stands(with_wells(office), town, "toywatch.high", sensors={"well-1": "north"}, exercise=True)
    _divided(registrar, tmp_path / "office")
    process = _process(tmp_path, permit.case, mosquitto.port, hook)
    publisher = mosquitto.client("publisher")
    bodies = [spelled(r) for r in wells(CYCLE * CYCLES, first=start)]
    try:
        for part in range(KILLS + 1):
            size = len(bodies) // (KILLS + 1)
            if part == 1:
                _killed(registrar)
            for body in bodies[part * size : (part + 1) * size]:
                publisher.publish("peelian/readings/well-1", body, qos=1)
                time.sleep(0.001)
            if part < KILLS:
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = _process(tmp_path, permit.case, mosquitto.port, hook)
        assert until(lambda: not publisher._out_messages), "the broker has them all"
        assert _kept(process, 1, start + timedelta(seconds=len(bodies) - 1)), "worked off, and kept"
        assert until(lambda: len({one["entry"] for one in Receiver.told}) >= 2 * CYCLES, 60), "and told"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        publisher.disconnect()
        mosquitto.stop()
        receiver.shutdown()
    with open_office(tmp_path / "office") as again:
        entries = [e for _, e in again.kernel.stores.log.read() if str(e["kind"]).startswith("ALARM_")]
        kinds = Counter(str(e["kind"]) for e in entries)
        assert kinds["ALARM_RAISED"] + kinds["ALARM_REOPENED"] == CYCLES, kinds
        assert kinds["ALARM_CLEARED"] == CYCLES, kinds
        assert again.verdict().ok
        # Every step was told; one that is told twice has the same entry, and in CAP the same name and number.
        steps = {n: str(e["alarm"]) for n, e in again.kernel.stores.log.read() if str(e["kind"]).startswith("ALARM_")}
        assert {one["entry"]: one["alarm"] for one in Receiver.told} == steps
        assert all(one["exercise"] for one in Receiver.told) and len(Receiver.told) <= len(steps) + CYCLES
        files = list((tmp_path / "cap").glob("*.xml"))
        numbers = Counter(file.name.split(".")[0] for file in files)
        assert all(
            (tmp_path / "cap" / f"{a}.{n}.xml").exists() for a, last in numbers.items() for n in range(1, last + 1)
        )
        assert set(numbers) == set(steps.values()) and len(files) <= len(steps)
        sent = Counter(file.read_bytes().count(b"<msgType>Alert<") for file in files)
        assert sent[1] == len(numbers), "one first message of each alarm"
