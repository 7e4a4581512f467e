"""Page of the sensor report: findings, days and typical hours as charts with their tables."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings, told
from peelian.measure.table import Table, Values
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Picture, Say
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.release import UNDER

MOST_DRAWN = 6  # places in one chart
MOST_LISTED = 400  # rows of the table; the rest leaves as CSV

TITLES = {
    v.PEOPLE: "People counted",
    v.VEHICLES: "Vehicles counted",
    v.OCCUPANTS: "Occupancy",
    v.NOISE: "Sound level",
    v.ENERGY: "Energy",
}
UNITS = {
    v.PEOPLE: "people",
    v.VEHICLES: "vehicles",
    v.OCCUPANTS: "people",
    v.NOISE: "dB(A)",
    v.ENERGY: "kWh",
}
WORDS = {v.SHOWN: "shown", v.UNDER: "under 15", v.TOO_FEW: "too few homes"}


def view(findings: Findings, say: Say) -> Panels:
    """The panels of a report, full or public. O(rows)."""
    panels: list[Panel] = told(findings.notes, say, "finding")
    days, profile = findings.table("days"), findings.table("profile")
    for measure in v.MEASURES:
        of_days = days.take(days["measure"] == measure)
        if len(of_days):
            panels.append(Heading(text=say(TITLES[measure])))
            panels += _drawn(of_days, profile.take(profile["measure"] == measure), measure, say)
    energy = findings.table("energy")
    if len(energy):
        panels += [Heading(text=say("Public energy figures")), _energy(energy, say)]
    if len(days):
        panels += [Heading(text=say("Values by day")), _list(days, say)]
    return [*panels, Heading(text=say("Limits")), *told(findings.notes, say, "explanation", "caveat")]


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
    rows = tuple(
        (str(area), str(day), f"{areas:,}", f"{homes:,}", f"{kwh:,.1f}")
        for area, day, areas, homes, kwh in energy.take(np.arange(min(len(energy), MOST_LISTED))).rows()
    )
    return Grid(
        caption=say("Energy by day, areas of at least 100 homes"),
        titles=(say("Place"), say("Day"), say("Areas merged"), say("Homes"), say("kWh")),
        rows=rows,
        numeric=frozenset({2, 3, 4}),
        source=energy,
    )


def _list(days: Table, say: Say) -> Grid:
    rows = []
    for area, day, measure, count, level, kwh, _, shown in days.take(np.arange(min(len(days), MOST_LISTED))).rows():
        value = {v.NOISE: f"{level:.1f}", v.ENERGY: "–" if np.isnan(kwh) else f"{kwh:.1f}"}.get(measure, f"{count:,}")
        text = UNDER if shown == v.UNDER else "–" if shown == v.TOO_FEW and np.isnan(kwh) else value
        rows.append((str(area), str(day), say(TITLES[measure]), text, say(WORDS[shown])))
    return Grid(
        caption=say("Values by place and day, first %(n)d rows", n=len(rows)),
        titles=(say("Place"), say("Day"), say("Item"), say("Value"), say("Status")),
        rows=tuple(rows),
        numeric=frozenset({3}),
        source=days,
    )
