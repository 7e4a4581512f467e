"""The public sensor register as pages, signs, reports and open data, and released days of counts.

What is shown is folded from the log on each look; a released day is a signed record of a named person.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.csv import write_csv

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.labels import LabelKind, middle
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor, sensor_of
from peelian.kernel.records.label_register import LabelRegister, adopted
from peelian.kernel.records.sensor_register import register, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import Listed
from peelian.kernel.state.signed_documents import must_not_be_destroyed
from peelian.measure.table import Table
from peelian.oversight.sensors.release import released
from peelian.pictures.panels import Panels, Say
from peelian.technologies.sensors.annual_report import Year, annual_panels
from peelian.technologies.sensors.chain import chain_record
from peelian.technologies.sensors.decoding import FORMATS as FORMATS
from peelian.technologies.sensors.decoding import check_declared
from peelian.technologies.sensors.impact_report import impact_panels
from peelian.technologies.sensors.open_data import (
    Shown,
    geojson,
    ngsi_flow,
    ngsi_register,
    record,
    register_table,
    released_geojson,
    released_plain,
    released_table,
)
from peelian.technologies.sensors.register_view import STATES as STATES
from peelian.technologies.sensors.register_view import facts_of, register_panels, sensor_panels
from peelian.technologies.sensors.release import Released
from peelian.technologies.sensors.sign import sign

KINDS: Mapping[str, str] = {
    "geojson": "application/geo+json",
    "jsonld": "application/ld+json",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
"""What the register leaves as, by ending, and its media type."""

DAY_KINDS: Mapping[str, str] = {"csv": "text/csv; charset=utf-8", **KINDS}
"""What a sensor's released days leave as, and its media type."""


def entries(kernel: Kernel) -> tuple[Shown, ...]:
    """Every sensor that was ever registered, with its state today; newest first. O(sensors)."""
    today, labels = kernel.now().date(), _adopted(kernel)
    found = [_shown(listed, today, labels) for listed in the_register(kernel).values()]
    return tuple(sorted(found, key=lambda each: each.since, reverse=True))


def entry(kernel: Kernel, id: str) -> Shown:
    """One sensor by its number; OutOfOrder where there is none of it."""
    return _shown(_numbered(kernel, id), kernel.now().date(), _adopted(kernel))


def _numbered(kernel: Kernel, number: str) -> Listed:
    register = the_register(kernel)
    found = register.get(number)
    if found is None or found.number != number:  # a name that an earlier version let somebody type is shown nowhere
        found = next((one for one in register.values() if one.number == number), None)
    if found is None:
        must_not_be_destroyed(kernel, kernel.state.sensors.gone.get(number, ""))
        raise OutOfOrder("No sensor with this id is registered.")
    return found


def _adopted(kernel: Kernel) -> LabelRegister:
    """The areas in force, where a sensor's point is shown as the middle of one."""
    located = any(one.sensor.located for one in the_register(kernel).values())
    return adopted(kernel) if located else LabelRegister({kind: {} for kind in LabelKind})


def facts(shown: Shown) -> dict[str, Any]:
    """Everything of one entry as plain values."""
    return record(shown)


def export(kernel: Kernel, kind: str) -> bytes:
    """The register as a file of one of KINDS."""
    shown = entries(kernel)
    if kind == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(register_table(shown).to_arrow(), sink)
        return bytes(sink.getvalue().to_pybytes())
    made: dict[str, Any] = {
        "geojson": geojson(shown),
        "jsonld": ngsi_register(shown),
        "json": [record(each) | {"chain": chain_record(each.sensor)} for each in shown],
    }
    if kind not in made:
        raise InputError("unknown export format", column=kind[:20], accepted=", ".join(KINDS))
    return json.dumps(made[kind], ensure_ascii=False, indent=1).encode()


def registered(kernel: Kernel, by: Operator, body: Mapping[str, Any]) -> Listed:
    """Put a sensor into the register from its facts by name; InputError where one is missing, unknown or wrong."""
    sensor = sensor_of(body)
    can_speak(sensor)
    return register(kernel, by, sensor)


def can_speak(sensor: Sensor) -> None:
    """InputError where an entry says that a sensor speaks in a way the gateway does not read."""
    if not sensor.format:
        return
    if sensor.format not in FORMATS:
        raise InputError("unknown format", column="format", accepted=", ".join(FORMATS))
    if sensor.kind not in FORMATS[sensor.format][0]:
        kinds = ", ".join(sorted(FORMATS[sensor.format][0]))
        raise InputError(
            "format not supported by sensors of this kind", column="format", accepted=f"{sensor.format}: {kinds}"
        )
    check_declared(sensor)


