"""The page of a feedback stress test: three methods over time, patrols by area, and the assumptions."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.charts import Bars, Series, bars, lines
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.technologies.mapping.area_view import MapWords, town_map
from peelian.technologies.mapping.declarations.stressing import METHODS, WAYS
from peelian.technologies.mapping.names import category_title, group_title
from peelian.technologies.mapping.views import answered, data_and_limits, table_of

MAP = MapWords(
    caption="Patrols that follow uncorrected records, by area",
    value="Share of patrols over share of true incidents (1: equal)",
    statement="Simulated patrols under the assumptions of this test, not danger and not people.",
)


def stressing_view(findings: Findings, say: Say) -> Panels:
    """The finding, its course, areas, and what was assumed."""
    facts = findings.facts
    head = say(
        "%(category)s, n = %(n)d incidents. Reporting differs by group: %(group)s",
        category=category_title(str(facts["category"]), say),
        n=facts["n"],
        group=group_title(str(facts["group"]), say),
    )
    return [
        *answered(findings, say),
        Paragraph(text=head),
        *town_map(findings, MAP, say),
        *_ways(findings, say),
        *_course(findings, say),
        *_areas(findings, say),
        *data_and_limits(findings, say),
    ]


def _ways(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "stress")
    if found is None:
        return []
    caption = say("Patrols in the last quarter of the simulated period")
    grid = tabled(found.records(), WAYS.shown(say), caption=caption, source=found)
    return [Heading(text=say("Patrols and true incidents")), grid]


def _course(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "stress_course")
    return [] if found is None else [Heading(text=say("Change over time")), _picture(found, say)]


def _picture(found: Table, say: Say) -> Picture:
    ways = np.asarray(found["way"], dtype=object)
    series = []
    for name, title in METHODS.items():
        rows = ways == name
        series.append(Series(name=say(title), x=found["day"][rows], y=found["misplaced"][rows]))
    naive = found["misplaced"][ways == "naive"]
    return lines(
        series,
        x_title=say("Days"),
        y_title=say("Misplaced patrols"),
        caption=say("Misplaced patrols over time"),
        alternative=say(
            "Uncorrected records misplace %(first).0f%% of patrols at first and %(last).0f%% at the end.",
            first=100 * float(naive[0]),
            last=100 * float(naive[-1]),
        ),
        percent=True,
        x_percent=False,
        y_range=(0.0, None),
        say=say,
    )


def _areas(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "stress_areas")
    if found is None:
        return []
    ways = np.asarray(found["way"], dtype=object)
    first = np.flatnonzero(ways == "naive")
    order = np.argsort(-found["true_share"][first], kind="stable")[:20]
    names = [str(name) for name in found["area"][first][order].tolist()]
    sets = [Bars(name=say("True incidents"), values=found["true_share"][first][order])]
    for name, title in METHODS.items():
        sets.append(Bars(name=say(title), values=found["patrol_share"][ways == name][order]))
    picture = bars(
        names,
        sets,
        value_title=say("Share of patrols"),
        caption=say("Patrols by area and method"),
        alternative=say(
            "Bars for %(n)d areas: share of true incidents, and share of patrols by each method.", n=len(names)
        ),
        label_title=say("Area"),
        percent=True,
        say=say,
    )
    return [Heading(text=say("By area")), picture]
