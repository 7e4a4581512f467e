"""Mosquitto as the product sets it up for a town: its written settings, its certificates, a sensor's own client."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from broker import MOSQUITTO, until

from peelian.integrations.broker_files import MEMORY


class TownBroker:
    """The broker that runs from a folder written by `peelian sensors broker`."""

    def __init__(self, folder: Path, port: int) -> None:
        if not Path(MOSQUITTO).exists():
            pytest.skip("mosquitto is not installed: the broker that a town would use")
        self.folder, self.port, self._log = folder, port, folder.parent / "mosquitto.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> TownBroker:
        command = [MOSQUITTO, "-v", "-c", str(self.folder / "mosquitto.conf")]  # it also says that it read them again
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log)
        assert until(self._answers), "mosquitto did not start: " + self._log.read_text()
        return self

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def read_again(self) -> None:
        """The rights changed: Mosquitto reads them anew, before it looks at any further message."""
        assert self.process is not None
        before = self._times_read()
        self.process.send_signal(signal.SIGHUP)
        assert until(lambda: self._times_read() > before), "mosquitto did not read its settings again"

    def _times_read(self) -> int:
        return self._log.read_bytes().count(b"Reloading config.")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)
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
