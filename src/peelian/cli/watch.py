"""Watches and their alarms: `peelian watch stand|list|feed|serve|alarms|months|ack|decide|close|shelve|…`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.frame import (
    HERE,
    AsOption,
    JsonOption,
    OfficeOption,
    opened,
    pairs,
    tell,
)
from peelian.cli.listening import serve
from peelian.errors import InputError

if TYPE_CHECKING:
    from peelian.governance.alarms import Alarm
    from peelian.governance.house import House

PARAMETERS = {"allow_extra_args": True, "ignore_unknown_options": True}
watches = typer.Typer(name="watch", help="Watches that stand, and their alarms.", no_args_is_help=True)
AlarmArgument = Annotated[str, typer.Argument(help="The alarm's id, see `peelian watch alarms`.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    watches.command(context_settings=PARAMETERS)(stand)
    for command in (feed, serve, alarms, months, ack, decide, close, shelve, handover, event, key):
        watches.command()(command)
    watches.command("list")(list_)
    app.add_typer(watches)


def stand(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(help="For example crowd.noise.")],
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    sensor: Annotated[list[str], typer.Option(help="sensor=zone; repeat for more.")],
    as_: AsOption,
    exercise: Annotated[bool, typer.Option("--exercise", help="A drill: its alarms are marked as such.")] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Let a watch stand over sensors, if its papers are in order. Its parameters are flags."""
    from peelian.forms import from_flags
    from peelian.governance.sensor_register import silent_of
    from peelian.governance.watch import stand as stands
    from peelian.governance.watch import watch_named

    with opened(office) as room:
        params = from_flags(watch_named(room.house, watch).params, context.args)
        zones = pairs(sensor, "sensor")
        made = stands(
            room.house, room.operator(as_), watch, purpose=purpose, params=params, sensors=zones, exercise=exercise
        )
        silent = {} if exercise else silent_of(room.house, zones)
    record = {"case": made.case, "watch": watch, "until": made.until, "sensors": len(zones), "silent": silent}
    lines = [f"{watch} stands as {made.case} over {len(zones)} sensors until {made.until[:10]}."]
    lines += [f"  {sensor} raises no alarm yet: {why}" for sensor, why in silent.items()]
    tell(record, lines, as_json=as_json)


