"""A listener that is killed again and again while a sensor publishes through a real Mosquitto, and what it counted."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from broker import Mosquitto
from labels import register_in_area
from own_keys import give_passphrases
from sensing import a_sensor
from standing_office import office_at

from peelian.operations.office import open_office
from peelian.oversight.sensors.windows import kept_windows

SENSOR = "square-1"
_SCRIPT = Path(__file__).with_name("listener_process.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the messages: `published` are those that the broker acknowledged to the sensor."""

    published: int
    counted: int
    kills: int
    again: int  # messages that the broker sent again and that were counted already
    lost: tuple[dict[str, Any], ...]  # what the log says of losses after the first connection


def outcome(folder: Path, *, kills: int, rate: int, broker_kills: int = 0, seed: int = 7) -> Outcome:
    """Publish `rate` messages a second, kill the listener and start it again `kills` times, then let it end by itself.

    After that the broker is killed `broker_kills` times, with what it holds, while the listener is away.
    """
    give_passphrases()
    office_path, draw = folder / "office", random.Random(seed)
    _prepare(office_path)
    mosquitto = Mosquitto(folder).start()
    mosquitto.certificates.for_("peelian-gateway")
    published = again = 0
    try:
        process = _listener(office_path, mosquitto)
        _first_word(process)
        with _publishing(mosquitto, rate) as sent:
            for _ in range(kills):
                time.sleep(draw.uniform(0.3, 1.6))
                again += _killed(process)
                time.sleep(draw.uniform(0.0, 0.4))
                process = _listener(office_path, mosquitto)
                _first_word(process)
        published = len(sent)
        again += _killed(process)
        for _ in range(broker_kills):
            mosquitto.stop()
            mosquitto.start()
        last = _listener(office_path, mosquitto, "stop")
        told, _ = last.communicate(timeout=120)
        assert last.returncode == 0, told
        again += int(told.split()[-2])
    finally:
        mosquitto.stop()
    return _counted(office_path, published, kills, again)


def _prepare(path: Path) -> None:
    office, town = office_at(path)
    with office:
        ends = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
        register_in_area(office.kernel, town.people, a_sensor(id=SENSOR, ends=ends))


def _listener(office: Path, mosquitto: Mosquitto, *more: str) -> subprocess.Popen[str]:
    asked = [sys.executable, str(_SCRIPT), str(office), str(mosquitto.port), str(mosquitto.folder), *more]
    return subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _first_word(process: subprocess.Popen[str]) -> None:
    """Wait until it listens; what it says after that is not read."""
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.split()[0].isdigit(), said + process.stdout.read()


def _killed(process: subprocess.Popen[str]) -> int:
    """Kill it; how many messages came to it again."""
    process.kill()
    said, _ = process.communicate()
    return int(said.split()[-1]) if said.split() else 0


@contextlib.contextmanager
def _publishing(mosquitto: Mosquitto, rate: int) -> Iterator[list[Any]]:
    """A sensor that counts one person a message; what it published is acknowledged when the context ends."""
    client, over, sent = mosquitto.client(SENSOR), Event(), list[Any]()

    def work() -> None:
        begun = time.monotonic()
        while not over.is_set():
            now = datetime.now(UTC).isoformat()
            body = f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{now}","peopleCount":1}}'
            sent.append(client.publish(f"peelian/readings/{SENSOR}", body.encode(), qos=1))
            time.sleep(max(0.0, begun + len(sent) / rate - time.monotonic()))

    thread = Thread(target=work)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()
        for one in sent:
            one.wait_for_publish(60)
        client.disconnect()
        client.loop_stop()


def _counted(path: Path, published: int, kills: int, again: int) -> Outcome:
    with open_office(path) as office:
        by, today = office.operator("custodian"), datetime.now(UTC).date()
        windows = [w for day in (today - timedelta(days=1), today) for w in kept_windows(office.kernel, by, day)]
        entries = [dict(e) for _, e in office.kernel.stores.log.read() if e["kind"] == "WINDOW_LOST"]
    told = tuple(entry for entry in entries if entry["why"] != "beginning")
    return Outcome(published=published, counted=sum(w.count for w in windows), kills=kills, again=again, lost=told)
