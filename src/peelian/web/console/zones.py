"""Zones of the console: map, level of service, occupancy, time to capacity, flow of gates and trend, as shown now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import fmean
from typing import Any

from peelian.kernel.model.capacity import Bars, bars_of
from peelian.kernel.model.documents import ZoneCount
from peelian.kernel.model.event_plan import EventPlan, PlanZone
from peelian.kernel.model.occupancy import Occupancy, TimeToCapacity
from peelian.kernel.records.sensor_register import shown_number
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.watches.weather import Weather, weather_now
from peelian.oversight.watches.zone_levels import (
    GateLevel,
    Minute,
    ZoneBoard,
    ZoneLevel,
    key_of,
    plans_now,
    service_of,
    zones_beyond,
)
from peelian.pictures.panels import Say
from peelian.pictures.site_map import DrawnGate, DrawnZone, centre, site_map, sparkline
from peelian.pictures.words import amount
from peelian.web.console.words import WHY
from peelian.web.oversight.suspension import nobody_watches

STALE = timedelta(minutes=2)  # older levels are grey, with their age
OLD_WEATHER, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
POINTS = 60  # of a trend
LETTERS = "ABCDEF"
RANKS = {"A": 0, "B": 1, "C": 2, "D": 4, "E": 5, "F": 6}
NOT_SEEN = 3  # what is not measured may be anything: it stands before what is free
MANY = 12  # zones; of more the console shows what matters first, and the rest when a tile is opened
FREE = ("A", "B", "C")  # a zone with a sensor at fault is never shown as one of these


def zones_view(kernel: Kernel, board: ZoneBoard, say: Say) -> dict[str, Any]:
    """Everything the zones' part of the console shows now. O(zones + sensors watched)."""
    now, levels, trends = kernel.now(), board.levels(), board.trends()
    plans, faults = (
        plans_now(kernel, now),
        _by_number(kernel, kernel.state.alarms.faults),
    )  # each asked once: the log is looked at
    known = {zone.name: zone for plan in plans for zone in plan.zones}
    bars = {name: bars_of(plans, name, now) for name in known}
    sensors = _sensors(kernel, now)
    planned = [(name, (name, False) not in sensors and (name, True) in sensors) for name in known]
    keys = [*planned, *sorted(set(sensors) - set(planned))]
    shown, stopped = [], nobody_watches(kernel)
    if stopped is not None:
        levels, trends = {}, {}
    for name, exercise in keys:
        key = key_of(name, exercise=exercise)
        one = _zone(levels.get(key), known.get(name), bars.get(name), say, partial(shown_number, kernel))
        one |= {"name": name, "exercise": exercise, "n_sensors": len(sensors.get((name, exercise), ()))}
        one["faults"] = _faults(faults, sensors.get((name, exercise), ()), say)
        if stopped is None:
            one |= _look(one, levels.get(key), now, say)
        else:
            one |= _unwatched(one, kernel.state.alarms.counts.get(name), stopped, say)
        one["trend"] = _trend(trends.get(key, ()), say)
        shown.append(one)
    return {
        "zones": shown,
        "worst_first": sorted(shown, key=lambda one: (not one["is_full"], -RANKS.get(one["look"], NOT_SEEN))),
        "dense": len(shown) > MANY,
        "site": [_site(plan, shown, say) for plan in plans],
        "weather": _weather(weather_now(kernel), now, say, partial(shown_number, kernel)),
        "full_zones": sum(one["is_full"] for one in shown),
    }


