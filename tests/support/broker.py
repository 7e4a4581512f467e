"""A real Mosquitto on a free port with TLS: its authority, its certificate and those of its clients are made here."""

from __future__ import annotations

import getpass
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def free_port() -> int:
    """A free port below those that the system hands out by itself, so that no connection takes it in the meantime."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


class Certificates:
    """An authority in a folder, and what it signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.authority = self._write("ca", self.key, self._signed("Test authority", self.key, ca=True))[0]

    def for_(self, name: str) -> tuple[Path, Path]:
        """The certificate and key files of a server or client."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(name, key, self._signed(name, key, ca=False))

    def _signed(self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if ca:
            usage = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
            )
            usage |= {"digital_signature": True, "key_cert_sign": True, "crl_sign": True, "decipher_only": False}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        else:
            names = [x509.DNSName("localhost")]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _write(self, name: str, key: ec.EllipticCurvePrivateKey, made: x509.Certificate) -> tuple[Path, Path]:
        certificate, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, private


class Mosquitto:
    """The broker: clients need a certificate, and a sensor may only publish under its own name."""

    def __init__(self, folder: Path) -> None:
        if not Path(MOSQUITTO).exists():
            pytest.skip("mosquitto is not installed: the broker that a town would use")
        self.folder, self.port, self.certificates = folder, free_port(), Certificates(folder)
        certificate, key = self.certificates.for_("localhost")
        (folder / "acl").write_text(
            "user peelian-gateway\ntopic read peelian/readings/#\n"
            "user publisher\ntopic write peelian/readings/#\n"
            "pattern write peelian/readings/%u\n"
        )
        (folder / "mosquitto.conf").write_text(
            f"user {getpass.getuser()}\nlistener {self.port} 127.0.0.1\n"
            f"cafile {self.certificates.authority}\ncertfile {certificate}\nkeyfile {key}\n"
            f"require_certificate true\nuse_identity_as_username true\nacl_file {folder / 'acl'}\n"
            "persistence false\nmax_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\nlog_dest none\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise AssertionError("mosquitto did not start")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self, name: str, version: str = "5") -> Any:
        """A connected client with a certificate of that name."""
        from paho.mqtt.client import Client, MQTTv5, MQTTv311
        from paho.mqtt.enums import CallbackAPIVersion

        certificate, key = self.certificates.for_(name)
        made = Client(
            CallbackAPIVersion.VERSION2, client_id=f"test-{name}", protocol=MQTTv5 if version == "5" else MQTTv311
        )
        context = ssl.create_default_context(cafile=str(self.certificates.authority))
        context.load_cert_chain(certificate, key)
        made.tls_set_context(context)
        made.max_inflight_messages_set(5_000)
        made.connect("localhost", self.port)
        made.loop_start()
        return made


def publish(client: Any, sensor: str, bodies: Iterable[bytes]) -> None:
    """Publish at QoS 1 and wait until the broker has all of it."""
    sent = [client.publish(f"peelian/readings/{sensor}", body, qos=1) for body in bodies]
    for one in sent:
        one.wait_for_publish(60)


def until(condition: Any, seconds: float = 60.0) -> bool:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())
