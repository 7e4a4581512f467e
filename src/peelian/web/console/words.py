"""The console's words for alarms: levels, states, faults and the operator's choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.kernel.alarms.operator_desk import SHIFT
from peelian.kernel.alarms.plans_in_force import runbooks
from peelian.kernel.model.alarms import CITY, RANK, Alarm, Floor, State, in_flood, without_disposition
from peelian.kernel.records.sensor_register import SUMS
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.pictures.moments import stamp
from peelian.pictures.panels import Say
from peelian.pictures.words import amount
from peelian.web.console.shift import Desk, runbook_view, shift_view
from peelian.wording.errors import error_said

LEVELS: Mapping[str, str] = {"notice": "Notice", "warning": "Warning", "urgent": "Urgent"}
MARKS: Mapping[str, str] = {"notice": "●", "warning": "▲", "urgent": "■"}
STATES: Mapping[str, str] = {
    "open": "Unacknowledged",
    "acked": "Acknowledged",
    "decided": "Decision made",
    "cleared": "Over: record the outcome",
    "shelved": "Shelved",
    "out_of_service": "Out of service",
    "suppressed_by_permit": "Muted by planned event",
    "gathering": "New: may be part of one incident",
    "joined": "Part of a multi-zone incident",
}
CHOICES: Mapping[str, str] = {"dispatch help": "Dispatch help", "watch": "Keep watching", "dismiss": "Dismiss"}
DISPOSITIONS: Mapping[str, str] = {
    "danger confirmed": "danger confirmed",
    "crowd normal": "crowd, normal",
    "planned event": "planned event",
    "works": "works",
    "weather": "weather",
    "sensor fault": "sensor fault",
    "other": "other",
    "unknown": "unknown",
}
CALLS: Mapping[int, str] = {
    1: "Unacknowledged for 60 seconds: call repeated",
    2: "Unacknowledged for 3 minutes: call a second operator",
    3: "Unacknowledged for 10 minutes: call the supervisor",
}
FACTS: Mapping[str, str] = {"zones": "%(value)s zones when announced", "zones_watched": "%(value)s zones watched"}
ASIDE = frozenset({"shelved", "out_of_service", "suppressed_by_permit"})
MOST_MEMBERS = 50  # of an incident, the most urgent that still are: more on one page helps nobody
PENDING_SHOWN, DAY = timedelta(minutes=5), timedelta(days=1)
WHY: Mapping[str, str] = {
    "silent": "no signal",
    "clock-ahead": "clock runs ahead",
    "broken-detector": "detector failed",
    "flood": "too many messages",
    "message-too-large": "messages too large",
    "decoder-failed": "messages cannot be decoded",
    "flat": "reading does not change",
    "flat-line": "reading does not change",
    "clipping": "reading at its limit",
    "jump": "readings jump",
    "jumps": "readings jump",
    "gap": "readings have gaps",
    "gaps": "readings have gaps",
}


def console_view(office: Office, me: str, say: Say) -> dict[str, Any]:
    """Everything the console shows now. O(alarms that are not closed)."""
    kernel = office.kernel
    watching, now = kernel.state.alarms, kernel.now()
    titles = titles_of(kernel)
    desk = Desk(known=runbooks(kernel), people=kernel.state.people, titles=titles, say=say, now=now)
    queue = [alarm_in_words(alarm, titles, say, now) | runbook_view(desk, alarm) for alarm in watching.floor.queue()]
    members: dict[str, list[Alarm]] = {}
    for one in watching.floor.not_closed():
        if one.state is State.JOINED:
            members.setdefault(one.incident, []).append(one)
    for alarm in queue:
        joined = sorted(members.get(alarm["id"], ()), key=lambda a: (not a.active, -RANK[a.level], a.raised_at))
        alarm["members"] = [alarm_in_words(one, titles, say, now) for one in joined[:MOST_MEMBERS]]
        alarm["n_members"] = len(joined)
    aside = [alarm_in_words(a, titles, say, now) for a in watching.floor.not_closed() if str(a.state) in ASIDE]
    return {
        "title": say("Alarms"),
        "queue": queue,
        "waiting": sum(alarm["state"] == "open" for alarm in queue),
        "loudest": next((alarm["level"] for alarm in queue if alarm["state"] == "open"), ""),
        "aside": aside,
        "silent": sum(alarm.state is State.SILENT for alarm in watching.floor.not_closed()),
        "flood": in_flood(watching.floor, now),
        "groups": _groups(queue),
        "pending": _pending(watching.floor, titles, say, now),
        "events": _events(watching.floor, titles, say, now),
        "faults": [
            {"sensor": sensor, "why": say(WHY.get(why, "not reliable")), "since": since.strftime("%H:%M")}
            for sensor, (why, since) in sorted(watching.faults.items())
        ],
        "handed": _handed(kernel, me),
        "cuts": sorted(name for name in watching.cuts if not name.startswith(SUMS)),
        "unanswered": len(without_disposition(watching.floor)),
        "damaged": watching.floor.damaged,
        "damage": list(damage_told(kernel, say)),
        "others": sorted(
            ((p.token, p.name) for p in desk.people.values() if p.roles & SHIFT and p.token != me),
            key=lambda one: one[1],
        ),
        "choices": [(name, say(text)) for name, text in CHOICES.items()],
        "dispositions": [(name, say(text)) for name, text in DISPOSITIONS.items()],
        **shift_view(desk, watching, {**CHOICES, **DISPOSITIONS}),
        "now": now.isoformat(timespec="seconds"),
        "clock": now.strftime("%H:%M:%S"),
    }


def damage_told(kernel: Kernel, say: Say) -> Iterator[str]:
    """Each event plan and watch that cannot be read: what that means to whoever stands there, and what heals it."""
    plan = "Event plan %(name)s cannot be read. Its limits, steps and texts do not apply."
    watch = "Watch %(name)s cannot be read. It does not stand until its record is restored."
    for says, known in ((plan, kernel.state.plans.plans), (watch, kernel.state.alarms.stands)):
        for name, fault in sorted(known.faults.items()):
            yield f"{say(says, name=name)} {error_said(fault, say)}"


def titles_of(kernel: Kernel) -> dict[str, str]:
    """What people read of signal types and of facts (under "TYPE.FACT"): message ids."""
    watches = [w for technology in kernel.technologies for w in technology.watches]
    titles = {name: title for w in watches for name, title in w.titles.items()}
    return titles | {
        f"{type}.{fact}": w.fact_titles[fact] for w in watches for type in w.signals for fact in w.fact_titles
    }


def fact(name: str, value: float, type: str, titles: Mapping[str, str], say: Say) -> str:
    """A fact in words: 13.7 dB above the background. Where no watch declared any, its name and the figure."""
    words = titles.get(f"{type}.{name}") or FACTS.get(name)
    if words is None:
        return f"{name.replace('_', ' ')} {value:g}"
    letter = "ABCDEFGH"[int(value) - 1] if 1 <= value <= 8 else ""
    return say(words, value=amount(say, value, decimals=len(f"{value:g}".partition(".")[2])), letter=letter)


def told_first(alarm: Alarm, titles: Mapping[str, str]) -> list[str]:
    """An alarm's facts in the order in which its watch declares them: what matters most stands first."""
    order = {name: n for n, name in enumerate(titles)}
    return sorted(alarm.facts, key=lambda fact: order.get(f"{alarm.type}.{fact}", len(order)))