def _weather(stations: Iterable[Weather], now: datetime, say: Say, number: Callable[[str], str]) -> list[str]:
    """A line for each weather station."""
    said = []
    for one in stations:
        time, station = one.at.astimezone(UTC).strftime("%H:%M"), number(one.station)
        if now - one.at > OLD_WEATHER:
            said.append(say("Weather (%(station)s): no reading since %(time)s UTC", station=station, time=time))
            continue
        measured = (
            (one.celsius, "%(n)s °C"),
            (one.wind, "wind %(n)s m/s"),
            (one.gust, "gusts %(n)s m/s"),
            (one.rain, "rain %(n)s mm"),
        )
        told = " · ".join(say(text, n=amount(say, value, decimals=1)) for value, text in measured if value is not None)
        said.append(say("Weather (%(station)s, %(time)s UTC): %(figures)s", station=station, time=time, figures=told))
    return said


def _sensors(kernel: Kernel, now: datetime) -> dict[tuple[str, bool], list[str]]:
    """The sensors of watches that show live levels, by zone and whether it is a drill."""
    shows = {watch.id for technology in kernel.technologies for watch in technology.watches if watch.shows}
    found: dict[tuple[str, bool], list[str]] = {}
    watching, beyond = kernel.state.alarms, zones_beyond(kernel, now)
    for case, stand in watching.stands.items():
        if stand.permit.watch in shows and watching.stands_at(case, now):
            for sensor, zone in stand.request.sensors.items():
                for one in (zone, beyond.get(sensor, "")):
                    found.setdefault((one, stand.request.exercise), []).append(shown_number(kernel, sensor))
    return {key: some for key, some in found.items() if key[0]}


def _by_number(kernel: Kernel, of: Mapping[str, Any]) -> dict[str, Any]:
    return {shown_number(kernel, id): one for id, one in of.items()}


def _faults(known: Mapping[str, tuple[str, datetime]], sensors: Iterable[str], say: Say) -> list[str]:
    said = []
    for sensor in sorted(set(sensors) & set(known)):
        why, since = known[sensor]
        what = say(WHY.get(why, "not reliable"))
        said.append(say("%(sensor)s: %(why)s since %(time)s", sensor=sensor, why=what, time=_clock(since)))
    return said


def _zone(
    level: ZoneLevel | None, plan: PlanZone | None, bars: Bars | None, say: Say, number: Callable[[str], str]
) -> dict[str, Any]:
    """The figures of a zone; empty where nothing measures them."""
    shown: dict[str, Any] = {"figures": [], "inside": "", "full": "", "gates": [], "note": "", "is_full": False}
    capacity = bars.capacity if bars else level.capacity if level and level.capacity else None
    shown |= {"big": "", "letter": "", "share": None, "between": "", "capacity": capacity, "has_gates": False}
    if level is None:
        return shown
    inside = level.inside
    per_m2, service = _density(level, inside, plan)
    figures = [
        say("%(value)s persons per m²", value=amount(say, per_m2, decimals=1)) if per_m2 is not None else "",
        _loud(level, say),
        say("%(n)d %(n:person|persons) on the counted area", n=round(level.count)) if level.count is not None else "",
    ]
    shown["figures"] = [figure for figure in figures if figure]
    shown["big"] = figures[0] or figures[1]
    shown["letter"] = LETTERS[service - 1] if service else ""
    if inside is not None:
        values = {"n": round(inside.people), "low": round(inside.low), "high": round(inside.high)}
        shown["inside"] = say("%(n)d inside (95%% interval %(low)d to %(high)d)", **values)
        shown["gates"] = [
            _gate(gate, number(gate.sensor), say) for gate in sorted(level.gates, key=lambda gate: gate.sensor)
        ]
        shown |= {"note": _note(level, say), "has_gates": True}
    if capacity:
        shown |= _share(level, capacity, say)
    return shown


def _share(level: ZoneLevel, capacity: int, say: Say) -> dict[str, Any]:
    """How full a zone is, in percent with the interval; of one that nothing measures now, whether it was full last."""
    people = level.people
    if people is None:
        return {"is_full": (level.last_count or 0) >= capacity}
    share, low, high = people.share(capacity)
    is_full = people.people >= capacity
    full = _full(level.full(capacity), say) if level.inside else say("At or above capacity") if is_full else ""
    between = say("95%% interval %(low)d to %(high)d%%", low=low, high=high)
    return {"share": share, "between": between, "is_full": is_full, "full": full}


