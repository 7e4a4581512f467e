"""Pages of both trials: criteria, false alarms, detection, the record over time, and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.kernel.model.criteria import titles
from peelian.measure.table import Table
from peelian.pictures.charts import Bars, Interval, Series, Span, bars, intervals, lines, timeline
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Column, Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.pictures.words import amount
from peelian.technologies.crowd.declarations.columns import CRITERIA, FALSE_ALARMS, FOUND, INJECTED
from peelian.technologies.crowd.declarations.counter_trial import CRITERIA as COUNTER_CRITERIA
from peelian.technologies.crowd.declarations.counter_trial import DIRECTION, DIRECTIONS, EVENTS, HOURS, SENSORS
from peelian.technologies.crowd.declarations.forecast_trial import CRITERIA as FORECAST_CRITERIA
from peelian.technologies.crowd.declarations.noise_trial import BACKGROUND, HOUR, L90, RAISED
from peelian.technologies.crowd.declarations.noise_trial import CRITERIA as NOISE_CRITERIA

CRITERION_TITLES = titles((*NOISE_CRITERIA, *COUNTER_CRITERIA, *FORECAST_CRITERIA))
WHAT_CRITERIA_TAKE = (
    "The criteria take the lower detection rate of two tests: a sound added to the record, and all levels raised. "
    "Their delay is the median of both tests at 6 dB. The sentences above tell each test alone."
)


def noise_view(findings: Findings, say: Say) -> Panels:
    """Verdict, findings, criteria, detection, the record over time with its alarms, limits."""
    return [
        *criteria_head(findings, say),
        *([Paragraph(text=say(WHAT_CRITERIA_TAKE))] if findings.table("criteria").records() else ()),
        *_found(findings, say),
        *_course(findings, say),
        Heading(text=say("Limits")),
        *note_paragraphs(findings.notes, say, "caveat"),
    ]


def counters_view(findings: Findings, say: Say) -> Panels:
    """Verdict, findings, criteria, detection, hours of the day, counters, events, limits."""
    return [
        *criteria_head(findings, say),
        *_found(findings, say),
        _directions(findings, say),
        *_hours(findings, say),
        *_sensors(findings, say),
        *_events(findings, say),
        Heading(text=say("Limits")),
        *note_paragraphs(findings.notes, say, "caveat"),
    ]


def criteria_head(findings: Findings, say: Say) -> list[Panel]:
    """Whether the criteria were met, the findings, and each criterion with its result; none where none were set."""
    if not findings.table("criteria").records():
        return note_paragraphs(findings.notes, say, "finding")
    met = bool(findings.facts["criteria_met"])
    verdict = (
        Paragraph(text=say("Acceptance criteria met. The board decides on adoption."), tone="good")
        if met
        else Paragraph(text=say("Acceptance criteria not met. This result cannot be adopted."), tone="warning")
    )
    return [
        verdict,
        *note_paragraphs(findings.notes, say, "finding"),
        Heading(text=say("Acceptance criteria")),
        _bars(findings, say),
    ]


def _bars(findings: Findings, say: Say) -> Grid:
    found = findings.table("criteria")
    return tabled(
        found.records(),
        (
            CRITERIA.column(say, "criterion", lambda row: say(CRITERION_TITLES[row["criterion"]])),
            *CRITERIA.shown(say, "needed", "reached", "outcome"),
        ),
        caption=say("Acceptance criteria and results"),
        source=found,
    )


def _found(findings: Findings, say: Say) -> list[Panel]:
    found = findings.table("injected")
    rows = found.records()
    picture = intervals(
        [_detection(row, say) for row in rows],
        value_title=say(FOUND.columns["found"].title),
        caption=say("Share of additions to the record that raised an alarm"),
        alternative=" ".join(
            say(
                "%(what)s: %(share)s.",
                what=say(INJECTED[row["injected"]]),
                share=amount(say, row["found"], percent=True),
            )
            for row in rows
        ),
        label_title=say(FOUND.columns["injected"].title),
        percent=True,
        value_range=(0.0, 1.0),
        say=say,
    )
    table = tabled(
        rows,
        (
            *FOUND.shown(say, "injected", "n", "found"),
            Columns(say=say, percent=lambda row: True).interval(say("95% interval"), "found_low", "found_high"),
            FOUND.column(say, "median_delay_seconds"),
        ),
        caption=say("Detection rate and delay"),
        source=found,
    )
    return [Heading(text=say("Detection")), picture, table, _false_alarms(findings, say)]


def _detection(row: Mapping[str, Any], say: Say) -> Interval:
    return Interval(
        label=say(INJECTED[row["injected"]]),
        value=row["found"],
        low=row["found_low"],
        high=row["found_high"],
        note=say("n %(n)d", n=row["n"]),
    )


def _false_alarms(findings: Findings, say: Say) -> Grid:
    found = findings.table("false_alarms")
    return tabled(
        found.records(),
        (
            *FALSE_ALARMS.shown(say, "alarms", "n", "per_day"),
            _per_day(say),
        ),
        caption=say("False alarms"),
        source=found,
    )


def _course(findings: Findings, say: Say) -> list[Panel]:
    course, raised = findings.table("course"), findings.table("raised")
    if not len(course):
        return []
    picture = lines(
        [
            Series(name=say(L90.title), x=course["hour"], y=course["l90_db"]),
            Series(name=say(BACKGROUND.title), x=course["hour"], y=course["background_db"], dashed=True),
        ],
        x_title=say(HOUR.title),
        y_title=L90.unit,
        caption=say("Levels over time"),
        alternative=say(
            "Levels range from %(low)s to %(high)s dB.",
            low=amount(say, float(course["l90_db"].min())),
            high=amount(say, float(course["l90_db"].max())),
        ),
        x_scale="time",
        say=say,
    )
    return [Heading(text=say("Record")), picture, *_alarms(raised, say)]


def _alarms(raised: Table, say: Say) -> list[Panel]:
    if not len(raised):
        return [Paragraph(text=say("No alarm in this record."), tone="good")]
    shown: Picture = timeline(
        [
            Span(lane=say("Alarms"), start=hour, kind=RAISED.columns["level"].cell(say, level))
            for hour, level in zip(raised["hour"], raised["level"].tolist(), strict=True)
        ],
        time_title=say(HOUR.title),
        caption=say("Alarms over time"),
        alternative=say("%(n)d %(n:alarm|alarms) in the record.", n=len(raised)),
        lane_title=say("Item"),
        say=say,
    )
    return [shown]


def _directions(findings: Findings, say: Say) -> Grid:
    found = findings.table("directions")
    return tabled(
        found.records(),
        (
            *DIRECTIONS.shown(say, "direction", "alarms", "per_day"),
            _per_day(say),
        ),
        caption=say("False alarms by direction"),
        source=found,
    )


def _hours(findings: Findings, say: Say) -> list[Panel]:
    found = findings.table("by_hour")
    hours = [say("%(hour)d:00", hour=int(h)) for h in found["hours"].tolist()]
    usual = [] if "counted" not in found else [_usual(found, hours, say)]
    alarms = bars(
        hours,
        [
            Bars(name=DIRECTION.cell(say, "rise"), values=found["rises"]),
            Bars(name=DIRECTION.cell(say, "fall"), values=found["falls"]),
        ],
        value_title=say("False alarms in the whole record"),
        caption=say("False alarms by hour of the day"),
        alternative=say("False alarms peak at %(hour)s.", hour=hours[int((found["rises"] + found["falls"]).argmax())]),
        label_title=say(HOURS.columns["hours"].title),
        say=say,
    )
    return [Heading(text=say("By hour of the day")), *usual, alarms]


def _usual(found: Table, hours: list[str], say: Say) -> Panel:
    return lines(
        [
            Series(name=say(HOURS.columns["counted"].title), x=found["hours"].astype(float), y=found["counted"]),
            Series(
                name=say(HOURS.columns["expected"].title),
                x=found["hours"].astype(float),
                y=found["expected"],
                dashed=True,
            ),
        ],
        x_title=say(HOURS.columns["hours"].title),
        y_title=say("Persons per hour, mean over counters"),
        caption=say("Usual hourly counts: counted and expected"),
        alternative=say("Counts peak at %(hour)s.", hour=hours[int(found["counted"].argmax())]),
        say=say,
    )


def _sensors(findings: Findings, say: Say) -> list[Panel]:
    found = findings.table("sensors")
    grid = tabled(
        found.records(),
        SENSORS.shown(say),
        caption=say("False alarms by counter"),
        source=found,
    )
    return [Heading(text=say("By counter")), grid]


def _events(findings: Findings, say: Say) -> list[Panel]:
    found = findings.table("events")
    if not len(found):
        return []
    grid = tabled(
        found.records(),
        EVENTS.shown(say, "day", "direction", "raised", "sensors"),
        caption=say("Event nights and closures"),
        source=found,
    )
    return [Heading(text=say("Events")), grid]


def _per_day(say: Say) -> Column:
    return Columns(say=say).interval(say("95% interval"), "per_day_low", "per_day_high")
