"""Sensors: messages decoded a second in every format, noise against its law, windows and reports at three sizes, the
registration of 500 sensors, and a listener at a real Mosquitto.

uv run python benchmarks/sensors.py [--quick] [--json FILE]. Needs mosquitto for the last part.
"""

from __future__ import annotations

import gc
import json
import math
import multiprocessing
import random
import sys
import tempfile
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "technologies" / "sensors"))

from broker import MOSQUITTO, Certificates, Mosquitto, until
from labels import adopt
from own_keys import give_passphrases
from sensing import a_sensor
from sensor_payloads import PAYLOADS, Payload, mutated
from standing_office import office_at

from conftest import ARRIVAL, MESSAGES, sensor
from peelian.errors import PeelianError, Refused
from peelian.integrations.mqtt import Broker
from peelian.integrations.opendp_noise import discrete_laplace
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Context, Dataset
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.sensors import body_of
from peelian.kernel.model.watch import Reading
from peelian.kernel.records.sensor_register import register
from peelian.kernel.verbs.sensor_batches import register_approved
from peelian.operations.sensor_listener import Collector, listening
from peelian.oversight.sensors.batch import propose_file
from peelian.oversight.sensors.gate import SensorGate
from peelian.technologies.sensors.counts_format import Rows, admitted_hours
from peelian.technologies.sensors.declarations.reporting import ReportParams
from peelian.technologies.sensors.decoding import Arrival, decode
from peelian.technologies.sensors.release import DAY_MILLI_EPSILON, WINDOW_MILLI_EPSILON
from peelian.technologies.sensors.reporting import run
from peelian.technologies.sensors.windows import Gathering, close, gather

LEAST_PER_SECOND = 20_000
SENSORS = 500  # that publish to the listener
START = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    figures = [f for format in sorted(MESSAGES) for f in rates(format, 2_000 if asked.quick else 20_000)]
    figures += refusals(1_000 if asked.quick else 10_000)
    figures += noise(10_000)
    for sensors in (200, 2_000) if asked.quick else (200, 2_000, 20_000):
        figures += windows(sensors)
    for rows in (10_000, 100_000) if asked.quick else (10_000, 100_000, 1_000_000):
        figures += reports(rows)
    with tempfile.TemporaryDirectory() as folder:
        figures += registration(Path(folder), 50 if asked.quick else 500)
    if Path(MOSQUITTO).exists():
        with tempfile.TemporaryDirectory() as folder:
            figures += listener(Path(folder), 2_000, 5 if asked.quick else 60)
    finish(figures, asked.json)


def rates(format: str, n: int) -> list[Figure]:
    """One format: messages a second of CPU; files (CSV, Green Button) hold two readings each."""
    kind, data = MESSAGES[format]
    meter = sensor(kind, format)
    took = cpu(lambda: [decode(format, data, meter, ARRIVAL) for _ in range(n)])
    return [show(at_least(f"decoded, {format}", n / took, "messages/s", LEAST_PER_SECOND))]


def refusals(n: int) -> list[Figure]:
    """Messages with one field off the list, at random places: how many were refused."""
    rng, refused = np.random.default_rng(2026), 0
    kind, data = MESSAGES["ngsi-ld"]
    meter = sensor(kind, "ngsi-ld")
    commas = [i for i, byte in enumerate(data) if byte == ord(",")]
    for i in range(n):
        at = int(rng.choice(commas))
        message = data[:at] + f',"f{i}":{int(rng.integers(1e9))}'.encode() + data[at:]
        try:
            decode("ngsi-ld", message, meter, ARRIVAL)
        except Refused:
            refused += 1
    return [
        show(at_least(f"refused of {n:,} messages with a field off the list", 100 * refused / n, "%", 100)),
        *undeclared(n),
    ]


def undeclared(n: int) -> list[Figure]:
    """Payloads of public documentation: how many come in as declared, and are refused with a field nobody declared."""
    draw = random.Random(2026)
    taken = sum(_comes_in(one, one.data) for one in PAYLOADS)
    objects = [one for one in PAYLOADS if not isinstance(one.message, bytes)]
    refused = sum(not _comes_in(one, mutated(one, draw)) for one in (draw.choice(objects) for _ in range(n)))
    return [
        show(at_least("documented payloads that come in once declared", taken, "payloads", 30)),
        show(at_least(f"refused of {n:,} of them with a field nobody declared", 100 * refused / n, "%", 100)),
    ]