def _density(level: ZoneLevel, inside: Occupancy | None, plan: PlanZone | None) -> tuple[float | None, int | None]:
    """Persons per m² and Fruin's level; by the gates and the plan's area where no counter looks at the area."""
    if level.per_m2 is not None or inside is None or plan is None:
        return level.per_m2, level.level_of_service
    per_m2 = inside.people / plan.area_m2
    return per_m2, service_of(per_m2, standing=plan.viewing != "moving")


def _loud(level: ZoneLevel, say: Say) -> str:
    if level.above_db is None:
        return ""
    return say("%(value)s dB above background", value=amount(say, level.above_db, decimals=1))


def _note(level: ZoneLevel, say: Say) -> str:
    """Since when the gates are added up, and what was corrected."""
    since = _clock(datetime.fromisoformat(level.reset)) if level.reset else ""
    if level.by_hand:
        said = [say("Counted by hand at %(time)s UTC: %(n)d.", time=since, n=level.start)]
    else:
        said = [say("Counted since %(time)s UTC. The zone is assumed empty then.", time=since)]
    if level.corrected >= 1:
        said.append(say("Corrected by %(n)d: more were counted out than in.", n=round(level.corrected)))
    error = amount(say, max(gate.error for gate in level.gates), percent=True, decimals=1)
    said.append(say("Assumed counter error: %(share)s (standard deviation).", share=error))
    return " ".join(said)


def _full(found: TimeToCapacity | None, say: Say) -> str:
    if found is None:
        return say("Time to capacity: not known yet")
    if found.minutes == 0:
        return say("At or above capacity")
    if found.minutes is None:
        if found.low is None:
            return say("Not full within 2 h")
        return say("Not full within 2 h, at the earliest in %(low)d min", low=int(found.low))
    values = {"n": int(found.minutes), "low": int(found.low or 0)}
    if found.high is None:
        return say("Full in %(n)d min (95%% interval %(low)d min to more than 2 h)", **values)
    return say("Full in %(n)d min (95%% interval %(low)d to %(high)d min)", high=int(found.high), **values)


def _gate(gate: GateLevel, name: str, say: Say) -> dict[str, str]:
    if gate.per_minute is None or gate.per_metre is None:
        return {"name": name, "flow": say("flow not known yet"), "metre": ""}
    into, out = gate.per_minute
    return {
        "name": name,
        "flow": say("in %(into)d, out %(out)d per minute", into=round(into), out=round(out)),
        "metre": say("%(value)s per minute and metre", value=amount(say, gate.per_metre, decimals=1)),
    }


def _look(one: Mapping[str, Any], level: ZoneLevel | None, now: datetime, say: Say) -> dict[str, Any]:
    """How a zone is coloured, and what stands in words instead of its level. A level that is old counts for nothing."""
    if not one["n_sensors"]:
        return {"look": "none", "letter": "", "status": say("No sensor"), "big": ""}
    if level is None:
        return {"look": "unknown", "status": say("No reading yet")}
    if (age := now - datetime.fromisoformat(level.at)) > STALE:
        status = _still_full(level.at, say) if one["is_full"] else say("No reading for %(n)d min", n=int(age / MINUTE))
        return {"look": "old", "letter": "", "full": "", "big": "", "gates": [], "status": status}
    if one["is_full"] and level.people is None:
        return {"look": "unknown", "letter": "", "status": _still_full(level.last_at, say)}
    letter = one["letter"]
    if one["faults"] and letter in FREE:
        return {"look": "unknown", "letter": "", "status": say("Level not reliable: sensor fault")}
    status = say("Level of service %(letter)s", letter=letter) if letter else ""
    return {"look": letter or "unknown", "status": status}


