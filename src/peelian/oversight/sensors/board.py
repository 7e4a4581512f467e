"""Live page of sensors for staff: newest values, health, gaps, and a chart of one sensor or area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from peelian.kernel.records.sensor_register import shown_number, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.sensors.gaps import Gap, gaps_of
from peelian.oversight.sensors.live import Day, Listening, health_of, live_day
from peelian.oversight.sensors.register import entries
from peelian.oversight.sensors.release import released_by_sensor
from peelian.pictures.panels import Panels, Say
from peelian.technologies.sensors.live_view import (
    MEASURES,
    PERIODS,
    Drawn,
    Missing,
    State,
    chart_panels,
    gap_panels,
    state_panels,
)
from peelian.technologies.sensors.release import count_as_text
from peelian.technologies.sensors.windows import SHORTEST

STALE = timedelta(minutes=5)  # since the listener last said how it is
QUIET = timedelta(hours=1)  # without a sealed window: sensors may all be quiet at night
SENSOR, AREA = "sensor", "area"
STOPPED = "Sensors are suspended. Nothing is collected and no values are shown; the gap below says since when."


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The page: whether messages come in, what can be drawn (by its name in the address), and its panels."""

    listening: bool
    told: str  # of the listener
    choices: tuple[tuple[str, str], ...]
    chosen: str
    period: str
    sensors: Panels
    chart: Panels
    gaps: Panels


def board(kernel: Kernel, say: Say, *, of: str = "", period: str = "day") -> Board:
    """What the page shows now; `of` names what is drawn, as in `choices` (else the first). O(days of the period)."""
    period = period if period in PERIODS else next(iter(PERIODS))
    now, health = kernel.now(), health_of(kernel)
    days = _days(kernel, now, PERIODS[period])
    choices = _choices(kernel, days.values(), say)
    chosen = of if of in dict(choices) else (choices[0][0] if choices else "")
    drawn = _drawn(chosen, dict(choices), days, now - PERIODS[period], now) if chosen else None
    on = health is not None and health.connected and now - health.at <= STALE
    return Board(
        listening=on,
        told=say(STOPPED) if "sensors" in kernel.state.suspended else _told(health, say, on=on),
        choices=choices,
        chosen=chosen,
        period=period,
        sensors=state_panels(_states(kernel, health, days), now, say),
        chart=chart_panels(drawn, period, say) if choices else (),
        gaps=gap_panels(_missing(_gaps(kernel), now, on=on), say),
    )


def _told(health: Listening | None, say: Say, *, on: bool) -> str:
    if health is None:
        return say("The listener has never run. Start it with peelian sensors listen.")
    at = f"{health.at:%Y-%m-%d %H:%M}"
    if on:
        return say("Listening. State of %(at)s (UTC).", at=at)
    return say("Not listening, or without a connection. Last state: %(at)s (UTC).", at=at)


def _days(kernel: Kernel, now: datetime, lasts: timedelta) -> dict[datetime, Day]:
    """Each day that the period touches, by its midnight, oldest first; yesterday and today at least. Nothing is in them
    while sensors are suspended."""
    first = min(now - lasts, now - timedelta(days=1)).date()
    n = (now.date() - first).days + 1
    some = [first + timedelta(days=i) for i in range(n)]
    stopped = "sensors" in kernel.state.suspended
    return {
        datetime(day.year, day.month, day.day, tzinfo=UTC): Day()
        if stopped
        else _numbered(kernel, live_day(kernel, day))
        for day in some
    }


def _numbered(kernel: Kernel, day: Day) -> Day:
    """A day, its sensors by number."""
    return replace(day, sensors={shown_number(kernel, id): found for id, found in day.sensors.items()})


def _choices(kernel: Kernel, days: Iterable[Day], say: Say) -> tuple[tuple[str, str], ...]:
    titles = {each.sensor.id: each.sensor.title for each in entries(kernel)}
    found: dict[str, str] = {}
    for day in days:
        for id, measures in day.sensors.items():
            found |= {f"{SENSOR}/{id}/{m}": _named(titles.get(id, id), m, say) for m in measures}
        for area, measures in day.areas.items():
            text = say("Area %(area)s", area=area)
            found |= {f"{AREA}/{area}/{m}": _named(text, m, say) for m in measures}
    return tuple(sorted(found.items(), key=lambda one: (one[0].partition("/")[0] == AREA, one[1])))


def _named(of: str, measure: str, say: Say) -> str:
    return say("%(of)s: %(what)s", of=of, what=say(MEASURES[measure]))


def _drawn(
    chosen: str, choices: Mapping[str, str], days: Mapping[datetime, Day], since: datetime, until: datetime
) -> Drawn:
    what, _, rest = chosen.partition("/")
    name, _, measure = rest.rpartition("/")
    points: list[tuple[datetime, float | None]] = []
    for midnight, day in days.items():
        series = (day.sensors if what == SENSOR else day.areas).get(name, {}).get(measure, {})
        starts = (midnight + nth * SHORTEST for nth in range(96))
        points += [(at, series.get(nth)) for nth, at in enumerate(starts) if since <= at <= until]
    return Drawn(title=choices[chosen], measure=measure, points=points)


def _states(kernel: Kernel, health: Listening | None, days: Mapping[datetime, Day]) -> list[State]:
    found, out = [], released_by_sensor(kernel)
    ids = {listed.number: id for id, listed in the_register(kernel).items()}
    for shown in entries(kernel):
        if not shown.sensor.format or shown.state != "registered":
            continue
        id = shown.sensor.id
        own = health.sensors.get(ids[id]) if health else None
        days_out = sorted(out.get(ids[id], ()), key=lambda each: each.day)
        found.append(
            State(
                sensor=shown.sensor,
                latest=_latest(id, days),
                released=f"{days_out[-1].day} · {count_as_text(days_out[-1].total)}" if days_out else "",
                heard=datetime.fromisoformat(own.heard) if own and own.heard else None,
                refused=own.refused if own else 0,
                fault=str(kernel.state.alarms.faults.get(ids[id], "")),
            )
        )
    return found


def _latest(id: str, days: Mapping[datetime, Day]) -> tuple[datetime, float | None, str] | None:
    found = [
        (midnight + max(series) * SHORTEST, series[max(series)], measure)
        for midnight, day in days.items()
        for measure, series in day.sensors.get(id, {}).items()
        if series
    ]
    return max(found, key=lambda one: one[0], default=None)


def _gaps(kernel: Kernel) -> list[Gap]:
    return [replace(gap, sensor=shown_number(kernel, gap.sensor)) for gap in gaps_of(kernel)]


def _missing(gaps: Iterable[Gap], now: datetime, *, on: bool) -> list[Missing]:
    """Those of the last 31 days, newest first. That nobody listens is told where the listener does not say it does,
    and windows have not been sealed for an hour."""
    first = now - PERIODS["month"]
    recent = (gap for gap in gaps if gap.until > first and gap.since < now)
    ended = (gap for gap in recent if gap.why != "not listening" or not (on or now - gap.since < QUIET))
    return [
        Missing(
            since=max(gap.since, first), until=gap.until if gap.until < now else None, why=gap.why, sensor=gap.sensor
        )
        for gap in sorted(ended, key=lambda gap: gap.since, reverse=True)
    ]
