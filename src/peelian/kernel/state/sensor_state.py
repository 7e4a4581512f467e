"""Sensor state: who is on the public register, until when, and since when each is being proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from peelian.kernel.model.archive_partitions import RECORDS, REGISTER, retention_of
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.sensors import SILENT_DAYS, Sensor, ended, sensor_of

NUMBERS = 10**7
ENTERED, ENDED, UPDATED = "SENSOR_REGISTERED", "SENSOR_ENDED", "SENSOR_UPDATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A sensor in the register: its entry as last renewed, since when it is listed, by whom, and when it was ended."""

    sensor: Sensor
    since: str  # ISO date-time of the first registration
    at: str  # of the last act
    by: str  # token of who acted last
    digest: str  # of the last act
    renewals: int = 0
    ending: str = ""  # a word of ENDINGS, once it was ended
    heard_from: str = ""  # ISO date-time since which it is registered without a gap; empty: since `since`
    digests: tuple[str, ...] = ()  # of every act, the first registration's first
    acted: str = ""  # the time of the log's entry of the last act

    @property
    def number(self) -> str:
        """What the public knows it by: the number that the office drew, or one made of its first record, where an
        earlier version let somebody type a name."""
        if self.sensor.drawn or not self.digests:
            return self.sensor.id
        return number_of(int(self.digests[0][:15], 16))

    def state(self, today: date) -> str:
        """registered, expired or ended."""
        return "ended" if self.ending else "expired" if ended(self.sensor, today) else "registered"

    def overdue(self, today: date) -> bool:
        """Whether it is in use and its firmware was not updated or checked within the days that its entry states."""
        due = self.sensor.update_due
        return due is not None and due < today and self.state(today) == "registered"

    @property
    def proven_from(self) -> datetime:
        """When its silent proving period is over: 28 days after it was registered, or renewed after a gap."""
        return datetime.fromisoformat(self.heard_from or self.since) + timedelta(days=SILENT_DAYS)


@dataclass(slots=True)
class SensorState:
    """The register, kept in step with the log. Entries are only noted as they come; their documents are read once, when
    somebody looks. What was looked at never changes: each change makes another mapping."""

    listed: Mapping[str, Listed] = field(default_factory=lambda: MappingProxyType({}))
    noted: list[Entry] = field(default_factory=list)
    acts: list[Entry] = field(default_factory=list)  # all that were ever noted
    gone: dict[str, str] = field(default_factory=dict)  # sensor → the digest of its last act, destroyed

    def fold(self, entry: Entry) -> None:
        """Note an entry that concerns the register. O(1), but O(acts) where documents of it were destroyed."""
        if entry["kind"] in (ENTERED, ENDED, UPDATED):
            self.noted.append(entry)
            self.acts.append(entry)
        elif entry["kind"] == "PARTITION_SHREDDED" and retention_of(str(entry["partition"])) in (REGISTER, RECORDS):
            self.listed, self.noted = MappingProxyType({}), list(self.acts)

    def look(self, find: Callable[[str], Any]) -> Mapping[str, Listed]:
        """The register by sensor; `find` reads the record with a digest (None: destroyed as its retention asks).

        O(1), or O(sensors) after something changed.
        """
        if self.noted:
            found = dict(self.listed)
            for entry in self.noted:
                _enter(found, entry, find)
            self.gone = {str(act["sensor"]): str(act["document"]) for act in self.acts if act["sensor"] not in found}
            self.listed = MappingProxyType(found)
            self.noted.clear()
        return self.listed


def number_of(drawn: int) -> str:
    """A sensor's number: seven digits, no text.

    >>> number_of(42)
    's0000042'
    """
    return f"s{drawn % NUMBERS:07d}"


def proven(listed: Listed, now: datetime) -> bool:
    """Whether it stands in the register and its silent proving period is over, so that it may raise an alarm."""
    return listed.state(now.date()) == "registered" and now >= listed.proven_from


def _enter(found: dict[str, Listed], entry: Entry, find: Callable[[str], Any]) -> None:
    digest = str(entry["document"])
    if entry["kind"] in (ENDED, UPDATED):
        if listed := found.get(str(entry["sensor"])):
            changed = (
                replace(listed, ending=str(entry["ending"]))
                if entry["kind"] == ENDED
                else _updated(listed, find(digest))
            )
            found[listed.sensor.id] = replace(
                changed,
                digest=digest,
                by=str(entry["by"]),
                digests=(*listed.digests, digest),
                acted=str(entry["t"]),
            )
        return
    made = find(digest)
    if made is None:
        found.pop(str(entry["sensor"]), None)
        return
    sensor = sensor_of(made.body)
    first = found.get(sensor.id) if made.before else None
    gap = first is None or first.state(datetime.fromisoformat(made.at).date()) != "registered"
    found[sensor.id] = Listed(
        sensor=sensor,
        since=first.since if first else made.at,
        at=made.at,
        by=made.by,
        digest=digest,
        renewals=first.renewals + 1 if first else 0,
        heard_from=made.at if first is None or gap else first.heard_from,
        digests=(*(first.digests if first else ()), digest),
        acted=str(entry["t"]),
    )


def _updated(listed: Listed, made: Any) -> Listed:
    """The entry with the firmware that a record states; unchanged where the record was destroyed."""
    if made is None:
        return listed
    sensor = replace(listed.sensor, firmware=str(made.body["firmware"]), updated=str(made.body["updated"]))
    return replace(listed, sensor=sensor)
