"""A Mosquitto for a demonstration: on a free port of this machine, with TLS and certificates that are made for it."""

from __future__ import annotations

import getpass
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peelian.errors import OutOfOrder
from peelian.integrations.broker_certificates import AUTHORITY, authority_in, issue
from peelian.integrations.broker_files import GATEWAY
from peelian.integrations.mqtt import PREFIX, Broker
from peelian.storage.private_files import private_folder

PUBLISHER, SERVER = "publisher", "localhost"
LASTS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Running:
    """The broker that runs, and how to publish to it."""

    broker: Broker
    folder: Path

    def publisher(self) -> Any:
        """A connected client that may publish every sensor's readings."""
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        client = Client(CallbackAPIVersion.VERSION2, client_id="demonstration", protocol=MQTTv5)
        context = ssl.create_default_context(cafile=str(self.folder / f"{AUTHORITY}.pem"))
        context.load_cert_chain(self.folder / f"{PUBLISHER}.pem", self.folder / f"{PUBLISHER}.key")
        client.tls_set_context(context)
        client.max_inflight_messages_set(1_000)
        client.connect(SERVER, self.broker.port)
        client.loop_start()
        return client


def found() -> str:
    """Where Mosquitto is; empty where it is not installed."""
    return shutil.which("mosquitto") or ("/usr/sbin/mosquitto" if Path("/usr/sbin/mosquitto").exists() else "")


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A broker whose clients need a certificate, for as long as the block runs. OutOfOrder: it did not start."""
    _certificates(private_folder(folder))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (folder / "acl").write_text(f"user {GATEWAY}\ntopic read {PREFIX}/#\nuser {PUBLISHER}\ntopic write {PREFIX}/#\n")
    (folder / "mosquitto.conf").write_text(
        f"user {getpass.getuser()}\nlistener {port} 127.0.0.1\ncafile {folder / AUTHORITY}.pem\n"
        f"certfile {folder / SERVER}.pem\nkeyfile {folder / SERVER}.key\nrequire_certificate true\n"
        f"use_identity_as_username true\nacl_file {folder / 'acl'}\npersistence false\n"
        "max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\nlog_dest none\n"
    )
    process = subprocess.Popen([found(), "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)  # noqa: S603 - the broker that was found, our own settings
    try:
        _wait_for(port, process)
        files = (folder / f"{AUTHORITY}.pem", folder / f"{GATEWAY}.pem", folder / f"{GATEWAY}.key")
        broker = Broker(host=SERVER, port=port, authority=files[0], certificate=files[1], key=files[2])
        yield Running(broker, folder)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise OutOfOrder("The broker did not start.")


def _certificates(folder: Path) -> None:
    now = datetime.now(UTC)
    authority = authority_in(folder, now)
    for name, hosts in ((SERVER, (SERVER,)), (GATEWAY, ()), (PUBLISHER, ())):
        issue(folder / name, name, authority, now=now, until=now + LASTS, hosts=hosts)
