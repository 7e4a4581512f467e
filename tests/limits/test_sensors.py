"""Attempts to get a household out as something else: kinds fix what is measured, two people state how many homes."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, desk
from labels import adopt, register_in_area
from sensing import a_sensor

from peelian.errors import InputError, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.records.sensor_register import register
from peelian.oversight.sensor_gate import SensorGate, collect

DECLARED = Declaration(
    title="Readings", purposes=("audit", "oversight"), legal_basis="none", minimisation="none", retention_days=30,
    source="a hostile town",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    made = desk(None)
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, ["Centre"], homes=200)
    return made


def take(town: Desk, tmp_path: Path, value: str, **options: str) -> Admission:
    rows = "".join(f"2026-02-{d:02d} {h:02d}:00,{value}\n" for d in range(1, 29) for h in range(24))
    file = tmp_path / "readings.csv"
    file.write_text("time,value\n" + rows, encoding="utf-8")
    return town.office.admit(town.people["custodian"], file, DECLARED, format="sensor-counts", options=options)


@pytest.mark.parametrize("measure", ["vehicles", "people", "occupants", "noise"])
def test_a_household_s_energy_declared_as_something_else(town: Desk, tmp_path: Path, measure: str) -> None:
    register_in_area(town.kernel, town.people, a_sensor(id="feeder-1", kind="energy_area", homes=200, format=""))
    with pytest.raises(InputError, match="no registered sensor measures this"):
        take(town, tmp_path, "3", measure=measure, area="Centre")
    assert not town.kernel.state.datasets


def test_readings_of_no_place_at_all(town: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="area not in the register"):
        take(town, tmp_path, "3", measure="vehicles")


def test_three_homes_said_to_be_two_hundred(town: Desk, tmp_path: Path) -> None:
    register_in_area(town.kernel, town.people, a_sensor(id="feeder-1", kind="energy_area", homes=200, format=""))
    with pytest.raises(InputError, match="does not fit the number of homes"):
        take(town, tmp_path, "2.6", measure="energy", homes="200", largest_share="0.05", area="Centre")


def test_more_homes_than_two_people_stated(town: Desk, tmp_path: Path) -> None:
    register_in_area(town.kernel, town.people, a_sensor(id="feeder-1", kind="energy_area", homes=200, format=""))
    with pytest.raises(InputError, match="more homes than stated"):
        take(town, tmp_path, "260", measure="energy", homes="201", largest_share="0.05", area="Centre")
    with pytest.raises(InputError, match="more homes than stated"):
        sensor = a_sensor(id="feeder-2", kind="energy_area", homes=201, format="")
        register(town.kernel, town.people["custodian"], sensor)


@pytest.mark.parametrize("homes", ["1", "3", "14"])
def test_a_record_of_few_homes_without_a_warrant(town: Desk, tmp_path: Path, homes: str) -> None:
    with pytest.raises(Refused, match="needs a warrant"):
        take(town, tmp_path, "1", measure="energy", homes=homes, area="Centre")


@pytest.mark.parametrize("area", ["12 Main Street", "Jean Tremblay", "home-of-suspect"])
def test_a_sensor_for_each_home(town: Desk, area: str) -> None:
    with pytest.raises(InputError, match="area not in the register"):
        register(town.kernel, town.people["custodian"], a_sensor(id="home-1", area=area))


def test_a_meter_of_one_home_without_a_warrant(town: Desk) -> None:
    meter = a_sensor(
        id="meter-1", kind="energy_meter", personal_data=True, format="green-button", purpose="enforcement"
    )
    register_in_area(town.kernel, town.people, meter)
    with pytest.raises(Refused, match="warrant"):
        collect(town.kernel, town.people["custodian"], "meter-1", b"<feed/>")
    with pytest.raises(PeelianError):
        SensorGate(town.kernel).decode("meter-1", "", b"<feed/>")


@pytest.mark.parametrize("kind", ["plate_reader", "camera", "body_camera", "drone", "other"])
def test_a_sensor_that_follows_gets_a_format_to_speak_in(town: Desk, kind: str) -> None:
    with pytest.raises(InputError, match="do not send to the gateway"):
        register(town.kernel, town.people["custodian"], a_sensor(id="reader-1", kind=kind))


def test_a_report_without_an_authorization(town: Desk, tmp_path: Path) -> None:
    register_in_area(town.kernel, town.people, a_sensor(id="square-1"))
    data = {"windows": take(town, tmp_path, "40", measure="people", area="Centre").dataset}
    report = town.kernel.capability("sensors.report")
    with pytest.raises(Refused, match="impact assessment missing"):
        verbs.ask(
            town.kernel, town.people["analyst"], report.id, purpose="audit", params=report.asks.params(), datasets=data
        )
