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
    proposed,
    written,
)
from peelian.cli.listening import BrokerPortOption
from peelian.cli.words import say
from peelian.errors import InputError, sentence
from peelian.forms import day_of
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
    file: Annotated[Path | None, typer.Argument(help="JSON file with the facts of one sensor, or CSV of many.")] = None,
    reason: Annotated[
        str, typer.Option("--propose", help="Propose many sensors, or declared fields, to a second person. The reason.")
    ] = "",
    proposal: Annotated[str, typer.Option(help="Register or renew the sensors of this approved proposal.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Register a sensor: owner, purpose, type, place, personal data, end date, retention, contact."""
    from peelian.oversight.sensors import registered

    if proposal:
        return _register_approved(proposal, as_, office)
    if file is None:
        raise InputError("no file given", accepted="a file of sensors, or --proposal with a digest")
    if reason:
        return _propose_file(file, reason, as_, office)
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


def _propose_file(file: Path, reason: str, as_: str, office: Path) -> Printed:
    from peelian.oversight.sensor_batch import propose_file

    content = _bytes(file)
    with opened(office) as town:
        digest, n = propose_file(town.kernel, town.operator(as_), content, words=reason)
    return {"proposal": digest, "sensors": n}, [say("Sensors in the file: %(n)d.", n=n), *proposed(digest)]


def _register_approved(proposal: str, as_: str, office: Path) -> Printed:
    from peelian.kernel.verbs.sensor_batches import register_approved

    with opened(office) as town:
        made = register_approved(town.kernel, town.operator(as_), proposal)
    lines = [
        say("Sensors registered or renewed: %(n)d.", n=len(made)),
        *(_until(one.sensor.id, one.sensor.ends) for one in made),
    ]
    return {"sensors": [one.sensor.id for one in made]}, lines


@command(
    "sensors renew",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /tasks/sensors-renew",
)
def renew(
    until: Annotated[str, typer.Option(help="The new last day, as 2027-06-30.")],
    id: Annotated[str, typer.Argument(help="Id of the sensor. Many: see --ending-by.")] = "",
    ending_by: Annotated[
        str, typer.Option(help="Renew every registration that ends by this day. Takes two people and --propose.")
    ] = "",
    reason: Annotated[str, typer.Option("--propose", help="Reason for the second person.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Extend the registration of a sensor, or propose it for many. Then: register --proposal."""
    from peelian.kernel.records import sensor_register
    from peelian.oversight.sensor_batch import propose_renewal

    if bool(id) == bool(ending_by) or bool(ending_by) != bool(reason):
        raise InputError("one sensor, or many with a reason", accepted="an id, or a day and --propose")
    if ending_by:
        with opened(office) as town:
            by = town.operator(as_)
            digest, n = propose_renewal(town.kernel, by, ending_by=ending_by, until=until, words=reason)
        return {"proposal": digest, "sensors": n}, [say("Sensors to renew: %(n)d.", n=n), *proposed(digest)]
    with opened(office) as town:
        listed = sensor_register.renew(town.kernel, town.operator(as_), id, until)
    return {"sensor": id, "ends": until, "digest": listed.digest}, [_until(id, until)]


@command(
    "sensors update",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /tasks/sensors-update",
)
def update(
    id: SensorArgument,
    firmware: Annotated[str, typer.Option(help="The version it runs now.")],
    on: Annotated[str, typer.Option(help="Day of the update or check, as 2027-06-30. Default: today.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Record that firmware was updated, or checked and found to be the newest."""
    from peelian.kernel.records import sensor_register

    with opened(office) as town:
        day = on or town.kernel.now().date().isoformat()
        listed = sensor_register.update(town.kernel, town.operator(as_), id, firmware=firmware, on=day)
    due = listed.sensor.update_due
    lines = [say("%(sensor)s runs firmware %(firmware)s, checked on %(day)s.", sensor=id, firmware=firmware, day=day)]
    lines += ["  " + say("Next update by %(day)s.", day=due)] if due else []
    record = {"sensor": id, "firmware": firmware, "updated": day, "due": due.isoformat() if due else ""}
    return record, lines


@command(
    "sensors end",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /tasks/sensors-end",
)
def end(
    id: SensorArgument,
    why: Annotated[str, typer.Option(help="removed, replaced, broken or refused.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """End the registration of a sensor. It can no longer send data and stays listed."""
    from peelian.kernel.records import sensor_register

    with opened(office) as town:
        listed = sensor_register.end(town.kernel, town.operator(as_), id, why)
    return (
        {"sensor": id, "ending": why, "digest": listed.digest},
        [say("Registration of %(sensor)s ended (%(why)s).", sensor=id, why=why)],
    )


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
    from peelian.oversight import sensors as public

    with opened(office) as town:
        found = public.entries(town.kernel)
    lines = []
    for e in found:
        until = say("until %(until)s", until=e.sensor.ends)
        lines.append(f"{e.sensor.id:<20} {e.state:<10} {e.sensor.kind:<16} {until}  {e.sensor.area}")
    return [public.facts(e) for e in found], lines or [say("No sensors registered.")]


@command(
    "sensors refused",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /tasks/sensors-refused",
)
def refused(office: OfficeOption = HERE) -> Printed:
    """List the newest refused messages: sensor, field and time. Values are not recorded."""
    from peelian.oversight.sensor_refusals import refused_messages

    with opened(office) as town:
        found = refused_messages(town.kernel)
    lines = [f"{one.at[:19]}  {one.sensor:<20} {one.field}" for one in found]
    record = [{"sensor": one.sensor, "field": one.field, "at": one.at} for one in found]
    return record, lines or [say("No message was refused.")]


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
    from peelian.oversight import sensors as public

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
    from peelian.oversight import sensors as public

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
    "sensors collect",
    Enters.WORDS,
    Leaves.RECORDING,
    Suspended.COURT,
    page="POST /tasks/sensors-collect",
)
def collect(
    id: Annotated[str, typer.Argument(help="Id of the meter, as the warrant names it.")],
    file: Annotated[Path, typer.Argument(help="Green Button file of one home.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Admit the energy record of one home. Requires a warrant that names its meter."""
    from peelian.oversight import sensor_gate

    content = _bytes(file)
    with opened(office) as town:
        made = sensor_gate.collect(town.kernel, town.operator(as_), id, content)
    line = say("Admitted: %(dataset)s, %(n)d hours.", dataset=made.dataset, n=made.rows)
    return {"dataset": made.dataset, "rows": made.rows}, [line]


@command(
    "sensors release",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /tasks/sensors-release",
)
def release(
    id: SensorArgument,
    day: Annotated[str, typer.Argument(help="The day, as 2026-03-01.")],
    file: Annotated[
        Path | None, typer.Argument(help="JSON file with other counts, 24 to 96 numbers. Default: the stored counts.")
    ] = None,
    as_: AsOption = "clerk",
    office: OfficeOption = HERE,
) -> Printed:
    """Publish the noisy counts of one day. Noise is drawn once. Counts under 15 appear as <15."""
    counts = _counts(file) if file else None
    with opened(office) as town:
        *windows, total = town.release_counts(town.operator(as_), id, day_of(day, "DAY"), counts)
    record = {"sensor": id, "day": day, "windows": windows, "total": total}
    return (
        record,
        [
            say(
                "%(sensor)s, %(day)s: total %(total)s, with noise.",
                sensor=id,
                day=day,
                total="<15" if total is None else total,
            )
        ],
    )


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
    from peelian.oversight import sensors as public
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
        raise InputError("many sensors take two people", file=file.name, accepted="your reason, as --propose")
    body = _read(file)
    if not isinstance(body, dict):
        raise InputError("not the facts of a sensor", file=file.name, accepted="one JSON object")
    return body


def _counts(file: Path) -> list[int]:
    counts = _read(file)
    if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
        raise InputError("not a list of counts", file=file.name, accepted="a JSON list of whole numbers, 0 or more")
    return counts


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
