"""Commands that listen to sensors until Ctrl-C: `peelian watch serve` and `peelian sensors listen`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, attended, opened
from peelian.cli.words import say
from peelian.errors import InputError
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

BrokerPortOption = Annotated[int, typer.Option(help="Port of the broker.", min=1, max=65535)]
AuthorityOption = Annotated[Path | None, typer.Option(help="Certificate authority of the broker (PEM).")]
CertificateOption = Annotated[Path | None, typer.Option(help="Client certificate of this office (PEM).")]
PrivateKeyOption = Annotated[Path | None, typer.Option(help="Key of the client certificate (PEM).")]
HttpPortOption = Annotated[
    int, typer.Option(help="Port of this machine for readings by HTTP. Default: MQTT only.", min=0, max=65535)
]
MqttOption = Annotated[str, typer.Option(help="MQTT 5 or 3.1.1.")]


@command(
    "watch serve",
    Enters.READINGS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    whom=MACHINE,
    terminal="runs a program until it is stopped",
)
def serve(
    host: Annotated[str, typer.Option(help="Name of the MQTT broker. Default: readings by HTTP only.")] = "",
    broker_port: BrokerPortOption = 8883,
    authority: AuthorityOption = None,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    version: MqttOption = "5",
    http_port: HttpPortOption = 0,
    webhook: Annotated[
        str, typer.Option(help="Address notified of each alarm step. Secret in PEELIAN_WEBHOOK_SECRET.")
    ] = "",
    cap: Annotated[Path | None, typer.Option(help="Folder for CAP 1.2 messages.")] = None,
    office: OfficeOption = HERE,
) -> None:
    """Run the sensor gateway of the watches until Ctrl-C. Alarms are handled at the office's pages."""
    from peelian.integrations.mqtt import Broker
    from peelian.operations.watch_service import open_room

    if not host and not http_port:
        raise InputError("no source of readings", accepted="--host of a broker, or --http-port")
    named = Broker(
        host=host, port=broker_port, authority=authority, certificate=certificate, key=private_key, version=version
    )
    broker = named if host else None
    hook = (webhook, os.environ.get("PEELIAN_WEBHOOK_SECRET", "").encode()) if webhook else None
    with opened(office) as here, open_room(here, broker=broker, webhook=hook, cap_folder=cap) as room, attended(here):
        n = len(room.gateway.standings)
        source = f"{host}:{broker_port}" if host else f"http://127.0.0.1:{http_port}"
        with _door(http_port) as at:
            typer.echo(say("Watches running: %(n)d. Listening to %(broker)s  (stop with Ctrl-C)", n=n, broker=source))
            if stopped := ", ".join(room.suspended):
                typer.echo(
                    say("Suspended: %(technologies)s. Nobody is watching until it is lifted.", technologies=stopped)
                )
            _until_stopped(room.take, at)


@command(
    "sensors listen",
    Enters.READINGS,
    Leaves.ALARMS,
    Suspended.STOPS,
    whom=MACHINE,
    terminal="runs a program until it is stopped",
)
def listen(
    host: Annotated[str, typer.Option(help="Name of the MQTT broker.")],
    as_: AsOption = "custodian",
    broker_port: BrokerPortOption = 8883,
    authority: AuthorityOption = None,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    version: MqttOption = "5",
    http_port: HttpPortOption = 0,
    office: OfficeOption = HERE,
) -> None:
    """Listen to registered sensors until Ctrl-C. Sums of 15 minutes are stored for 90 days; readings are not stored."""
    from peelian.integrations.mqtt import Broker
    from peelian.operations.sensor_listener import listening

    broker = Broker(
        host=host, port=broker_port, authority=authority, certificate=certificate, key=private_key, version=version
    )
    with opened(office) as town, attended(town), listening(town, town.operator(as_), broker) as heard:
        if heard.lost:
            typer.echo(say("The last session was cut off. Counts since %(time)s are lost.", time=heard.lost))
        with _door(http_port) as at:
            typer.echo(say("Listening to %(broker)s  (stop with Ctrl-C)", broker=f"{host}:{broker_port}"))
            _until_stopped(heard.take, at)
        counts = {"taken": heard.tally["taken"], "refused": heard.tally["refused"]}
        typer.echo(say("Messages read: %(taken)d, refused: %(refused)d.", **counts))


def _door(http_port: int) -> AbstractContextManager[socket.socket | None]:
    """The port for readings by HTTP, taken; None where none is given."""
    from peelian.web.serving import taken_port

    return taken_port(http_port) if http_port else nullcontext()


def _until_stopped(take: Callable[[str, str, bytes], str], at: socket.socket | None) -> None:
    """Wait for Ctrl-C, with the door for readings by HTTP where a port was taken."""
    import threading

    from peelian.web.sensors.readings import readings_app
    from peelian.web.serving import serve_pages

    with suppress(KeyboardInterrupt):
        if at is not None:
            serve_pages(readings_app(take), at=at)
        else:
            threading.Event().wait()


@command(
    "sensors metrics-key",
    Enters.NOTHING,
    Leaves.OWN,
    Suspended.ANY,
    whom=MACHINE,
    terminal="prints a secret that stands nowhere else",
)
def metrics_key(office: OfficeOption = HERE) -> Printed:
    """Print the key with which a monitoring program reads sensor health at /metrics. It belongs to no person."""
    from peelian.oversight.sensors.metrics import metrics_key as key_of

    with opened(office) as town:
        key = key_of(town.kernel)
    return {"key": key}, [say("Key for /metrics (Authorization: Bearer): %(key)s", key=key)]
