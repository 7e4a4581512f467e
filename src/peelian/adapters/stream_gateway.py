"""The gateway of readings: messages in, decoded or refused, fed to the watches, acknowledged once they are done with.

Raw readings stay in memory: in a ring of at most 65 minutes and in the states of the watches. A message is acknowledged
only after a checkpoint that holds what it changed, and after the time for which its watch must see it again.
"""

from __future__ import annotations

import queue
import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from peelian.errors import InputError, PeelianError, Refused
from peelian.governance import watch
from peelian.governance.alarms import Move
from peelian.governance.capability import Reading
from peelian.governance.house import House, log_word
from peelian.governance.watch import Standing, sensor_fault

Decode = Callable[[str, str, bytes], tuple[Reading, ...]]
"""Sensor, topic and bytes → its readings; InputError names only a field."""

LARGEST = 65_536  # bytes of one message
MOST_WAITING = 20_000
MOST_UNSETTLED = 30_000
RING_SECONDS, RING_MOST = 65 * 60, 500_000
MOST_PER_SECOND, BURST = 50.0, 500.0  # of one sensor; above it floods
_BATCH = 1_000
_NAME = re.compile(r"[A-Za-z@$][A-Za-z0-9_.:@$/\[\]-]{0,39}")  # a field's name; anything else may hold somebody's
_SAY_AGAIN = 3_600.0  # seconds between two log entries about the same refusal


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came; `done` acknowledges it."""

    sensor: str
    topic: str
    body: bytes
    done: Callable[[], None]
    came: float  # monotonic seconds
    repeats: bool  # whether its sender repeats it after a crash, so that it may wait for its watch's window


@dataclass(slots=True)
class Ring:
    """The raw readings of the last 65 minutes, in memory only."""

    held: deque[tuple[float, Reading]] = field(default_factory=lambda: deque(maxlen=RING_MOST))

    def add(self, readings: Iterable[Reading], now: float) -> None:
        """Keep readings and forget what is too old."""
        self.held.extend((now, reading) for reading in readings)
        while self.held and self.held[0][0] < now - RING_SECONDS:
            self.held.popleft()


class Gateway:
    """Feeds standing watches from messages. `offer` may be called by any thread; one thread of its own does the work.

    `formats`: what every sensor may send, by its id (a sensor that is not in it is unknown). `announce` is told every
    move of an alarm after it was logged. `tally` counts messages by what became of them; `cuts` the names of the
    connections that are down.
    """

    def __init__(
        self,
        house: House,
        standings: Iterable[Standing],
        decode: Decode,
        *,
        announce: Callable[[Move], None] = lambda move: None,
        checkpoint_seconds: float = 1.0,
        keep: Callable[[tuple[Reading, ...]], None] = lambda readings: None,
        most_per_second: float = MOST_PER_SECOND,
    ) -> None:
        self.house, self.standings, self.ring = house, tuple(standings), Ring()
        self.tally: Counter[str] = Counter()
        self.cuts: dict[str, str] = {}
        self.failed: PeelianError | None = None
        self._decode, self._announce, self._keep = decode, announce, keep
        self._by_sensor = _by_sensor(self.standings)
        self._waiting: queue.Queue[Message | None] = queue.Queue(MOST_WAITING)
        self._unsettled: list[Message] = []  # processed, not in a checkpoint
        self._covered: deque[Message] = deque()  # in a checkpoint, but its watch must see it again after a crash
        self._window = max((s.watch.window_seconds for s in self.standings if s.watch.refill), default=0.0)
        self._checkpoint_seconds, self._rate = checkpoint_seconds, most_per_second
        self._next_checkpoint = self._next_tick = 0.0
        self._buckets: dict[str, tuple[float, float]] = {}
        self._said: dict[tuple[str, str], float] = {}
        self._thread = threading.Thread(target=self._work, name="gateway", daemon=True)

    def start(self) -> Gateway:
        """Begin to work."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Work off what waits, keep a last checkpoint, acknowledge, stop."""
        self._waiting.put(None)
        self._thread.join(timeout=30)

    def offer(
        self, sensor: str, topic: str, body: bytes, done: Callable[[], None], *, repeats: bool = True, wait: bool = True
    ) -> bool:
        """Take a message; `wait` holds the caller back while too many wait. False: not taken, and not acknowledged."""
        message = Message(sensor, topic, body, done, monotonic(), repeats)
        while self.failed is None:
            try:
                self._waiting.put(message, timeout=1 if wait else 0.05)
                return True
            except queue.Full:
                self.tally["held back"] += 1
                if not wait:
                    return False
        return False

    def cut(self, name: str, why: str) -> None:
        """A connection went down: said in the log, once, until it is back."""
        if name not in self.cuts:
            self.cuts[name] = why
            self.house.append("GATEWAY_CUT", connection=log_word(name), why=log_word(why))

    def back(self, name: str) -> None:
        """A connection is up."""
        if self.cuts.pop(name, None) is not None:
            self.house.append("GATEWAY_BACK", connection=log_word(name))

    def _work(self) -> None:
        going = True
        while going and self.failed is None:
            batch = self._batch()
            going = None not in batch
            try:
                for message in batch:
                    if message is not None:
                        self._take(message)
                        self._unsettled.append(message)
                self._on_time()
                self._settle(last=not going)
            except PeelianError as error:  # the log, the disk or a key: nothing more is acknowledged
                self.failed = error

    def _batch(self) -> list[Message | None]:
        wait = max(0.01, min(0.25, self._next_checkpoint - monotonic())) if self._unsettled else 0.25
        try:
            batch = [self._waiting.get(timeout=wait)]
        except queue.Empty:
            return []
        with suppress(queue.Empty):
            while len(batch) < _BATCH:
                batch.append(self._waiting.get_nowait())
        return batch

    def _take(self, message: Message) -> None:
        """One message: refused by its kind of fault, or decoded and fed."""
        sensor = message.sensor
        standings = self._by_sensor.get(sensor)
        if standings is None:
            self.tally["unknown sensor"] += 1
        elif len(message.body) > LARGEST:
            self._refuse(standings[0], sensor, "oversize", "message-too-large")
        elif self._floods(sensor, message.came):
            self._refuse(standings[0], sensor, "flood", "flood")
        else:
            self._read(standings, message)

    def _read(self, standings: list[Standing], message: Message) -> None:
        try:
            readings = self._decode(message.sensor, message.topic, message.body)
        except InputError as wrong:
            self._refuse(standings[0], message.sensor, "refused", wrong.column or "malformed", fault=False)
            return
        except Refused as wrong:
            self._refuse(standings[0], message.sensor, "refused", wrong.reasons[0].rule, fault=False)
            return
        except Exception:  # a decoder that breaks on one message is no reason to be deaf to the others
            self._refuse(standings[0], message.sensor, "refused", "decoder-failed")
            return
        if any(reading.sensor != message.sensor for reading in readings):
            self._refuse(standings[0], message.sensor, "refused", "another-sensor")
            return
        self.tally["taken"] += 1
        self.ring.add(readings, message.came)
        self._keep(readings)
        for standing in standings:
            try:
                moves = watch.feed(self.house, standing, [r for r in readings if r.what in standing.watch.takes])
            except Refused:  # suspended, or a paper ran out: what it would have seen is dropped, and counted
                self.tally["not permitted"] += 1
                continue
            for move in moves:
                self._announce(move)

    def _refuse(self, standing: Standing, sensor: str, outcome: str, field: str, *, fault: bool = True) -> None:
        """Count it; say it in the log once an hour, with nothing but the field's name; a flood is a sensor's fault."""
        self.tally[outcome] += 1
        word, now = log_word(field if _NAME.fullmatch(field) else "a field with no plain name"), monotonic()
        if now - self._said.get((sensor, word), -_SAY_AGAIN) >= _SAY_AGAIN and len(self._said) < MOST_WAITING:
            self._said[sensor, word] = now
            self.house.append("MESSAGE_REFUSED", sensor=sensor, field=word)
        if fault:
            sensor_fault(self.house, standing.permit.case, sensor, word)

    def _floods(self, sensor: str, now: float) -> bool:
        """Whether a sensor sends more than it may: a bucket that fills with so many messages a second."""
        level, then = self._buckets.get(sensor, (BURST, now))
        level = min(BURST, level + (now - then) * self._rate)
        self._buckets[sensor] = (level - 1 if level >= 1 else level, now)
        return level < 1

    def _on_time(self) -> None:
        now = monotonic()
        if now >= self._next_tick:
            self._next_tick = now + 1.0
            for move in watch.tick(self.house, self.standings):
                self._announce(move)

    def _settle(self, *, last: bool) -> None:
        """Keep a checkpoint when it is due, then acknowledge what it holds and no watch must see again."""
        begun = monotonic()
        if self._unsettled and (last or len(self._unsettled) >= MOST_UNSETTLED or begun >= self._next_checkpoint):
            for standing in self.standings:
                watch.checkpoint(standing)
            took = monotonic() - begun
            self._next_checkpoint = monotonic() + max(self._checkpoint_seconds, 10 * took)
            for message in self._unsettled:
                if message.repeats and self._window:
                    self._covered.append(message)
                else:
                    message.done()
            self._unsettled = []
        while self._covered and (len(self._covered) > MOST_UNSETTLED or self._covered[0].came <= begun - self._window):
            self._covered.popleft().done()


def _by_sensor(standings: Iterable[Standing]) -> Mapping[str, list[Standing]]:
    found: dict[str, list[Standing]] = {}
    for standing in standings:
        for sensor in standing.request.sensors:
            found.setdefault(sensor, []).append(standing)
    return found
