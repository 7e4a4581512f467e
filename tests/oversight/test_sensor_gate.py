"""The register at the gateway: who may speak, windows, and finer data that a warrant opens and a refusal destroys."""

from __future__ import annotations

import dataclasses
import logging
import math
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from court import signed_warrant
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor
from suspending import lift, suspend

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.enrolment import agreed_at_once, enrol
from peelian.kernel.identity.revocation import retire
from peelian.kernel.model.capability import Purpose, Role
from peelian.kernel.model.documents import digest_of
from peelian.kernel.records.sensor_register import end, the_register
from peelian.kernel.verbs import warrant_lifecycle
from peelian.kernel.verbs.authorizations import revoke
from peelian.operations.office import technologies
from peelian.oversight.sensors import gate as sensor_gate
from peelian.oversight.sensors.gate import SensorGate, amounts_of, collect, store, windows_table
from peelian.oversight.sensors.warrants import used_of, warrant_of
from peelian.technologies.sensors.windows import Window

METER = a_sensor(
    id="meter-1",
    kind="energy_meter",
    title="Meter of one home",
    owner="Utility",
    contact="utility@town.invalid",
    purpose="enforcement",
    why="Under a warrant only.",
    personal_data=True,
    format="green-button",
)
SOUND = dataclasses.replace(
    METER, id="sound-1", kind="sound_meter", title="Sound meter", purpose="noise", personal_data=False, format="ngsi-ld"
)
BODY: dict[str, Any] = {
    "status": "confirmed",
    "reference": "2026-17",
    "cells": "Centre",
    "sensors": "meter-1",
    "operations": "energy-single-meter",
    "count": 3,
}


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    for sensor in (METER, SOUND):
        register_in_area(made.kernel, made.people, sensor)
    return made


def feed(at: datetime, *values: int) -> bytes:
    start = int(at.timestamp()) // 3600 * 3600
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>3600</duration><start>{start + 3600 * i}</start></timePeriod>"
        f"<value>{value}</value></IntervalReading>"
        for i, value in enumerate(values)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="RetailCustomer/1/UsagePoint/1"/><content>'
        '<UsagePoint xmlns="http://naesb.org/espi"/></content></entry><entry><content>'
        '<ReadingType xmlns="http://naesb.org/espi"><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom>'
        '</ReadingType></content></entry><entry><content><IntervalBlock xmlns="http://naesb.org/espi">'
        f"{readings}</IntervalBlock></content></entry></feed>"
    ).encode()


def noise(at: datetime, level: float) -> bytes:
    return (
        '{"id":"n","type":"NoiseLevelObserved","dateObservedFrom":"'
        f'{at.isoformat()}","dateObservedTo":"{(at + timedelta(seconds=1)).isoformat()}","LAeq":{level}}}'
    ).encode()


def warrant(town: Desk, **change: Any) -> Any:
    return signed_warrant(town, BODY | change, purposes=(Purpose.AUDIT, Purpose.OVERSIGHT))


def test_only_a_registered_sensor_is_read_and_an_ended_one_is_refused_at_once(town: Desk) -> None:
    gate = SensorGate(town.kernel)
    message = noise(town.kernel.now(), 55.0)
    assert gate.decode("sound-1", "", message)[0].values["laeq"] == 55.0
    with pytest.raises(Refused, match="not registered"):
        gate.decode("sound-2", "", message)
    end(town.kernel, town.people["custodian"], "sound-1", "removed")
    with pytest.raises(Refused, match="ended"):
        gate.decode("sound-1", "", noise(town.kernel.now(), 55.0))


def test_windows_are_gathered_and_sealed_as_hours_for_90_days(town: Desk) -> None:
    gate = SensorGate(town.kernel)
    for _ in range(3):
        gate.keep(gate.decode("sound-1", "", noise(town.kernel.now(), 60.0)))
    assert gate.closed() == () and not gate.proven("sound-1")
    town.clock.days(0.1)
    windows = gate.closed()
    made = store(town.kernel, town.people["custodian"], windows, the_register(town.kernel))
    assert made.rows == 1 and made.declaration["retention_days"] == 90
    town.clock.days(28)
    assert gate.proven("sound-1")


