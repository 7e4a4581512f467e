"""Sensors: messages decoded a second in every format, noise against its law, windows and reports at three sizes."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "technologies" / "sensors"))

from sensing import a_sensor
from sensor_payloads import PAYLOADS, Payload, mutated

from conftest import ARRIVAL, MESSAGES, sensor
from peelian.errors import PeelianError, Refused
from peelian.integrations.opendp_noise import discrete_laplace
from peelian.kernel.model.capability import Context, Dataset
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.counts_format import Rows, admitted_hours
from peelian.technologies.sensors.declarations.reporting import ReportParams
from peelian.technologies.sensors.decoding import Arrival, decode
from peelian.technologies.sensors.release import DAY_MILLI_EPSILON, WINDOW_MILLI_EPSILON
from peelian.technologies.sensors.reporting import run
from peelian.technologies.sensors.windows import Gathering, close, gather

LEAST_PER_SECOND = 20_000
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


def cpu(work: Callable[[], object]) -> float:
    """Seconds of this process's CPU that it took."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
