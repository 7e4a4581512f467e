"""An office on the disk with everybody at their desks and a watch that may stand: for the room and the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from desk import Desk
from labels import register_in_area
from sensing import a_sensor
from watched import issue_all

from peelian.kernel.alarms import watch
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import StandingPermit
from peelian.kernel.model.watch import Reading, Watch
from peelian.operations.office import Office, new_office


def office_at(path: Path, clock: Callable[[], datetime] | None = None) -> tuple[Office, Desk]:
    """A new office with one person for each role; their short names are the roles'."""
    office = new_office(path, name="Test town", clock=clock)
    people = {"custodian": office.enrol("custodian", name="Custodian", unit="city-it", roles={Role.CUSTODIAN})}
    for role in Role:
        short = str(role).replace("_", "-")
        if short not in people:
            by, second = people["custodian"], people.get("board")
            people[short] = office.enrol(short, name=short, unit=f"unit-{short}", roles={role}, by=by, second=second)
    people["night"] = office.enrol("night", name="Night", unit="night", roles={Role.DISPATCHER}, by=people["custodian"])
    return office, Desk(office=office, clock=None, people=people)  # type: ignore[arg-type]  # the machine's own clock


def watch_of(office: Office, name: str) -> Watch:
    return watch.watch_named(office.kernel, name)


def stands(
    office: Office, town: Desk, name: str = "crowd.noise", *, sensors: dict[str, str], **more: Any
) -> StandingPermit:
    """Let it stand with its example's parameters, all authorizations in order."""
    declared = watch_of(office, name)
    issue_all(town, declared)
    purpose = sorted(declared.asks.purposes)[0]
    params = declared.reducer().example().params
    return watch.stand(
        office.kernel, town.people["commander"], name, purpose=purpose, params=params, sensors=sensors, **more
    )


def meter(town: Desk, id: str) -> None:
    """Register a sound meter that sends NGSI-LD."""
    day = (town.kernel.now() + timedelta(days=300)).date().isoformat()
    sensor = a_sensor(
        id=id,
        kind="sound_meter",
        title="Sound level meter",
        owner="The town",
        contact="noise@town.example",
        why="to notice a place that becomes far louder than usual",
        ends=day,
    )
    register_in_area(town.kernel, town.people, sensor)


def message(time: datetime, level: float) -> bytes:
    """One second's level as NGSI-LD."""
    times = {"dateObservedFrom": (time - timedelta(seconds=1)).isoformat(), "dateObservedTo": time.isoformat()}
    made = {"id": "urn:ngsi-ld:NoiseLevelObserved:1", "type": "NoiseLevelObserved", "LAeq": round(level, 1), **times}
    return json.dumps(made).encode()


def until_now(readings: Iterable[Reading]) -> list[Reading]:
    """The same readings, the last of them just heard."""
    given = list(readings)
    ago = datetime.now(UTC).replace(microsecond=0) - max(r.time for r in given)
    return [replace(r, time=r.time + ago) for r in given]


def lines_of(file: Path, readings: Iterable[Reading]) -> Path:
    """Readings as JSON lines."""
    rows = (
        {"sensor": r.sensor, "time": r.time.isoformat(), "what": r.what, "values": dict(r.values)} for r in readings
    )
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file
