"""The public side of the register: pages, files, reports from the log."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor, publish

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.records.sensor_register import end, renew
from peelian.oversight.sensors import register as sensors
from peelian.pictures.words import english

ENTRY = a_sensor(lon=-79.4, lat=43.65)


@pytest.fixture
def town() -> Desk:
    made = desk(())
    register_in_area(made.kernel, made.people, ENTRY)
    return made


@pytest.mark.parametrize("kind", sorted(sensors.KINDS))
def test_the_register_leaves_in_every_form(town: Desk, kind: str) -> None:
    made = sensors.export(town.kernel, kind)
    if kind == "parquet":
        assert pq.read_table(pa.BufferReader(made)).column("id").to_pylist() == ["square-1"]
    else:
        assert "square-1" in json.dumps(json.loads(made))
    with pytest.raises(InputError, match="unknown export format"):
        sensors.export(town.kernel, "exe")


def test_pages_signs_and_reports_are_made_of_it(town: Desk) -> None:
    assert "Counter at the square" in str(sensors.page(town.kernel, english))
    shown, facts, panels = sensors.sensor_page(town.kernel, "square-1", english)
    assert len(sensors.listed_sensors(town.kernel)) == 1
    assert shown.state == "registered" and ("Owner", "Public works") in facts and panels
    assert sensors.sign_of(town.kernel, "square-1", english).startswith("<svg")
    assert sensors.impact_report(town.kernel, {}, english) and sensors.annual_report(town.kernel, 2026, {}, english)
    with pytest.raises(OutOfOrder):
        sensors.entry(town.kernel, "nowhere")


@pytest.mark.parametrize(
    "change",
    [{"format": "pickle"}, {"format": "dnms"}, {"format": "csv"}, {"format": "csv", "columns": {"a": "plate"}}],
)
def test_a_way_to_speak_that_is_not_read_is_told_at_once(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        sensors.can_speak(dataclasses.replace(ENTRY, **change))
    sensors.can_speak(dataclasses.replace(ENTRY, format="csv", columns={"t": "time", "n": "count"}))
    sensors.can_speak(dataclasses.replace(ENTRY, format=""))


def test_a_years_figures_are_the_logs(town: Desk) -> None:
    register_in_area(town.kernel, town.people, dataclasses.replace(ENTRY, id="square-2"))
    renew(town.kernel, town.people["custodian"], "square-1", "2027-06-30")
    end(town.kernel, town.people["custodian"], "square-2", "broken")
    publish(town, [20] * 96)
    year = sensors.year_of(town.kernel, 2026)
    assert (year.registered, year.renewed, year.ended, year.released_days) == (2, 1, 1, 1)
    assert sensors.year_of(town.kernel, 2025).registered == 0
