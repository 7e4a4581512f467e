"""What listens to a broker until Ctrl-C: `peelian watch serve` with its consoles, and `peelian sensors listen`."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, LanguageOption, OfficeOption, attended, language_of, opened

BrokerPortOption = Annotated[int, typer.Option(help="The broker's port.", min=1, max=65535)]
AuthorityOption = Annotated[Path | None, typer.Option(help="The broker's certificate authority (PEM).")]
CertificateOption = Annotated[Path | None, typer.Option(help="Our client certificate (PEM).")]
PrivateKeyOption = Annotated[Path | None, typer.Option(help="Its key (PEM).")]
MqttOption = Annotated[str, typer.Option(help="MQTT 5 or 3.1.1.")]


def serve(
    as_: Annotated[list[str], typer.Option("--as", help="Who sits at a desk; repeat for more.")],
    host: Annotated[str, typer.Option(help="The broker.")] = "",
    broker_port: BrokerPortOption = 8883,
    authority: AuthorityOption = None,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    version: MqttOption = "5",
    webhook: Annotated[str, typer.Option(help="Address told of each step; secret in PEELIAN_WEBHOOK_SECRET.")] = "",
    cap: Annotated[Path | None, typer.Option(help="Folder for CAP 1.2 messages.")] = None,
    port: Annotated[int, typer.Option(help="The console's port on this machine.", min=1, max=65535)] = 8182,
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
) -> None:
    """Serve the gateway and the operators' consoles until Ctrl-C."""
    import uvicorn

    from peelian.guided.watch_room import broker_at, open_room
    from peelian.web.console import make_console

    files = (authority, certificate, private_key)
    broker = broker_at(host, broker_port, files=files, version=version) if host else None
    hook = (webhook, os.environ.get("PEELIAN_WEBHOOK_SECRET", "").encode()) if webhook else None
    where = f"http://127.0.0.1:{port}/{language_of(language)}/desk"
    room_of = partial(open_room, desks=as_, broker=broker, webhook=hook, cap_folder=cap)
    with opened(office) as here, room_of(here) as room, attended(here):
        for secret, short in room.desks.items():
            typer.echo(f"The desk of {short}, for them only: {where}/{secret}")
        uvicorn.run(
            make_console(here, room.desks, state=room.state, take=room.take),
            host="127.0.0.1",
            port=port,
            log_level="warning",
            access_log=False,
        )


def listen(
    host: Annotated[str, typer.Option(help="The MQTT broker's name.")],
    as_: AsOption = "custodian",
    broker_port: BrokerPortOption = 8883,
    authority: AuthorityOption = None,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    version: MqttOption = "5",
    office: OfficeOption = HERE,
) -> None:
    """Listen to the registered sensors until Ctrl-C: sums of 15 minutes are sealed for 90 days, no reading is kept."""
    import threading

    from peelian.guided.sensor_room import listening
    from peelian.guided.watch_room import broker_at

    broker = broker_at(host, broker_port, files=(authority, certificate, private_key), version=version)
    with opened(office) as house, attended(house), listening(house, house.operator(as_), broker) as heard:
        if heard.lost:
            typer.echo(
                f"The last listening was cut off: what was counted since {heard.lost} was not sealed and is lost."
            )
        typer.echo(f"Listening to {host}:{broker_port}  (stop with Ctrl-C)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo(f"{heard.tally['taken']:,} messages were read, {heard.tally['refused']:,} refused.")
