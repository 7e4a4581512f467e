"""The page of a forecast with exposure limits: the trade-off as a curve and a table, cells, other responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Picture, Say, tabled
from peelian.technologies.mapping.area_view import EXPECTED, town_map
from peelian.technologies.mapping.declarations.advising import ADVISED, FRONTIER, RATIOS
from peelian.technologies.mapping.names import group_title
from peelian.technologies.mapping.views import (
    answered,
    data_and_limits,
    figure,
    records_of,
    sentences,
    table_of,
    window_head,
    within,
)


def advising_view(findings: Findings, say: Say) -> Panels:
    """The panels for a decision: effect of each limit, exposure by group, cells, other responses."""
    return [
        *answered(findings, say),
        window_head(findings, say),
        *town_map(findings, EXPECTED, say, _strictest(findings)),
        *_frontier(findings, say),
        *_groups(findings, say),
        *_places(findings, say),
        Heading(text=say("Other responses")),
        *sentences(findings.notes, say, "explanation"),
        *data_and_limits(findings, say),
    ]


def _strictest(findings: Findings) -> list[str]:
    """The cells under the strictest limit."""
    limited = [row["point"] for row in records_of(findings, "frontier") if row["kind"] == "limited"]
    cells = records_of(findings, "frontier_places")
    return [str(row["place"]) for row in cells if row["point"] == max(limited, default=1)]


def _frontier(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "frontier")
    if found is None:
        return []
    held = np.flatnonzero(np.isfinite(np.asarray(found["limit"], dtype=np.float64)))
    picture = [_picture(found, held, say)] if len(held) > 1 else []
    return [Heading(text=say("Effect of each limit")), *picture, _grid(found, say)]


def _picture(found: Table, held: np.ndarray[tuple[int], np.dtype[np.intp]], say: Say) -> Picture:
    limit, expected = (np.asarray(found[name], dtype=np.float64)[held] for name in ("limit", "expected"))
    free = float(found["expected"][0])
    return lines(
        [Series(name=say("Expected incidents within the limit"), x=limit[::-1], y=expected[::-1], marker="circle")],
        x_title=say("Maximum exposure ratio of any group"),
        y_title=say("Expected incidents in selected cells"),
        caption=say("Expected incidents by exposure limit"),
        alternative=say(
            "Expected incidents fall as the limit tightens: %(high).1f with no limit, %(low).1f with the strictest.",
            low=float(expected.min()),
            high=free,
        ),
        reference=free,
        reference_name=say("No limit"),
        y_range=(0.0, None),
        say=say,
    )


def option_title(row: Mapping[str, Any], say: Say) -> str:
    """What a point of the frontier is called."""
    if row["kind"] != "limited":
        return say("No limit") if row["kind"] == "no_limit" else say("Long-run average")
    if np.isfinite(row["limit"]):
        return say("Limit %(limit)s", limit=figure(say, row["limit"]))
    return say("At most %(budget)s cell-windows per area", budget=figure(say, row["budget"]))


def _grid(found: Table, say: Say) -> Grid:
    return tabled(
        found.records(),
        FRONTIER.shown(say),
        caption=say("Expected incidents and exposure by limit"),
        source=found,
    )


def _groups(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "frontier_groups")
    if found is None or not len(found):
        return []
    grid = tabled(
        found.records(),
        (
            RATIOS.column(say, "point"),
            RATIOS.column(say, "group", lambda row: group_title(row["group"], say)),
            RATIOS.column(say, "ratio"),
            within(say, "ratio"),
        ),
        caption=say("Exposure ratio by group"),
        source=found,
        folded=True,
    )
    return [Heading(text=say("Exposure by group and limit")), grid]


def places_grid(found: Table, say: Say) -> Grid:
    """The cells of every point of the frontier, with the share of the window for which each is selected."""
    return tabled(
        found.records(),
        ADVISED.shown(say),
        caption=say("Cells at each limit"),
        source=found,
        folded=True,
    )


def _places(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "frontier_places")
    return [] if found is None else [Heading(text=say("Cells at each limit")), places_grid(found, say)]
