"""The room put together: sensors of the register speak to it over HTTP, alarms leave it, and it is taken up again."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from authentication import logged_on
from broker import until
from standing_office import lines_of, message, meter, office_at, stands, until_now, watch_of
from suspending import lift, suspend
from watched import listed

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.watch import Reading
from peelian.operations.office import open_office
from peelian.operations.watch_service import feed_file, open_room, readings_of, sensor_key
from peelian.web.app import make_app


def test_a_registered_meter_speaks_by_http_and_nobody_else(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        stands(office, town, sensors={"meter-1": "square", "meter-2": "bridge"})
        meter(town, "meter-1")
        with open_room(office) as room:
            now = office.kernel.now().replace(microsecond=0)
            body = message(now, 61.7).replace(b"61.7,", b"61.71828182,")
            key = sensor_key(office.kernel, "meter-1")
            assert room.take("meter-1", key, body) == ""
            assert room.take("meter-2", key, body) == "not this sensor's key"
            assert room.take("meter-2", sensor_key(office.kernel, "meter-2"), body) == ""
            assert room.gateway.standings[0].latest == {"meter-1": now - timedelta(seconds=1)}
            assert room.gateway.tally == {"taken": 1, "refused": 1}
            fields = [e["field"] for _, e in office.kernel.stores.log.read() if e["kind"] == "MESSAGE_REFUSED"]
            assert fields == ["a-sensor-speaks-once-registered"]
    raw = re.compile(rb"61\.718|[\s:,\[\"]61\.7")  # or as it was rounded: four bytes alone come up in a sealed file
    assert raw.search(body), "it would be found as it came"
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files and not [p for p in files if raw.search(p.read_bytes())], "no raw reading on the disk"


def test_a_service_that_starts_during_a_suspension_watches_nothing_until_it_is_lifted(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        stands(office, town, sensors={"meter-1": "square"})
        meter(town, "meter-1")
        kernel, board, key = office.kernel, town.people["board"], sensor_key(office.kernel, "meter-1")
        suspend(kernel, board, "crowd")
        with open_room(office) as room:
            (standing,) = room.gateway.standings
            now = kernel.now().replace(microsecond=0)
            assert room.suspended == ["crowd"] and room.take("meter-1", key, message(now, 61.7)) == ""
            assert room.gateway.tally["not permitted"] == 1 and not standing.latest and not standing.states
            lift(kernel, town.people["privacy-officer"], board, "crowd")
            assert room.suspended == [] and room.take("meter-1", key, message(now, 61.7)) == ""
            assert standing.latest.keys() == {"meter-1"} and room.gateway.failed is None
        assert [entry["kind"] for _, entry in kernel.stores.log.read()].count("REFUSED") == 1, "said once"


def test_a_drill_is_fed_readings_of_the_last_hour_from_a_file(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        example = watch_of(office, "crowd.density").reducer().example()
        permit = stands(office, town, "crowd.density", sensors=dict(example.sensors), exercise=True)
        file = lines_of(tmp_path / "drill.jsonl", until_now(example.readings))
        record = feed_file(office, permit.case, file)
        assert record["moves"] >= 2 and record["readings"] == {"taken": len(example.readings)}
        assert {a.kind for a in office.kernel.state.alarms.floor.alarms.values()} == {"exercise"}
        assert feed_file(office, permit.case, file)["readings"].keys() <= {"again", "refilled"}
        stale = lines_of(tmp_path / "stale.jsonl", example.readings)
        assert feed_file(office, permit.case, stale)["readings"].keys() == {"late"}


def test_cap_messages_are_written_into_the_folder(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        stands(office, town, sensors={"meter-1": "square"}, exercise=True)
        meter(town, "meter-1")
        with open_room(office, cap_folder=tmp_path / "cap", most_per_second=1e6) as room:
            start = office.kernel.now().replace(microsecond=0)
            start -= timedelta(minutes=60)
            for second in range(2_600):
                level = 55.0 + (second * 7 % 11) / 10 + (18 if second > 2_400 else 0)
                room.gateway.offer("meter-1", "t", message(start + timedelta(seconds=second), level), lambda: None)
            assert until(lambda: list((tmp_path / "cap").glob("*.1.xml"))), room.gateway.tally
        assert b"<status>Exercise</status>" in next((tmp_path / "cap").glob("*.1.xml")).read_bytes()


def test_a_cameras_two_counting_rules_become_the_flow_of_a_gate_and_its_alarm(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        stands(office, town, "crowd.density", sensors={"gate-1": "north-gate"}, exercise=True)
        rules = {"IN": "towards", "Out": "away"}
        listed(town, "gate-1", 300, kind="camera_counter", format="onvif-counts", columns=rules)
        with open_room(office, most_per_second=1e6) as room:
            start = office.kernel.now().replace(microsecond=0) - timedelta(minutes=5)
            for second in range(0, 240, 2):
                for rule, total in (("IN", 1_000 + 5 * second), ("Out", 80 + second // 2)):
                    topic = f"peelian/readings/gate-1/onvif-ej/RuleEngine/CountAggregation/Counter/&1/{rule}"
                    at = (start + timedelta(seconds=second)).isoformat()
                    room.gateway.offer(
                        "gate-1",
                        topic,
                        json.dumps({"UtcTime": at, "Source": {"Rule": rule}, "Data": {"Count": str(total)}}).encode(),
                        lambda: None,
                    )
                    face = topic.replace("CountAggregation/Counter", "Recognition/Face")
                    room.gateway.offer("gate-1", face, b'{"UtcTime": "x"}', lambda: None)
            floor = office.kernel.state.alarms.floor
            assert until(lambda: [a.type for a in floor.alarms.values()] == ["gate"]), room.gateway.tally
            assert until(lambda: room.gateway.tally["refused"] == 240)
        (alarm,) = floor.alarms.values()
        assert alarm.zone == "north-gate"


def test_without_a_standing_watch_there_is_no_room(tmp_path: Path) -> None:
    office, _ = office_at(tmp_path / "office")
    with office, pytest.raises(OutOfOrder, match="This office has no watch"):
        open_room(office)


@pytest.mark.parametrize("line", ["{", "[]", '{"sensor": "a"}', '{"sensor":"a","time":"x","what":"w","values":{}}'])
def test_a_line_that_is_no_reading_is_named_by_its_row(tmp_path: Path, line: str) -> None:
    file = tmp_path / "readings.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(InputError, match="row 1"):
        list(readings_of(file))


def _counted(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
    told = json.loads(body)
    return (Reading(sensor=sensor, time=datetime.fromisoformat(told["t"]), what=told["what"], values=told["values"]),)


def test_what_one_process_measures_another_ones_pages_show_and_no_reading_lies_on_the_disk(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office, open_office(tmp_path / "office") as pages:
        sensors = {"counter-1": "square", "gate-1": "square"}
        stands(office, town, "crowd.density", sensors=sensors, exercise=True)
        kay = logged_on(make_app(pages), pages, "dispatcher")
        assert "No reading yet" in kay.get("/en/console/zones").text
        with open_room(office, decode=_counted, most_per_second=1e6) as room:
            begin = office.kernel.now().replace(microsecond=0) - timedelta(minutes=1)
            for k in range(7):
                at = {"t": (begin + timedelta(seconds=10 * k)).isoformat()}
                count = at | {"what": "occupants", "values": {"count": 1 if k % 2 else 61.71828182}}
                gate = at | {"what": "people", "values": {"count": 30, "towards": 20, "away": 10, "seconds": 10}}
                for sensor, told in (("counter-1", count), ("gate-1", gate)):
                    assert room.gateway.offer(sensor, "t", json.dumps(told).encode(), lambda: None)
                if k in (0, 6):
                    shown = f"{10 * (k + 1)} inside"
                    assert until(lambda says=shown: says in kay.get("/en/console/zones").text), room.gateway.tally
        page = kay.get("/en/console/zones").text
        assert "EXERCISE" in page and "in 120, out 60 per minute" in page
        assert "62 persons on the counted area" in page, "a mean of two"
    raw = re.compile(rb"61\.718")
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files and not [p for p in files if raw.search(p.read_bytes())]
