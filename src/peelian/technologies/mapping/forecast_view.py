"""The page of a forecast: the map, selected cells and reasons, the long-run average, exposure by group, limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.maps import cells_of, grid_map, small_maps
from peelian.pictures.panels import Column, Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.technologies.mapping.area_view import EXPECTED, STATEMENT, area_names, area_panels, town_map
from peelian.technologies.mapping.declarations.explanation import REASONS
from peelian.technologies.mapping.hours_view import hours_of, hours_panels
from peelian.technologies.mapping.landmarks_view import card_panels
from peelian.technologies.mapping.names import model_title
from peelian.technologies.mapping.views import (
    answered,
    data_and_limits,
    exposure_line,
    exposure_panels,
    figure,
    interval,
    records_of,
    table_of,
    window_head,
)

MOST_MARKED = 50
EVERY = (
    "From all categories: the part of the expected count that incidents of all reported categories together bring. It "
    "is contained in the two parts."
)


def forecast_view(findings: Findings, say: Say) -> Panels:
    """The panels for a decision: expected incidents, selected cells and reasons, comparison, exposure, limits."""
    return [
        *answered(findings, say),
        *exposure_line(findings, say),
        window_head(findings, say),
        *_map(findings, say),
        *_advice(findings, say),
        *hours_panels(findings, say),
        *card_panels(findings, say),
        *exposure_panels(findings, say),
        *_totals(findings, say),
        *data_and_limits(findings, say),
    ]


def _map(findings: Findings, say: Say) -> list[Panel]:
    everywhere, advice = table_of(findings, "forecast"), table_of(findings, "advice")
    if everywhere is None or advice is None:
        return town_map(findings, EXPECTED, say)  # what is public
    return [
        _picture(everywhere, advice, say),
        Heading(text=say("Comparison with the long-run average")),
        replace(_beside(everywhere, findings, say), folded=True),
        *area_panels(everywhere, say),
    ]


def _picture(everywhere: Table, advice: Table, say: Say) -> Picture:
    places = everywhere["place"].tolist()
    number = {place: k for k, place in enumerate(places)}
    marked = [number[place] for place in advice["place"].tolist()[:MOST_MARKED]]
    cells = cells_of(
        places,
        everywhere["expected"],
        marked=marked,
        marked_title=say("Selected cells by expected count"),
        areas=area_names(everywhere),
    )
    expected = np.asarray(everywhere["expected"], dtype=np.float64)
    return grid_map(
        cells,
        value_title=say("Expected incidents per cell"),
        statement=say(STATEMENT),
        caption=say("Expected incidents by cell"),
        alternative=say(
            "Map of %(cells)d cells. The %(named)d cells marked hold %(share).0f%% of expected incidents.",
            cells=len(expected),
            named=len(marked),
            share=100 * float(expected[marked].sum() / expected.sum()),
        ),
        say=say,
    )


def _beside(everywhere: Table, findings: Findings, say: Say) -> Picture:
    """The model's map and the long-run average's with the same classes, side by side."""
    cells = cells_of(everywhere["place"].tolist(), everywhere["expected"], areas=area_names(everywhere))
    expected, bar = (np.asarray(everywhere[name], dtype=np.float64) for name in ("expected", "long_run"))
    model = model_title(str(findings.facts["model"]), say)
    moved = 50 * float(np.abs(expected / expected.sum() - bar / bar.sum()).sum())
    return small_maps(
        cells,
        [(model, expected), (model_title("long_run", say), bar)],
        value_title=say("Expected incidents per cell"),
        statement=say(STATEMENT),
        caption=say("Same window: model and long-run average"),
        alternative=say(
            (
                "Two maps of the same cells. %(moved).0f%% of expected incidents lie in other cells than by "
                "the long-run average."
            ),
            moved=moved,
        ),
        say=say,
    )


def advice_grid(table: Table, findings: Findings, say: Say) -> Grid:
    """The selected cells and why each is one of them."""
    every = bool(np.asarray(table["all_reported"]).any())
    by_name = {row["shift"]: hours_of(row, say) for row in records_of(findings, "shifts")}
    busiest = [REASONS.column(say, "shift", lambda row: by_name[row["shift"]])] if "shift" in table else []
    return tabled(
        table.records(),
        (
            *REASONS.shown(say, "rank", "place", "area", "expected"),
            Column(say("95% prediction interval"), lambda row: interval(say, row["low"], row["high"]), True),
            *REASONS.shown(say, "long_run", "background", "recent", *(["all_reported"] if every else [])),
            *REASONS.shown(say, "recent_n", "nearby_n"),
            *busiest,
        ),
        caption=say("Selected cells and reasons"),
        source=table,
        folded=True,
    )


def _advice(findings: Findings, say: Say) -> list[Panel]:
    table = table_of(findings, "advice")
    if table is None:
        return []
    words = say(
        "An expected count has two parts: one from data before the last eight weeks and one from those "
        "weeks. Nearby counts cover the eight adjacent cells."
    )
    told = [Paragraph(text=say(EVERY))] if bool(np.asarray(table["all_reported"]).any()) else []
    return [Heading(text=say("Selected cells")), Paragraph(text=words), *told, advice_grid(table, findings, say)]


def _totals(findings: Findings, say: Say) -> list[Panel]:
    facts = findings.facts
    rows = (
        (say("Incidents used"), say("%(n)d", n=facts["n"])),
        (say("Cells in the town"), say("%(n)d", n=facts["cells"])),
        (say("Selected cells"), say("%(n)d", n=facts["places"])),
        (say("Expected incidents in the town"), figure(say, float(facts["expected_total"]))),
        (say("Expected incidents in selected cells"), figure(say, float(facts["expected_named"]))),
        (say("Data digest"), str(facts["data_digest"])[:16]),
        (say("Settings digest"), str(facts["settings_digest"])[:16]),
    )
    grid = Grid(caption=say("Key figures"), titles=(say("Item"), say("Figure")), rows=rows)
    return [Heading(text=say("Key figures")), grid]
