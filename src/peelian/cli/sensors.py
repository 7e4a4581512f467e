"""Commands of the public sensor register: register, renew, end, list, sign, export, release, report."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.frame import (
    HERE,
    AsOption,
    JsonOption,
    LanguageOption,
    OfficeOption,
    language_of,
    opened,
    tell,
)
from peelian.cli.listening import BrokerPortOption, listen
from peelian.errors import InputError

if TYPE_CHECKING:
    from peelian.governance.sensors import Sensor

sensors = typer.Typer(
    name="sensors",
    help="The public register of sensors: what is not in it may not speak.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
SensorArgument = Annotated[str, typer.Argument(help="The sensor's id.")]
ToOption = Annotated[Path, typer.Option("--to", help="The file to write.")]
LARGEST_FILE = 1 << 20


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (register, renew, end, sign, export, broker, collect, listen, release, report):
        sensors.command()(command)
    sensors.command("list")(list_)
    app.add_typer(sensors)


def register(
    file: Annotated[Path, typer.Argument(help="A JSON file with the facts of one sensor.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Put a sensor into the register: owner, purpose, type, place, personal data, end, retention, contact."""
    from peelian.governance import sensor_register
    from peelian.oversight.sensors import can_speak

    sensor = _sensor(file)
    can_speak(sensor)
    with opened(office) as house:
        listed = sensor_register.register(house.house, house.operator(as_), sensor)
    proven = listed.proven_from.date().isoformat()
    record = {"sensor": sensor.id, "mark": listed.mark, "ends": sensor.ends, "may_alarm_from": proven}
    lines = [f"{sensor.id} is registered until {sensor.ends}.", f"  mark {listed.mark}"]
    if sensor.format:
        lines.insert(1, f"  It is heard in silence first and may raise an alarm from {proven} on.")
    tell(record, lines, as_json=as_json)


