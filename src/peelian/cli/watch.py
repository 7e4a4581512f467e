"""Watches and their alarms: `peelian watch start|list|feed|serve|alarms|months|ack|decide|close|shelve|…`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import TAKES_PARAMETERS, command
from peelian.cli.event_plans import AlarmArgument
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, pairs
from peelian.cli.words import say, translated
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.kernel.model.alarms import Alarm
    from peelian.kernel.state.kernel import Kernel

STATES = {
    "open": "unacknowledged",
    "gathering": "new",
    "acked": "acknowledged",
    "decided": "decided",
    "cleared": "over, outcome not recorded",
    "closed": "closed",
    "shelved": "shelved",
    "out_of_service": "out of service",
    "suppressed_by_permit": "muted by planned event",
    "joined": "part of a wider incident",
    "silent": "recorded in the trial period",
}
GONE = "destroyed on %(day)s, retention period ended"


@command(
    "watch start",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /tasks/watch-start",
    settings=TAKES_PARAMETERS,
)
def start(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(help="For example crowd.noise.")],
    purpose: Annotated[str, typer.Option(help="Purpose of the watch.")],
    sensor: Annotated[list[str], typer.Option(help="sensor=zone. Repeat for more.")],
    as_: AsOption,
    exercise: Annotated[bool, typer.Option("--exercise", help="An exercise. Its alarms are marked as such.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Start a watch over sensors. It needs its authorizations. Its parameters are flags."""
    from peelian.forms import from_flags
    from peelian.kernel.alarms.watch import stand as stands
    from peelian.kernel.alarms.watch import watch_named
    from peelian.kernel.records.sensor_register import silent_of

    with opened(office) as room:
        params = from_flags(watch_named(room.kernel, watch).asks.params, context.args)
        zones = pairs(sensor, "--sensor")
        made = stands(
            room.kernel, room.operator(as_), watch, purpose=purpose, params=params, sensors=zones, exercise=exercise
        )
        silent = {} if exercise else silent_of(room.kernel, zones)
    record = {"case": made.case, "watch": watch, "until": made.until, "sensors": len(zones), "silent": silent}
    values = {"watch": watch, "case": made.case, "n": len(zones), "until": made.until[:10]}
    lines = [say("Started: %(watch)s, case %(case)s, %(n)d sensors, until %(until)s.", **values)]
    lines += [
        "  " + say("No alarms from %(sensor)s yet: %(why)s", sensor=sensor, why=translated(why))
        for sensor, why in silent.items()
    ]
    return record, lines


