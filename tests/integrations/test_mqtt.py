"""Readings through a real Mosquitto with TLS and client certificates: cuts, restarts and crashes lose nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from broker import Mosquitto, publish, until
from changed import changed
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.errors import InputError
from peelian.integrations.mqtt import Broker, MqttIntake
from peelian.integrations.sensor_gateway import Gateway
from peelian.kernel.alarms import watch
from streams import decode, spelled

pytestmark = pytest.mark.slow


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path).start()
    yield made
    made.stop()


@pytest.fixture
def at() -> Watched:
    made = stood()
    made.town.clock.now = FIRST + timedelta(minutes=5)
    made.standing.watch = changed(made.declared, refill=None)
    return made


def _broker(mosquitto: Mosquitto, **changes: Any) -> Broker:
    certificate, key = mosquitto.certificates.for_("peelian-gateway")
    made = Broker(
        host="localhost",
        port=mosquitto.port,
        authority=mosquitto.certificates.authority,
        certificate=certificate,
        key=key,
    )
    return dataclasses.replace(made, **changes)


def _gateway(at: Watched) -> Gateway:
    return Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=0.05).start()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_readings_arrive_and_a_sensor_publishes_under_its_own_name_only(
    at: Watched, mosquitto: Mosquitto, version: str
) -> None:
    gateway = _gateway(at)
    intake = MqttIntake(_broker(mosquitto, version=version), gateway).start()
    assert until(lambda: intake.sessions == 1)
    sensor = mosquitto.client("well-1", version)
    publish(sensor, "well-1", map(spelled, wells([1.0, 6.0, 6.5])))
    sensor.publish("peelian/readings/well-2", spelled(next(wells([99.0], sensor="well-2"))), qos=1)
    assert until(lambda: gateway.tally["taken"] == 3)
    assert until(lambda: len(at.town.kernel.state.alarms.floor.alarms) == 1)
    assert at.standing.latest.keys() == {"well-1"}
    sensor.disconnect()
    intake.stop()
    gateway.stop()


def test_what_was_sent_while_we_were_away_arrives_and_nothing_twice(at: Watched, mosquitto: Mosquitto) -> None:
    gateway = _gateway(at)
    intake = MqttIntake(_broker(mosquitto), gateway).start()
    assert until(lambda: intake.sessions == 1)
    sensor = mosquitto.client("publisher")
    publish(sensor, "well-1", map(spelled, wells([1.0, 6.0])))
    assert until(lambda: gateway.tally["taken"] == 2)
    intake.stop()
    gateway.stop()
    publish(sensor, "well-1", map(spelled, list(wells([1.0, 6.0, 6.5, 6.5, 1.0]))[2:]))
    at.standing = watch.begin(at.town.kernel, at.permit, at.kept)
    at.standing.watch = changed(at.declared, refill=None)
    later = _gateway(at)
    second = MqttIntake(_broker(mosquitto), later).start()
    assert until(lambda: at.standing.tally["taken"] == 3)
    assert until(lambda: at.town.kinds().count("ALARM_CLEARED") == 1)
    assert at.town.kinds().count("ALARM_RAISED") == 1
    second.stop()
    later.stop()


def test_a_crash_before_the_acknowledgement_has_the_broker_send_it_again(at: Watched, mosquitto: Mosquitto) -> None:
    """The process dies after the alarm was logged and before the checkpoint: neither lost nor doubled."""
    gateway = Gateway(at.town.kernel, [at.standing], decode, checkpoint_seconds=600)
    gateway.start()  # it never comes to one
    intake = MqttIntake(_broker(mosquitto), gateway).start()
    assert until(lambda: intake.sessions == 1)
    sensor = mosquitto.client("publisher")
    publish(sensor, "well-1", map(spelled, wells([1.0, 6.0, 6.5])))
    assert until(lambda: at.town.kinds().count("ALARM_RAISED") == 1)
    intake._client.loop_stop()
    intake._client.socket().close()  # as a kill would: no farewell
    at.standing = watch.begin(at.town.kernel, at.permit, at.kept)
    at.standing.watch = changed(at.declared, refill=None)
    assert not at.standing.states
    later = _gateway(at)
    second = MqttIntake(_broker(mosquitto), later).start()
    assert until(lambda: at.standing.tally["taken"] == 3)
    assert until(lambda: at.standing.states["well-1"].said)  # a reading is counted before its state is kept
    assert at.town.kinds().count("ALARM_RAISED") == 1
    second.stop()
    later.stop()


def test_a_broker_that_restarts_is_a_cut_that_ends(at: Watched, mosquitto: Mosquitto) -> None:
    gateway = _gateway(at)
    intake = MqttIntake(_broker(mosquitto), gateway).start()
    assert until(lambda: intake.sessions == 1)
    mosquitto.stop()
    assert until(lambda: "mqtt" in gateway.kernel.state.alarms.cuts)
    mosquitto.start()
    assert until(lambda: not gateway.kernel.state.alarms.cuts, 20)
    sensor = mosquitto.client("publisher")
    publish(sensor, "well-1", map(spelled, wells([6.0, 6.5])))
    assert until(lambda: len(at.town.kernel.state.alarms.floor.alarms) == 1)
    assert "GATEWAY_CUT" in at.town.kinds() and "GATEWAY_BACK" in at.town.kinds()
    intake.stop()
    gateway.stop()


def test_without_our_certificate_the_broker_lets_nobody_in(at: Watched, mosquitto: Mosquitto) -> None:
    gateway = _gateway(at)
    intake = MqttIntake(_broker(mosquitto, certificate=None, key=None), gateway).start()
    assert until(lambda: "mqtt" in gateway.kernel.state.alarms.cuts)
    assert intake.sessions == 0
    intake.stop()
    gateway.stop()


def test_a_broker_elsewhere_needs_tls_and_a_version_there_is(at: Watched) -> None:
    gateway = Gateway(at.town.kernel, [at.standing], decode)
    with pytest.raises(InputError, match="TLS"):
        MqttIntake(Broker(host="broker.example"), gateway)
    with pytest.raises(InputError, match="version"):
        MqttIntake(Broker(host="localhost", version="4"), gateway)


def test_the_broker_sends_no_more_than_we_said_before_the_first_is_acknowledged(
    at: Watched, mosquitto: Mosquitto
) -> None:
    gateway, came = _gateway(at), []
    gateway.offer = lambda *given, **more: came.append((more["packet"], more["again"], given[3])) or True  # type: ignore[method-assign]
    intake = MqttIntake(_broker(mosquitto, in_flight=10), gateway).start()
    assert until(lambda: intake.sessions == 1)
    sensor = mosquitto.client("publisher")
    publish(sensor, "well-1", [b"%d" % n for n in range(30)])
    assert until(lambda: len(came) == 10)
    assert len({packet for packet, _, _ in came}) == 10 and not any(again for _, again, _ in came)
    for _, _, done in came[:10]:
        done()
    assert until(lambda: len(came) == 20)
    intake._client._sock_close()  # a cut: what was not acknowledged comes again, under its number
    first = [packet for packet, _, _ in came[10:]]
    assert until(lambda: len(came) >= 30)
    assert [packet for packet, again, _ in came[20:30] if again] == first
    intake.stop()
    gateway.stop()
