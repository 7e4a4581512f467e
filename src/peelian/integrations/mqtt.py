"""MQTT 5 and 3.1.1: TLS with a client certificate, one topic a sensor, QoS 1, a persistent session.

The broker keeps what was not acknowledged; a cut or a restart therefore loses nothing, and what comes twice is known.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from peelian.errors import InputError

PREFIX = "peelian/readings"
KEPT_SECONDS = 7 * 86_400  # how long the broker keeps our session when we are away
MOST_IN_FLIGHT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is and how we prove who we are. Topics are PREFIX/SENSOR or PREFIX/SENSOR/…"""

    host: str
    port: int = 8883
    authority: Path | None = None  # the certificate authority; None: no TLS, for the machine's own broker only
    certificate: Path | None = None
    key: Path | None = None
    client: str = "peelian-gateway"
    prefix: str = PREFIX
    version: str = "5"  # or "3.1.1"
    in_flight: int = MOST_IN_FLIGHT  # messages that the broker sends before the first is acknowledged; MQTT 5 only


class Takes(Protocol):
    """What an intake feeds. `packet`: the broker's number of a message (0: none), `again`: it was sent before;
    `lasts`: seconds the broker holds it for us (None: as long as our session)."""

    def offer(
        self,
        sensor: str,
        topic: str,
        body: bytes,
        done: Callable[[], None],
        *,
        packet: int = 0,
        again: bool = False,
        lasts: int | None = None,
    ) -> bool: ...

    def cut(self, name: str, why: str) -> None: ...

    def back(self, name: str, *, kept: bool = True) -> None:
        """The connection is there; `kept`: and the broker still had our session."""


class MqttIntake:
    """A subscription that feeds a gateway or a listener. Reconnects by itself; a cut is said in the log."""

    def __init__(self, broker: Broker, gateway: Takes) -> None:
        if broker.version not in ("5", "3.1.1"):
            raise InputError("unsupported MQTT version", accepted="5, 3.1.1")
        if broker.authority is None and broker.host not in ("127.0.0.1", "localhost", "::1"):
            raise InputError("a remote broker needs TLS", accepted="a certificate authority")
        self.broker, self.gateway = broker, gateway
        self.sessions = 0  # how often it connected: an acknowledgement is for the connection it came over
        self.subscribed = threading.Event()  # from then on the broker keeps for us what is published
        self._kept = False  # whether the broker had our session when we connected
        self._client = self._made()

    def start(self) -> MqttIntake:
        """Connect in the background, as often as it takes."""
        self._client.connect_async(self.broker.host, self.broker.port, keepalive=15, **self._session())
        self._client.loop_start()
        return self

    def stop(self) -> None:
        """Disconnect; the session stays with the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _made(self) -> Any:
        try:
            from paho.mqtt.client import Client, MQTTv5, MQTTv311
            from paho.mqtt.enums import CallbackAPIVersion
        except ModuleNotFoundError:
            raise InputError("MQTT needs the extra `streams`", accepted="pip install 'peelian[streams]'") from None
        five = self.broker.version == "5"
        client: Any = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.broker.client,
            protocol=MQTTv5 if five else MQTTv311,
            clean_session=None if five else False,
            manual_ack=True,
        )
        if self.broker.authority is not None:
            client.tls_set_context(_tls(self.broker))
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.on_connect, client.on_disconnect, client.on_message = self._connected, self._cut, self._message
        client.on_subscribe = self._heard_again
        client.on_connect_fail = lambda *_: self.gateway.cut("mqtt", "unreachable")
        return client

    def _session(self) -> dict[str, Any]:
        if self.broker.version != "5":
            return {}
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types there
        properties.SessionExpiryInterval = KEPT_SECONDS
        properties.ReceiveMaximum = self.broker.in_flight
        return {"clean_start": False, "properties": properties}

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self.gateway.cut("mqtt", "refused by the broker")
            return
        self.sessions += 1
        self._kept = flags.session_present
        client.subscribe(f"{self.broker.prefix}/+/#", qos=1)  # a camera says below its name which rule counted

    def _heard_again(self, client: Any, data: Any, mid: int, reasons: Any, properties: Any) -> None:
        """The broker has our subscription: only now does it keep for us what is published."""
        if any(reason.is_failure for reason in reasons):
            self.gateway.cut("mqtt", "not allowed to read")
        else:
            self.gateway.back("mqtt", kept=self._kept)
            self.subscribed.set()

    def _cut(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self.gateway.cut("mqtt", "connection lost")

    def _message(self, client: Any, data: Any, message: Any) -> None:
        session, mid, qos = self.sessions, message.mid, message.qos

        def done() -> None:
            if session == self.sessions:  # else the broker sends it again, and it is known again
                client.ack(mid, qos)

        sensor = message.topic.removeprefix(f"{self.broker.prefix}/").partition("/")[0]
        lasts = getattr(message.properties, "MessageExpiryInterval", None) if qos else 0
        self.gateway.offer(
            sensor, message.topic, message.payload, done, packet=message.mid, again=message.dup, lasts=lasts
        )


def _tls(broker: Broker) -> ssl.SSLContext:
    """The settings of the line to a broker; InputError where one of its files is not there, or is none."""
    for file in (broker.authority, broker.certificate, broker.key):
        if file is not None and not file.is_file():
            raise InputError("no such file", file=str(file), accepted="the files that `peelian sensors broker` wrote")
    try:
        context = ssl.create_default_context(cafile=str(broker.authority))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if broker.certificate is not None:
            context.load_cert_chain(broker.certificate, broker.key)
    except (OSError, ssl.SSLError):
        raise InputError(
            "certificates cannot be read, or the key belongs to another certificate",
            file=str(broker.certificate or broker.authority),
            accepted="an authority, a certificate and its key (PEM)",
        ) from None
    return context
