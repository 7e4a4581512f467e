"""Live page as panels: each sensor's newest value and health, and a chart of a day, a week or a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from peelian.kernel.model.sensors import KINDS, Sensor
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.pictures.words import day
from peelian.technologies.sensors.release import FEWEST, UNDER

PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
MOST_LISTED = 96
SILENT = timedelta(minutes=30)  # without a message of a sensor
MEASURES = {"people": "people", "vehicles": "vehicles", "occupants": "people present", "noise": "dB(A)"}
WHY = {
    "beginning": "listening had not started",
    "broker": "the broker kept no session",
    "checkpoint": "the checkpoint cannot be read",
    "expiry": "messages expired at the broker",
    "suspended": "sensors were suspended",
    "not listening": "the listener is not running",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A sensor now. `latest`: start of its newest sealed window, and its value (None: under 15) and measure."""

    sensor: Sensor
    latest: tuple[datetime, float | None, str] | None
    released: str  # its newest released day and total, "" for none
    heard: datetime | None  # the quarter of an hour of its newest message
    refused: int
    fault: str = ""  # the word of the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A gap to show: from when to when (None: it goes on), why, and of which sensor ("": of all)."""

    since: datetime
    until: datetime | None
    why: str
    sensor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is drawn: its title, measure, and points of time and value (None: under 15, or nothing heard)."""

    title: str
    measure: str
    points: Sequence[tuple[datetime, float | None]]


def state_panels(states: Sequence[State], now: datetime, say: Say) -> Panels:
    """Every sensor that sends, with its newest value and health."""
    if not states:
        return [Paragraph(text=say("No registered sensor sends to the gateway."))]
    return [
        tabled(
            states,
            (
                (say("Sensor"), lambda e: e.sensor.title),
                (say("Type"), lambda e: say(KINDS[e.sensor.kind])),
                (say("Area"), lambda e: e.sensor.area),
                (say("Latest 15 minutes"), lambda e: _latest(e, say)),
                (say("Latest released day"), lambda e: e.released or "–"),
                (say("State"), lambda e: _state(e, now, say)),
                (say("Refused messages"), lambda e: str(e.refused)),
            ),
            caption=say("Sensors that send"),
            numeric=[6],
        )
    ]


def chart_panels(drawn: Drawn | None, period: str, say: Say) -> Panels:
    """The chart that was asked for."""
    if drawn is None or not any(value is not None for _, value in drawn.points):
        return [Paragraph(text=say("No value of at least %(n)d in this period.", n=FEWEST))]
    return [_chart(drawn, period, say), Paragraph(text=_left_out(drawn, say), tone="limit")]


def gap_panels(gaps: Sequence[Missing], say: Say) -> Panels:
    """When messages are missing, newest first."""
    heading: Panel = Heading(text=say("Gaps"))
    if not gaps:
        return [heading, Paragraph(text=say("No gap in the last 31 days."), tone="good")]
    grid = tabled(
        gaps,
        (
            (say("From"), lambda g: f"{g.since:%Y-%m-%d %H:%M}"),
            (say("To"), lambda g: f"{g.until:%Y-%m-%d %H:%M}" if g.until else say("still")),
            (say("Sensor"), lambda g: g.sensor or say("all")),
            (say("Reason"), lambda g: say(WHY[g.why]) if g.why in WHY else g.why),
        ),
        caption=say("Times for which messages are missing (UTC)"),
    )
    return [heading, grid]


def _latest(state: State, say: Say) -> str:
    if state.latest is None:
        return "–"
    at, value, measure = state.latest
    what = f"{_value(value, measure, say)} {say(MEASURES[measure])}"
    return say("%(at)s: %(what)s", at=day(say, f"{at:%Y-%m-%d %H:%M}"), what=what)


def _value(value: float | None, measure: str, say: Say) -> str:
    if value is None:
        return UNDER if measure != "noise" else "–"
    return say("%(n).1f", n=value) if measure == "noise" else say("%(n)d", n=round(value))


def _state(state: State, now: datetime, say: Say) -> str:
    if state.fault:
        return say("At fault (%(why)s)", why=state.fault)
    if state.heard is None:
        return say("No message yet")
    if now - state.heard > SILENT + timedelta(minutes=15):  # it was heard in a quarter of an hour, not at its start
        return say("Silent since %(at)s", at=day(say, f"{state.heard:%Y-%m-%d %H:%M}"))
    return say("Sending")


def _left_out(drawn: Drawn, say: Say) -> str:
    if drawn.measure == "noise":
        return say("Levels are means of 15 minutes. Sound is not recorded.")
    return say("Counts under %(n)d are not drawn. Counts here have no noise: do not publish them.", n=FEWEST)


def _chart(drawn: Drawn, period: str, say: Say) -> Picture:
    points = _by_hour(drawn.points) if period == "month" else drawn.points
    times = np.array([np.datetime64(at.replace(tzinfo=None), "m") for at, _ in points])
    values = np.array([np.nan if value is None else value for _, value in points], dtype=np.float64)
    noise = drawn.measure == "noise"
    per = say("%(what)s per 15 minutes", what=say(MEASURES[drawn.measure]))
    title = say("dB(A), mean of 15 minutes") if noise else per
    picture = lines(
        [Series(name=say(MEASURES[drawn.measure]), x=times, y=values)],
        x_title=say("Time (UTC)"),
        y_title=title,
        x_scale="time",
        caption=drawn.title,
        alternative=say("Values of 15 minutes over the period. Missing values are not drawn."),
        y_range=(0, None),
        say=say,
    )
    return replace(picture, twin=_newest(drawn, points, say))


def _newest(drawn: Drawn, points: Sequence[tuple[datetime, float | None]], say: Say) -> Grid:
    """The newest values that are drawn, as a table."""
    known = [(at, value) for at, value in points if value is not None]
    return tabled(
        known[: -MOST_LISTED - 1 : -1],
        (
            (say("Time (UTC)"), lambda one: f"{one[0]:%Y-%m-%d %H:%M}"),
            (say(MEASURES[drawn.measure]), lambda one: _value(one[1], drawn.measure, say)),
        ),
        caption=say("Newest values drawn: %(n)d of %(all)d", n=min(len(known), MOST_LISTED), all=len(known)),
        numeric=[1],
    )


def _by_hour(points: Sequence[tuple[datetime, float | None]]) -> list[tuple[datetime, float | None]]:
    """The mean of the values of each hour that may be shown: a month has too many quarters for a page."""
    hours: dict[datetime, list[float]] = {}
    for at, value in points:
        held = hours.setdefault(at.replace(minute=0), [])
        if value is not None:
            held.append(value)
    return [(at, sum(held) / len(held) if held else None) for at, held in hours.items()]
