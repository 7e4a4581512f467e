"""Mosquitto's configuration: TLS, client certificates only; a sensor writes under its own name and reads nothing.

Nothing reaches the machine's disk: what the broker holds for us are raw readings. While it is begun again they, and
what it knows of our session, lie on a disk of memory, so that nothing published meanwhile is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peelian.errors import InputError
from peelian.integrations.mqtt import PREFIX
from peelian.integrations.sensor_gateway import LARGEST
from peelian.storage.private_files import put_private

GATEWAY = "peelian-gateway"  # the name in the gateway's certificate
MEMORY = Path("/dev") / "shm"  # a disk of memory; Mosquitto's file there is for its own user only
MOST_QUEUED = 200_000  # messages that wait for a gateway that is away
NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
USER = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the broker listens: the name its certificate is for, the address and port, and the user it runs as."""

    host: str
    user: str
    port: int = 8883
    address: str = ""  # empty: every address of the machine


def write_settings(folder: Path, place: Place, sensors: Sequence[str]) -> tuple[Path, Path]:
    """Write `mosquitto.conf` and `acl` for these sensors; InputError for a name that could say something else."""
    for name in sensors:
        if not NAME.fullmatch(name) or name == GATEWAY:
            raise InputError("not a sensor id", column="sensor", accepted="2 to 40 small letters, digits, -")
    if not HOST.fullmatch(place.host) or not HOST.fullmatch(place.address or "all") or not USER.fullmatch(place.user):
        raise InputError("not a machine or user name", column="host", accepted="broker.town.example")
    if re.search(r"\s", str(folder)):
        raise InputError("Mosquitto cannot read paths with blanks", column="to", accepted="a folder without blanks")
    settings, rights = folder / "mosquitto.conf", folder / "acl"
    put_private(rights, _rights(sensors).encode())
    put_private(settings, _settings(folder, place).encode())
    return settings, rights


def _rights(sensors: Sequence[str]) -> str:
    lines = ["# Written by `peelian sensors broker` from the register. What is not named here may do nothing."]
    lines += [f"user {GATEWAY}", f"topic read {PREFIX}/#", ""]
    for name in sorted(sensors):
        lines += [f"user {name}", f"topic write {PREFIX}/{name}/#", ""]
    return "\n".join(lines)


def _settings(folder: Path, place: Place) -> str:
    return f"""# Written by `peelian sensors broker`. Begin: mosquitto -c {folder}/mosquitto.conf
# After the register changed: write it again, then send Mosquitto a HUP signal, which reads `acl` anew.
user {place.user}
per_listener_settings false
listener {place.port}{" " if place.address else ""}{place.address}
cafile {folder}/ca.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {folder}/acl
# What it holds for us are raw readings: in memory only, also while it is begun again. {MEMORY} is a disk of memory.
persistence true
persistence_location {MEMORY}/
persistence_file peelian-broker-{place.port}.db
autosave_interval 0
message_size_limit {LARGEST}
max_inflight_messages 0
max_queued_messages {MOST_QUEUED}
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
"""
