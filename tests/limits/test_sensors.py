"""Attempts to get a household out as something else: kinds fix what is measured, two people state how many homes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from attempts import ARABIC, WIDE, attempts, disguises, letters, not_seen, persons
from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st
from labels import adopt, own_square, register_in_area
from sensing import FEED, a_sensor
from sensor_payloads import PAYLOADS, Payload, objects

from peelian.errors import InputError, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary, middle
from peelian.kernel.model.sensors import KINDS, SPEAKING
from peelian.kernel.records.sensor_register import register, the_register
from peelian.kernel.verbs.sensor_batches import propose_sensors
from peelian.oversight.sensors.gate import SensorGate, collect
from peelian.oversight.sensors.register import entry, export
from peelian.technologies.sensors.decoding import Arrival, decode
from peelian.technologies.sensors.espi import decode_espi
from peelian.technologies.sensors.warrants import scope_of

DECLARED = Declaration(
    title="Readings", purposes=("audit", "oversight"), legal_basis="none", minimisation="none", retention_days=30,
    source="a hostile town",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    made = desk(None)
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, ["Centre"], homes=200)
    return made


def take(town: Desk, tmp_path: Path, value: str, days: int = 28, **options: str) -> Admission:
    rows = "".join(f"2026-02-{d:02d} {h:02d}:00,{value}\n" for d in range(1, days + 1) for h in range(24))
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


@pytest.mark.parametrize("kind", sorted(set(KINDS) - SPEAKING))
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


@pytest.fixture(scope="module")
def fed() -> Desk:
    """A town in which two people stated 200 homes of one area, with the public sensor of its energy."""
    made = desk(None)
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, ["Centre"], homes=200)
    register_in_area(made.kernel, made.people, a_sensor(id="feeder-1", kind="energy_area", homes=200, format=""))
    return made


NO_COUNTS = ["", "1e2", "200.0", "0x64", "+200", " 200", "2_00", "nan", "-0", "000000200", "0" * 8 + "2" * 30]
NO_COUNTS += ["000000015" + "0" * n for n in (3, 30, 5_000)] + ["200".translate(WIDE), "200".translate(ARABIC), "²"]
MEASURES = ["energy", "Energy", "energy ", "kWh", "énergie", "energy\u200b", "vehicles", "people", "occupants", "noise"]


HOMES = st.integers(-1, 220).map(str)
EACH = st.floats(0.03, 0.06) | st.floats(0, 40) | st.sampled_from(["inf", "nan", "1e400", "0x1p4", "-1", "1e308"])
ENERGY = {"measure": "energy", "homes": "200", "largest_share": "0.05", "area": "Centre"}
SAID = {
    "measure": st.sampled_from(MEASURES),
    "homes": st.sampled_from(["14", "15", "201"]) | st.sampled_from(NO_COUNTS) | HOMES,
    "largest_share": st.sampled_from(["0", "1", "nan", "-0.1", "1.1", "5%"]), "area": disguises("Centre") | persons,
}  # fmt: skip


@attempts(120)
@given(st.data(), st.sets(st.sampled_from(sorted(SAID)), max_size=2), EACH)
def test_no_reading_of_few_homes_comes_in(
    fed: Desk, tmp_path: Path, data: st.DataObject, changed: set[str], each: float | str
) -> None:
    """What comes in is energy of 15 to 200 homes that is plausible for so many; all else is refused in words."""
    said = ENERGY | {"homes": data.draw(st.sampled_from(["14", "15", "200"]))}
    said |= {name: data.draw(SAID[name]) for name in sorted(changed)}
    homes = int(said["homes"]) if said["homes"].isdecimal() and len(said["homes"]) < 4 else 9
    value, before = each if isinstance(each, str) else f"{each * homes:.4f}", len(fed.kernel.state.datasets)
    try:
        take(fed, tmp_path, value, 2, **said)
    except PeelianError as error:
        assert str(error) and len(fed.kernel.state.datasets) == before
    else:
        assert said["measure"] == "energy" and letters(said["area"]) == "centre" and not not_seen(said["area"])
        assert 15 <= int(said["homes"]) <= 200 and 0.0499 <= float(value) / homes <= 30.001


@attempts(40)
@given(persons, st.sampled_from([kind for kind in KINDS if kind not in SPEAKING]), st.text(min_size=1, max_size=20))
def test_no_sensor_is_of_a_home_or_speaks_of_persons(fed: Desk, area: str, kind: str, format: str) -> None:
    for sensor in (a_sensor(id="home-1", area=area), a_sensor(id="home-1", kind=kind, format=format)):
        with pytest.raises(InputError) as error:
            register(fed.kernel, fed.people["custodian"], sensor)
        assert error.value.accepted and area not in str(error.value)


HOLDS = st.sampled_from(["count", "towards", "occupants", "vehicles", "laeq", "celsius", "kwh"])
FIELDS = ["kenteken", "placa", "nummernschild", "card_no", "epc", "tag_uid", "n", "plate", "imei", "matricule"]
PLATES = st.from_regex(r"[A-Z]{1,3}[- ]?[0-9]{1,4}[- ]?[A-Z]{0,2}", fullmatch=True)
NUMBERS = st.one_of(
    PLATES,
    st.from_regex(r"([0-9A-F]{2}:){5}[0-9A-F]{2}", fullmatch=True),  # a device's address
    st.from_regex(r"E2[0-9A-F]{22}", fullmatch=True),  # a tag's
    st.integers(10**14, 10**15 - 1),  # a telephone's
    st.integers(2 * 10**9, 10**10),  # its number
    st.integers(10**6, 10**8).map(str),  # a card's, a badge's
)


@attempts(150)
@given(st.sampled_from(FIELDS), st.sampled_from(["csv", "json", "senml", "ttn-v3"]), HOLDS, NUMBERS)
def test_no_declaration_lets_a_number_of_somebody_in(name: str, format: str, holds: str, number: Any) -> None:
    """Whatever the field is called, in whatever language: what comes in is a number of its kind and range."""
    kind = {"vehicles": "traffic_counter", "laeq": "sound_meter", "celsius": "weather_station", "kwh": "energy_area"}
    sensor = a_sensor(
        kind=kind.get(holds, "people_counter"), format=format, columns={name: holds, "t": "time"}, homes=15
    )
    at = "2026-03-01T10:00:00Z"
    if format == "csv":
        message = f"t,{name}\n{at},{number}\n"
    elif format == "senml":
        sensor = a_sensor(kind=sensor.kind, format=format, columns={name: holds}, homes=15)
        value = {"vs": number} if isinstance(number, str) else {"v": number}
        message = json.dumps([{"n": name, "t": FIRST.timestamp(), **value}])
    else:
        message = json.dumps({"t": at, name: number})
    with pytest.raises(PeelianError) as told:
        decode(format, message.encode(), sensor, Arrival(received=FIRST))
    assert str(number) not in str(told.value)


def test_a_short_number_is_a_count_and_nothing_else() -> None:
    """Conceded: four digits of a card under a harmless name are so many passages."""
    sensor = a_sensor(kind="people_counter", format="json", columns={"card_no": "count", "t": "time"})
    message = json.dumps({"t": "2026-03-01T10:00:00Z", "card_no": 4711}).encode()
    (reading,) = decode("json", message, sensor, Arrival(received=FIRST))
    assert reading.values == {"count": 4711.0}


@attempts(200)
@given(
    st.sampled_from(PAYLOADS), st.text(max_size=20), st.integers(0, 30), st.none() | st.integers() | st.text(max_size=9)
)
def test_no_undeclared_field_comes_in(one: Payload, name: str, at: int, value: Any) -> None:
    if isinstance(one.message, bytes):
        return
    message = json.loads(one.data)
    places = objects(message)
    place = places[at % len(places)]
    sensor = a_sensor(kind=one.kind, **{**one.more, "format": one.format})
    name = f"{name}Q7"  # no model has such a field
    place[name] = value
    with pytest.raises(PeelianError):
        decode(one.format, json.dumps(message).encode(), sensor, Arrival(topic=one.topic, received=FIRST))


WARRANT = {
    "status": "confirmed", "window": "2026-02-28T00:00:00Z/2026-04-01T00:00:00Z", "cells": "Centre", "count": 2,
    "sensors": "meter-1", "operations": "energy-single-meter",
}  # fmt: skip
LISTS = ("cells", "sensors", "operations")
FIRST = datetime(2026, 3, 1, 10, tzinfo=UTC)  # of the two readings, an hour apart
LATE = st.integers(1, 10**6).map(lambda n: f"{FIRST + timedelta(seconds=n)}/2027-01-01T00:00:00Z")
EARLY = (st.just(0) | st.integers(0, 10**6)).map(
    lambda n: f"2026-01-01T00:00:00Z/{FIRST + timedelta(seconds=3600 - n)}"
)
OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["refused", "ended", "", "Confirmed", "confirmed ", "none"]),
    "count": st.integers(max_value=1) | st.sampled_from(["2", "9", True, 2.0, None]),
    "window": LATE | EARLY | st.sampled_from(["", "/", "2026-01-01/2027-01-01", "2027-01-01T00:00Z/2026-01-01T00:00Z"]),
    **{name: disguises(str(WARRANT[name])).filter(lambda text: "," not in text) for name in LISTS},
}


@attempts(300)
@given(st.data(), st.sets(st.sampled_from(sorted(OTHERS)), max_size=2), st.just(0) | st.integers(0, 5))
def test_no_other_warrant_opens_the_meter_of_a_home(data: st.DataObject, changed: set[str], used: int) -> None:
    body = WARRANT | {name: data.draw(OTHERS[name]) for name in sorted(changed)}
    meter = a_sensor(id="meter-1", kind="energy_meter", personal_data=True, format="")
    same = {name: str(body[name]).strip() for name in LISTS}
    if not used and body | same == WARRANT and type(body["count"]) is int:
        assert len(decode_espi(FEED, meter, scope_of(body), used)) == 2
        return
    with pytest.raises(PeelianError) as error:
        decode_espi(FEED, meter, scope_of(body), used)
    assert str(error.value)


@pytest.mark.parametrize("id", ["jane-doe-12-main-street", "tel-416-555-0199", "plate-abkz-471", "s1234567", "xy"])
def test_a_typed_name_for_a_sensor(fed: Desk, id: str) -> None:
    before = set(the_register(fed.kernel))
    with pytest.raises(InputError, match="a sensor's number is not typed") as error:
        register(fed.kernel, fed.people["custodian"], a_sensor(id=id, kind="sound_meter", drawn=False))
    assert id not in str(error.value) and set(the_register(fed.kernel)) == before
    with pytest.raises(InputError, match="not typed"):
        propose_sensors(fed.kernel, fed.people["custodian"], (a_sensor(id=id, drawn=False),), words="one two three")


def test_the_office_draws_numbers_that_say_nothing(town: Desk) -> None:
    plain = a_sensor(id="", drawn=False)
    made = [register(town.kernel, town.people["custodian"], plain).sensor.id for _ in range(20)]
    assert len(set(made)) == 20 and all(re.fullmatch(r"s\d{7}", one) for one in made)


def test_a_sensor_is_no_area_of_a_file(town: Desk, tmp_path: Path) -> None:
    number = register(town.kernel, town.people["custodian"], a_sensor(id="", drawn=False)).sensor.id
    with pytest.raises(InputError, match="area not in the register"):
        take(town, tmp_path, "40", measure="people", area=number)
    assert not town.kernel.state.datasets


WORDS = [
    "Jane Doe, 416-555-0199",
    "jane.doe@home.example",
    "tel. 4165550199",
    "+1 (416) 555-0199",
    "ask ４１６-５５５-０１９９",
]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("name", ["title", "why", "owner", "place", "mounted_on", "vendor"])
def test_a_person_s_contact_in_the_words_of_a_sensor(town: Desk, name: str, words: str) -> None:
    with pytest.raises(InputError, match="in a text that is published") as error:
        register(town.kernel, town.people["custodian"], a_sensor(id="", drawn=False, **{name: words}))
    assert error.value.column == name and not the_register(town.kernel)


def test_the_public_sees_the_middle_of_the_area_and_no_finer_point(town: Desk) -> None:
    door = a_sensor(id="", drawn=False, lon=-80.99912345, lat=43.00312345)
    number = register(town.kernel, town.people["custodian"], door).sensor.id
    shown = entry(town.kernel, number).sensor
    assert (shown.lon, shown.lat) == middle(own_square("Centre")) != (door.lon, door.lat)
    assert b"99912" not in export(town.kernel, "geojson") and b"99912" not in export(town.kernel, "jsonld")


def test_a_sensor_in_an_area_where_people_live_alone(town: Desk) -> None:
    homes = Label(label="North end", people=400, homes=150, ground=own_square("North end"))
    adopt_labels(town, homes)
    with pytest.raises(InputError, match="area without a public function"):
        register(town.kernel, town.people["custodian"], a_sensor(id="", drawn=False, area="North end"))


SQUARE = shapely.from_wkt(own_square("a map of feeders"))
WEST, SOUTH, EAST, NORTH = SQUARE.bounds
HOME = shapely.box(EAST - 0.0002, NORTH - 0.00015, EAST, NORTH)
OF_ANOTHER_AREA = {
    "the same but one home (the attempt)": shapely.difference(SQUARE, HOME),
    "the same and one home more": shapely.union_all([SQUARE, shapely.box(EAST, NORTH - 0.00015, EAST + 0.0002, NORTH)]),
    "half of it": shapely.box(WEST, SOUTH, (WEST + EAST) / 2, NORTH),
    "nested in it": SQUARE.buffer(-0.001),
    "a strip of 30 m of it": shapely.box(EAST - 0.0004, SOUTH, EAST + 0.004, NORTH),
}


@pytest.mark.parametrize("other", OF_ANOTHER_AREA.values(), ids=OF_ANOTHER_AREA)
@pytest.mark.parametrize("kind", ["energy_area", "people_counter", "traffic_counter"])
def test_two_areas_of_one_measure_whose_difference_is_a_home(town: Desk, kind: str, other: Any) -> None:
    for label, shape in (("Feeder A", SQUARE), ("Feeder B", other)):
        wkt = str(shapely.to_wkt(shape, rounding_precision=6))
        adopt_labels(town, Label(label=label, homes=120, people=300, function="downtown", ground=wkt))
    more = {"kind": kind, "format": "", "homes": 119 if kind == "energy_area" else 0, "id": "", "drawn": False}
    first, second = (a_sensor(area=label, **more) for label in ("Feeder A", "Feeder B"))
    register(town.kernel, town.people["custodian"], first)
    with pytest.raises(InputError, match="overlaps that of another sensor of this measure"):
        register(town.kernel, town.people["custodian"], second)
    with pytest.raises(InputError, match="overlaps"):
        propose_sensors(town.kernel, town.people["custodian"], (second,), words="one two three")
    register(town.kernel, town.people["custodian"], first)  # a second sensor of the same area is none
    register(town.kernel, town.people["custodian"], a_sensor(area="Feeder B", id="", drawn=False, kind="sound_meter"))


def adopt_labels(town: Desk, *labels: Label) -> None:
    areas = Vocabulary(kind=LabelKind.AREA, source="a hostile town", labels=labels)
    proposal = propose_vocabulary(town.kernel, town.people["custodian"], areas, words="one two three")
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], proposal)
