"""Sensor listener: registered sensors over MQTT; each 15-minute window is sealed when it ends."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any, cast

from peelian.errors import InputError, PeelianError, Refused
from peelian.integrations.mqtt import Broker, MqttIntake
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.people import Operator
from peelian.kernel.records import sensor_register
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.kernel import Kernel, log_word
from peelian.operations.demonstration import must_not_listen
from peelian.operations.office import Office
from peelian.operations.process_hardening import forbid_dumps
from peelian.oversight.sensor_gate import SensorGate
from peelian.oversight.sensor_windows import gather_days, keep_windows

CLIENT = "peelian-sensors"
SEALED_EVERY = 60.0  # seconds between two looks for windows that are over
BEGUN, ENDED = sensor_register.LISTENED
SAID_AGAIN = 3_600.0  # seconds between two log entries about the same refusal of the same sensor
MOST_SAID = 20_000


class Collector:
    """What an intake offers messages to. A message is acknowledged once it is summed, or refused; `tally` counts.

    A crash loses the window under way, and at most two minutes of the one before: they are in memory only. `lost` says
    since when, where the listening before this one did not end by itself; the log says it, too.
    """

    def __init__(self, office: Office, by: Operator) -> None:
        self.office, self.by = office, by
        self.gate, self.tally = SensorGate(office.kernel), Counter[str]()
        self._said: dict[tuple[str, str], float] = {}
        self._cut: set[str] = set()
        self._lock = threading.Lock()
        self.lost = ""

    def begin(self) -> None:
        """Listening begins: what a listening that was cut off did not seal is lost, and said so."""
        kernel = self.office.kernel
        self.lost = not_sealed(kernel)
        sensor_register.listening(kernel, self.by, BEGUN, lost=self.lost)

    def end(self) -> None:
        """Listening ends: the windows under way are sealed as they are, so that nothing is lost."""
        self.seal(stopping=True)
        sensor_register.listening(self.office.kernel, self.by, ENDED)

    def offer(
        self, sensor: str, topic: str, body: bytes, done: Callable[[], None], *, repeats: bool = True, wait: bool = True
    ) -> bool:
        """Take one message: its readings are summed, or it is refused whole. Always taken."""
        with self._lock:
            try:
                self.gate.keep(self.gate.decode(sensor, topic, body))
                self.tally["taken"] += 1
            except Refused as refused:
                self._refuse(sensor, refused.reasons[0].field or refused.reasons[0].rule)
            except InputError as wrong:
                self._refuse(sensor, wrong.column or "malformed")
        done()
        return True

    def seal(self, *, stopping: bool = False) -> Admission | None:
        """Seal the windows that are over, and the hours of days that are; None where no window is."""
        with self._lock:
            windows = self.gate.closed(stopping=stopping)
        made = keep_windows(self.office.kernel, self.by, windows) if windows else None
        gather_days(self.office.kernel, self.by)
        return made

    def cut(self, name: str, why: str) -> None:
        """A connection went down: said once, until it is back."""
        if name not in self._cut:
            self._cut.add(name)
            sensor_register.connection_cut(self.office.kernel, name, why)

    def back(self, name: str) -> None:
        if name in self._cut:
            self._cut.discard(name)
            sensor_register.connection_back(self.office.kernel, name)

    def _refuse(self, sensor: str, why: str) -> None:
        self.tally["refused"] += 1
        word, now = log_word(why), monotonic()
        listed = sensor in the_register(self.office.kernel)
        known = log_word(sensor) if listed else "unregistered"  # a name can be made up to tell
        if now - self._said.get((known, word), -SAID_AGAIN) >= SAID_AGAIN and len(self._said) < MOST_SAID:
            self._said[known, word] = now
            sensor_register.message_refused(self.office.kernel, sensor, word)


@contextmanager
def listening(office: Office, by: Operator, broker: Broker, *, every: float = SEALED_EVERY) -> Iterator[Collector]:
    """Listen until the context ends; each window is sealed within two minutes after it is over, the last at the end."""
    must_not_listen(office.kernel)
    forbid_dumps()
    collector = Collector(office, by)
    collector.begin()
    intake = MqttIntake(replace(broker, client=CLIENT), cast(Any, collector))  # it only offers, cuts and is back
    over = threading.Event()
    failed: list[PeelianError] = []

    def work() -> None:
        while not over.wait(every):
            try:
                collector.seal()
            except PeelianError as error:  # told at the end: a full disk must not be silent
                failed.append(error)
                return

    sealing = threading.Thread(target=work, name="sealing", daemon=True)
    intake.start()
    sealing.start()
    try:
        yield collector
    finally:
        over.set()
        intake.stop()
        sealing.join(timeout=30)
        collector.end()
    if failed:
        raise failed[0]


def not_sealed(kernel: Kernel) -> str:
    """Since when nothing was sealed of a listening that was cut off; "" where the last one ended by itself. O(entries).

    What was counted before that is sealed; what was counted after it, until the cut, is lost.
    """
    since = ""
    for _, entry in kernel.stores.log.read():
        if entry["kind"] == "LISTENING":
            since = str(entry["t"]) if entry["state"] == BEGUN else ""
        elif since and entry["kind"] == "ADMITTED" and entry.get("shape") == "quarters":
            made = kernel.state.datasets.get(str(entry["dataset"]))
            since = str(made.facts["until"]) if made else str(entry["t"])
    return since
