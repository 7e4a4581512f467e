"""Sensor gateway: decode or refuse each message, feed the watches, acknowledge what is stored.

Raw readings stay in memory: in the states of the watches, which hold half a minute of them, and nowhere else. A message
is acknowledged only after a checkpoint that holds what it changed, and after the time for which its watch must see it
again.
"""

from __future__ import annotations

import gc
import queue
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused, sentence
from peelian.integrations.acknowledgements import Message, Settling
from peelian.kernel.alarms import watch
from peelian.kernel.alarms.watch import sensor_fault
from peelian.kernel.model.alarms import Move
from peelian.kernel.model.watch import Reading
from peelian.kernel.records import sensor_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.watch_checkpoints import Standing, state_of

Decode = Callable[[str, str, bytes], tuple[Reading, ...]]
"""Sensor, topic and bytes → its readings; InputError names only a field."""

LARGEST = 65_536  # bytes of one message
MOST_WAITING = 20_000
MOST_PER_SECOND, BURST = 50.0, 500.0  # of one sensor; above it floods
_BATCH = 1_000
_OFTEN = 0.2
_TOGETHER = 0.003  # seconds that a batch waits for more: what comes together asks once where the log is
_ITSELF = "gateway"  # among the connections
_SAY_AGAIN = 3_600.0  # seconds between two log entries about the same refusal


class Refusals:
    """Says in the log what was refused: once an hour for a sensor and a field, with nothing but the field's name."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel, self._said = kernel, dict[tuple[str, str], float]()

    def say(self, sensor: str, field: str) -> None:
        """Say it, unless it was said within the hour, or too much was said already."""
        now, word = monotonic(), sensor_register.word_of(field)
        if now - self._said.get((sensor, word), -_SAY_AGAIN) >= _SAY_AGAIN and len(self._said) < MOST_WAITING:
            self._said[sensor, word] = now
            sensor_register.message_refused(self._kernel, sensor, field)


def refused_field(wrong: InputError | Refused) -> str:
    """The name of the field that a message was refused for, or the rule."""
    if isinstance(wrong, Refused):
        return wrong.reasons[0].field or wrong.reasons[0].rule
    return wrong.column or "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Often:
    """What is done some times a second: `judge` says what whole zones do to alarms, and stops the gateway where it
    fails; `show` is for the console, and in no alarm's way."""

    judge: Callable[[], Iterable[Move]] = tuple
    show: Callable[[], None] = lambda: None


NOTHING = Often()


