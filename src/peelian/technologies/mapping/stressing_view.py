"""The page of a feedback stress test: three ways over time, whom they send patrols to, and what is assumed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.governance.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.charts import Bars, Series, bars, lines
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say
from peelian.technologies.mapping.names import category_title, group_title
from peelian.technologies.mapping.views import figure, limits, sentences, table_of


def stressing_view(findings: Findings, say: Say) -> Panels:
    """The finding, its course, areas, and what was assumed."""
    facts = findings.facts
    head = say(
        "%(category)s, %(n)d incidents, reporting by %(group)s",
        category=category_title(str(facts["category"]), say),
        n=facts["n"],
        group=group_title(str(facts["group"]), say),
    )
    return [
        Paragraph(text=head),
        *sentences(findings.notes, say),
        *_ways(findings, say),
        *_course(findings, say),
        *_areas(findings, say),
        *limits(findings, say),
    ]


def _titles(say: Say) -> Mapping[str, str]:
    return {
        "naive": say("Records as they are"),
        "corrected": say("Discoveries by inverse chance of a patrol"),
        "surveyed": say("Reports divided by the share reported"),
    }


def _ways(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "stress")
    if found is None:
        return []
    titles = _titles(say)
    rows = tuple(
        (titles[str(way)], *(figure(say, value, percent=True) for value in values)) for way, *values in found.rows()
    )
    grid = Grid(
        caption=say("Patrols in the last quarter of the time"),
        titles=(
            say("How the record is read"),
            say("In the wrong place"),
            say("In areas where the group is large"),
            say("There by true incidents"),
        ),
        rows=rows,
        numeric=frozenset({1, 2, 3}),
        source=found,
    )
    return [Heading(text=say("Where patrols end")), grid]


def _course(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "stress_course")
    return [] if found is None else [Heading(text=say("How it comes about")), _picture(found, say)]


def _picture(found: Table, say: Say) -> Picture:
    ways = np.asarray(found["way"], dtype=object)
    series = []
    for name, title in _titles(say).items():
        rows = ways == name
        series.append(Series(name=title, x=found["day"][rows], y=found["misplaced"][rows]))
    naive = found["misplaced"][ways == "naive"]
    return lines(
        series,
        x_title=say("Days"),
        y_title=say("Patrols in the wrong place"),
        caption=say("Patrols in the wrong place, over time"),
        alternative=say(
            "Taken as they are, records put %(first).0f%% of patrols in the wrong place at first and %(last).0f%% at "
            "the end.",
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
    sets = [Bars(name=say("By true incidents"), values=found["true_share"][first][order])]
    for name, title in _titles(say).items():
        sets.append(Bars(name=title, values=found["patrol_share"][ways == name][order]))
    picture = bars(
        names,
        sets,
        value_title=say("Share of patrols"),
        caption=say("Patrols by area, in the three ways"),
        alternative=say(
            "Bars for %(n)d areas: the share of patrols each should have and has in each way.", n=len(names)
        ),
        label_title=say("Area"),
        percent=True,
        say=say,
    )
    return [Heading(text=say("By area")), picture]