def renew(
    id: SensorArgument,
    until: Annotated[str, typer.Option(help="The new last day, as 2027-06-30.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Give a sensor a later end. Nothing renews itself."""
    from peelian.governance import sensor_register

    with opened(office) as house:
        listed = sensor_register.renew(house.house, house.operator(as_), id, until)
    tell({"sensor": id, "ends": until, "mark": listed.mark}, [f"{id} is registered until {until}."], as_json=as_json)


def end(
    id: SensorArgument,
    why: Annotated[str, typer.Option(help="removed, replaced, broken or refused.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """End a sensor's registration: it may speak no more, and stays in sight."""
    from peelian.governance import sensor_register

    with opened(office) as house:
        listed = sensor_register.end(house.house, house.operator(as_), id, why)
    tell({"sensor": id, "ending": why, "mark": listed.mark}, [f"{id} is ended: {why}."], as_json=as_json)


def list_(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List every sensor that was ever registered, newest first."""
    from peelian.oversight import sensors as public

    with opened(office) as house:
        found = public.entries(house.house)
    lines = [
        f"{e.sensor.id:<20} {e.state:<10} {e.sensor.kind:<16} until {e.sensor.ends}  {e.sensor.area}" for e in found
    ]
    tell([public.facts(e) for e in found], lines or ["No sensor is registered."], as_json=as_json)


def sign(
    id: SensorArgument,
    to: ToOption,
    address: Annotated[str, typer.Option(help="Where the public finds the sensor's page.")] = "",
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the sign to hang beside a sensor: one printable SVG."""
    from peelian.oversight import sensors as public

    with opened(office) as house:
        picture = public.sign_of(house.house, id, house.say(language_of(language), "sensors"), address)
    to.write_text(picture, encoding="utf-8")
    tell({"file": str(to)}, [f"Written: {to}"], as_json=as_json)


def export(to: ToOption, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Write the register: .geojson, .jsonld (NGSI-LD), .json (with DTPR chains) or .parquet."""
    from peelian.oversight import sensors as public

    with opened(office) as house:
        content = public.export(house.house, to.suffix.removeprefix("."))
    to.write_bytes(content)
    tell({"file": str(to), "bytes": len(content)}, [f"Written: {to}"], as_json=as_json)


def broker(
    to: Annotated[Path, typer.Option("--to", help="The folder to write; it holds keys, so keep it private.")],
    host: Annotated[str, typer.Option(help="The name under which sensors find the broker.")],
    as_: AsOption = "custodian",
    port: BrokerPortOption = 8883,
    address: Annotated[str, typer.Option(help="The address it listens on; default: every one.")] = "",
    user: Annotated[str, typer.Option(help="The user Mosquitto runs as; default: you.")] = "",
    certificates: Annotated[bool, typer.Option(help="Make certificates; without, bring your authority's.")] = True,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write Mosquitto's settings from the register: TLS, certificates, each sensor under its own name only."""
    from peelian.guided.broker_folder import place_of, write_broker

    place = place_of(host, port, address=address, user=user)
    with opened(office) as house:
        made = write_broker(house.house, house.operator(as_), to, place, certificates=certificates)
    record = {"settings": str(made.settings), "sensors": len(made.sensors), "new_certificates": list(made.fresh)}
    lines = [f"Written for {len(made.sensors)} sensors: {made.settings}", f"  mosquitto -c {made.settings}"]
    lines += [f"  new certificate: {to}/sensors/{sensor}.pem and .key" for sensor in made.fresh]
    tell(record, lines, as_json=as_json)


def collect(
    id: Annotated[str, typer.Argument(help="The id of the meter, as the warrant names it.")],
    file: Annotated[Path, typer.Argument(help="A Green Button file of one home.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Admit the record of a single home, under a recorded warrant that names its meter; refused without one."""
    from peelian.oversight import sensor_gate

    content = _bytes(file)
    with opened(office) as house:
        made = sensor_gate.collect(house.house, house.operator(as_), id, content)
    tell(
        {"dataset": made.dataset, "rows": made.rows}, [f"Sealed: {made.dataset}, {made.rows:,} hours."], as_json=as_json
    )


def release(
    id: SensorArgument,
    day: Annotated[str, typer.Argument(help="The day, as 2026-03-01.")],
    file: Annotated[
        Path | None, typer.Argument(help="A JSON file with other counts, 24 to 96 numbers; default: what was sealed.")
    ] = None,
    as_: AsOption = "clerk",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Publish a day of counts with noise: drawn once, paid from the day's budget, counts under 15 as <15."""
    counts = _counts(file) if file else None
    with opened(office) as house:
        *windows, total = house.release_counts(house.operator(as_), id, _day(day), counts)
    record = {"sensor": id, "day": day, "windows": windows, "total": total}
    tell(
        record,
        [f"{id}, {day}: {'<15' if total is None else total} in all, released with noise."],
        as_json=as_json,
    )


def report(
    kind: Annotated[str, typer.Argument(help="impact, or annual.")],
    to: ToOption,
    answers: Annotated[
        Path | None, typer.Option(help="A JSON file: the town's own words by section (abstract, overview… or A to K).")
    ] = None,
    year: Annotated[int, typer.Option(help="The year of the annual report; default: this one.")] = 0,
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the surveillance impact report (Seattle's sections) or the annual report (Oakland's parts) as one page."""
    from peelian.oversight import sensors as public
    from peelian.web.report import report as page

    told = _texts(answers)
    with opened(office) as house:
        say = house.say(language_of(language), "sensors")
        of = year or house.house.now().year
        made = {
            "impact": lambda: (say("Surveillance impact report"), public.impact_report(house.house, told, say)),
            "annual": lambda: (say("Annual surveillance report"), public.annual_report(house.house, of, told, say)),
        }
        if kind not in made:
            raise InputError("there is no such report", column=kind[:20], accepted="impact, annual")
        title, panels = made[kind]()
        to.write_text(page(title, panels, language=language, facts=[], say=say), encoding="utf-8")
    tell({"file": str(to)}, [f"Written: {to}"], as_json=as_json)


def _sensor(file: Path) -> Sensor:
    from peelian.governance.sensors import sensor_of

    body = _read(file)
    if not isinstance(body, dict):
        raise InputError("these are no facts of a sensor", file=file.name, accepted="one JSON object")
    return sensor_of(body)


def _counts(file: Path) -> list[int]:
    counts = _read(file)
    if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
        raise InputError("these are no counts", file=file.name, accepted="a JSON list of whole numbers from 0 on")
    return counts


def _texts(file: Path | None) -> dict[str, str]:
    body = _read(file) if file else {}
    if not isinstance(body, dict) or not all(isinstance(text, str) for text in body.values()):
        raise InputError("these are no answers", accepted="a JSON object of texts by section")
    return body


def _bytes(file: Path, most: int = 8 << 20) -> bytes:
    try:
        if file.stat().st_size > most:
            raise InputError("the file is too large", file=file.name, accepted=f"at most {most:,} bytes")
        return file.read_bytes()
    except OSError:
        raise InputError("the file cannot be read", file=file.name, accepted="a file") from None


def _read(file: Path) -> Any:
    content = _bytes(file, LARGEST_FILE)
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError("this is no JSON", file=file.name, accepted="a JSON file in UTF-8") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("this is no day", column="day", accepted="a day as 2026-03-01") from None
