"""Sensors over a real Mosquitto with client certificates: summed, sealed by the quarter, refused whole, reported."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from broker import Mosquitto, publish, until
from desk import Desk, desk
from killed_listener import outcome
from labels import register_in_area
from sensing import a_sensor
from suspending import lift, suspend

from peelian.integrations.mqtt import Broker
from peelian.operations.office import technologies
from peelian.operations.sensor_listener import Collector, listening, not_sealed
from peelian.operations.watch_service import sensor_key
from peelian.oversight.sensors import gate as sensor_gate
from peelian.oversight.sensors.windows import counts_of_day
from peelian.oversight.watches.weather import weather_now

COUNTER = a_sensor()


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    register_in_area(made.kernel, made.people, COUNTER)
    return made


def count(town: Desk, n: int, more: str = "") -> bytes:
    at = town.kernel.now().isoformat()
    return f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{at}","peopleCount":{n}{more}}}'.encode()


def collector(town: Desk) -> Collector:
    return Collector(town.office, town.people["custodian"])


def test_messages_are_summed_refused_and_always_acknowledged(town: Desk) -> None:
    made, done = collector(town), []
    offered: list[tuple[str, bytes]] = [
        ("square-1", count(town, 20)),
        ("square-1", count(town, 22)),
        ("square-1", count(town, 20, ',"plate":"ZQX-9171"')),
        ("ZQX-9171", count(town, 20)),
        ("square-1", b"{"),
    ]
    for sensor, body in offered:
        assert made.offer(sensor, f"peelian/readings/{sensor}", body, lambda: done.append(1))
    made.work()
    assert not done, "nothing is acknowledged before a checkpoint holds it"
    made.checkpoint()
    assert len(done) == 5 and made.tally == {"taken": 2, "refused": 3}
    refusals = [dict(e) for _, e in town.kernel.stores.log.read() if e["kind"] == "MESSAGE_REFUSED"]
    assert len(refusals) == 3 and "ZQX" not in str(refusals).upper()
    assert made.seal() is None, "nothing is over yet"
    town.clock.days(0.1)
    sealed = made.seal()
    assert sealed and sealed.rows == 1 and sealed.declaration["retention_days"] == 90
    counts = counts_of_day(town.kernel, town.people["clerk"], "square-1", date(2026, 3, 2))
    assert sum(counts) == 42
    town.clock.days(1)
    assert made.seal() is None
    hours = [each for each in town.kernel.state.datasets.values() if each.shape == "windows"]
    assert len(hours) == 1, "once the day is over its hours are sealed for the report"


def test_while_sensors_are_suspended_nothing_is_counted_sealed_or_lost(town: Desk) -> None:
    made, people = collector(town), town.people
    made.begin()
    made.offer("square-1", "", count(town, 20), lambda: None)
    made.work()
    suspend(town.kernel, people["board"], "sensors")
    made.offer("square-1", "", count(town, 300), lambda: None)
    made.work()
    assert made.tally == {"taken": 1, "refused": 1}
    town.clock.now += timedelta(minutes=16)
    assert made.seal() is None and made.seal(stopping=True) is None and "ADMITTED" not in town.kinds()
    made.checkpoint()
    lift(town.kernel, people["auditor"], people["board"], "sensors")
    assert made.seal() is not None
    assert sum(counts_of_day(town.kernel, people["clerk"], "square-1", date(2026, 3, 2))) == 20
    assert "WINDOW_LOST" not in town.kinds()


def test_weather_goes_to_the_console_and_into_no_sum(town: Desk) -> None:
    station = a_sensor(id="roof-1", kind="weather_station")
    register_in_area(town.kernel, town.people, station)
    made = collector(town)
    for more in (
        '"temperature":18.0,"windSpeed":9',
        '"temperature":17.5,"windSpeed":12',
        '"temperature":9,"owner":"Jo"',
    ):
        body = count(town, 1).replace(b"CrowdFlow", b"Weather").replace(b'"peopleCount":1', more.encode())
        assert made.offer("roof-1", "peelian/readings/roof-1", body, lambda: None)
    made.checkpoint()
    assert made.tally == {"taken": 2, "refused": 1} and not made.gate.gathering.open
    (weather,) = weather_now(town.kernel)
    assert (weather.celsius, weather.wind, weather.gust) == (17.5, 12.0, None)


def test_a_clean_stop_loses_nothing(town: Desk) -> None:
    made = collector(town)
    made.begin()
    made.offer("square-1", "", count(town, 20), lambda: None)
    made.end()
    again = collector(town)
    again.begin()
    assert again.lost == "" and "WINDOW_LOST" not in town.kinds()
    assert sum(counts_of_day(town.kernel, town.people["clerk"], "square-1", date(2026, 3, 2))) == 20


def test_a_crash_loses_the_window_under_way_and_says_so(town: Desk) -> None:
    made = collector(town)
    made.begin()
    made.offer("square-1", "", count(town, 20), lambda: None)
    town.clock.now += timedelta(minutes=16)
    made.seal()
    made.offer("square-1", "", count(town, 30), lambda: None)
    again = collector(town)  # the first one is gone without a word
    again.begin()
    assert again.lost == "2026-03-02T09:15:00+00:00" and town.kinds().count("WINDOW_LOST") == 1
    assert sum(counts_of_day(town.kernel, town.people["clerk"], "square-1", date(2026, 3, 2))) == 20
    again.end()
    assert not_sealed(town.kernel) == ""


def test_a_crash_before_anything_was_sealed_is_told_from_the_beginning(town: Desk) -> None:
    collector(town).begin()
    again = collector(town)
    again.begin()
    assert again.lost.startswith("2026-03-02T09:00")


def test_a_refused_message_is_logged_by_its_sensor_however_that_is_spelled(town: Desk) -> None:
    register_in_area(town.kernel, town.people, a_sensor(id="cam--1"))
    made = collector(town)
    made.offer("cam--1", "", b"{", lambda: None)
    made.work()
    assert [e["sensor"] for _, e in town.kernel.stores.log.read() if e["kind"] == "MESSAGE_REFUSED"] == ["cam-1"]


def test_the_same_refusal_is_said_once_an_hour(town: Desk) -> None:
    made = collector(town)
    for _ in range(50):
        made.offer("square-1", "", b"{", lambda: None)
    made.work()
    assert made.tally["refused"] == 50 and town.kinds().count("MESSAGE_REFUSED") == 1


def test_a_decoder_that_breaks_refuses_the_message_and_goes_on(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = collector(town)
    with monkeypatch.context() as broken:
        broken.setattr(sensor_gate, "decode", lambda *given: [][0])
        made.offer("square-1", "", count(town, 20), lambda: None)
        made.work()
    made.offer("square-1", "", count(town, 20), lambda: None)
    made.work()
    assert made.tally == {"refused": 1, "taken": 1}


def test_a_message_by_http_is_answered_once_a_checkpoint_holds_it(town: Desk) -> None:
    made, key = collector(town), sensor_key(town.kernel, "square-1")
    assert made.take("square-1", "another key", count(town, 20)) == "not this sensor's key"
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(made.take, "square-1", key, count(town, 20))
        assert made.due.wait(30) and not answer.done()
        made.checkpoint()
        assert answer.result(30) == ""
    assert made.tally == {"taken": 1}


def test_a_cut_is_said_once_until_it_is_back(town: Desk) -> None:
    made = collector(town)
    for _ in range(3):
        made.cut("mqtt", "unreachable")
    made.back("mqtt")
    made.back("mqtt")
    assert town.kinds().count("GATEWAY_CUT") == 1 == town.kinds().count("GATEWAY_BACK")


@pytest.mark.slow
def test_over_a_real_broker_counts_become_sealed_quarters(town: Desk, tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path).start()
    try:
        certificate, key = mosquitto.certificates.for_("peelian-gateway")
        broker = Broker(
            host="localhost",
            port=mosquitto.port,
            authority=mosquitto.certificates.authority,
            certificate=certificate,
            key=key,
        )
        with listening(town.office, town.people["custodian"], broker) as heard:
            client: Any = mosquitto.client("square-1")
            assert until(lambda: _subscribed(heard, client, town))
            publish(client, "square-1", [count(town, 20) for _ in range(20)])
            publish(client, "square-1", [count(town, 20, ',"macAddress":"x"')])
            assert until(lambda: heard.tally["refused"] == 1)
            client.disconnect()
            client.loop_stop()
            taken = heard.tally["taken"]
            town.clock.now += timedelta(hours=3)
    finally:
        mosquitto.stop()
    assert taken >= 20
    sealed = [a for a in town.kernel.state.datasets.values() if a.shape == "quarters"]
    assert len(sealed) == 1 and sealed[0].rows >= 1
    assert [e["state"] for _, e in town.kernel.stores.log.read() if e["kind"] == "LISTENING"] == ["begun", "ended"]


def _subscribed(heard: Collector, client: Any, town: Desk) -> bool:
    publish(client, "square-1", [count(town, 20)])
    return heard.tally["taken"] > 0


@pytest.mark.slow
def test_a_listener_killed_again_and_again_counts_every_message_once(tmp_path: Path) -> None:
    found = outcome(tmp_path, kills=3, rate=100)
    assert found.published > 200 and found.counted == found.published
    assert not found.lost, "the broker kept everything: no gap"


@pytest.mark.slow
def test_a_broker_that_forgets_leaves_a_gap_in_the_log(tmp_path: Path) -> None:
    found = outcome(tmp_path, kills=1, rate=100, broker_kills=1)
    (gap,) = found.lost
    assert gap["why"] == "broker" and gap["since"] < gap["until"]
    assert found.counted <= found.published
