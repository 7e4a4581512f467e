"""The console's runbooks, messages and shift timeline: what to do about an alarm, and what was done since the shift
began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.kernel.alarms.plans_in_force import Runbooks
from peelian.kernel.model.alarms import CITY, OFFICE, Alarm
from peelian.kernel.model.people import Person
from peelian.kernel.state.alarm_state import AlarmState
from peelian.kernel.state.shift_log import Happening
from peelian.pictures.moments import stamp
from peelian.pictures.panels import Say
from peelian.wording.labels import KINDS, worded

LONGEST_SHIFT = timedelta(hours=24)
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every line of the console is told with, looked up once."""

    known: Runbooks
    people: Mapping[str, Person]
    titles: Mapping[str, str]  # of alarm types
    say: Say
    now: datetime

    def name(self, token: str) -> str:
        """Who acted, by name."""
        return name_of(self.people, token, self.say)


def runbook_view(desk: Desk, alarm: Alarm) -> dict[str, Any]:
    """An alarm's steps with who ticked each and when, texts to copy, and whether the arrival of help can be recorded.

    A step that was ticked and stands in the runbook no more is shown after the others.
    """
    ticked = {tick.item: tick for tick in alarm.ticks}
    steps = desk.known.steps(alarm, desk.now)
    items = [*steps, *(item for item in ticked if item not in steps)]
    sent = alarm.choice == "dispatch help" and not alarm.disposition
    return {
        "steps": [
            {
                "item": item,
                "text": desk.say(item),
                "done": item in ticked,
                "by": desk.name(ticked[item].by) if item in ticked else "",
                "at": clock(ticked[item].at) if item in ticked else "",
            }
            for item in items
        ],
        "n_done": len(ticked),
        "messages": [desk.say(text) for text in desk.known.messages(alarm, desk.now)],
        "can_arrive": sent and alarm.arrived_at is None,
        "arrived": clock(alarm.arrived_at) if alarm.arrived_at else "",
    }


def shift_view(desk: Desk, watching: AlarmState, choices: Mapping[str, str]) -> dict[str, Any]:
    """What happened since the shift began, newest first: at most 100 lines; and the plans in force. O(those).

    A shift begins with the last handover, at most 24 hours ago. `choices`: words of what a person may choose.
    """
    handed = [datetime.fromisoformat(one.at) for one in watching.handovers[-1:]]
    since = max([desk.now - LONGEST_SHIFT, *handed])
    lines = list(watching.shift.since(since))
    return {
        "shift": [_line(desk, one, choices) for one in lines[:MOST_SHOWN]],
        "shift_since": stamp(desk.say, since.astimezone(UTC).isoformat()),
        "shift_more": max(0, len(lines) - MOST_SHOWN),
        "plans": [
            {
                "title": plan.title,
                "name": plan.name,
                "until": stamp(desk.say, plan.ends.astimezone(UTC).isoformat()),
                "contacts": [(one.function, one.number) for one in plan.contacts],
            }
            for plan in desk.known.at(desk.now)
        ],
    }


def name_of(people: Mapping[str, Person], token: str, say: Say) -> str:
    """Who acted, by name; of time and signals that it was the program; of somebody forgotten nothing."""
    if token in ("", OFFICE):
        return say("program (time or signal)")
    person = people.get(token)
    return person.name if person else "–"


def clock(moment: datetime) -> str:
    """The time of day, UTC."""
    return moment.astimezone(UTC).strftime("%H:%M:%S")


def _line(desk: Desk, one: Happening, choices: Mapping[str, str]) -> dict[str, Any]:
    say = desk.say
    where = say("Many zones") if one.zone == CITY else one.zone
    type = say(desk.titles[one.type]) if one.type in desk.titles else one.type.replace("_", " ")
    about = say("%(where)s: %(what)s", where=where, what=type) if one.alarm else one.about or where
    return {
        "at": clock(one.at),
        "since": one.at.isoformat(timespec="seconds"),
        "what": worded(KINDS, one.kind, say),
        "about": about,
        "alarm": one.alarm,
        "exercise": one.exercise,
        "level": one.level if one.kind in ("ALARM_RAISED", "ALARM_RISEN", "ALARM_REOPENED") else "",
        "note": say("; ").join(say(choices.get(text, text)) if name != "reason" else text for name, text in one.note),
        "by": desk.name(one.by) if one.by not in ("", OFFICE) else "",
    }
