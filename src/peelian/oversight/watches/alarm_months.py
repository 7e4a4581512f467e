"""Alarm outcomes by month and zone: how many were closed, and how many confirmed danger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.errors import MISSING
from peelian.kernel.model.alarms import CITY, Floor, counted_alarms
from peelian.kernel.state.alarm_state import monthly, precision
from peelian.kernel.state.kernel import Kernel
from peelian.measure.rates import wilson
from peelian.pictures.panels import Grid, Panel, Panels, Paragraph, Say
from peelian.pictures.words import amount

MOST_MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMonth:
    """The closed alarms of a zone in a month: `known` are those of which somebody could say what they were."""

    month: str
    zone: str
    closed: int
    known: int
    danger: int
    events: int  # permitted ones
    precision: float | None  # the share that told of danger, of those whose truth is known


def zone_months(floor: Floor) -> tuple[ZoneMonth, ...]:
    """Every month and zone in which a real alarm was closed, the newest month first. O(alarms · months)."""
    months = sorted({f"{a.changed_at:%Y-%m}" for a in counted_alarms(floor)}, reverse=True)[:MOST_MONTHS]
    return tuple(
        _counted(month, zone, tally) for month in months for zone, tally in sorted(monthly(floor, month).items())
    )


def _counted(month: str, zone: str, tally: dict[str, int]) -> ZoneMonth:
    n = sum(tally.values())
    return ZoneMonth(
        month=month,
        zone=zone,
        closed=n,
        known=n - tally.get("unknown", 0),
        danger=tally.get("danger confirmed", 0),
        events=tally.get("planned event", 0),
        precision=precision(tally, n),
    )


def page(kernel: Kernel, say: Say) -> Panels:
    """The public page: how to read it, and the figures."""
    rows = zone_months(kernel.state.alarms.floor)
    told: list[Panel] = [
        Paragraph(
            text=say(
                "An operator records the outcome of every alarm. The table gives, by month and zone, the "
                "share of closed alarms that confirmed danger, with a 95% interval. The share counts only "
                "alarms whose cause is known. Exercises and alarms of the testing period are left out. A "
                "multi-zone incident counts once."
            )
        )
    ]
    watching = kernel.state.alarms
    if past := len(watching.gone) + len(watching.floor.past):
        text = say("Alarms past their retention period (destroyed or on hold), not counted here: %(n)d", n=past)
        told.append(Paragraph(text=text))
    if not rows:
        return [*told, Paragraph(text=say("No alarm closed yet."))]
    cells = tuple(
        (
            row.month,
            say("Many zones") if row.zone == CITY else row.zone,
            str(row.closed),
            str(row.known),
            str(row.danger),
            str(row.events),
            _share(row, say),
        )
        for row in rows
    )
    titles = (
        say("Month"),
        say("Zone"),
        say("Closed"),
        say("Cause known"),
        say("Danger confirmed"),
        say("Planned event"),
        say("Danger confirmed, share"),
    )
    caption = say("Alarms by month and zone")
    return [*told, Grid(caption=caption, titles=titles, rows=cells, numeric=frozenset(range(2, 7)))]


def _share(row: ZoneMonth, say: Say) -> str:
    if row.precision is None:
        return MISSING
    low, high = wilson(np.array([row.danger]), np.array([row.known]))
    values = [amount(say, value, percent=True) for value in (row.precision, float(low[0]), float(high[0]))]
    return say("%(share)s (%(low)s to %(high)s)", share=values[0], low=values[1], high=values[2])
