"""Page of the sensor report: findings, days and typical hours as charts with their tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings, note_paragraphs
from peelian.measure.table import Table, Values
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Column, Grid, Heading, Panel, Panels, Picture, Say, tabled
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.declarations.reporting import DAYS, ENERGY, MEASURES
from peelian.technologies.sensors.release import UNDER

MOST_DRAWN = 6  # places in one chart
MOST_LISTED = 400  # rows of the table; the rest leaves as CSV

UNITS = {
    v.PEOPLE: "people",
    v.VEHICLES: "vehicles",
    v.OCCUPANTS: "people",
    v.NOISE: "dB(A)",
    v.ENERGY: "kWh",
}


def view(findings: Findings, say: Say) -> Panels:
    """The panels of a report, full or public. O(rows)."""
    panels: list[Panel] = note_paragraphs(findings.notes, say, "finding")
    days, profile = findings.table("days"), findings.table("profile")
    for measure in v.MEASURES:
        of_days = days.take(days["measure"] == measure)
        if len(of_days):
            panels.append(Heading(text=say(MEASURES[measure])))
            panels += _drawn(of_days, profile.take(profile["measure"] == measure), measure, say)
    energy = findings.table("energy")
    if len(energy):
        panels += [Heading(text=say("Public energy figures")), _energy(energy, say)]
    if len(days):
        panels += [Heading(text=say("Values by day")), _list(days, say)]
    return [*panels, Heading(text=say("Limits")), *note_paragraphs(findings.notes, say, "explanation", "caveat")]


def _drawn(days: Table, profile: Table, measure: str, say: Say) -> list[Panel]:
    made: list[Panel] = []
    unit = say(UNITS[measure])
    found = _by_place(days, "day", _daily(days, measure))
    if found:
        made.append(_chart(found, (say("Day"), unit), (say("By day"), say("Daily values, one curve per place.")), say))
    found = _by_place(profile, "hour", profile["typical"])
    if found:
        told = say("Median by hour of the day, one curve per place.")
        made.append(_chart(found, (say("Hour of the day"), unit), (say("By hour of the day"), told), say))
    return made


def _daily(days: Table, measure: str) -> Values:
    if measure == v.NOISE:
        return days["level"]
    if measure == v.ENERGY:
        return days["kwh"]
    return np.where(days["shown"] == v.SHOWN, days["count"].astype(np.float64), np.nan)


def _by_place(rows: Table, step: str, values: Values) -> list[Series]:
    """A curve for each of the places with the largest values; those with two points or more."""
    found = []
    for place in dict.fromkeys(rows["area"].tolist()):
        own = (rows["area"] == place) & np.isfinite(values)
        if own.sum() >= 2:
            order = np.argsort(rows[step][own])
            found.append(Series(name=str(place), x=rows[step][own][order], y=values[own][order]))
    found.sort(key=lambda series: -float(np.max(np.asarray(series.y))))
    return found[:MOST_DRAWN]


def _chart(series: list[Series], titles: tuple[str, str], told: tuple[str, str], say: Say) -> Picture:
    dates = np.asarray(series[0].x).dtype.kind == "M"
    return lines(
        series,
        x_title=titles[0],
        y_title=titles[1],
        x_scale="time" if dates else "linear",
        caption=told[0],
        alternative=told[1],
        say=say,
    )


def _energy(energy: Table, say: Say) -> Grid:
    return tabled(
        energy.take(np.arange(min(len(energy), MOST_LISTED))).records(),
        (
            *ENERGY.shown(say, "area", "day", "areas", "homes"),
            ENERGY.column(say, "kwh")._replace(title=say(ENERGY.columns["kwh"].unit)),
        ),
        caption=say("Energy by day, areas of at least 100 homes"),
        source=energy,
    )


def _list(days: Table, say: Say) -> Grid:
    rows = days.take(np.arange(min(len(days), MOST_LISTED))).records()

    def value(row: dict[str, Any]) -> str:
        if row["shown"] == v.UNDER:
            return UNDER
        name = {v.NOISE: "level", v.ENERGY: "kwh"}.get(row["measure"], "count")
        return DAYS.columns[name].cell(say, row[name])

    return tabled(
        rows,
        (
            *DAYS.shown(say, "area", "day", "measure"),
            Column(say("Value"), value, True),
            DAYS.column(say, "shown"),
        ),
        caption=say("Values by place and day, first %(n)d rows", n=len(rows)),
        source=days,
    )