def list_(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """The watches of this office."""
    with opened(office) as room:
        watching = room.house.book.watching
        rows = [
            {
                "case": case,
                "watch": one.permit.watch,
                "sensors": len(one.request.sensors),
                "exercise": one.request.exercise,
                "until": one.permit.until,
                "ended": case in watching.ended,
                "held": case in watching.on_hold(),
            }
            for case, one in watching.stands.items()
        ]
        past = [_destroyed(room.house, case, mark) for case, mark in watching.gone_watches.items()]
    told = "{case}  {watch}  {sensors} sensors"
    lines = [f"{told.format(**r)}{'  EXERCISE' if r['exercise'] else ''}{_on_hold(r)}" for r in rows]
    lines += [f"{one['name']}  {one['says']}" for one in past]
    tell([*rows, *past], lines or ["No watch stands."], as_json=as_json)


def feed(
    case: Annotated[str, typer.Argument(help="The watch's case.")],
    file: Annotated[Path, typer.Argument(help="Readings as JSON lines.")],
    replay: Annotated[
        bool, typer.Option("--replay", help="Rehearse a drill: past readings by their own clock, beside the log.")
    ] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Feed a watch from a file: readings of the last hour, or with --replay a recorded day as a rehearsal."""
    from peelian.guided.rehearsal import rehearse
    from peelian.guided.watch_room import feed_file

    with opened(office) as room:
        record = rehearse(room, case, file) if replay else feed_file(room, case, file)
    counts = ", ".join(f"{n:,} {word}" for word, n in sorted(record["readings"].items()))
    lines = [f"  {s['at'][:19]}  {s['zone']}: {s['type']}  {s['step']}  {s['level']}" for s in record.get("steps", ())]
    told = f"{record['moves']} steps of alarms; readings: {counts or 'none'}."
    tell(record, [*lines, f"Rehearsed, nothing was alarmed: {told}" if replay else told], as_json=as_json)


def alarms(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The alarms that wait, the most urgent first."""
    with opened(office) as room:
        floor = room.house.book.watching.floor
        found = list(floor.alarms.values()) if everything else floor.queue()
        gone = room.house.book.watching.gone if everything else {}
        past = [_destroyed(room.house, name, mark) for name, mark in gone.items()]
        held = room.house.book.watching.held()
    rows = [_row(alarm) | {"held": alarm.id in held} for alarm in found]
    told = "{alarm}  {level:8}{state:10}{zone}: {type}  {disposition}"
    lines = [told.format(**r) + _on_hold(r) for r in rows]
    lines += [f"{one['name']}  {one['says']}" for one in past]
    tell([*rows, *past], lines or ["No alarms waiting."], as_json=as_json)


def _on_hold(row: Mapping[str, object]) -> str:
    return "  ON HOLD" if row["held"] else ""


def _destroyed(house: House, name: str, mark: str) -> dict[str, str]:
    from peelian.governance.house import destroyed_on

    day = destroyed_on(house, mark)
    return {"name": name, "destroyed": day, "says": f"destroyed on {day}, as its retention asks"}


def months(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """What became of the alarms: by month and zone, how many told of danger. The same is public."""
    from dataclasses import asdict

    from peelian.oversight.alarm_months import zone_months

    with opened(office) as room:
        rows = [asdict(row) for row in zone_months(room.house.book.watching.floor)]
    told = "{month}  {zone}: {closed} closed, {danger} of {known} known told of danger"
    tell(rows, [told.format(**row) for row in rows] or ["No alarm closed yet."], as_json=as_json)


def ack(alarm: AlarmArgument, as_: AsOption, office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Acknowledge an alarm."""
    from peelian.governance import alarm_desk

    with opened(office) as room:
        made = alarm_desk.acknowledge(room.house, room.operator(as_), alarm)
    _tell(made, as_json=as_json)


def decide(
    alarm: AlarmArgument,
    choice: Annotated[str, typer.Option(help="dispatch help, watch, or dismiss.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Decide about an acknowledged alarm."""
    from peelian.governance import alarm_desk

    with opened(office) as room:
        made = alarm_desk.decide(room.house, room.operator(as_), alarm, choice=choice, reason=reason)
    _tell(made, as_json=as_json)


def close(
    alarm: AlarmArgument,
    disposition: Annotated[str, typer.Option(help="What it was: danger confirmed, crowd normal, works…")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say what it was: the alarm closes, now or as soon as its condition is over."""
    from peelian.governance import alarm_desk

    with opened(office) as room:
        made = alarm_desk.dispose(room.house, room.operator(as_), alarm, disposition=disposition)
    _tell(made, as_json=as_json)


def shelve(
    alarm: AlarmArgument,
    minutes: Annotated[int, typer.Option(help="1 to 60.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Put an alarm aside for up to an hour."""
    from peelian.governance import alarm_desk

    with opened(office) as room:
        made = alarm_desk.shelve(room.house, room.operator(as_), alarm, minutes=minutes, reason=reason)
    _tell(made, as_json=as_json)


def handover(
    to: Annotated[str, typer.Option(help="Who takes over (short name).")],
    words: Annotated[str, typer.Option(help="What they should know.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Hand the shift over; refused while an alarm has no disposition."""
    from peelian.governance import alarm_desk

    with opened(office) as room:
        made = alarm_desk.hand_over(room.house, room.operator(as_), to=room.operator(to).person.token, words=words)
    tell({"active": made.active, "at": made.at}, [f"Handed over to {to}; {made.active} still held."], as_json=as_json)


def event(
    zone: Annotated[str, typer.Argument(help="Where.")],
    type_: Annotated[list[str], typer.Option("--type", help="Which signals it explains; repeat for more.")],
    starts: Annotated[str, typer.Option(help="ISO time with its zone.")],
    ends: Annotated[str, typer.Option(help="ISO time with its zone.")],
    what: Annotated[str, typer.Option(help="What event it is.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Enter a permitted event: it explains signals there for its time, but nothing urgent."""
    from peelian.governance import alarm_desk

    with opened(office) as room:
        times = {"starts": _time(starts, "--starts"), "ends": _time(ends, "--ends")}
        made = alarm_desk.permit_event(room.house, room.operator(as_), zone=zone, types=type_, what=what, **times)
    tell({"zone": zone, "types": made.types}, [f"Entered for {zone}: {', '.join(made.types)}."], as_json=as_json)


def key(
    sensor: Annotated[str, typer.Argument(help="The sensor's id.")],
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The secret with which a sensor posts readings by HTTP: put it into the sensor, nowhere else."""
    from peelian.guided.watch_room import sensor_key

    with opened(office) as room:
        secret = sensor_key(room.house, sensor)
    tell({"sensor": sensor, "key": secret}, [secret], as_json=as_json)


def _time(text: str, column: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError("this is no time", column=column, accepted="2026-07-01T22:00:00+02:00") from None


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


def _tell(alarm: Alarm, *, as_json: bool) -> None:
    tell(_row(alarm), [f"{alarm.id} is {alarm.state.replace('_', ' ')}."], as_json=as_json)
