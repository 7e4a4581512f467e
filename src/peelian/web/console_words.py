"""What the console shows of the alarms, in words: levels, states, sides, faults, the choices a person has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peelian.governance.alarm_desk import SHIFT
from peelian.governance.alarms import CITY, Alarm, State, in_flood, without_disposition
from peelian.office import Office
from peelian.pictures.panels import Say

LEVELS: Mapping[str, str] = {"notice": "Notice", "warning": "Warning", "urgent": "Urgent"}
MARKS: Mapping[str, str] = {"notice": "●", "warning": "▲", "urgent": "■"}
STATES: Mapping[str, str] = {
    "open": "waits for you",
    "acked": "seen",
    "decided": "decided",
    "cleared": "over: say what it was",
    "shelved": "shelved",
    "out_of_service": "out of service",
    "suppressed_by_permit": "explained by a permitted event",
    "joined": "part of a city-wide incident",
}
CHOICES: Mapping[str, str] = {"dispatch help": "Dispatch help", "watch": "Watch on", "dismiss": "Dismiss"}
DISPOSITIONS: Mapping[str, str] = {
    "danger confirmed": "danger confirmed",
    "crowd normal": "crowd, normal",
    "permitted event": "permitted event",
    "works": "works",
    "weather": "weather",
    "sensor fault": "sensor fault",
    "other": "other",
    "unknown": "unknown",
}
CALLS: Mapping[int, str] = {
    1: "called again after 60 seconds",
    2: "the second operator is called",
    3: "the supervisor is called",
}
FACTS: Mapping[str, str] = {"zones": "zones", "sensors": "sensors"}
WHY: Mapping[str, str] = {
    "silent": "says nothing",
    "clock-ahead": "its clock runs ahead",
    "broken-detector": "its detector failed",
    "flood": "sends too much",
    "message-too-large": "sends messages that are too large",
    "decoder-failed": "sends what cannot be decoded",
    "flat": "does not change",
    "flat-line": "does not change",
    "clipping": "is at its limit",
    "jump": "jumps",
    "jumps": "jumps",
    "gap": "has gaps",
    "gaps": "has gaps",
}


def console_view(office: Office, me: str, say: Say, gateway: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the console shows now. O(alarms that are not closed)."""
    house = office.house
    watching, now = house.book.watching, house.now()
    titles = {name: t for tech in house.technologies for w in tech.watches for name, t in w.titles.items()}
    queue = [shown(alarm, titles, say, now) for alarm in watching.floor.queue()]
    aside = [
        shown(alarm, titles, say, now)
        for alarm in watching.floor.not_closed()
        if alarm.state in (State.SHELVED, State.OUT_OF_SERVICE, State.SUPPRESSED, State.JOINED)
    ]
    people = house.book.people.values()
    return {
        "title": say("Alarms"),
        "queue": queue,
        "waiting": sum(alarm["state"] == "open" for alarm in queue),
        "loudest": next((alarm["level"] for alarm in queue if alarm["state"] == "open"), ""),
        "aside": aside,
        "silent": sum(alarm.state is State.SILENT for alarm in watching.floor.not_closed()),
        "flood": in_flood(watching.floor, now),
        "groups": _groups(queue),
        "faults": [
            {"sensor": sensor, "why": say(WHY.get(why, "cannot be trusted")), "since": since.strftime("%H:%M")}
            for sensor, (why, since) in sorted(watching.faults.items())
        ],
        "cuts": sorted(gateway.get("cuts", {})),
        "unanswered": len(without_disposition(watching.floor)),
        "others": sorted(
            ((p.token, p.name) for p in people if p.roles & SHIFT and p.token != me), key=lambda one: one[1]
        ),
        "choices": [(name, say(text)) for name, text in CHOICES.items()],
        "dispositions": [(name, say(text)) for name, text in DISPOSITIONS.items()],
        "now": now.isoformat(timespec="seconds"),
        "clock": now.strftime("%H:%M:%S"),
    }


def shown(alarm: Alarm, titles: Mapping[str, str], say: Say, now: datetime) -> dict[str, Any]:
    """One alarm as the console shows it."""
    state, level = str(alarm.state), str(alarm.level)
    seconds = max(0, int((now - alarm.opened_at).total_seconds()))
    return {
        "id": alarm.id,
        "zone": say("whole city") if alarm.zone == CITY else alarm.zone,
        "type": say(titles[alarm.type]) if alarm.type in titles else alarm.type.replace("_", " "),
        "level": level,
        "level_text": say(LEVELS[level]),
        "mark": MARKS[level],
        "state": state,
        "state_text": say(STATES.get(state, "seen")),
        "exercise": alarm.kind == "exercise",
        "active": alarm.active,
        "since": alarm.opened_at.isoformat(timespec="seconds"),
        "at": alarm.opened_at.strftime("%H:%M:%S"),
        "elapsed": f"{seconds // 60}:{seconds % 60:02d}",
        "facts": [(name.replace("_", " "), f"{value:g}") for name, value in sorted(alarm.facts.items())],
        "call": say(CALLS[alarm.rung]) if alarm.rung in CALLS and state == "open" else "",
        "choice": say(CHOICES[alarm.choice]) if alarm.choice else "",
        "reason": alarm.reason,
        "disposition": say(DISPOSITIONS[alarm.disposition]) if alarm.disposition else "",
        "until": alarm.shelved_until.strftime("%H:%M") if alarm.shelved_until else "",
        "reopened": alarm.reopened,
    }


def _groups(queue: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In a flood: how many open alarms of each type and level, the most urgent and most numerous first."""
    counted: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for alarm in queue:
        if alarm["state"] == "open":
            counted.setdefault((alarm["type"], alarm["level"]), []).append(alarm)
    rank = {"urgent": 0, "warning": 1, "notice": 2}
    groups = [
        {"type": type, "level": level, "n": len(ones), "zones": ", ".join(a["zone"] for a in ones[:6]),
         "level_text": ones[0]["level_text"], "mark": MARKS[level]}
        for (type, level), ones in counted.items()
    ]  # fmt: skip
    return sorted(groups, key=lambda g: (rank[g["level"]], -g["n"]))
