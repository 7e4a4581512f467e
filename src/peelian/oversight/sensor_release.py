"""Release of a sensor's day of counts, with noise that is drawn once; a named person does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from peelian.errors import OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import ANSWER
from peelian.kernel.policy.authorize import must_hold_role, must_not_be_stopped
from peelian.kernel.records import office_records
from peelian.kernel.records.sensor_register import RELEASERS, speaking, the_register
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.technologies.sensors.release import Ports, Released, release_day


@act
def release(kernel: Kernel, by: Operator, id: str, day: date, counts: Sequence[int]) -> Released:
    """Publish a day of a sensor's counts with noise; a named person does it, and it is drawn once.

    Refused: the budget of the day has ended, or the sensor may not speak. OutOfOrder: the day is not over.
    """
    with kernel.lock:
        must_hold_role(kernel, by, RELEASERS, "the_publisher_may_publish")
        must_not_be_stopped(kernel, "sensors")
        speaking(the_register(kernel), id, kernel.now())
        if day >= kernel.now().date():
            raise OutOfOrder("this day is not over")
        ports = Ports(
            entries=lambda: kernel.state.noised,
            answers=kernel.release.noise.answers,
            draw=kernel.release.noise.draw,
            log=kernel.append,
            token=partial(kernel.office.token, of=ANSWER),
        )
        made = release_day(id, day, counts, ports)
        body = {"sensor": id, "day": day.isoformat(), "windows": list(made.windows), "total": made.total}
        if not any(each.day == day for each in released(kernel, id)):
            office_records.keep(kernel, by, "sensor_release", body, sensor=id, day=day.isoformat())
        return made


def released(kernel: Kernel, id: str) -> tuple[Released, ...]:
    """Every day of a sensor that was released. O(released days of all sensors)."""
    return tuple(
        Released(
            sensor=id,
            day=date.fromisoformat(made.body["day"]),
            windows=tuple(made.body["windows"]),
            total=made.body["total"],
        )
        for _, made in office_records.records_of(kernel, "sensor_release")
        if made.body["sensor"] == id
    )
