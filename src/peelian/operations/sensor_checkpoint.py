"""Sensor checkpoint: what a listener that was killed goes on from, and which messages it has counted already.

Only sums, newest totals and short digests of messages are in it, sealed (`storage/sealed_rows`). A message that the
broker sends again carries the number it had, and the same bytes: so it is known, and counted once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.sensors.gate import SensorGate
from peelian.oversight.sensors.live import secrets_of
from peelian.storage.sealed_rows import SealedRows
from peelian.technologies.sensors.running_sums import counter_rows, name_of, restored, window_rows
from peelian.technologies.sensors.windows import Window

STATE, SEEN, BATCH = "state", "seen", "batch"
_DIGITS = 16  # of a message's digest, in hexadecimal


class Rows(Protocol):
    """Where checkpoints are kept: `SealedRows`, or memory."""

    def load(self) -> dict[str, str] | None: ...

    def save(self, changed: Mapping[str, str], gone: Any = ()) -> None: ...

    def renew(self, rows: Mapping[str, str]) -> None: ...

    def close(self) -> None: ...


class MemoryRows(dict[str, str]):
    """Rows of an office in memory: they end with the process."""

    def load(self) -> dict[str, str] | None:
        return dict(self)

    def save(self, changed: Mapping[str, str], gone: Any = ()) -> None:
        for name in gone:
            self.pop(name, None)
        self.update(changed)

    def renew(self, rows: Mapping[str, str]) -> None:
        self.clear()
        self.update(rows)

    def close(self) -> None:
        return


@dataclass(slots=True)
class Seen:
    """The newest messages by the broker's number, at most as many as it may have in flight; the oldest goes first."""

    most: int
    packets: dict[int, str] = field(default_factory=dict)
    fresh: bool = True  # whether something of it is in no checkpoint yet

    def knows(self, packet: int, again: bool, topic: str, body: bytes) -> bool:
        """Whether the broker sends a message again that is counted. Any other one is noted as counted. O(bytes)."""
        if not packet:
            return False
        digest = hashlib.blake2b(topic.encode() + b"\0" + body, digest_size=_DIGITS // 2).hexdigest()
        if again and self.packets.get(packet) == digest:
            return True
        self.packets.pop(packet, None)
        self.packets[packet], self.fresh = digest, True
        if len(self.packets) > self.most:
            del self.packets[next(iter(self.packets))]
        return False

    def forget(self) -> None:
        """The broker begins anew, and its numbers with it."""
        self.packets, self.fresh = {}, True

    def text(self) -> str:
        return "".join(f"{packet:04x}{digest}" for packet, digest in self.packets.items())

    def restore(self, text: str) -> None:
        """Take up what `text` told, the newest of it."""
        size = 4 + _DIGITS
        each = (text[at : at + size] for at in range(0, len(text), size))
        known = [(int(one[:4], 16), one[4:]) for one in each]
        self.packets = dict(known[-self.most :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows on their way into the vault. Whether it holds them is seen by the batch's name among its datasets."""

    name: str
    windows: tuple[Window, ...]

    def text(self) -> str:
        rows = [asdict(window) | {"start": window.start.isoformat()} for window in self.windows]
        return json.dumps([self.name, rows])


def batch_of(text: str) -> Batch:
    """The batch that `Batch.text` wrote."""
    name, rows = json.loads(text)
    made = (Window(**(row | {"start": datetime.fromisoformat(row["start"])})) for row in rows)
    return Batch(name=name, windows=tuple(made))


@dataclass(slots=True)
class Held:
    """What is in a checkpoint besides sums: until when all was heard, sensors whose messages the broker does not keep
    as long as our session (seconds by sensor), messages counted, and the batch being stored."""

    seen: Seen
    heard: datetime | None = None
    fleeting: dict[str, int] = field(default_factory=dict)
    batch: Batch | None = None

    def rows(self, gate: SensorGate, *, every: bool = False) -> dict[str, str]:
        """These as rows; what changed, or `every` one. O(messages in flight)."""
        state = {
            "heard": self.heard.isoformat() if self.heard else "",
            "fleeting": self.fleeting,
            "closed": gate.gathering.closed_until,
        }
        seen = {SEEN: self.seen.text()} if every or self.seen.fresh else {}
        self.seen.fresh = False
        return {STATE: json.dumps(state), **seen}


def changed_rows(gate: SensorGate, touched: set[str]) -> dict[str, str]:
    """Sums and totals that are not in a checkpoint yet; `touched`: sensors that were heard since. O(changed)."""
    made = window_rows(gate.gathering, gate.gathering.changed) | counter_rows(gate.turnstile, touched)
    gate.gathering.changed.clear()
    touched.clear()
    return made


def every_row(gate: SensorGate) -> dict[str, str]:
    """All sums and totals. O(open windows + sensors)."""
    return window_rows(gate.gathering, gate.gathering.open) | counter_rows(gate.turnstile, gate.turnstile.gates)


def rows_of(windows: tuple[Window, ...]) -> list[str]:
    """The names of the rows that these windows had while they were open."""
    return [name_of((w.sensor, w.measure, int(w.start.timestamp()))) for w in windows]


def take_up(rows: Mapping[str, str], gate: SensorGate, held: Held, kernel: Kernel) -> None:
    """Go on from a checkpoint. A batch that the vault holds by now is done with. O(rows + datasets)."""
    restored(rows, gate.gathering, gate.turnstile)
    if STATE in rows:
        state = json.loads(rows[STATE])
        held.heard = datetime.fromisoformat(state["heard"]) if state["heard"] else None
        held.fleeting = state["fleeting"]
        gate.gathering.closed_until = state["closed"]
    held.seen.restore(rows.get(SEEN, ""))
    if BATCH in rows:
        batch = batch_of(rows[BATCH])
        stored = any(made.facts.get("batch") == batch.name for made in kernel.state.datasets.values())
        held.batch = None if stored else batch


def rows_at(office: Office) -> Rows:
    """Where this office keeps a listener's checkpoint. OutOfOrder: another listener of it is at work."""
    if office.path is None:
        return MemoryRows()
    present, *earlier = secrets_of(office.kernel, "sensors")
    return SealedRows(office.path / "watch", "listening", present, earlier)