def test_a_single_home_is_read_under_a_warrant_only_and_every_reading_counts(town: Desk) -> None:
    gate, now = SensorGate(town.kernel), town.kernel.now()
    with pytest.raises(Refused, match="no warrant"):
        gate.decode("meter-1", "", feed(now, 1))
    warrant(town)
    later = town.kernel.now() + timedelta(hours=4)
    town.clock.now = later
    assert len(gate.decode("meter-1", "", feed(later, 1))) == 1
    opened = warrant_of(town.kernel, METER)
    assert opened and used_of(town.kernel, opened.root) == 1
    gate.keep(gate.decode("meter-1", "", feed(later, 1)))
    assert not gate.gathering.open, "a home's readings are in no window"
    with pytest.raises(Refused, match="used up"):
        gate.decode("meter-1", "", feed(later - timedelta(hours=2), 1, 1))


@pytest.mark.parametrize("change", [{"sensors": "meter-2"}, {"cells": "North"}, {"operations": "another"}])
def test_a_warrant_for_something_else_opens_nothing(town: Desk, change: dict[str, str]) -> None:
    warrant(town, **change)
    town.clock.now += timedelta(hours=1)
    with pytest.raises(Refused):
        SensorGate(town.kernel).decode("meter-1", "", feed(town.kernel.now(), 1))


def test_a_refusal_destroys_what_was_collected(town: Desk) -> None:
    authorization = warrant(town, status="provisional")
    town.clock.now += timedelta(hours=1)
    made = collect(town.kernel, town.people["custodian"], "meter-1", feed(town.kernel.now(), 7))
    assert made.dataset in town.kernel.state.datasets
    words = "The court found no ground."
    assert (
        warrant_lifecycle.refuse(town.kernel, town.people["privacy-officer"], digest_of(authorization), words=words)
        >= 1
    )
    with pytest.raises((OutOfOrder, KeyError, Refused)):
        ask = town.kernel.capability("sensors.report")
        permit = verbs.ask(
            town.kernel,
            town.people["analyst"],
            ask.id,
            purpose="audit",
            params=ask.asks.params(),
            datasets={"windows": made.dataset},
        )
        verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(Refused):
        collect(town.kernel, town.people["custodian"], "meter-1", feed(town.kernel.now(), 7))


def test_the_entry_that_admits_what_was_collected_names_the_warrant_itself(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorization = warrant(town, status="provisional")
    town.clock.now += timedelta(hours=1)

    def cut(*_: Any) -> None:
        raise KeyboardInterrupt  # the power goes before the entry after it

    monkeypatch.setattr(sensor_gate, "collected_as", cut)
    with pytest.raises(KeyboardInterrupt):
        collect(town.kernel, town.people["custodian"], "meter-1", feed(town.kernel.now(), 7))
    monkeypatch.undo()
    (dataset,) = town.kernel.state.datasets
    warrant_lifecycle.refuse(
        town.kernel, town.people["privacy-officer"], digest_of(authorization), words="The court found no ground."
    )
    assert dataset in town.kernel.state.destroyed


def test_the_kill_switch_stops_what_comes_in(town: Desk) -> None:
    gate = SensorGate(town.kernel)
    warrant(town)
    suspend(town.kernel, town.people["board"], "sensors")
    town.clock.now += timedelta(hours=1)
    for sensor, message in (("sound-1", noise(town.kernel.now(), 55.0)), ("meter-1", feed(town.kernel.now(), 7))):
        with pytest.raises(Refused, match="suspended"):
            gate.decode(sensor, "", message)
    with pytest.raises(Refused, match="suspended"):
        collect(town.kernel, town.people["custodian"], "meter-1", feed(town.kernel.now(), 7))
    assert "COLLECTED" not in town.kinds()
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "sensors")
    assert gate.decode("sound-1", "", noise(town.kernel.now(), 55.0))


def test_without_a_warrant_nothing_is_collected(town: Desk) -> None:
    with pytest.raises(Refused, match="no valid warrant"):
        collect(town.kernel, town.people["custodian"], "meter-1", feed(town.kernel.now(), 7))
    assert "COLLECTED" not in town.kinds() and "ADMITTED" not in town.kinds()


def test_an_hour_of_several_sensors_holds_as_many_homes_as_the_smallest_of_them(town: Desk) -> None:
    """The fewest homes and the largest share behind it decide whether it may be shown."""
    of = {"a": (30, 0.1), "b": (5, 0.4), "c": (80, 0.02)}
    sensors = {
        id: dataclasses.replace(METER, id=id, kind="energy_area", homes=homes, largest_share=share)
        for id, (homes, share) in of.items()
    }
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    windows = [Window(sensor=id, measure="energy", start=start, n=1, kwh=2.0) for id in sensors]
    made = windows_table(windows, sensors)
    assert [(made["homes"][0], made["largest_share"][0], made["kwh"][0])] == [(5, 0.4, 6.0)] and len(made) == 1


