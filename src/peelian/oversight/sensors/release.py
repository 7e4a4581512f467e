"""Release of a sensor's day of counts, with noise that is drawn once; a named person does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import ANSWER
from peelian.kernel.policy.authorize import must_hold_role, must_not_be_stopped
from peelian.kernel.records import office_records
from peelian.kernel.records.sensor_register import RELEASERS, shown_number, speaking, the_register
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.technologies.sensors.release import Ports, Released, release_day


@act
def release(
    kernel: Kernel, by: Operator, id: str, day: date, counts: Sequence[int], *, gaps: Sequence[int] = ()
) -> Released:
    """Publish a day of a sensor's counts with noise; a named person does it, and it is drawn once.

    `gaps`: seconds of each window for which messages are missing (`gaps.gap_seconds`).

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
        made = release_day(id, day, counts, ports, gaps)
        known = next((each for each in released(kernel, id) if each.day == day), None)
        if known is None:
            body = {"sensor": id, "day": day.isoformat(), "windows": list(made.windows), "total": made.total}
            body |= {"gaps": list(made.gaps)} if made.gaps else {}
            office_records.keep(kernel, by, "sensor_release", body, sensor=id, day=day.isoformat())
            kernel.release.published(shown_number(kernel, id), released_rows(kernel, id))
        return known or made


def released_rows(kernel: Kernel, id: str) -> list[dict[str, Any]]:
    """Every released window and day of a sensor, as rows that anybody may read (`storage/released_rows`).

    `part`: the window's number, -1 for the whole day; `at`: its start, seconds since 1970. O(released days)."""
    return laid_out(kernel, id, released(kernel, id))


def laid_out(kernel: Kernel, id: str, days: Sequence[Released]) -> list[dict[str, Any]]:
    """The same of these days of the sensor. O(windows)."""
    listed = the_register(kernel).get(id)
    if listed is None:
        return []
    s = listed.sensor
    of = {"sensor": listed.number, "name": s.title, "area": s.area, "kind": s.kind}
    made = []
    for each in days:
        midnight = datetime(each.day.year, each.day.month, each.day.day, tzinfo=UTC)
        day, at, width = each.day.isoformat(), int(midnight.timestamp()), each.window_seconds
        made.append({**of, "day": day, "part": -1, "at": at, "value": each.total, "gap": sum(each.missing)})
        made += [
            {**of, "day": day, "part": part, "at": at + part * width, "value": value, "gap": gap}
            for part, (value, gap) in enumerate(zip(each.windows, each.missing, strict=True))
        ]
    return made


def released(kernel: Kernel, id: str) -> tuple[Released, ...]:
    """Every day of a sensor that was released. O(released days of all sensors)."""
    return released_by_sensor(kernel).get(id, ())


def released_by_sensor(kernel: Kernel) -> dict[str, tuple[Released, ...]]:
    """Every day that was released, by sensor. O(released days)."""
    found: dict[str, list[Released]] = {}
    for _, made in office_records.records_of(kernel, "sensor_release"):
        body = made.body
        day = Released(
            sensor=body["sensor"],
            day=date.fromisoformat(body["day"]),
            windows=tuple(body["windows"]),
            total=body["total"],
            gaps=tuple(body.get("gaps", ())),
        )
        found.setdefault(day.sensor, []).append(day)
    return {sensor: tuple(days) for sensor, days in found.items()}
