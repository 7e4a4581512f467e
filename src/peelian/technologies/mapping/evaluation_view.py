"""The pages of an evaluation and of its plan: verdict, measures, the placebos, the course, power and limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Interval, Series, intervals, lines
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.pictures.words import day
from peelian.technologies.mapping.area_view import MapWords, town_map
from peelian.technologies.mapping.declarations.evaluation import ACTIONS, BY_AREA, MEASURED, MEASURES
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import answered, data_and_limits, records_of, table_of, within

EVALUATED = MapWords(
    caption="Change by area",
    value="Incidents after, over what the town's change gives (1: as the town)",
    statement="Recorded incidents by area, not danger and not people. White: fewer than 11 incidents long before.",
)
PARTS = MapWords(
    caption="Treated areas",
    value="2: treated. 1: nearby. 0: compared with",
    statement="Where the action is planned. Nothing here says anything about the people of an area.",
)


def evaluation_view(findings: Findings, say: Say) -> Panels:
    """The verdict, what was done, the measures, the map, the placebos, the course, areas, power and limits."""
    return [
        *answered(findings, say),
        _head(findings, say),
        *_measures(findings, say),
        *town_map(findings, EVALUATED, say),
        *_placebos(findings, say),
        *_course(findings, say),
        *_areas(findings, say),
        *_power(findings, say),
        *data_and_limits(findings, say),
    ]


def plan_view(findings: Findings, say: Say) -> Panels:
    """What the evaluation could find, and where."""
    return [
        *answered(findings, say),
        _head(findings, say),
        *_power(findings, say),
        *town_map(findings, PARTS, say),
        *data_and_limits(findings, say),
    ]


def _head(findings: Findings, say: Say) -> Paragraph:
    facts = findings.facts
    text = say(
        "%(action)s from %(since)s. %(category)s, n = %(n)d incidents in %(areas)d areas.",
        action=say(ACTIONS[str(facts["action"])]),
        since=day(say, facts["since"]),
        category=category_title(str(facts["category"]), say),
        n=facts["n"],
        areas=facts["areas"],
    )
    return Paragraph(text=text)


def _measures(findings: Findings, say: Say) -> list[Panel]:
    known = {str(row["measure"]): row for row in records_of(findings, "evaluation")}
    rows = [known[name] for name in MEASURED if name in known]
    ratios = [row for row in rows if row["measure"] != "displacement"]
    shown = [(say(MEASURED[row["measure"]]), row) for row in ratios if np.isfinite(row["value"]) and row["value"] > 0]
    if not shown:
        return []
    made = [
        Interval(
            label=title,
            value=row["value"],
            low=row["low"] if np.isfinite(row["low"]) else row["value"],
            high=row["high"] if np.isfinite(row["high"]) else row["value"],
        )
        for title, row in shown
    ]
    first, row = shown[0]
    picture = intervals(
        made,
        value_title=say("Incidents after, over what was to be expected (1: no change)"),
        caption=say("Change at the treated areas"),
        alternative=say("%(measure)s: %(value).2f.", measure=first, value=row["value"]),
        label_title=say("Measure"),
        scale="log",
        reference=1.0,
        reference_name=say("no change"),
        say=say,
    )
    return [Heading(text=say("Change")), picture, _measure_grid(findings, rows, say)]


def _measure_grid(findings: Findings, rows: list[dict[str, Any]], say: Say) -> Grid:
    return tabled(
        rows,
        (*MEASURES.shown(say, "measure", "value"), within(say)),
        caption=say("All measures"),
        source=table_of(findings, "evaluation"),
        folded=True,
    )


def _placebos(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "evaluation_placebos")
    verdict = next((row for row in records_of(findings, "evaluation") if row["measure"] == "matched"), None)
    if found is None or verdict is None or not np.isfinite(verdict["value"]):
        return []
    rank, ratio = (np.asarray(found[name], dtype=np.float64) for name in ("rank", "ratio"))
    lower = int((ratio <= verdict["value"]).sum())
    picture = lines(
        [Series(name=say("Places and times without treatment"), x=100 * rank / len(rank), y=ratio)],
        x_title=say("Share of them with a ratio as low (%%)"),
        y_title=say("Incidents after, over prediction"),
        caption=say("Where the treated areas stand among comparable places and times"),
        alternative=say(
            "A rising curve of %(n)d ratios. The treated areas' ratio is %(value).2f; %(lower)d ratios are as low.",
            n=len(rank),
            value=verdict["value"],
            lower=lower,
        ),
        y_scale="log",
        reference=float(verdict["value"]),
        reference_name=say("treated areas"),
        say=say,
    )
    return [Heading(text=say("Compared with what happens without treatment")), picture]


def _course(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "evaluation_course")
    if found is None:
        return []
    month = np.asarray(found["month"], dtype=np.float64)
    picture = lines(
        [
            Series(name=say("Treated areas"), x=month, y=found["treated"]),
            Series(name=say("Synthetic control"), x=month, y=found["synthetic"]),
        ],
        x_title=say("Periods of 28 days from the first day of the action"),
        y_title=say("Incidents"),
        caption=say("Incidents before and after"),
        alternative=say(
            "Two curves over %(n)d periods: treated areas, and other areas weighted to follow them before.",
            n=len(month),
        ),
        y_range=(0.0, None),
        say=say,
    )
    return [Heading(text=say("Over time")), picture]


def _areas(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "evaluation_areas")
    if found is None:
        return []
    parts = [*BY_AREA.columns["part"].words]
    return [
        tabled(
            sorted(found.records(), key=lambda row: parts.index(str(row["part"]))),
            BY_AREA.shown(say),
            caption=say("Incidents by area"),
            source=found,
            folded=True,
        )
    ]


def _power(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "evaluation_power")
    if found is None:
        return []
    fall, chance = (np.asarray(found[name], dtype=np.float64) for name in ("fall", "power"))
    picture = lines(
        [Series(name=say("Chance to find it"), x=fall, y=chance)],
        x_title=say("Fall of incidents at the treated areas"),
        y_title=say("Chance to find it"),
        caption=say("What this evaluation can find"),
        alternative=say(
            "A fall of %(least).0f%% is found with a chance of %(low).0f%%, one of %(most).0f%% with %(high).0f%%.",
            least=100 * fall[0],
            low=100 * chance[0],
            most=100 * fall[-1],
            high=100 * chance[-1],
        ),
        percent=True,
        y_range=(0.0, 1.0),
        say=say,
    )
    return [Heading(text=say("Power")), picture]