def test_a_warrant_that_ends_while_a_message_is_read_opens_nothing(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, made, read = town.kernel, warrant(town), sensor_gate.decode
    town.clock.now += timedelta(hours=4)
    gate, body = SensorGate(kernel), feed(town.kernel.now(), 1)
    assert len(gate.decode("meter-1", "", body)) == 1

    def slow(*of: Any) -> Any:
        readings = read(*of)
        revoke(kernel, town.people["privacy-officer"], made)
        return readings

    monkeypatch.setattr(sensor_gate, "decode", slow)
    with pytest.raises(Refused, match="no valid warrant"):
        gate.decode("meter-1", "", body)


def test_no_windows_make_an_empty_table() -> None:
    assert len(windows_table((), {})) == 0


def test_a_planted_reading_is_in_no_file_no_log_and_no_message(tmp_path: Path, caplog: Any, monkeypatch: Any) -> None:
    """The canary: a level and a plate nobody else would send, through everything that can be read afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    town = desk(technologies())
    register_in_area(town.kernel, town.people, SOUND)
    gate, told = SensorGate(town.kernel), []
    with caplog.at_level(logging.DEBUG):
        gate.keep(gate.decode("sound-1", "", noise(town.kernel.now(), 57.123456)))
        gate.keep(gate.decode("sound-1", "", noise(town.kernel.now(), 48.0)))
        for bad in (
            b'{"plate":"ZQX-9171","id":"n"}',
            noise(town.kernel.now(), 57.123456)[:-1] + b',"plate":"ZQX-9171"}',
        ):
            with pytest.raises((Refused, InputError)) as error:
                gate.decode("sound-1", "", bad)
            told.append(str(error.value))
        town.clock.days(0.1)
        store(town.kernel, town.people["custodian"], gate.closed(), the_register(town.kernel))
    log = "".join(str(dict(entry)) for _, entry in town.kernel.stores.log.read())
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for canary in ("57.123456", "ZQX-9171"):
        assert canary not in log and canary not in caplog.text and canary not in "".join(told)
        assert canary.encode() not in files and canary not in repr(gate.gathering)


def test_a_warrant_whose_signer_left_or_lost_the_role_opens_nothing(town: Desk) -> None:
    """As the policy has it for every authorization: nobody stands behind it any more."""
    warrant(town)
    officer, gate = town.people["board"].person, SensorGate(town.kernel)
    two = {"by": town.people["custodian"], "second": town.people["privacy-officer"]}
    town.office.enrol("deputy", name="Deputy", unit="deputies", roles={Role.BOARD}, **two)
    town.clock.now += timedelta(hours=1)
    assert warrant_of(town.kernel, METER)
    enrol(town.kernel, dataclasses.replace(officer, roles=frozenset({Role.CLERK})), by=town.people["custodian"])
    assert warrant_of(town.kernel, METER) is None
    custodian = town.people["custodian"]
    again = agreed_at_once(town.kernel, officer, by=custodian, second=town.people["privacy-officer"])
    enrol(town.kernel, officer, by=custodian, proposal=again)
    assert warrant_of(town.kernel, METER)
    retire(town.kernel, town.people["privacy-officer"], officer.token)
    with pytest.raises(Refused, match="no warrant"):
        gate.decode("meter-1", "", feed(town.kernel.now(), 1))
    assert "COLLECTED" not in town.kinds()


def test_energy_that_is_a_running_total_gives_no_figure_and_is_said_in_the_log(town: Desk) -> None:
    """381.7, 381.8, 381.9 declared as amounts: no figure, where 1,145.4 kWh were published; honest amounts stay."""
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    total, honest = (381.7, 381.8, 381.9), (81.0, 79.5, 80.25)
    windows = [
        Window(sensor=sensor, measure="energy", start=at + timedelta(hours=n), n=1, kwh=kwh)
        for sensor, told in ((SOUND.id, total), ("area-2", honest))  # of a number in the register
        for n, kwh in enumerate(told)
    ]
    made = amounts_of(town.kernel, windows)
    known = [one.kwh for one in made if one.sensor == "area-2"]
    assert known == list(honest) and all(math.isnan(one.kwh) for one in made if one.sensor == SOUND.id)
    told = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "MESSAGE_REFUSED"]
    assert [(entry["sensor"], entry["field"]) for entry in told] == [(SOUND.id, "kwh")]
