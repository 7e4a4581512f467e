"""The gateway: every kind of bad message has its end and its fault, and nothing is acknowledged before it is kept."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from broker import until
from changed import changed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from suspending import lift, suspend
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.errors import IntegrityError
from peelian.integrations.sensor_gateway import BURST, LARGEST, Gateway, Often
from peelian.kernel.alarms import watch
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.decoding import FORMATS, Arrival
from peelian.technologies.sensors.decoding import decode as decode_any
from streams import decode, spelled


@pytest.fixture
def at() -> Watched:
    made = stood()
    made.town.clock.now = FIRST + timedelta(minutes=5)
    made.standing.watch = _without_window(made)
    return made


def _without_window(at: Watched) -> object:
    return changed(at.declared, refill=None)


@pytest.fixture
def gateway(at: Watched) -> Iterator[Gateway]:
    made = Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=0.05).start()
    yield made
    made.stop()


def _send(gateway: Gateway, bodies: Iterable[bytes], sensor: str = "well-1") -> int:
    """Send, and wait until all of it is acknowledged; how many were."""
    acknowledged: list[int] = []
    sent = [
        gateway.offer(sensor, f"peelian/readings/{sensor}", body, lambda: acknowledged.append(1)) for body in bodies
    ]
    until(lambda: len(acknowledged) == sum(sent))
    return len(acknowledged)


def test_readings_become_an_alarm_and_are_acknowledged_after_a_checkpoint(at: Watched, gateway: Gateway) -> None:
    assert _send(gateway, map(spelled, wells([1.0, 6.0, 6.5]))) == 3
    assert [a.zone for a in at.town.kernel.state.alarms.floor.queue()] == ["north"]
    assert json.loads(at.kept.rows[at.permit.case]["well-1"])["state"] == {"over": 2, "said": True}


def test_bad_messages_are_refused_with_a_fields_name_and_acknowledged(at: Watched, gateway: Gateway) -> None:
    bad = [
        b"\xff\xfe",
        b'{"time": "2026-03-02T09:00:00+00:00", "streamURL": 1}',
        b'{"time": "2026-03-02T09:00:00+00:00", "Mr Example, 12 Main Street": 1}',
        b"x" * (LARGEST + 1),
    ]
    assert _send(gateway, bad) == 4
    assert _send(gateway, [b"{}"], sensor="well-99") == 1
    assert gateway.tally == {"refused": 3, "oversize": 1, "unknown sensor": 1}
    said = [dict(e) for _, e in at.town.kernel.stores.log.read() if e["kind"] == "MESSAGE_REFUSED"]
    assert {e["sensor"] for e in said} == {"well-1"}
    fields = {e["field"] for e in said}
    assert fields == {"malformed", "streamurl", "a-field-with-no-plain-name", "message-too-large"}
    assert at.town.kernel.state.alarms.faults["well-1"][0] == "message-too-large"


STRANGE = st.tuples(st.text(max_size=70), st.text(max_size=70), st.binary(max_size=300))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STRANGE, min_size=60, max_size=100))
def test_whatever_topic_and_payload_come_the_log_tells_only_plain_words(messages: list[tuple[str, str, bytes]]) -> None:
    at, taken = stood(), list[int]()
    at.town.clock.now = FIRST + timedelta(minutes=5)
    gateway = Gateway(
        at.town.kernel, [at.standing], _every_format, checkpoint_seconds=0.05, most_per_second=1e6
    ).start()
    for nth, (sensor, topic, body) in enumerate(messages):
        named = "well-1" if nth % 2 else sensor
        gateway.offer(named, topic, body, lambda: taken.append(1), repeats=False)
    assert until(lambda: len(taken) == len(messages)) and gateway.failed is None
    gateway.stop()
    said = [dict(e) for _, e in at.town.kernel.stores.log.read() if e["kind"] == "MESSAGE_REFUSED"]
    assert said and {e["sensor"] for e in said} == {"well-1"}
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", str(e["field"])) for e in said)


def _every_format(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
    """One decoder after the other, as their registered sensors would have it."""
    nth = len(body) % len(FORMATS)
    format = sorted(FORMATS)[nth]
    kind = sorted(FORMATS[format][0])[0]
    facts: dict[str, Any] = {"title": "t", "owner": "o", "contact": "c", "purpose": "safety", "why": "w", "area": "a"}
    entry = Sensor(
        id=sensor, kind=kind, personal_data=False, retention_days=9, ends="2027-01-01", format=format, **facts
    )
    return decode_any(format, body, entry, Arrival(topic=topic))


def test_a_decoder_that_breaks_is_a_fault_and_nothing_of_the_message_is_said(at: Watched, gateway: Gateway) -> None:
    _send(gateway, [b"[]"])
    assert at.town.kernel.state.alarms.faults["well-1"][0] == "decoder-failed" and gateway.failed is None


def test_the_same_refusal_is_said_once_an_hour(at: Watched, gateway: Gateway) -> None:
    _send(gateway, [b"not json"] * 50)
    assert at.town.kinds().count("MESSAGE_REFUSED") == 1 and gateway.tally["refused"] == 50


def test_a_flood_of_one_sensor_is_its_fault_and_the_others_are_heard(at: Watched, gateway: Gateway) -> None:
    gateway._rate = 5.0  # of 700 at once no more than 600 are heard, if sending them takes less than 20 seconds
    quiet = [spelled(r) for r in wells([1.0])]
    _send(gateway, quiet * int(BURST + 200))
    assert gateway.tally["flood"] >= 100
    assert at.town.kernel.state.alarms.faults["well-1"][0] == "flood"
    _send(gateway, map(spelled, wells([6.0, 6.5], sensor="well-2")), sensor="well-2")
    assert [a.zone for a in at.town.kernel.state.alarms.floor.queue()] == ["south"]


def test_a_reading_under_another_sensors_name_is_refused(at: Watched) -> None:
    def liar(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
        return tuple(wells([6.0], sensor="well-2"))

    gateway = Gateway(at.town.kernel, [at.standing], liar, checkpoint_seconds=0.05).start()
    _send(gateway, [b"{}"])
    gateway.stop()
    assert gateway.tally == {"refused": 1} and not at.standing.states


def test_a_suspended_technology_hears_nothing(at: Watched, gateway: Gateway) -> None:
    suspend(at.town.kernel, at.town.people["board"], "toywatch")
    _send(gateway, map(spelled, wells([6.0, 6.5])))
    assert gateway.tally["not permitted"] == 2 and not at.standing.states


def test_a_refusal_is_logged_once_however_many_readings_come(at: Watched, gateway: Gateway) -> None:
    suspend(at.town.kernel, at.town.people["board"], "toywatch")
    for reading in wells([6.0, 6.5, 7.0]):
        _send(gateway, [spelled(reading)])
    assert gateway.tally["not permitted"] == 3 and at.town.kinds().count("REFUSED") == 1
    lift(at.town.kernel, at.town.people["privacy-officer"], at.town.people["board"], "toywatch")
    _send(gateway, [spelled(reading)])
    suspend(at.town.kernel, at.town.people["board"], "toywatch")
    _send(gateway, [spelled(reading)])
    assert at.town.kinds().count("REFUSED") == 2 and at.standing.states, "a new suspension is a new refusal"


@pytest.mark.parametrize("how", ["ended", "permit over"])
def test_a_watch_that_no_longer_stands_leaves_the_gateway_to_the_others(
    at: Watched, gateway: Gateway, how: str
) -> None:
    if how == "ended":
        watch.end(at.town.kernel, at.town.people["commander"], at.permit.case)
    else:
        at.town.clock.now += timedelta(days=at.declared.asks.days + 1)
    assert _send(gateway, map(spelled, wells([6.0, 6.5]))) == 2
    assert gateway.tally["not permitted"] == 2 and gateway.failed is None
    assert gateway.offer("well-1", "t", b"{}", lambda: None), "it goes on taking what the other sensors say"


def test_what_a_watch_must_see_again_is_acknowledged_only_after_its_window(at: Watched) -> None:
    at.standing.watch = dataclasses.replace(at.declared, window_seconds=60)
    gateway = Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=0.02).start()
    done: list[int] = []
    gateway.offer("well-1", "t", spelled(next(wells([1.0]))), lambda: done.append(1))
    gateway.offer("well-1", "t", spelled(next(wells([1.0]))), lambda: done.append(2), repeats=False)
    assert until(lambda: done == [2])
    gateway.stop()
    assert done == [2], "stopped within the window: the sender repeats it"


def test_a_disk_that_fails_stops_the_acknowledgements(at: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(case: str, changed: object) -> None:
        raise IntegrityError("A checkpoint could not be stored")

    monkeypatch.setattr(at.kept, "save", fails)
    gateway = Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=0.02).start()
    done: list[int] = []
    gateway.offer("well-1", "t", spelled(next(wells([1.0]))), lambda: done.append(1))
    assert until(lambda: gateway.failed is not None)
    assert not done and not gateway.offer("well-1", "t", b"{}", lambda: done.append(2))


def test_whoever_cannot_be_told_is_in_nobodys_way(at: Watched) -> None:
    def full(move: object) -> None:
        raise OSError("no space left on device")

    gateway = Gateway(at.town.kernel, [at.standing], decode, announce=full, checkpoint_seconds=0.05).start()
    assert _send(gateway, map(spelled, wells([1.0, 6.0, 6.5]))) == 3
    gateway.stop()
    assert gateway.failed is None and gateway.tally["not told"] >= 1
    assert [a.zone for a in at.town.kernel.state.alarms.floor.queue()] == ["north"]


def test_a_gateway_that_breaks_says_so_and_takes_nothing_more(at: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(watch, "tick", breaks)
    gateway = Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=0.05).start()
    assert until(lambda: gateway.failed is not None)
    assert "unforeseen" not in str(gateway.failed) and gateway.kernel.state.alarms.cuts == {"gateway": "stopped"}, (
        "the console shows it"
    )
    assert not gateway.offer("well-1", "t", b"{}", lambda: None)


def test_a_cut_and_its_end_are_said_once(at: Watched, gateway: Gateway) -> None:
    gateway.cut("mqtt", "connection lost")
    gateway.cut("mqtt", "connection lost")
    assert gateway.kernel.state.alarms.cuts == {"mqtt": "connection-lost"}
    gateway.back("mqtt")
    gateway.back("mqtt")
    assert [k for k in at.town.kinds() if k.startswith("GATEWAY")] == ["GATEWAY_CUT", "GATEWAY_BACK"]


def test_what_is_shown_is_in_no_alarms_way(at: Watched) -> None:
    called: list[float] = []

    def breaks() -> None:
        called.append(1.0)
        raise ValueError("no console today")

    gateway = Gateway(at.town.kernel, [at.standing], decode, often=Often(show=breaks)).start()
    assert until(lambda: len(called) >= 2)
    _send(gateway, [spelled(r) for r in wells([1.0, 6.0, 6.5])])
    gateway.stop()
    assert at.town.kernel.state.alarms.floor.alarms and gateway.failed is None
    assert gateway.tally["levels not published"] >= 2