def listed_sensors(kernel: Kernel) -> Table:
    return register_table(entries(kernel))


def sign_of(kernel: Kernel, id: str, say: Say, address: str = "") -> str:
    """The printable sign of a sensor, as SVG."""
    return sign(entry(kernel, id).sensor, say, address)


def page(kernel: Kernel, say: Say, listed: Sequence[Shown] | None = None) -> Panels:
    """The register of sensors; only those `listed` stand in its table."""
    return register_panels(entries(kernel), say, listed)


def sensor_page(kernel: Kernel, id: str, say: Say) -> tuple[Shown, list[tuple[str, str]], Panels]:
    """One sensor's page: its entry, its facts, and the rest as panels."""
    shown = entry(kernel, id)
    return shown, facts_of(shown, say), sensor_panels(shown, _released(kernel, id), say)


def _released(kernel: Kernel, number: str) -> tuple[Released, ...]:
    """The released days of a sensor, under its number."""
    return tuple(replace(day, sensor=number) for day in released(kernel, _numbered(kernel, number).sensor.id))


def impact_report(kernel: Kernel, answers: Mapping[str, str], say: Say) -> Panels:
    """The surveillance impact report, as far as register and answers go."""
    return impact_panels(entries(kernel), answers, say)


def annual_report(kernel: Kernel, year: int, answers: Mapping[str, str], say: Say) -> Panels:
    """The annual report: what the log says of the year. O(entries)."""
    return annual_panels(year_of(kernel, year), answers, say)


def year_of(kernel: Kernel, year: int) -> Year:
    """What the log says of a year. O(entries)."""
    tally: Counter[str] = Counter()
    for _, each in kernel.stores.log.read():
        if str(each["t"]).startswith(f"{year:04d}-"):
            tally[_counted(each)] += 1
    live = tuple(each for each in entries(kernel) if each.since[:4] <= f"{year:04d}" <= each.sensor.ends[:4])
    return Year(
        year=year,
        entries=live,
        registered=tally["registered"],
        renewed=tally["renewed"],
        ended=tally["SENSOR_ENDED"],
        released_days=tally["SENSOR_RELEASED"],
        warrants=tally["warrant"],
        breaches=tally["INCIDENT"],
        suspensions=tally["suspended"],
        deliveries=tally["DELIVERED"],
    )


def released_days(kernel: Kernel, id: str, kind: str) -> bytes:
    """A sensor's released days in one of `DAY_KINDS`; OutOfOrder where there is no such sensor. O(released days)."""
    shown, days = entry(kernel, id), _released(kernel, id)
    if kind in ("csv", "parquet"):
        sink = pa.BufferOutputStream()
        (write_csv if kind == "csv" else pq.write_table)(released_table(days), sink)
        return bytes(sink.getvalue().to_pybytes())
    made: dict[str, Any] = {
        "json": released_plain(days),
        "jsonld": [entity for day in days for entity in ngsi_flow(day, shown.sensor)],
        "geojson": released_geojson(days, shown),
    }
    if kind not in made:
        raise InputError("unknown format for counts", column=kind[:20], accepted=", ".join(DAY_KINDS))
    return json.dumps(made[kind], ensure_ascii=False, indent=1).encode()


def _shown(listed: Listed, today: date, labels: LabelRegister) -> Shown:
    """What the public see of an entry: its number, and the middle of its area in the place of its point."""
    lon, lat = None, None
    if listed.sensor.located and (area := labels.find(LabelKind.AREA, listed.sensor.area)):
        lon, lat = middle(area.ground)
    return Shown(
        sensor=replace(listed.sensor, id=listed.number, lon=lon, lat=lat),
        since=listed.since,
        state=listed.state(today),
        renewals=listed.renewals,
        proven_from=listed.proven_from.date().isoformat(),
        overdue=listed.overdue(today),
    )


def _counted(each: Mapping[str, Any]) -> str:
    kind = str(each["kind"])
    if kind == "SENSOR_REGISTERED":
        return "renewed" if "before" in each else "registered"
    if (
        kind == "ISSUED"
        and each.get("authorization") == "warrant"
        and str(each.get("serves", "")).startswith("sensors.")
    ):
        return "warrant"
    return "suspended" if kind == "SUSPENDED" and each.get("technology") == "sensors" else kind