def _still_full(at: str, say: Say) -> str:
    """What is not measured any more stays what it was last, and since when that is not known is said."""
    return say("Full, unknown since %(time)s UTC", time=_clock(datetime.fromisoformat(at)))


def _unwatched(one: Mapping[str, Any], count: ZoneCount | None, since: datetime, say: Say) -> dict[str, Any]:
    """A zone while nobody is watching: grey, whatever was measured before. People count it, and their count is said."""
    status, full = [say("Nobody is watching.")], ""
    if count is not None and (at := datetime.fromisoformat(count.at)) >= since:
        status.append(say("Counted by hand at %(time)s UTC: %(n)d.", time=_clock(at), n=count.people))
        full = say("At or above capacity") if one["capacity"] and count.people >= one["capacity"] else ""
    return {"look": "old", "faults": [], "status": " ".join(status), "full": full, "has_gates": True}


def _trend(minutes: Sequence[Minute], say: Say) -> str:
    """The shift so far as a small line: density, else people inside, else noise; at most 60 points. O(minutes)."""
    for name, words in (
        ("per_m2", "Persons per m² since %(time)s UTC: %(low)s to %(high)s"),
        ("inside", "People inside since %(time)s UTC: %(low)s to %(high)s"),
        ("above_db", "Decibels above background since %(time)s UTC: %(low)s to %(high)s"),
    ):
        known = [(datetime.fromisoformat(one.at), getattr(one, name)) for one in minutes]
        values = [value for _, value in known if value is not None]
        if len(values) >= 2:
            low, high = (amount(say, end, decimals=int(name != "inside")) for end in (min(values), max(values)))
            says = say(words, time=_clock(known[0][0]), low=low, high=high)
            return sparkline(_evenly(known), says=says)
    return ""


def _evenly(known: Sequence[tuple[datetime, float | None]]) -> list[float | None]:
    """Means of equal parts of the time; None for a part in which nothing was measured."""
    first, last = known[0][0], known[-1][0]
    minutes = int((last - first) / timedelta(minutes=1)) + 1
    parts: list[list[float]] = [[] for _ in range(min(POINTS, minutes))]
    for time, value in known:
        if value is not None:
            parts[int((time - first) / timedelta(minutes=1)) * len(parts) // minutes].append(value)
    return [fmean(part) if part else None for part in parts]


def _site(plan: EventPlan, shown: Sequence[Mapping[str, Any]], say: Say) -> dict[str, Any]:
    """The map of a plan; its zones as they are drawn."""
    looks = {one["name"]: one for one in reversed(shown)}  # the plan's own stand first
    drawn = [
        DrawnZone(
            outline=zone.outline,
            name=zone.name,
            says=_drawn(looks[zone.name], say),
            look="full"
            if looks[zone.name]["is_full"]
            else looks[zone.name]["look"],  # never green, whatever its letter
        )
        for zone in plan.zones
    ]
    gates = [
        DrawnGate(name=gate.name, at=gate.position, inside=centre(zone.outline), direction=gate.direction)
        for gate in plan.gates
        if gate.position is not None and (zone := plan.zone(gate.zone)) is not None
    ]
    listed = "; ".join(f"{one.name} {one.says}" for one in drawn)
    title = say("Site map: %(title)s", title=plan.title)
    exercise = any(looks[zone.name]["exercise"] for zone in plan.zones)
    return {"title": plan.title, "exercise": exercise, "svg": site_map(drawn, gates, title=title, description=listed)}


def _drawn(one: Mapping[str, Any], say: Say) -> str:
    """What a zone says on the map: its letter and how full it is, else what is measured, else why nothing is."""
    if one["look"] in ("none", "old") or (one["is_full"] and one["share"] is None):
        return str(one["status"])
    big = one["big"] if one["share"] is None else say("%(share)d%%", share=one["share"])
    return " ".join(part for part in (one["letter"], big) if part) or str(one["status"])


def _clock(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%H:%M")
