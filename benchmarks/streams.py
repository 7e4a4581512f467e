"""Readings and alarms, measured: through a real Mosquitto with TLS, reading to committed alarm, growth.

uv run python benchmarks/streams.py [--quick] [--json FILE]. Needs mosquitto for the first two parts.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from array import array
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from broker import MOSQUITTO, Mosquitto, until
from own_keys import give_passphrases
from sensing import a_sensor
from standing_office import message, office_at, stands
from stream_process import with_wells
from watched import MemoryCheckpoints

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.integrations.mqtt import Broker
from peelian.kernel.alarms import watch
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.kernel.state.watch_checkpoints import checkpoint
from peelian.operations.watch_service import open_room
from peelian.storage.checkpoints import FileCheckpoints
from peelian.technologies.sensors.decoding import Arrival, decode
from streams import decode as decode_wells


def published(folder: str, port: int, asked: tuple[int, int, int], kind: str) -> None:
    """In a process of its own: publish `rate` messages a second at QoS 1, each with the time it was sent at.

    It searches for no waste meanwhile: its own pauses would be measured as the office's.
    """
    gc.disable()
    sensors, rate, seconds = asked
    broker = Mosquitto.__new__(Mosquitto)
    broker.folder, broker.port = Path(folder), port
    from broker import Certificates

    made = Certificates.__new__(Certificates)
    made.folder, made.authority = Path(folder), Path(folder) / "ca.pem"
    made.for_ = lambda name: (Path(folder) / f"{name}.pem", Path(folder) / f"{name}.key")  # type: ignore[method-assign]
    broker.certificates = made
    client = broker.client("publisher")
    begun, sent = time.time(), deque[Any](maxlen=2_000)
    for nth in range(rate * seconds):
        ahead = begun + nth / rate - time.time()
        if ahead > 0.002:
            time.sleep(ahead)
        now = datetime.now(UTC)
        level = 6.5 if nth // sensors % 4 in (1, 2) and nth % sensors % 25 == 0 else 1.25
        body = (
            message(now, 50 + nth * 7 % 13)
            if kind == "noise"
            else json.dumps({"time": now.isoformat(), "metres": level}).encode()
        )
        sent.append(client.publish(f"peelian/readings/s-{nth % sensors}", body, qos=1))
    for one in sent:
        one.wait_for_publish(30)
    client.disconnect()


def _percentile(values: Sequence[float], p: float) -> float:
    return float(np.percentile(np.array(values), p)) if values else float("nan")


def through_the_broker(
    rate: int, seconds: int, kind: str, folder: Path
) -> tuple[Sequence[float], Sequence[float], int]:
    """Milliseconds from publishing to processed, and to the logged alarm; and how many were processed."""
    mosquitto = Mosquitto(folder).start()
    certificate, key = mosquitto.certificates.for_("peelian-gateway")
    mosquitto.certificates.for_("publisher")
    give_passphrases()
    office, town = office_at(folder / "office")
    n = rate if kind == "noise" else rate // 4
    zones = {f"s-{i}": f"zone-{i}" for i in range(n)}
    office = with_wells(office)
    permit = stands(office, town, "crowd.noise" if kind == "noise" else "toywatch.high", sensors=zones, exercise=True)
    broker = Broker(
        host="localhost",
        port=mosquitto.port,
        authority=mosquitto.certificates.authority,
        certificate=certificate,
        key=key,
    )
    known = {s: _meter(s) for s in zones}
    sent_at: dict[str, float] = {}
    delays = array("d")  # small: a soak has millions
    alarms: list[float] = []

    def read(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
        if kind == "noise":
            made = decode("ngsi-ld", body, known[sensor], Arrival(topic=topic, received=datetime.now(UTC)))
            sent_at[sensor] = made[0].time.timestamp() + 1
        else:
            made = decode_wells(sensor, topic, body)
            sent_at[sensor] = made[0].time.timestamp()
        return made

    def fed(kernel: Any, standing: Any, readings: list[Reading]) -> Any:
        moves = feed(kernel, standing, readings)
        now = time.time()
        delays.extend((now - reading.time.timestamp() - (kind == "noise")) * 1e3 for reading in readings)
        return moves

    feed, watch.feed = watch.feed, fed  # processed is what the watch has taken in, not what was read
    with office, open_room(office, cases=[permit.case], broker=broker, decode=read, most_per_second=1e6) as r:
        tell = r.gateway._announce

        def announce(move: Any) -> None:
            if move.step in ("raised", "reopened"):
                alarms.append((time.time() - sent_at[move.zone.replace("zone", "s")]) * 1e3)
            tell(move)

        r.gateway._announce = announce
        assert r.intake is not None and until(lambda: r.intake.sessions == 1)  # type: ignore[union-attr]
        began = time.process_time()
        process = multiprocessing.get_context("spawn").Process(
            target=published, args=(str(folder), mosquitto.port, (n, rate, seconds), kind)
        )
        process.start()
        until(lambda: r.gateway.tally["taken"] >= rate * seconds, seconds + 60)
        process.join(30)
        taken = r.gateway.tally["taken"]
        used = time.process_time() - began
    mosquitto.stop()
    watch.feed = feed
    show(plain(f"streams: processor time of the gateway per message ({kind})", used / max(taken, 1) * 1e3, "ms"))
    return delays, alarms, taken


def soak(minutes: float, rate: int) -> list[Figure]:
    """`rate` messages a second for minutes: what grows. Memory and files are looked at every five seconds.

    Growth is the slope from the first minute on, when every state has its half minute and the client its buffers; for
    levels that raise no alarm, so that the log has nothing to say but that it is open.
    """
    kept, saved = FileCheckpoints.save, [0, 0]

    def save(self: Any, case: str, changed: Any) -> None:
        saved[0], saved[1] = saved[0] + 1, saved[1] + len(changed)
        kept(self, case, changed)

    FileCheckpoints.save = save  # type: ignore[method-assign]
    seconds, seen, over = round(minutes * 60), [], threading.Event()
    with tempfile.TemporaryDirectory() as folder:

        def look() -> None:
            while not over.wait(5):
                seen.append((time.monotonic(), *_weight(Path(folder) / "office")))

        thread = threading.Thread(target=look)
        thread.start()
        delays, _, taken = through_the_broker(rate, seconds, "noise", Path(folder))
        over.set()
        thread.join()
    FileCheckpoints.save = kept  # type: ignore[method-assign]
    looked = np.array(seen)
    settled = looked[looked[:, 0] > looked[0, 0] + 60]
    memory, files, log = (float(np.polyfit(settled[:, 0], settled[:, k], 1)[0]) * 60 for k in (1, 2, 3))
    name = f"streams: soak of {minutes:g} min at {rate:,} messages/s"
    parts = [delays[k * len(delays) // 5 : (k + 1) * len(delays) // 5] for k in range(5)]
    return [
        show(at_least(f"{name}, processed", taken / seconds, "1/s", rate * 0.998)),
        show(at_most(f"{name}, p99 after the first fifth", _percentile(delays[len(delays) // 5 :], 99), "ms", 50)),
        *(show(plain(f"{name}, p99 of fifth {k}", _percentile(part, 99), "ms")) for k, part in enumerate(parts, 1)),
        show(plain(f"{name}, memory after a minute", float(settled[0, 1]), "MiB")),
        show(plain(f"{name}, memory at the end", float(settled[-1, 1]), "MiB")),
        show(plain(f"{name}, memory grows", memory, "MiB/min")),
        show(plain(f"{name}, files of the office at the end", float(settled[-1, 2]), "MiB")),
        show(plain(f"{name}, files of the office grow", files, "MiB/min")),
        show(plain(f"{name}, the log grows", log * 1024, "KiB/min")),
        show(plain(f"{name}, checkpoints written", saved[0] / seconds, "1/s")),
        show(plain(f"{name}, states in a checkpoint", saved[1] / max(saved[0], 1), "states")),
    ]


def _weight(office: Path) -> tuple[float, float, float]:
    """MiB of this process's memory now, of the office's files, and of its log among them."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    sizes = {}
    for path in office.rglob("*"):
        with suppress(FileNotFoundError):
            sizes[path] = path.stat().st_size if path.is_file() else 0
    log = sum(size for path, size in sizes.items() if office / "log" in path.parents)
    return pages * resource.getpagesize() / 2**20, sum(sizes.values()) / 2**20, log / 2**20


