"""Commands of the public sensor register: register, renew, end, list, sign, export, release, report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import (
    HERE,
    AsOption,
    LanguageOption,
    OfficeOption,
    Printed,
    language_of,
    opened,
    written,
)
from peelian.cli.listening import BrokerPortOption
from peelian.cli.words import say
from peelian.errors import InputError, sentence
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

SensorArgument = Annotated[str, typer.Argument(help="Id of the sensor.")]
ToOption = Annotated[Path, typer.Option("--to", help="The new file.")]
LARGEST_FILE = 1 << 20


@command(
    "sensors register",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /tasks/sensors-register",
)
def register(
    file: Annotated[Path, typer.Argument(help="JSON file with the facts of one sensor.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Register a sensor: owner, purpose, type, place, personal data, end date, retention, contact."""
    from peelian.oversight.sensors.register import registered

    facts = _facts(file)
    with opened(office) as town:
        listed = registered(town.kernel, town.operator(as_), facts)
    sensor, proven = listed.sensor, listed.proven_from.date().isoformat()
    record = {"sensor": sensor.id, "digest": listed.digest, "ends": sensor.ends, "may_alarm_from": proven}
    lines = [_until(sensor.id, sensor.ends)]
    if sensor.format:
        lines.append("  " + say("Trial period: no alarms from this sensor before %(day)s.", day=proven))
    lines.append("  " + say("Digest: %(digest)s", digest=listed.digest))
    return record, lines


@command(
    "sensors list",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /sensors",
)
def list_(office: OfficeOption = HERE) -> Printed:
    """List every sensor ever registered, newest first."""
    from peelian.oversight.sensors import register as public

    with opened(office) as town:
        found = public.entries(town.kernel)
    lines = []
    for e in found:
        until = say("until %(until)s", until=e.sensor.ends)
        lines.append(f"{e.sensor.id:<20} {e.state:<10} {e.sensor.kind:<16} {until}  {e.sensor.area}")
    return [public.facts(e) for e in found], lines or [say("No sensors registered.")]


@command(
    "sensors sign",
    Enters.NOTHING,
    Leaves.RELEASED,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /sensors/{id}/sign.svg",
)
def sign(
    id: SensorArgument,
    to: ToOption,
    address: Annotated[str, typer.Option(help="Public address of the page of the sensor.")] = "",
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Write the printable sign (SVG) to put beside a sensor."""
    from peelian.oversight.sensors import register as public

    with opened(office) as town:
        picture = public.sign_of(town.kernel, id, town.say(language_of(language), "sensors"), address)
    to.write_text(picture, encoding="utf-8")
    return {"file": str(to)}, [written(to)]


@command(
    "sensors export",
    Enters.NOTHING,
    Leaves.RELEASED,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /sensors",
)
def export(to: ToOption, office: OfficeOption = HERE) -> Printed:
    """Export the register: .geojson, .jsonld (NGSI-LD), .json (with DTPR chains) or .parquet."""
    from peelian.oversight.sensors import register as public

    with opened(office) as town:
        content = public.export(town.kernel, to.suffix.removeprefix("."))
    to.write_bytes(content)
    return {"file": str(to), "bytes": len(content)}, [written(to)]


@command(
    "sensors broker",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="writes the settings and certificates of a server",
)
def broker(
    to: Annotated[Path, typer.Option("--to", help="The new folder. It holds keys: keep it private.")],
    host: Annotated[str, typer.Option(help="Host name of the broker for sensors.")],
    as_: AsOption = "custodian",
    port: BrokerPortOption = 8883,
    address: Annotated[str, typer.Option(help="Address it listens on. Default: all.")] = "",
    user: Annotated[str, typer.Option(help="User who runs Mosquitto. Default: you.")] = "",
    certificates: Annotated[
        bool, typer.Option(help="Make certificates. Otherwise use those of your own authority.")
    ] = True,
    office: OfficeOption = HERE,
) -> Printed:
    """Write the Mosquitto settings from the register: TLS, certificates, one name per sensor."""
    import getpass

    from peelian.integrations.broker_files import Place
    from peelian.operations.broker_folder import write_broker

    place = Place(host=host, port=port, address=address, user=user or getpass.getuser())
    with opened(office) as town:
        made = write_broker(town.kernel, town.operator(as_), to, place, certificates=certificates)
    record = {"settings": str(made.settings), "sensors": len(made.sensors), "new_certificates": list(made.fresh)}
    lines = [say("Written for %(n)d sensors: %(file)s", n=len(made.sensors), file=made.settings)]
    lines += [f"  mosquitto -c {made.settings}"]
    lines += ["  " + say("New certificate: %(file)s.pem and .key", file=f"{to}/sensors/{one}") for one in made.fresh]
    return record, lines


@command(
    "sensors report",
    Enters.NOTHING,
    Leaves.RELEASED,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /sensor-reports/{year}",
)
def report(
    kind: Annotated[str, typer.Argument(help="impact or annual.")],
    to: ToOption,
    answers: Annotated[
        Path | None, typer.Option(help="JSON file: your text by section (abstract, overview… or A to K).")
    ] = None,
    year: Annotated[int, typer.Option(help="Year of the annual report. Default: this year.")] = 0,
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Write the surveillance impact report (Seattle sections) or the annual report (Oakland parts)."""
    from peelian.oversight.sensors import register as public
    from peelian.web.report import report as page

    texts = _texts(answers)
    with opened(office) as town:
        language = language_of(language)
        told = town.say(language, "sensors")
        of = year or town.kernel.now().year
        made = {
            "impact": lambda: (told("Surveillance impact report"), public.impact_report(town.kernel, texts, told)),
            "annual": lambda: (told("Annual surveillance report"), public.annual_report(town.kernel, of, texts, told)),
        }
        if kind not in made:
            raise InputError(sentence("no such report: %(name)s", name=kind[:20]), accepted="impact, annual")
        title, panels = made[kind]()
        to.write_text(page(title, panels, language=language, facts=[], say=told), encoding="utf-8")
    return {"file": str(to)}, [written(to)]


def _until(sensor: str, until: str) -> str:
    return say("%(sensor)s registered until %(until)s.", sensor=sensor, until=until)


def _facts(file: Path) -> dict[str, Any]:
    if file.suffix.lower() == ".csv":
        raise InputError(
            "many sensors take two people", file=file.name, accepted="`peelian sensors register-file` and your reason"
        )
    body = _read(file)
    if not isinstance(body, dict):
        raise InputError("not the facts of a sensor", file=file.name, accepted="one JSON object")
    return body


def _texts(file: Path | None) -> dict[str, str]:
    body = _read(file) if file else {}
    if not isinstance(body, dict) or not all(isinstance(text, str) for text in body.values()):
        raise InputError("not texts by section", accepted="a JSON object: section to text")
    return body


def _bytes(file: Path, most: int = 8 << 20) -> bytes:
    try:
        if file.stat().st_size > most:
            raise InputError("file too large", file=file.name, accepted=sentence("at most %(n)d bytes", n=most))
        return file.read_bytes()
    except OSError:
        raise InputError("cannot read the file", file=file.name, accepted="a readable file") from None


def _read(file: Path) -> Any:
    content = _bytes(file, LARGEST_FILE)
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError("not JSON", file=file.name, accepted="a JSON file in UTF-8") from None
