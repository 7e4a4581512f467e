"""Watch service: the sensor gateway over an office's watches."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.integrations.alarm_forwarding import Outlet
from peelian.integrations.cap_alerts import CapFolder, CapWriter
from peelian.integrations.mqtt import Broker, MqttIntake
from peelian.integrations.sensor_gateway import MOST_PER_SECOND, Decode, Gateway, Often
from peelian.integrations.webhooks import Webhook
from peelian.kernel.alarms import watch
from peelian.kernel.model.pseudonyms import SENSOR_KEY
from peelian.kernel.model.watch import Reading
from peelian.kernel.records.sensor_register import speaking, the_register
from peelian.kernel.state.alarm_state import Stand
from peelian.kernel.state.kernel import Kernel, log_word
from peelian.kernel.state.signed_documents import must_not_be_destroyed
from peelian.kernel.state.watch_checkpoints import checkpoint
from peelian.operations.capacity_alarms import CapacityAlarms
from peelian.operations.live_levels import LiveLevels
from peelian.operations.live_zones import LiveZones
from peelian.operations.office import Office
from peelian.operations.process_hardening import forbid_dumps
from peelian.oversight.drafts import generations_of
from peelian.oversight.watches.zone_levels import seal_of
from peelian.storage.checkpoints import FileCheckpoints
from peelian.technologies.sensors.decoding import Arrival, decode
from peelian.technologies.sensors.turnstile import Turnstile

NOT_ITS_KEY, KEY_REPLACED = "not this sensor's key", "this key was replaced: give the sensor its new one"
HTTP_WAITS = 30.0  # seconds until a message that was not kept is answered as not taken


class Replay:
    """A clock for drills: it stands at the time of the latest reading that was fed, and never goes back.

    An office is opened with it, so that its log, its vault and its watches read the same time.
    """

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._runs_on = False

    def __call__(self) -> datetime:
        if self._runs_on:
            self.reach(datetime.now(UTC))
        return self.now

    def reach(self, time: datetime) -> None:
        """Let it be at least so late."""
        self.now = max(self.now, time)

    def run_on(self) -> None:
        """The replay is over: from here on this is the machine's clock."""
        self._runs_on = True


def replay_of(office: Office) -> Replay:
    """The replay clock that this office was opened with; OutOfOrder where it runs by another clock."""
    clock = office.kernel.clock
    if not isinstance(clock, Replay):
        raise OutOfOrder("a record is replayed in an office whose clock is the replay's: open it with `Replay`")
    return clock


@dataclass(slots=True)
class Room:
    """What runs: the gateway and its intake. Close it, or use it as a context."""

    office: Office
    gateway: Gateway
    intake: MqttIntake | None = None
    closing: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.close()

    @property
    def suspended(self) -> list[str]:
        """The technologies of its watches that are suspended now: nobody watches by those."""
        return sorted(
            {one.watch.technology for one in self.gateway.standings} & set(self.office.kernel.state.suspended)
        )

    def take(self, sensor: str, key: str, body: bytes) -> str:
        """A message by HTTP; waits until what it changed is kept. Why it was not taken, or nothing."""
        if fault := key_fault(self.office.kernel, sensor, key):
            return fault
        kept = threading.Event()
        taken = self.gateway.offer(sensor, f"http/{sensor}", body, kept.set, repeats=False, wait=False)
        return "" if taken and kept.wait(HTTP_WAITS) else "try again later"


def open_room(
    office: Office,
    *,
    cases: Sequence[str] = (),
    broker: Broker | None = None,
    decode: Decode | None = None,
    webhook: tuple[str, bytes] | None = None,
    cap_folder: Path | None = None,
    most_per_second: float = MOST_PER_SECOND,
) -> Room:
    """Start the gateway over the watches of these cases (none named: every one that stands). Those of a suspended
    technology hear nothing until that is lifted."""
    kernel, closing = office.kernel, ExitStack()
    forbid_dumps()
    checkpoints = FileCheckpoints(_folder(office) / "states.db")
    closing.callback(checkpoints.close)
    known = kernel.state.alarms
    wanted = list(cases) or [case for case in known.stands.copy() if case not in known.ended and _current(kernel, case)]
    if not wanted:
        raise OutOfOrder("This office has no watch. See `peelian watch start`.")
    closing.enter_context(kernel.stores.lease(watch.WATCHING, True, True))
    standings = [watch.begin(kernel, stand_of(kernel, case).permit, checkpoints, waits=True) for case in wanted]
    _begin_outlets(office, closing, webhook, cap_folder)
    levels = LiveLevels(kernel, standings)
    closing.callback(levels.close)
    decodes = decode or registered(kernel)
    gateway = Gateway(
        kernel, standings, decodes, often=Often(judge=levels.judge, show=levels.gather), most_per_second=most_per_second
    ).start()
    closing.callback(gateway.stop)
    room = Room(office, gateway, closing=closing)
    if broker is not None:
        room.intake = MqttIntake(broker, gateway).start()
        closing.callback(room.intake.stop)
    return room