def _comes_in(one: Payload, data: bytes) -> bool:
    meter = a_sensor(kind=one.kind, **{**one.more, "format": one.format})
    try:
        return bool(decode(one.format, data, meter, Arrival(topic=one.topic, received=START + timedelta(days=1))))
    except PeelianError:
        return False


def noise(n: int) -> list[Figure]:
    """Real draws: their deviation against the law's."""
    figures = []
    for milli_epsilon in (WINDOW_MILLI_EPSILON, DAY_MILLI_EPSILON):
        drawn = np.array(discrete_laplace([1_000] * n, sensitivity=1, milli_epsilon=milli_epsilon)) - 1_000
        off = 100 * abs(float(drawn.std()) / deviation(milli_epsilon) - 1)
        name = f"deviation of {n:,} draws at epsilon {milli_epsilon / 1000:g}"
        figures.append(show(plain(name, float(drawn.std()), "events")))
        figures.append(show(at_most(f"{name}, off the law's {deviation(milli_epsilon):.2f}", off, "%", 5)))
    return figures


def deviation(milli_epsilon: int) -> float:
    """The standard deviation of discrete Laplace noise: sqrt(2 a) / (1 - a) with a = exp(-epsilon)."""
    a = math.exp(-milli_epsilon / 1000)
    return math.sqrt(2 * a) / (1 - a)


def windows(sensors: int) -> list[Figure]:
    """An hour of one reading a minute from every sensor: gathered and closed."""
    readings = [
        Reading(sensor=f"s-{i}", time=START + timedelta(minutes=m), what="people", values={"count": 1.0})
        for m in range(60)
        for i in range(sensors)
    ]
    into = Gathering()
    took = cpu(lambda: gather(into, readings))
    closing = cpu(lambda: close(into, START + timedelta(hours=4)))
    return [
        show(at_least(f"readings gathered, {sensors:,} sensors", len(readings) / took, "readings/s", LEAST_PER_SECOND)),
        show(plain(f"an hour's windows closed, {sensors:,} sensors", 1_000 * closing, "ms CPU")),
    ]


def reports(rows: int) -> list[Figure]:
    """A report on hours of 20 places."""
    rng = np.random.default_rng(7)
    area = np.array([f"Place {i}" for i in range(20)], dtype=object)[np.arange(rows) % 20]
    hour = np.datetime64("2020-01-01T00", "h") + np.arange(rows) // 20
    made = admitted_hours(
        Rows(area=area, hour=hour, value=rng.poisson(60, rows).astype(np.float64)), {}, np.arange(rows)
    )
    dataset = Dataset(id="d", format="sensor-counts", digest="", table=made.table)
    context = Context(seed=1, progress=lambda says, share: None)
    took = cpu(lambda: run(ReportParams(), {"windows": dataset}, context))
    return [show(plain(f"report on {rows:,} hours", took, "s CPU"))]


