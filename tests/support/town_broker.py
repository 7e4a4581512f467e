"""Mosquitto as the product sets it up for a town: its written settings, its certificates, a sensor's own client."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from broker import MOSQUITTO

from peelian.adapters.broker_files import MEMORY


class TownBroker:
    """The broker that runs from a folder written by `peelian sensors broker`."""

    def __init__(self, folder: Path, port: int) -> None:
        if not Path(MOSQUITTO).exists():
            pytest.skip("mosquitto is not installed: the broker that a town would use")
        self.folder, self.port = folder, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> TownBroker:
        log = (self.folder.parent / "mosquitto.log").open("ab")
        self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")], stderr=log)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise AssertionError("mosquitto did not start: " + (self.folder.parent / "mosquitto.log").read_text())

    def read_again(self) -> None:
        """The rights changed: Mosquitto reads them anew."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)
            self.process = None

    def forget(self) -> None:
        """Remove what it kept in memory for the next time."""
        (MEMORY / f"peelian-broker-{self.port}.db").unlink(missing_ok=True)

    def client(self, name: str, *, stem: Path | None = None) -> Any:
        """A connected client with the certificate that was made for this sensor."""
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        stem = stem or self.folder / "sensors" / name
        made = Client(CallbackAPIVersion.VERSION2, client_id=f"test-{name}", protocol=MQTTv5)
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        context.load_cert_chain(f"{stem}.pem", f"{stem}.key")
        made.tls_set_context(context)
        made.max_inflight_messages_set(2_000)
        made.connect("localhost", self.port)
        made.loop_start()
        return made