class Gateway:
    """Feeds standing watches from messages. `offer` may be called by any thread; one thread of its own does the work.

    `formats`: what every sensor may send, by its id (a sensor that is not in it is unknown). `announce` is told every
    move of an alarm after it was logged. `often`: what is done up to five times a second, between two batches. `tally`
    counts messages by what became of them.
    """

    def __init__(
        self,
        kernel: Kernel,
        standings: Iterable[Standing],
        decode: Decode,
        *,
        announce: Callable[[Move], None] = lambda move: None,
        checkpoint_seconds: float = 1.0,
        keep: Callable[[tuple[Reading, ...]], None] = lambda readings: None,
        often: Often = NOTHING,
        most_per_second: float = MOST_PER_SECOND,
    ) -> None:
        self.kernel, self.standings = kernel, tuple(standings)
        self.tally: Counter[str] = Counter()
        self.failed: PeelianError | None = None
        self._decode, self._announce, self._keep = decode, announce, keep
        self._by_sensor = _by_sensor(self.standings)
        self._waiting: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._settling = Settling(self.standings, every=checkpoint_seconds)
        self._rate, self._next_tick, self._next_often = most_per_second, 0.0, 0.0
        self._often = often
        self._buckets: dict[str, tuple[float, float]] = {}
        self._refusals = Refusals(kernel)
        self._thread = threading.Thread(target=self._work, name="gateway", daemon=True)

    def start(self) -> Gateway:
        """Begin to work."""
        self.back(_ITSELF)
        change_threads_often()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Work off what waits, keep a last checkpoint, acknowledge, stop."""
        self._waiting.put(None)
        self._thread.join(timeout=30)
        self._settling.close()

    def offer(
        self,
        sensor: str,
        topic: str,
        body: bytes,
        done: Callable[[], None],
        *,
        repeats: bool = True,
        wait: bool = True,
        **_: object,
    ) -> bool:
        """Take a message; `wait` holds the caller back while too many wait. False: not taken, and not acknowledged.

        A message that the broker sends again is known by the times of its readings, so its number is not looked at.
        """
        message = Message(sensor, topic, body, done, monotonic(), repeats)
        while self.failed is None:
            if self._waiting.qsize() < MOST_WAITING:
                self._waiting.put(message)
                return True
            self.tally["held back"] += 1
            if not wait:
                return False
            sleep(0.05)
        return False

    @property
    def unsettled(self) -> int:
        """How much of what came has yet to be worked off, or kept."""
        return self._waiting.qsize() + self._settling.unsettled

    def cut(self, name: str, why: str) -> None:
        """A connection went down: said in the log, once, until it is back."""
        if name not in self.kernel.state.alarms.cuts:
            sensor_register.connection_cut(self.kernel, name, why)

    def back(self, name: str, *, kept: bool = True) -> None:
        """It is up again: said once, also of one that a process before this one lost."""
        if name in self.kernel.state.alarms.cuts:
            sensor_register.connection_back(self.kernel, name)

    def _work(self) -> None:
        going = True
        while going and self.failed is None:
            batch = self._batch()
            going = None not in batch
            try:
                self._take([message for message in batch if message is not None])
                self._on_time()
                self._settling.settle(monotonic(), last=not going)
            except PeelianError as error:  # the log, the disk or a key: nothing more is acknowledged
                self._fail(error)
            except Exception as error:  # whatever it was: a gateway that died must not look like a quiet town
                self._fail(PeelianError(sentence("the gateway stopped (%(kind)s)", kind=type(error).__name__)))

    def _fail(self, error: PeelianError) -> None:
        self.failed = error
        with suppress(Exception):  # where the log itself is what failed, grey zones tell
            self.cut(_ITSELF, "stopped")

    def _tell(self, move: Move) -> None:
        """Announce a move; who cannot be told (a full disk, a broken line) is in nobody's way."""
        try:
            self._announce(move)
        except Exception:
            self.tally["not told"] += 1

    def _batch(self) -> list[Message | None]:
        wait = self._settling.patience(monotonic())
        try:
            batch = [self._waiting.get(timeout=wait)]
        except queue.Empty:
            return []
        if batch[0] is not None and self._waiting.empty():
            sleep(_TOGETHER)
        with suppress(queue.Empty):
            while len(batch) < _BATCH:
                batch.append(self._waiting.get_nowait())
        return batch

    def _take(self, messages: list[Message]) -> None:
        """Messages in the order they came: each refused by its kind of fault, or decoded; then fed together."""
        heard: dict[int, tuple[Standing, list[Reading]]] = {id(s): (s, []) for s in self.standings}
        for message in messages:
            for reading in self._decoded(message):
                for standing in self._by_sensor[message.sensor]:
                    if reading.what in standing.watch.takes:
                        heard[id(standing)][1].append(reading)
        for standing, readings in heard.values():
            self._feed(standing, readings)
        now = monotonic()
        for message in messages:
            self._settling.processed(message, self._states_of(message.sensor), now)

    def _states_of(self, sensor: str) -> list[tuple[Standing, str]]:
        known = ((standing, state_of(standing, sensor)) for standing in self._by_sensor.get(sensor, ()))
        return [(standing, key) for standing, key in known if key in standing.states]

    def _feed(self, standing: Standing, readings: list[Reading]) -> None:
        if not readings:
            return
        try:
            moves = watch.feed(self.kernel, standing, readings)
        except (Refused, OutOfOrder):
            # Suspended, ended, or its permit or an authorization ran out: what it would have seen is dropped, and
            # counted. The
            # other watches go on.
            self.tally["not permitted"] += len(readings)
            return
        for move in moves:
            self._tell(move)

    def _decoded(self, message: Message) -> tuple[Reading, ...]:
        sensor = message.sensor
        standings = self._by_sensor.get(sensor)
        if standings is None:
            self.tally["unknown sensor"] += 1
            return ()
        if len(message.body) > LARGEST:
            self._refuse(standings[0], sensor, "oversize", "message-too-large")
            return ()
        if self._floods(sensor, message.came):
            self._refuse(standings[0], sensor, "flood", "flood")
            return ()
        readings = self._read(standings[0], message)
        if any(reading.sensor != sensor for reading in readings):
            self._refuse(standings[0], sensor, "refused", "another-sensor")
            return ()
        if readings:
            self.tally["taken"] += 1
        self._keep(readings)
        return readings

    def _read(self, standing: Standing, message: Message) -> tuple[Reading, ...]:
        try:
            return self._decode(message.sensor, message.topic, message.body)
        except (InputError, Refused) as wrong:
            self._refuse(standing, message.sensor, "refused", refused_field(wrong), fault=False)
        except Exception:  # a decoder that breaks on one message is no reason to be deaf to the others
            self._refuse(standing, message.sensor, "refused", "decoder-failed")
        return ()

    def _refuse(self, standing: Standing, sensor: str, outcome: str, field: str, *, fault: bool = True) -> None:
        """Count it and say it in the log; a flood is a sensor's fault."""
        self.tally[outcome] += 1
        self._refusals.say(sensor, field)
        if fault:
            sensor_fault(self.kernel, standing.permit.case, sensor, field)

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
            for move in watch.tick(self.kernel, self.standings):
                self._tell(move)
        elif now >= self._next_often:  # not in the batch that the tick has held up already
            self._next_often = now + _OFTEN
            for move in self._often.judge():
                self._tell(move)
            try:
                self._often.show()
            except Exception:
                self.tally["levels not published"] += 1


def change_threads_often() -> None:
    """Have the interpreter change threads sooner and search for waste less often."""
    sys.setswitchinterval(0.0005)  # messages come in by one thread and are worked off by another
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5_000, 100)  # what comes and goes here holds no rings; 100,000 at once take .1 s


def _by_sensor(standings: Iterable[Standing]) -> Mapping[str, list[Standing]]:
    found: dict[str, list[Standing]] = {}
    for standing in standings:
        for sensor in standing.request.sensors:
            found.setdefault(sensor, []).append(standing)
    return found