def registration(folder: Path, n: int) -> list[Figure]:
    """A file of n sensors: checked and proposed, approved by a second person, registered; an office on the disk."""
    give_passphrases()
    office, town = office_at(folder / "office")
    people, ends = town.people, (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
    with office:
        adopt(office.kernel, people["custodian"], people["board"], LabelKind.AREA, ["Centre"], homes=0)
        content = json.dumps([body_of(a_sensor(id=f"counter-{i}", ends=ends)) for i in range(n)]).encode()
        begun = time.perf_counter()
        proposal, _ = propose_file(office.kernel, people["custodian"], content, words="counters of the benchmark")
        proposed = time.perf_counter()
        step_up.prove(office.kernel, people["privacy-officer"])
        dual_control.approve(office.kernel, people["privacy-officer"], proposal)
        made = register_approved(office.kernel, people["custodian"], proposal)
        took = time.perf_counter() - begun
        assert len(made) == n
    return [
        show(plain(f"{n} sensors checked and proposed", proposed - begun, "s")),
        show(at_most(f"{n} sensors proposed, approved and registered", took, "s", 10)),
    ]


def published(folder: str, port: int, rate: int, seconds: int) -> None:
    """In a process of its own: publish `rate` messages a second at QoS 1, each with the time it was sent at.

    It searches for no waste meanwhile: its own pauses would be measured as the office's.
    """
    gc.disable()
    broker = Mosquitto.__new__(Mosquitto)
    broker.folder, broker.port = Path(folder), port
    made = Certificates.__new__(Certificates)
    made.folder, made.authority = Path(folder), Path(folder) / "ca.pem"
    made.for_ = lambda name: (Path(folder) / f"{name}.pem", Path(folder) / f"{name}.key")  # type: ignore[method-assign]
    broker.certificates = made
    client, begun, sent = broker.client("publisher"), time.time(), deque[Any](maxlen=2_000)
    for nth in range(rate * seconds):
        if (ahead := begun + nth / rate - time.time()) > 0.002:
            time.sleep(ahead)
        now = datetime.now(UTC).isoformat()
        body = f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{now}","peopleCount":1}}'
        sent.append(client.publish(f"peelian/readings/counter-{nth % SENSORS}", body.encode(), qos=1))
    for one in sent:
        one.wait_for_publish(30)
    client.disconnect()


def listener(folder: Path, rate: int, seconds: int) -> list[Figure]:
    """Messages through TLS into the sums of a listener on the disk, and until a checkpoint holds them."""
    give_passphrases()
    mosquitto = Mosquitto(folder).start()
    certificate, key = mosquitto.certificates.for_("peelian-gateway")
    mosquitto.certificates.for_("publisher")
    office, town = office_at(folder / "office")
    ends = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
    adopt(office.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Centre"], homes=0)
    for i in range(SENSORS):
        register(office.kernel, town.people["custodian"], a_sensor(id=f"counter-{i}", ends=ends))
    files = {"authority": mosquitto.certificates.authority, "certificate": certificate, "key": key}
    broker = Broker(host="localhost", port=mosquitto.port, **files)
    with office, timed() as (summed, kept), listening(office, town.people["custodian"], broker) as heard:
        assert until(lambda: heard.connected)
        of = multiprocessing.get_context("spawn").Process(
            target=published, args=(str(folder), mosquitto.port, rate, seconds)
        )
        begun = time.process_time()
        of.start()
        until(lambda: heard.tally["taken"] >= rate * seconds, seconds + 60)
        of.join(30)
        used, taken = time.process_time() - begun, heard.tally["taken"]
    mosquitto.stop()
    name, steady = f"listener, {rate:,} messages/s for {seconds} s", summed[len(summed) // 10 :]
    return [
        show(at_least(f"{name}: taken", taken, "messages", rate * seconds)),
        show(at_most(f"{name}: published to summed, p99", float(np.percentile(steady, 99)), "ms", 50)),
        show(plain(f"{name}: published to summed, median", float(np.percentile(steady, 50)), "ms")),
        show(at_most(f"{name}: summed to acknowledged, longest", max(kept), "ms", 10_000)),
        show(plain(f"{name}: summed to acknowledged, median", float(np.percentile(kept, 50)), "ms")),
        show(plain(f"{name}: processor time a message", used / max(taken, 1) * 1e3, "ms")),
    ]


@contextmanager
def timed() -> Iterator[tuple[array[float], array[float]]]:
    """Milliseconds from publishing to summed, and from there to acknowledged, of every message of a collector."""
    summed, kept, keep, offer = array("d"), array("d"), SensorGate.keep, Collector.offer

    def kept_at(gate: SensorGate, readings: Sequence[Reading]) -> None:
        keep(gate, readings)
        now = time.time()
        summed.extend((now - reading.time.timestamp()) * 1e3 for reading in readings)

    def offered(self: Collector, sensor: str, topic: str, body: bytes, done: Callable[[], None], **more: Any) -> bool:
        came = time.time()

        def ended() -> None:
            kept.append((time.time() - came) * 1e3)
            done()

        return offer(self, sensor, topic, body, ended, **more)

    with patch.object(SensorGate, "keep", kept_at), patch.object(Collector, "offer", offered):
        yield summed, kept


def cpu(work: Callable[[], object]) -> float:
    """Seconds of this process's CPU that it took."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
