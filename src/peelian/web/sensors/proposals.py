"""The sensors of a proposal as a table, for the second person: what each is, and which fields it declares."""

from __future__ import annotations

from peelian.kernel.model.documents import Proposal
from peelian.kernel.model.sensors import KINDS, Sensor
from peelian.kernel.records.office_records import still_kept
from peelian.kernel.verbs.sensor_batches import stated
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Say


def proposed_sensors(office: Office, made: Proposal, say: Say) -> Grid | None:
    """The sensors that a proposal registers; None where its record was destroyed. O(sensors)."""
    record = str(made.body.get("record", ""))
    if still_kept(office.kernel, record) is None:
        return None
    sensors = stated(office.kernel, record)
    return Grid(
        caption=say("Sensors: %(n)d", n=len(sensors)),
        titles=(
            say("Sensor"),
            say("Format"),
            say("Fields accepted"),
            say("Fields dropped unread"),
            say("Type"),
            say("Owner"),
            say("Area"),
            say("Personal data"),
            say("Until"),
        ),
        rows=tuple(_row(sensor, say) for sensor in sensors),
    )


def _row(sensor: Sensor, say: Say) -> tuple[str, ...]:
    return (
        f"{sensor.title} ({sensor.id})",
        sensor.format or "–",
        ", ".join(f"{name} → {held}" for name, held in sensor.columns.items()) or "–",
        ", ".join(sensor.drop) or "–",
        say(KINDS[sensor.kind]),
        sensor.owner,
        sensor.area,
        say("yes") if sensor.personal_data else say("no"),
        sensor.ends,
    )