@command(
    "watch feed",
    Enters.READINGS,
    Leaves.ALARMS,
    Suspended.STOPS,
    whom=MACHINE,
    terminal="reads a recorded day from the machine",
)
def feed(
    case: Annotated[str, typer.Argument(help="Case of the watch. See `peelian watch list`.")],
    file: Annotated[Path, typer.Argument(help="Readings as JSON lines.")],
    replay: Annotated[
        bool, typer.Option("--replay", help="Rehearse past readings by their own clock. Raises no alarm.")
    ] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Feed a watch from a file: readings of the last hour, or a recorded day with --replay."""
    from peelian.operations.rehearsal import rehearse
    from peelian.operations.watch_service import feed_file

    with opened(office) as room:
        record = rehearse(room, case, file) if replay else feed_file(room, case, file)
    counts = ", ".join(f"{n:,} {word}" for word, n in sorted(record["readings"].items()))
    lines = [f"  {s['at'][:19]}  {s['zone']}: {s['type']}  {s['step']}  {s['level']}" for s in record.get("steps", ())]
    values = {"n": record["moves"], "counts": counts or say("none")}
    lines.append(say("Alarm steps: %(n)d. Readings: %(counts)s.", **values))
    lines += [say("Rehearsal only: no alarm was raised.")] if replay else []
    return record, lines


@command(
    "watch alarms",
    Enters.NOTHING,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /alarms",
)
def alarms(
    everything: Annotated[bool, typer.Option("--all", help="Include closed alarms.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """List open alarms, most urgent first."""
    with opened(office) as room:
        floor = room.kernel.state.alarms.floor
        found = list(floor.alarms.values()) if everything else floor.queue()
        gone = room.kernel.state.alarms.gone if everything else {}
        past = [_destroyed(room.kernel, name, digest) for name, digest in gone.items()]
        held, damaged = room.kernel.state.alarms.held(), floor.damaged
    rows = [_row(alarm) | {"held": alarm.id in held, "damaged": alarm.id in damaged} for alarm in found]
    shown = "{alarm}  {level:8}{state:10}{zone}: {type}  {disposition}"
    lines = [shown.format(**r) + _on_hold(r) for r in rows]
    return [*rows, *past], [*lines, *_gone(past)] or [say("No alarms waiting.")]


def _destroyed(town: Kernel, name: str, digest: str) -> dict[str, str]:
    from peelian.kernel.state.signed_documents import destroyed_on

    return _past(name, destroyed_on(town, digest))


@command(
    "watch months",
    Enters.NOTHING,
    Leaves.RELEASED,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /alarm-months",
)
def months(office: OfficeOption = HERE) -> Printed:
    """Count alarm outcomes by month and zone. The same counts are public."""
    from peelian.oversight.watches.alarm_months import zone_months

    with opened(office) as room:
        rows = [asdict(row) for row in zone_months(room.kernel.state.alarms.floor)]
    text = "%(month)s  %(zone)s: %(closed)d closed, danger confirmed in %(danger)d of %(known)d known"
    return rows, [say(text, **row) for row in rows] or [say("No closed alarms.")]


@command(
    "watch ack",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/alarm/{alarm}",
)
def ack(alarm: AlarmArgument, as_: AsOption, office: OfficeOption = HERE) -> Printed:
    """Acknowledge an alarm."""
    from peelian.kernel.alarms import operator_desk

    with opened(office) as room:
        made = operator_desk.acknowledge(room.kernel, room.operator(as_), alarm)
    return _told(made)


@command(
    "watch decide",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/alarm/{alarm}",
)
def decide(
    alarm: AlarmArgument,
    choice: Annotated[str, typer.Option(help="dispatch help, watch, or dismiss.")],
    reason: Annotated[str, typer.Option(help="Your reason.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Decide an acknowledged alarm."""
    from peelian.kernel.alarms import operator_desk

    with opened(office) as room:
        made = operator_desk.decide(room.kernel, room.operator(as_), alarm, choice=choice, reason=reason)
    return _told(made)


@command(
    "watch close",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/alarm/{alarm}",
)
def close(
    alarm: AlarmArgument,
    disposition: Annotated[str, typer.Option(help="Outcome: danger confirmed, crowd normal, works…")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Record the outcome. The alarm closes now, or when its condition ends."""
    from peelian.kernel.alarms import operator_desk

    with opened(office) as room:
        made = operator_desk.dispose(room.kernel, room.operator(as_), alarm, disposition=disposition)
    return _told(made)


@command(
    "watch shelve",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/alarm/{alarm}",
)
def shelve(
    alarm: AlarmArgument,
    minutes: Annotated[int, typer.Option(help="Minutes, 1 to 60.")],
    reason: Annotated[str, typer.Option(help="Your reason.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Shelve an alarm for up to one hour."""
    from peelian.kernel.alarms import operator_desk

    with opened(office) as room:
        made = operator_desk.shelve(room.kernel, room.operator(as_), alarm, minutes=minutes, reason=reason)
    return _told(made)


@command(
    "watch handover",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/handover",
)
def handover(
    to: Annotated[str, typer.Option(help="Short name of the next operator.")],
    note: Annotated[str, typer.Option(help="What they need to know.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Hand over the shift. Refused while an alarm has no outcome."""
    from peelian.kernel.alarms import operator_desk

    with opened(office) as room:
        made = operator_desk.hand_over(room.kernel, room.operator(as_), to=room.person(to).token, words=note)
    return (
        {"active": made.active, "at": made.at},
        [say("Handed over to %(name)s. Active alarms: %(n)d.", name=to, n=made.active)],
    )


@command(
    "watch count",
    Enters.WORDS,
    Leaves.ALARMS,
    Suspended.GOES_ON,
    page="POST /console/zone/{zone}",
)
def count(
    zone: Annotated[str, typer.Argument(help="Zone.")],
    people: Annotated[int, typer.Argument(help="People inside now, as you counted them. 0 for an empty zone.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Record your own count of a zone. Its gate counters add to that."""
    from peelian.kernel.alarms.zone_count import count_zone

    with opened(office) as room:
        made = count_zone(room.kernel, room.operator(as_), zone=zone, people=people)
    return {"zone": made.zone, "people": made.people, "at": made.at}, [
        say("Recorded for %(zone)s: %(n)d people inside.", zone=made.zone, n=made.people)
    ]


@command(
    "watch key",
    Enters.NOTHING,
    Leaves.OWN,
    Suspended.ANY,
    whom=MACHINE,
    terminal="prints a secret that stands nowhere else",
)
def key(
    sensor: Annotated[str, typer.Argument(help="The sensor's id.")],
    office: OfficeOption = HERE,
) -> Printed:
    """Print the secret a sensor needs to post readings by HTTP. Put it nowhere else."""
    from peelian.operations.watch_service import sensor_key

    with opened(office) as room:
        secret = sensor_key(room.kernel, sensor)
    return {"sensor": sensor, "key": secret}, [secret]


def _row(alarm: Alarm) -> dict[str, Any]:
    return {
        "alarm": alarm.id,
        "zone": alarm.zone,
        "type": alarm.type,
        "level": str(alarm.level),
        "state": str(alarm.state),
        "exercise": alarm.kind == "exercise",
        "active": alarm.active,
        "since": alarm.opened_at.isoformat(),
        "choice": alarm.choice,
        "disposition": alarm.disposition,
    }


def _told(alarm: Alarm) -> Printed:
    state = say(STATES[str(alarm.state)])
    return _row(alarm), [say("Alarm %(alarm)s: %(state)s.", alarm=alarm.id, state=state)]


def _gone(past: Sequence[Mapping[str, str]]) -> list[str]:
    """The lines on what was destroyed."""
    return [f"{one['name']}  {say(GONE, day=one['destroyed'])}" for one in past]


def _past(name: str, day: str) -> dict[str, str]:
    return {"name": name, "destroyed": day, "says": GONE % {"day": day}}


def _on_hold(row: Mapping[str, object]) -> str:
    damaged = f"  {say('DAMAGED RECORD')}" if row.get("damaged") else ""
    return (f"  {say('ON HOLD')}" if row["held"] else "") + damaged
