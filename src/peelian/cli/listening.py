"""Commands that listen to a broker until Ctrl-C: `peelian watch serve` and `peelian sensors listen`."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, LanguageOption, OfficeOption, Printed, attended, language_of, opened
from peelian.cli.words import say

BrokerPortOption = Annotated[int, typer.Option(help="Port of the broker.", min=1, max=65535)]
AuthorityOption = Annotated[Path | None, typer.Option(help="Certificate authority of the broker (PEM).")]
CertificateOption = Annotated[Path | None, typer.Option(help="Client certificate of this office (PEM).")]
PrivateKeyOption = Annotated[Path | None, typer.Option(help="Key of the client certificate (PEM).")]
MqttOption = Annotated[str, typer.Option(help="MQTT 5 or 3.1.1.")]


def serve(
    as_: Annotated[list[str], typer.Option("--as", help="Short name of an operator. Repeat for more.")],
    host: Annotated[str, typer.Option(help="Name of the MQTT broker.")] = "",
    broker_port: BrokerPortOption = 8883,
    authority: AuthorityOption = None,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    version: MqttOption = "5",
    webhook: Annotated[
        str, typer.Option(help="Address notified of each alarm step. Secret in PEELIAN_WEBHOOK_SECRET.")
    ] = "",
    cap: Annotated[Path | None, typer.Option(help="Folder for CAP 1.2 messages.")] = None,
    port: Annotated[int, typer.Option(help="Port of the console on this machine.", min=1, max=65535)] = 8182,
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> None:
    """Serve the sensor gateway and the operator consoles until Ctrl-C."""
    from peelian.operations.watch_service import broker_at, open_room
    from peelian.web.console import make_console
    from peelian.web.serving import serve_pages

    files = (authority, certificate, private_key)
    broker = broker_at(host, broker_port, files=files, version=version) if host else None
    hook = (webhook, os.environ.get("PEELIAN_WEBHOOK_SECRET", "").encode()) if webhook else None
    where = f"http://127.0.0.1:{port}/{language_of(language)}/desk"
    room_of = partial(open_room, desks=as_, broker=broker, webhook=hook, cap_folder=cap)
    with opened(office) as here, room_of(here) as room, attended(here):
        for secret, short in room.desks.items():
            here.operator(short)  # gives their passphrase now: nobody asks for it at the console
            typer.echo(say("Console of %(name)s, private: %(address)s", name=short, address=f"{where}/{secret}"))
        serve_pages(make_console(here, room.desks, state=room.state, take=room.take), port=port)


def listen(
    host: Annotated[str, typer.Option(help="Name of the MQTT broker.")],
    as_: AsOption = "custodian",
    broker_port: BrokerPortOption = 8883,
    authority: AuthorityOption = None,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    version: MqttOption = "5",
    http_port: Annotated[
        int, typer.Option(help="Port of this machine for readings by HTTP. Default: MQTT only.", min=0, max=65535)
    ] = 0,
    office: OfficeOption = HERE,
) -> None:
    """Listen to registered sensors until Ctrl-C. Sums of 15 minutes are stored for 90 days; readings are not stored."""
    import threading

    from peelian.operations.sensor_listener import listening
    from peelian.operations.watch_service import broker_at
    from peelian.web.readings import readings_app
    from peelian.web.serving import serve_pages

    broker = broker_at(host, broker_port, files=(authority, certificate, private_key), version=version)
    with opened(office) as town, attended(town), listening(town, town.operator(as_), broker) as heard:
        if heard.lost:
            typer.echo(say("The last session was cut off. Counts since %(time)s are lost.", time=heard.lost))
        typer.echo(say("Listening to %(broker)s  (stop with Ctrl-C)", broker=f"{host}:{broker_port}"))
        with suppress(KeyboardInterrupt):
            if http_port:
                serve_pages(readings_app(heard.take), port=http_port)
            else:
                threading.Event().wait()
        counts = {"taken": heard.tally["taken"], "refused": heard.tally["refused"]}
        typer.echo(say("Messages read: %(taken)d, refused: %(refused)d.", **counts))


def metrics_key(office: OfficeOption = HERE) -> Printed:
    """Print the key with which a monitoring program reads sensor health at /metrics. It belongs to no person."""
    from peelian.oversight.sensor_metrics import metrics_key as key_of

    with opened(office) as town:
        key = key_of(town.kernel)
    return {"key": key}, [say("Key for /metrics (Authorization: Bearer): %(key)s", key=key)]
