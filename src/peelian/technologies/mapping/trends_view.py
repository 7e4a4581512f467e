"""The page of trends: the town's last period, its course, and every area with what was to be expected."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Column, Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.pictures.words import day
from peelian.technologies.mapping.area_view import MapWords, town_map
from peelian.technologies.mapping.declarations.trends import BY_AREA
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import answered, data_and_limits, figure, interval, table_of, within

LAST = MapWords(
    caption="The last period by area",
    value="Incidents over what was to be expected (1: as expected)",
    statement="Recorded incidents by area, not danger and not people. White: fewer than 11 incidents expected.",
)


def trends_view(findings: Findings, say: Say) -> Panels:
    """The answer, the town's course, the map, the areas, limits."""
    facts = findings.facts
    head = say(
        "%(category)s up to %(until)s, periods of %(days)d days, %(areas)d areas",
        category=category_title(str(facts["category"]), say),
        until=day(say, facts["until_day"]),
        days=facts["period_days"],
        areas=facts["areas"],
    )
    return [
        *answered(findings, say),
        Paragraph(text=head),
        *_course(findings, say),
        *town_map(findings, LAST, say),
        *_areas(findings, say),
        *data_and_limits(findings, say),
    ]


def _course(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "trend_course")
    if found is None:
        return []
    period = np.asarray(found["period"], dtype=np.float64)
    picture = lines(
        [
            Series(name=say("Recorded"), x=period, y=found["count"]),
            Series(name=say("Expected"), x=period, y=found["expected"]),
        ],
        x_title=say("Periods before the last one"),
        y_title=say("Incidents in the town"),
        caption=say("Recorded and expected incidents by period"),
        alternative=say(
            "Two curves over %(n)d periods. The last has %(count).0f incidents; %(expected).1f were expected.",
            n=len(period),
            count=float(found["count"][-1]),
            expected=float(found["expected"][-1]),
        ),
        y_range=(0.0, None),
        say=say,
    )
    return [Heading(text=say("Over time")), picture]


def _areas(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "trends")
    if found is None:
        return []
    grid = tabled(
        found.records(),
        (
            *BY_AREA.shown(say, "area", "count", "expected"),
            within(say),
            *BY_AREA.shown(say, "p", "p_adjusted"),
            Column(say("Change a year"), lambda row: figure(say, row["change"] - 1, percent=True), True),
            Column(
                say("95% interval"),
                lambda row: interval(say, row["change_low"] - 1, row["change_high"] - 1, percent=True),
                True,
            ),
        ),
        caption=say("All areas, the least usual first"),
        source=found,
        folded=True,
    )
    return [Heading(text=say("By area")), grid]
