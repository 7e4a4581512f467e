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

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from peelian.adapters.stream_mqtt import Broker
from peelian.errors import OutOfOrder

CLIENTS = ("peelian-gateway", "publisher")


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
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        context.load_cert_chain(self.folder / "publisher.pem", self.folder / "publisher.key")
        client.tls_set_context(context)
        client.max_inflight_messages_set(1_000)
        client.connect("localhost", self.broker.port)
        client.loop_start()
        return client


def found() -> str:
    """Where Mosquitto is; empty where it is not installed."""
    return shutil.which("mosquitto") or ("/usr/sbin/mosquitto" if Path("/usr/sbin/mosquitto").exists() else "")


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A broker whose clients need a certificate, for as long as the block runs. OutOfOrder: it did not start."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    _certificates(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (folder / "acl").write_text(
        "user peelian-gateway\ntopic read peelian/readings/#\nuser publisher\ntopic write peelian/readings/#\n"
    )
    (folder / "mosquitto.conf").write_text(
        f"user {getpass.getuser()}\nlistener {port} 127.0.0.1\ncafile {folder / 'ca.pem'}\n"
        f"certfile {folder / 'localhost.pem'}\nkeyfile {folder / 'localhost.key'}\nrequire_certificate true\n"
        f"use_identity_as_username true\nacl_file {folder / 'acl'}\npersistence false\n"
        "max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\nlog_dest none\n"
    )
    process = subprocess.Popen([found(), "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)  # noqa: S603 - the broker that was found, our own settings
    try:
        _wait_for(port, process)
        files = (folder / "ca.pem", folder / "peelian-gateway.pem", folder / "peelian-gateway.key")
        broker = Broker(host="localhost", port=port, authority=files[0], certificate=files[1], key=files[2])
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
    raise OutOfOrder("the broker did not start")


def _certificates(folder: Path) -> None:
    authority = ec.generate_private_key(ec.SECP256R1())
    _write(folder, "ca", authority, _signed("Demonstration authority", authority, authority))
    for name in ("localhost", *CLIENTS):
        key = ec.generate_private_key(ec.SECP256R1())
        _write(folder, name, key, _signed(name, key, authority))


def _signed(name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    root = key is by
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demonstration authority")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
    )
    if not root:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return builder.sign(by, hashes.SHA256())


def _write(folder: Path, name: str, key: ec.EllipticCurvePrivateKey, made: x509.Certificate) -> None:
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / f"{name}.key"
    private.touch(mode=0o600)
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
