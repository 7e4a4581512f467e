"""Sensor listener: registered sensors over MQTT; each 15-minute window is sealed when it ends.

A message is acknowledged after a sealed checkpoint of the running sums. A listener that is killed goes on from there:
the broker sends again what was not acknowledged, and what the checkpoint holds already is not counted again.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.integrations.mqtt import MOST_IN_FLIGHT, Broker, MqttIntake
from peelian.integrations.sensor_gateway import Refusals, change_threads_often, refused_field
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.people import Operator
from peelian.kernel.records import sensor_register
from peelian.kernel.records.sensor_register import LISTENERS, the_register
from peelian.kernel.state.kernel import Kernel, is_of
from peelian.operations.demonstration import must_not_listen
from peelian.operations.office import Office
from peelian.operations.process_hardening import forbid_dumps
from peelian.operations.sensor_checkpoint import (
    BATCH,
    Batch,
    Held,
    Seen,
    changed_rows,
    every_row,
    rows_at,
    rows_of,
    take_up,
)
from peelian.operations.watch_service import HTTP_WAITS, key_fault
from peelian.oversight.sensors.gaps import ITS_QUARTERS
from peelian.oversight.sensors.gate import SensorGate
from peelian.oversight.sensors.live import Health, Listening, health_of, keep_health, keep_live, quarter_of
from peelian.oversight.sensors.windows import gather_days, keep_windows
from peelian.oversight.watches.weather import keep_weather

CLIENT = "peelian-sensors"
SEALED_EVERY = 60.0  # seconds between two looks for windows that are over
CHECKPOINT_EVERY = 2.0  # seconds at most between a message and the checkpoint that holds it
MOST_PENDING = 1_000  # messages that wait for a checkpoint; Mosquitto falls behind above some three thousand
AT_ONCE = 100  # messages that are worked off in one turn of the office's database
IN_FLIGHT = 4_000  # messages that the broker sends before the first is acknowledged, and that a checkpoint knows
UNNOTICED = timedelta(seconds=23)  # in which a dead connection is not noticed: 1.5 times its keep-alive
BEGUN, ENDED = sensor_register.LISTENED
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class _Message:
    """One message as it came; `done` acknowledges it."""

    sensor: str
    topic: str
    body: bytes
    done: Callable[[], None]
    packet: int
    again: bool
    lasts: int | None


class Collector:
    """What an intake offers messages to; `work` sums them, `checkpoint` and `seal` acknowledge them; `tally` counts.

    `lost` says since when counts were lost, where the listening before was cut off and its checkpoint cannot be read.
    """

    def __init__(self, office: Office, by: Operator, *, in_flight: int = IN_FLIGHT) -> None:
        self.office, self.by = office, by
        self.gate, self.tally = SensorGate(office.kernel), Counter[str]()
        self.arrived = threading.Event()  # something waits to be worked off
        self.due = threading.Event()  # a checkpoint is wanted before its time
        self.lost = ""
        self._held = Held(seen=Seen(most=in_flight))
        self._rows = rows_at(office)
        self._waiting: deque[_Message] = deque()
        self._done: list[Callable[[], None]] = []
        self._touched: set[str] = set()
        known = health_of(office.kernel)
        self._heard = {id: one.heard for id, one in known.sensors.items()} if known else {}
        self._refused = Counter({id: one.refused for id, one in known.sensors.items()} if known else {})
        self._refusals = Refusals(office.kernel)
        self._cut: set[str] = set()
        self.connected = False  # and the broker keeps for us what is published
        self._lock = threading.Lock()  # of the sums
        self._writing = threading.RLock()  # of the checkpoint

    def begin(self) -> None:
        """Listening begins where the checkpoint says. What no checkpoint holds of one that was cut off is lost."""
        kernel, rows = self.office.kernel, self._rows.load()
        if rows:
            take_up(rows, self.gate, self._held, kernel)
        elif since := not_sealed(kernel):
            self._lose("checkpoint", datetime.fromisoformat(since))
            self.lost = since
        self._rows.renew(self._everything())
        sensor_register.listening(kernel, self.by, BEGUN)

    def end(self) -> None:
        """Listening ends: the windows under way are sealed as they are. What the broker may send again stays known."""
        self.seal(stopping=True)
        self.checkpoint()
        sensor_register.listening(self.office.kernel, self.by, ENDED)

    def close(self) -> None:
        """Let the checkpoint go."""
        self._rows.close()

    def offer(
        self,
        sensor: str,
        topic: str,
        body: bytes,
        done: Callable[[], None],
        *,
        packet: int = 0,
        again: bool = False,
        lasts: int | None = None,
    ) -> bool:
        """Take one message, to be worked off: its readings are summed, or it is refused whole. Always taken."""
        self._waiting.append(_Message(sensor, topic, body, done, packet, again, lasts))
        self.arrived.set()
        return True

    def work(self) -> None:
        """Work off what came, in its order; a batch is judged as of one state of the office. O(what came)."""
        while self._waiting:
            with self._lock, self.office.kernel.lock:
                for _ in range(min(AT_ONCE, len(self._waiting))):
                    message = self._waiting.popleft()
                    if self._held.seen.knows(message.packet, message.again, message.topic, message.body):
                        self.tally["again"] += 1
                    else:
                        self._take(message)
                    self._done.append(message.done)
            if len(self._done) >= MOST_PENDING:
                self.due.set()

    def take(self, sensor: str, key: str, body: bytes) -> str:
        """A message by HTTP; waits for the checkpoint that holds it. Why it was not taken, or nothing."""
        if fault := key_fault(self.office.kernel, sensor, key):
            return fault
        kept = threading.Event()
        self.offer(sensor, f"http/{sensor}", body, kept.set)
        self.due.set()
        return "" if kept.wait(HTTP_WAITS) else "try again later"

    def checkpoint(self) -> None:
        """Keep what changed, then acknowledge what it holds. IntegrityError: not kept, and nothing acknowledged.

        O(changed + messages in flight).
        """
        with self._writing:
            self.work()
            with self._lock:
                done, self._done = self._done, []
                self._heard_now()
                rows = changed_rows(self.gate, self._touched) | self._held.rows(self.gate)
                weather, self.gate.weather = self.gate.weather, {}
            self._rows.save(rows)
            keep_weather(self.office.kernel, weather.values())
            for each in done:
                each()

    def seal(self, *, stopping: bool = False) -> Admission | None:
        """Seal the windows that are over, and the hours of days that are; None where no window is.

        The windows first stand in the checkpoint as a batch with a name, which the vault's dataset bears, too: a crash
        in between seals them once. Then the checkpoint is renewed under a new key, and the one before it destroyed.
        While sensors are suspended nothing is sealed: what was counted until then waits in the checkpoint.
        """
        with self._writing:
            self.work()
            made = None if self._is_stopped() else self._sealed_now(stopping=stopping)
        self.say_health()
        return made

    def _sealed_now(self, *, stopping: bool) -> Admission | None:
        try:
            made = self._seal_batch(self._held.batch) if self._held.batch else None  # of a listening that was cut off
            self._to_batch(stopping=stopping)
            made = self._seal_batch(self._held.batch) if self._held.batch else made
            gather_days(self.office.kernel, self.by)
        except (Refused, OutOfOrder):
            if self._is_stopped():  # suspended since we looked: the batch waits
                return None
            raise
        return made

    def _is_stopped(self) -> bool:
        return "sensors" in self.office.kernel.state.suspended

    def say_health(self) -> None:
        """Lay out for staff how sensors and connection are. O(sensors)."""
        with self._lock:
            ids = self._heard.keys() | self._refused.keys()
            found = {id: Health(heard=self._heard.get(id, ""), refused=self._refused[id]) for id in ids}
            connected = self.connected
        keep_health(self.office.kernel, Listening(at=self.office.kernel.now(), connected=connected, sensors=found))

    def cut(self, name: str, why: str) -> None:
        """A connection went down: said once, until it is back."""
        with self._lock:
            self._heard_now()
            self.connected = False
        if name not in self._cut:
            self._cut.add(name)
            sensor_register.connection_cut(self.office.kernel, f"{sensor_register.SUMS}-{name}", why)

    def back(self, name: str, *, kept: bool = True) -> None:
        """The connection is there. What the broker did not keep for us meanwhile is lost, and said so."""
        with self._lock:
            away, self.connected = self._held.heard, True
            fleeting = dict(self._held.fleeting)
            if not kept:
                self._held.seen.forget()
            self._heard_now()
        if not kept:
            self._lose(*(("broker", away - UNNOTICED) if away else ("beginning", self._first_registered())))
        elif away:
            self._expired(away, fleeting)
        if name in self._cut:
            self._cut.discard(name)
            sensor_register.connection_back(self.office.kernel, f"{sensor_register.SUMS}-{name}")

    def _take(self, message: _Message) -> None:
        sensor, lasts = message.sensor, message.lasts
        try:
            self.gate.keep(self.gate.decode(sensor, message.topic, message.body))
            self.tally["taken"] += 1
            self._touched.add(sensor)
            self._heard[sensor] = quarter_of(self.office.kernel.now())
            if lasts is not None:
                self._held.fleeting[sensor] = min(lasts, self._held.fleeting.get(sensor, lasts))
        except (InputError, Refused) as wrong:
            self._refuse(sensor, refused_field(wrong))
        except PeelianError:  # the log, the disk or a key: nothing more is acknowledged
            raise
        except Exception:  # a decoder that breaks on one message is no reason to be deaf to the others
            self._refuse(sensor, "decoder-failed")

    def _everything(self) -> dict[str, str]:
        return every_row(self.gate) | self._held.rows(self.gate, every=True) | self._batch_row()

    def _batch_row(self) -> dict[str, str]:
        return {BATCH: self._held.batch.text()} if self._held.batch else {}

    def _to_batch(self, *, stopping: bool) -> None:
        with self._lock:
            windows = self.gate.closed(stopping=stopping)
            if not windows:
                return
            self._held.batch = Batch(name=secrets.token_hex(8), windows=windows)
            done, self._done = self._done, []
            rows = changed_rows(self.gate, self._touched) | self._held.rows(self.gate) | self._batch_row()
            gone = set(rows_of(windows)) - rows.keys()
        self._rows.save(rows, gone)
        for each in done:
            each()

    def _seal_batch(self, batch: Batch) -> Admission:
        made = keep_windows(self.office.kernel, self.by, batch.windows, batch=batch.name)
        keep_live(self.office.kernel, batch.windows)
        with self._lock:
            self._held.batch = None
            done, self._done = self._done, []
            self._touched.clear()
            self.gate.gathering.changed.clear()
            rows = self._everything()
        self._rows.renew(rows)
        for each in done:
            each()
        return made

    def _heard_now(self) -> None:
        if self.connected:
            self._held.heard = self.office.kernel.now()

    def _expired(self, away: datetime, fleeting: dict[str, int]) -> None:
        """Sensors whose messages the broker held for less time than we were away; many are told as all."""
        absent = (self.office.kernel.now() - away).total_seconds()
        ended = sorted(sensor for sensor, lasts in fleeting.items() if lasts < absent)
        for sensor in ended if len(ended) <= MOST_TOLD else [""]:
            self._lose("expiry", away - UNNOTICED, sensor)

    def _lose(self, why: str, since: datetime | None, sensor: str = "") -> None:
        if since is not None:
            kernel = self.office.kernel
            until = kernel.now().isoformat()
            sensor_register.counts_lost(kernel, self.by, since.isoformat(), until, why, sensor=sensor)

    def _first_registered(self) -> datetime | None:
        """Nothing was ever heard: since the first sensor was registered; None where there is none."""
        return min((datetime.fromisoformat(e.since) for e in the_register(self.office.kernel).values()), default=None)

    def _refuse(self, sensor: str, why: str) -> None:
        self.tally["refused"] += 1
        listed = sensor in the_register(self.office.kernel)
        if listed:
            self._refused[sensor] += 1
        self._refusals.say(sensor if listed else "unregistered", why)  # a name can be made up to tell


@contextmanager
def listening(
    office: Office, by: Operator, broker: Broker, *, every: float = SEALED_EVERY, checkpoint: float = CHECKPOINT_EVERY
) -> Iterator[Collector]:
    """Listen until the context ends; each window is sealed within two minutes after it is over, the last at the end.

    `checkpoint`: seconds at most until a message is acknowledged. OutOfOrder: this office listens already.
    """
    must_not_listen(office.kernel)
    forbid_dumps()
    change_threads_often()
    five = broker.version == "5"  # an older broker is not told how much we take at once
    collector = Collector(office, by, in_flight=IN_FLIGHT if five else MOST_IN_FLIGHT)
    try:
        collector.begin()
        intake = MqttIntake(replace(broker, client=CLIENT, in_flight=IN_FLIGHT), collector)
        try:
            with office.kernel.stores.lease(LISTENERS, True, True), _at_work(collector, every, checkpoint):
                intake.start()
                try:
                    yield collector
                finally:
                    collector.checkpoint()  # while there is a connection to acknowledge over
                    intake.stop()
        finally:
            collector.end()
    finally:
        collector.close()


@contextmanager
def _at_work(collector: Collector, every: float, checkpoint: float) -> Iterator[None]:
    """Checkpoints and seals, each by a thread; what stopped one of them is raised at the end: a full disk must not be
    silent."""
    over = threading.Event()
    failed: list[PeelianError] = []

    def told(work: Callable[[], None]) -> None:
        try:
            work()
        except PeelianError as error:
            failed.append(error)

    works = (
        partial(_work, collector, over),
        partial(_keep, collector, over, checkpoint),
        partial(_seal, collector, over, every),
    )
    threads = [threading.Thread(target=told, args=(work,), name=work.func.__name__, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        collector.due.set()
        collector.arrived.set()
        for thread in threads:
            thread.join(timeout=30)
    if failed:
        raise failed[0]


def _work(collector: Collector, over: threading.Event) -> None:
    while not over.is_set():
        collector.arrived.wait()
        collector.arrived.clear()
        collector.work()


def _keep(collector: Collector, over: threading.Event, every: float) -> None:
    while not over.is_set():
        collector.due.wait(every)
        collector.due.clear()
        collector.checkpoint()


def _seal(collector: Collector, over: threading.Event, every: float) -> None:
    while not over.wait(every):
        collector.seal()


def not_sealed(kernel: Kernel) -> str:
    """Since when nothing was sealed of a listening that was cut off; "" where the last one ended by itself. O(entries).

    What was counted before that is sealed; what was counted after it is in the checkpoint, or lost.
    """
    since = ""
    for _, entry in kernel.stores.log.read():
        if entry["kind"] == "LISTENING":
            since = str(entry["t"]) if entry["state"] == BEGUN else ""
        elif since and is_of(kernel, entry, ITS_QUARTERS):
            made = kernel.state.datasets.get(str(entry["dataset"]))
            since = str(made.facts["until"]) if made else str(entry["t"])
    return since
