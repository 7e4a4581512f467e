"""Broker folder: settings and certificates for a broker, the gateway and registered sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from peelian.integrations.broker_certificates import authority_in, issue, issued
from peelian.integrations.broker_files import GATEWAY, Place, write_settings
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.sensor_register import REGISTRARS, broker_written, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.storage.private_files import private_folder

OWN_DAYS = 366  # how long the broker's and the gateway's certificates hold
RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written: the settings, the sensors that may speak, and those of them with a new certificate."""

    settings: Path
    sensors: tuple[str, ...]
    fresh: tuple[str, ...]


def write_broker(kernel: Kernel, by: Operator, folder: Path, place: Place, *, certificates: bool = True) -> Written:
    """Write the folder from the register as it is now; do it again whenever the register changed.

    A sensor's certificate holds as long as its registration. One that was renewed gets a later one; a device that was
    replaced, or came back after a gap, a new key. Refused: this role registers no sensors. O(sensors).
    """
    must_hold_role(kernel, by, REGISTRARS, "the_registrar_may_register")
    now = kernel.now()
    listed = {
        id: each
        for id, each in the_register(kernel).items()
        if each.sensor.format and each.state(now.date()) == "registered"
    }
    private_folder(folder)
    fresh: list[str] = []
    if certificates:
        authority = authority_in(folder, now)
        lasts = now + timedelta(days=OWN_DAYS)
        for stem, name, hosts in ((folder / "broker", "broker", (place.host,)), (folder / GATEWAY, GATEWAY, ())):
            if issued(stem.with_name(f"{stem.name}.pem"))[1] < now + RENEWED_BEFORE:
                issue(stem, name, authority, now=now, until=lasts, hosts=hosts)
        for id, each in sorted(listed.items()):
            stem = private_folder(folder / "sensors") / id
            begun, ends = issued(stem.with_name(f"{id}.pem"))
            until = datetime.combine(datetime.fromisoformat(each.sensor.ends), time(23, 59, 59), tzinfo=UTC)
            if begun < datetime.fromisoformat(each.heard_from or each.since).replace(microsecond=0) or ends < until:
                issue(stem, id, authority, now=now, until=until)
                fresh.append(id)
        _remove_others(folder / "sensors", set(listed))
    settings, _ = write_settings(folder.absolute(), place, sorted(listed))
    broker_written(kernel, by, sensors=len(listed), certificates=len(fresh))
    return Written(settings=settings, sensors=tuple(sorted(listed)), fresh=tuple(fresh))


def _remove_others(folder: Path, known: set[str]) -> None:
    """Keys of sensors that may speak no more are no use to anybody."""
    for file in folder.glob("*.*") if folder.is_dir() else ():
        if file.suffix in (".pem", ".key") and file.stem not in known:
            file.unlink()