def _meter(id: str) -> Sensor:
    return a_sensor(
        id=id, kind="sound_meter", title="meter", owner="town", contact="town", why="to measure", ends="2099-01-01"
    )


def broker_figures(seconds: int) -> list[Figure]:
    """Throughput and delay through Mosquitto, and from the reading to the alarm on the disk."""
    if not Path(MOSQUITTO).exists():
        return [show(plain("streams: mosquitto is not installed, parts left out", 0, ""))]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        delays, _, taken = through_the_broker(2_000, seconds, "noise", Path(folder))
        steady = delays[len(delays) // 5 :]
        name = "streams: 2,000 NGSI-LD messages/s at QoS 1 through Mosquitto with TLS"
        found.append(show(at_least(f"{name}, processed", taken / seconds, "1/s", 1_995)))
        found.append(show(at_most(f"{name}, published to processed p99", _percentile(steady, 99), "ms", 50)))
        found.append(show(plain(f"{name}, published to processed p50", _percentile(steady, 50), "ms")))
    with tempfile.TemporaryDirectory() as folder:
        _, alarms, _ = through_the_broker(1_000, seconds, "wells", Path(folder))
        name = f"streams: reading published to alarm committed at 1,000/s ({len(alarms)} alarms)"
        found.append(show(at_most(f"{name}, p95", _percentile(alarms, 95), "ms", 50)))
        found.append(show(plain(f"{name}, p50", _percentile(alarms, 50), "ms")))
    return found


def growth(sizes: Sequence[int]) -> list[Figure]:
    """Readings a second and a checkpoint of all states, by the number of sensors, in this process."""
    found = []
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            give_passphrases()
            office, town = office_at(Path(folder) / "office")
            with office:
                zones = {f"s-{i}": f"zone-{i}" for i in range(n)}
                permit = stands(office, town, sensors=zones, exercise=True)
                standing = watch.begin(office.kernel, permit, MemoryCheckpoints())
                now = office.kernel.now().replace(microsecond=0) - timedelta(seconds=30)
                rounds = max(2, 20_000 // n)
                readings = [
                    Reading(
                        sensor=f"s-{i}", time=now + timedelta(seconds=r), what="laeq_1s", values={"laeq": 50.0 + i % 9}
                    )
                    for r in range(min(rounds, 60))
                    for i in range(n)
                ]
                began = time.perf_counter()
                watch.feed(office.kernel, standing, readings)
                took = time.perf_counter() - began
                began = time.perf_counter()
                checkpoint(standing)
                kept = (time.perf_counter() - began) * 1e3
        found.append(
            show(at_least(f"streams: {n:,} sensors, readings fed", len(readings) / took, "1/s", max(n, 2_000)))
        )
        found.append(show(plain(f"streams: {n:,} sensors, a checkpoint of every state", kept, "ms")))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*found, show(plain("streams: memory at the end", memory, "MiB"))]


def main() -> int:
    """Measure and print."""
    known = flags(__doc__ or "")
    known.add_argument("--part", choices=("broker", "growth"), help="only this part; default: all of them")
    known.add_argument("--seconds", type=int, help="how long messages are published; default: 30, or 5 when quick")
    known.add_argument("--soak", type=float, metavar="MINUTES", help="only this: a steady stream, and what grows")
    known.add_argument("--rate", type=int, default=750, help="messages a second of the soak; default: 750")
    asked = known.parse_args()
    found: list[Figure] = []
    if asked.soak:
        return finish(soak(asked.soak, asked.rate), asked.json)
    if asked.part in (None, "broker"):
        found += broker_figures(asked.seconds or (5 if asked.quick else 30))
    if asked.part in (None, "growth"):
        found += growth((200, 2_000) if asked.quick else (200, 2_000, 20_000))
    return finish(found, asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
