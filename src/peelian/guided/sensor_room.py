"""A room that only listens and sums: registered sensors over MQTT, windows in memory, hours sealed by a custodian."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any, cast

from peelian.adapters.stream_mqtt import Broker, MqttIntake
from peelian.errors import InputError, PeelianError, Refused
from peelian.governance.documents import Admission
from peelian.governance.house import log_word
from peelian.governance.people import Operator
from peelian.office import Office
from peelian.oversight.sensor_gate import SensorGate, store

CLIENT = "peelian-sensors"
SEALED_EVERY = 15 * 60.0  # seconds
SAID_AGAIN = 3_600.0  # seconds between two log entries about the same refusal of the same sensor
MOST_SAID = 20_000


class Collector:
    """What an intake offers messages to. A message is acknowledged once it is summed, or refused; `tally` counts.

    A crash loses the sums of windows that are not sealed yet, an hour and a bit at most: they are in memory only.
    """

    def __init__(self, office: Office, by: Operator) -> None:
        self.office, self.by = office, by
        self.gate, self.tally = SensorGate(office.house), Counter[str]()
        self._said: dict[tuple[str, str], float] = {}
        self._cut: set[str] = set()
        self._lock = threading.Lock()

    def offer(
        self, sensor: str, topic: str, body: bytes, done: Callable[[], None], *, repeats: bool = True, wait: bool = True
    ) -> bool:
        """Take one message: its readings are summed, or it is refused whole. Always taken."""
        with self._lock:
            try:
                self.gate.keep(self.gate.decode(sensor, topic, body))
                self.tally["taken"] += 1
            except Refused as refused:
                self._refuse(sensor, refused.reasons[0].rule)
            except InputError as wrong:
                self._refuse(sensor, wrong.column or "malformed")
        done()
        return True

    def seal(self) -> Admission | None:
        """Seal the windows that are over; None where there is none."""
        with self._lock:
            windows = self.gate.closed()
            register = self.gate.register
        return store(self.office.house, self.by, windows, register) if windows else None

    def cut(self, name: str, why: str) -> None:
        """A connection went down: said once, until it is back."""
        if name not in self._cut:
            self._cut.add(name)
            self.office.house.append("GATEWAY_CUT", connection=log_word(name), why=log_word(why))

    def back(self, name: str) -> None:
        """A connection is up."""
        if name in self._cut:
            self._cut.discard(name)
            self.office.house.append("GATEWAY_BACK", connection=log_word(name))

    def _refuse(self, sensor: str, why: str) -> None:
        self.tally["refused"] += 1
        word, now = log_word(why), monotonic()
        known = log_word(sensor) if sensor in self.gate.register else "unregistered"  # a name can be made up to tell
        if now - self._said.get((known, word), -SAID_AGAIN) >= SAID_AGAIN and len(self._said) < MOST_SAID:
            self._said[known, word] = now
            self.office.house.append("MESSAGE_REFUSED", sensor=known, field=word)


@contextmanager
def listening(office: Office, by: Operator, broker: Broker, *, every: float = SEALED_EVERY) -> Iterator[Collector]:
    """Listen until the context ends; closed windows are sealed every 15 minutes, and at the end."""
    collector = Collector(office, by)
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
        collector.seal()
    if failed:
        raise failed[0]