def _handed(kernel: Kernel, me: str) -> dict[str, str] | None:
    """Who handed the shift to this person, when, and what they said; None where another holds it."""
    last = kernel.state.alarms.handovers[-1:]
    if not last or last[0].to != me:
        return None
    giver = kernel.state.people.get(last[0].by)
    at = datetime.fromisoformat(last[0].at).astimezone(UTC)
    return {"name": giver.name if giver else "", "at": at.strftime("%H:%M"), "words": last[0].words}


def _pending(floor: Floor, titles: Mapping[str, str], say: Say, now: datetime) -> list[dict[str, str]]:
    """Conditions that have yet to hold: no alarms so far. One that was forgotten by a crash is left out in time."""
    found = [
        {
            "title": say("%(where)s: %(what)s", where=zone, what=_type(type, titles, say)),
            "at": since.strftime("%H:%M:%S"),
            "exercise": "yes" if kind == "exercise" else "",
        }
        for (zone, type, kind, _), since in floor.pending.items()
        if kind != "silent" and now - since < PENDING_SHOWN
    ]
    return sorted(found, key=lambda one: (one["at"], one["title"]))


def _events(floor: Floor, titles: Mapping[str, str], say: Say, now: datetime) -> list[dict[str, str]]:
    """The calendar of the next day: what is permitted now or soon, where, and which alarms it explains."""
    coming = sorted((e for e in floor.calendar if now < e.ends and e.starts < now + DAY), key=lambda e: e.starts)
    return [
        {
            "title": say(
                "%(where)s: %(what)s",
                where=event.zone,
                what=say("; ").join(_type(t, titles, say) for t in sorted(event.types)),
            ),
            "from": stamp(say, event.starts.astimezone(UTC).isoformat()),
            "to": stamp(say, event.ends.astimezone(UTC).isoformat()),
            "now": "yes" if event.starts <= now else "",
        }
        for event in coming
    ]


def _type(type: str, titles: Mapping[str, str], say: Say) -> str:
    return say(titles[type]) if type in titles else type.replace("_", " ")


def alarm_in_words(alarm: Alarm, titles: Mapping[str, str], say: Say, now: datetime) -> dict[str, Any]:
    """One alarm as the console shows it."""
    state, level = str(alarm.state), str(alarm.level)
    seconds = max(0, int((now - alarm.opened_at).total_seconds()))
    where = say("Many zones") if alarm.zone == CITY else alarm.zone
    return {
        "id": alarm.id,
        "zone": where,
        "city": alarm.zone == CITY,
        "incident": alarm.incident,
        "members": [],
        "title": say("%(where)s: %(what)s", where=where, what=_type(alarm.type, titles, say)),
        "type": _type(alarm.type, titles, say),
        "level": level,
        "level_text": say(LEVELS[level]),
        "mark": MARKS[level],
        "state": state,
        "state_text": say(STATES.get(state, "Acknowledged")),
        "exercise": alarm.kind == "exercise",
        "active": alarm.active,
        "since": alarm.opened_at.isoformat(timespec="seconds"),
        "at": alarm.opened_at.strftime("%H:%M:%S"),
        "elapsed": f"{seconds // 60}:{seconds % 60:02d}",
        "facts": [fact(name, alarm.facts[name], alarm.type, titles, say) for name in told_first(alarm, titles)],
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