def registered(kernel: Kernel) -> Decode:
    """Decodes by the public register: only what it lists may speak, in the format it says."""
    turnstile = Turnstile()  # of one thread, the gateway's

    def read(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
        entry = speaking(the_register(kernel), sensor, kernel.now())
        return turnstile.turned(decode(entry.format, body, entry, Arrival(topic=topic, received=kernel.now())), entry)

    return read


def cap_writer(kernel: Kernel) -> CapWriter:
    """Writes CAP messages in this office's name."""
    titles = {name: title for t in kernel.technologies for w in t.watches for name, title in w.titles.items()}
    return CapWriter(sender=f"alarms@{log_word(kernel.office.name)}", titles=titles)


def feed_file(office: Office, case: str, file: Path) -> dict[str, Any]:
    """Feed readings of the last hour from a file of JSON lines (see `readings_of`)."""
    kernel = office.kernel
    checkpoints = FileCheckpoints(_folder(office) / "states.db")
    try:
        standing = watch.begin(kernel, stand_of(kernel, case).permit, checkpoints)
        zones, alarms = LiveZones(kernel, [standing]), CapacityAlarms(kernel, [standing])
        zones.take_up(seal_of(kernel))
        moves = 0
        for reading in readings_of(file):
            moves += len(watch.feed(kernel, standing, [reading])) + len(alarms.judge(zones.fresh()))
        checkpoint(standing)
    finally:
        checkpoints.close()
    return {"case": case, "moves": moves, "readings": dict(standing.tally)}


def readings_of(file: Path) -> Iterator[Reading]:
    """Readings from JSON lines; InputError names the row and the field."""
    with file.open("rb") as lines:
        for row, line in enumerate(lines, 1):
            try:
                made = json.loads(line.decode("utf-8"))
                time = datetime.fromisoformat(made["time"])
                yield Reading(
                    sensor=str(made["sensor"]),
                    time=time if time.tzinfo else time.replace(tzinfo=UTC),
                    what=str(made["what"]),
                    values={str(k): float(v) for k, v in dict(made["values"]).items()},
                )
            except (ValueError, KeyError, TypeError, RecursionError):
                accepted = '{"sensor": …, "time": ISO, "what": …, "values": {…}}'
                raise InputError("not a reading", file=file.name, row=row, accepted=accepted) from None


def sensor_key(kernel: Kernel, sensor: str) -> str:
    """The secret with which a sensor posts its messages by HTTP: derived, nowhere kept."""
    return kernel.office.token(sensor, of=SENSOR_KEY)


def key_fault(kernel: Kernel, sensor: str, key: str) -> str:
    """Why a key is not the one with which this sensor posts now; "" where it is."""
    if hmac.compare_digest(key.encode(), sensor_key(kernel, sensor).encode()):
        return ""
    earlier = [kernel.office.token(sensor, of=one) for one in generations_of(kernel, SENSOR_KEY)[1:]]
    was = key.encode() in [one.encode() for one in earlier]
    return KEY_REPLACED if was else NOT_ITS_KEY


def _begin_outlets(
    office: Office, closing: ExitStack, webhook: tuple[str, bytes] | None, cap_folder: Path | None
) -> None:
    """Begin what tells others of alarms, each by following the log from where it was. Closed after the gateway is."""
    kernel, folder = office.kernel, _folder(office)
    if cap_folder is not None:
        outlet = Outlet(kernel, folder / "told-cap.json", CapFolder(cap_writer(kernel), cap_folder)).start()
        closing.callback(outlet.stop)
    if webhook is not None:
        closing.callback(Outlet(kernel, folder / "told-webhook.json", Webhook(*webhook)).start().stop)


def stand_of(kernel: Kernel, case: str) -> Stand:
    """The watch of a case; OutOfOrder where none stands under it."""
    stand = kernel.state.alarms.stands.get(case)
    if stand is None:
        must_not_be_destroyed(kernel, kernel.state.alarms.gone_watches.get(case, ""))
        raise OutOfOrder(f"Unknown watch {case[:20]!r}. See `peelian watch list`.")
    return stand


def _current(kernel: Kernel, case: str) -> bool:
    return datetime.fromisoformat(stand_of(kernel, case).permit.until) > kernel.now() + timedelta(0)


def _folder(office: Office) -> Path:
    if office.path is None:
        raise OutOfOrder("An office in memory stores no checkpoints.")
    return office.path / "watch"
