"""Hours and shifts on a page: the week as a heat picture, and the shifts one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.matrix import matrix
from peelian.pictures.panels import Heading, Panel, Say, tabled
from peelian.technologies.mapping.declarations.shifts import SHIFTS
from peelian.technologies.mapping.views import table_of


def hours_panels(findings: Findings, say: Say) -> list[Panel]:
    """The shifts, and seven days by twelve bands of two hours; nothing where a finding has none."""
    shifts, hours = table_of(findings, "shifts"), table_of(findings, "hours")
    if shifts is None or hours is None:
        return []
    columns = [
        SHIFTS.column(say, "shift", lambda row: hours_of(row, say)),
        *SHIFTS.shown(say, *(name for name in ("expected", "even", "n") if name in shifts)),
    ]
    grid = tabled(shifts.records(), columns, caption=say("Incidents by shift"), source=shifts)
    rate = np.asarray(hours["rate"], dtype=np.float64).reshape(7, 12, 2).mean(axis=2).T
    bands = [hours_of({"start": hour, "end": hour + 2}, say) for hour in range(0, 24, 2)]
    days = say("Mon Tue Wed Thu Fri Sat Sun").split()
    band, day = np.unravel_index(int(rate.argmax()), rate.shape)
    picture = matrix(
        bands,
        days,
        rate,
        caption=say("Hours of the week: incidents per hour, as multiples of the mean hour"),
        alternative=say("The busiest hours of the week: %(day)s %(band)s.", day=days[day], band=bands[band]),
        say=say,
    )
    return [Heading(text=say("Hours and shifts")), grid, picture]


def hours_of(shift: Mapping[str, Any], say: Say) -> str:
    """When a shift begins and ends, which every language understands."""
    return say("%(start)02d:00–%(end)02d:00", start=round(shift["start"]), end=round(shift["end"]))
