"""kill -9 in mid-stream, again and again, a real broker and a real disk: every alarm is in the log once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from broker import Mosquitto, until
from standing_office import office_at, stands
from stream_process import with_wells
from toy_watch import wells

from peelian.office import open_office
from streams import spelled

pytestmark = pytest.mark.slow
CYCLE = [1.0, 6.0, 6.5, 6.5, 1.0]
CYCLES, KILLS = 60, 2


def _process(folder: Path, case: str, port: int) -> subprocess.Popen[bytes]:
    here = Path(__file__).resolve().parents[1] / "support"
    process = subprocess.Popen(
        [sys.executable, here / "stream_process.py", folder / "office", case, str(port), folder],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(here)},
    )
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    return process


def test_every_alarm_is_logged_once_though_the_gateway_is_killed(tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path).start()
    mosquitto.certificates.for_("peelian-gateway")
    office, town = office_at(tmp_path / "office")
    with office:
        start = office.house.now() - timedelta(minutes=55)
        permit = stands(with_wells(office), town, "toywatch.high", sensors={"well-1": "north"}, exercise=True)
    process = _process(tmp_path, permit.case, mosquitto.port)
    publisher = mosquitto.client("publisher")
    bodies = [spelled(r) for r in wells(CYCLE * CYCLES, first=start)]
    try:
        for part in range(KILLS + 1):
            size = len(bodies) // (KILLS + 1)
            for body in bodies[part * size : (part + 1) * size]:
                publisher.publish("peelian/readings/well-1", body, qos=1)
                time.sleep(0.001)
            if part < KILLS:
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = _process(tmp_path, permit.case, mosquitto.port)
        assert until(lambda: not publisher._out_messages), "the broker has them all"
        assert process.stdout is not None and process.stdout.readline() == b"calm\n", "worked off, and kept"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        publisher.disconnect()
        mosquitto.stop()
    with open_office(tmp_path / "office") as again:
        entries = [e for _, e in again.house.log.read() if str(e["kind"]).startswith("ALARM_")]
        kinds = Counter(str(e["kind"]) for e in entries)
        assert kinds["ALARM_RAISED"] + kinds["ALARM_REOPENED"] == CYCLES, kinds
        assert kinds["ALARM_CLEARED"] == CYCLES, kinds
        assert again.verdict().ok
