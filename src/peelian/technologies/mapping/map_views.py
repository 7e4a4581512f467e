"""What findings by place show on a map: a forecast, its exposure limits, and reports by area."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Findings, Scalar
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.pictures.map_view import Layer, MapView, Option
from peelian.pictures.maps import CellMap, cells_of
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.pictures.words import amounts
from peelian.technologies.mapping.advising_view import option_title, places_grid
from peelian.technologies.mapping.area_view import EXPECTED, PREDICTED, RECORDED, STATEMENT, MapWords, area_names
from peelian.technologies.mapping.evaluation_view import EVALUATED, PARTS
from peelian.technologies.mapping.forecast_view import advice_grid
from peelian.technologies.mapping.hours_view import hours_of
from peelian.technologies.mapping.names import group_title, model_title
from peelian.technologies.mapping.responses import responses_to
from peelian.technologies.mapping.stressing_view import MAP as STRESSED
from peelian.technologies.mapping.trends_view import LAST
from peelian.technologies.mapping.views import (
    exposure_panels,
    figure,
    interval,
    records_of,
    table_of,
    window_head,
)

Facts = Mapping[str, Mapping[str, Scalar]]
Drawing = Callable[[Findings, Facts, Say], MapView | None]
FRAMED_BY = ("incidents", "sealed")  # roles whose facts hold the centre that places are counted from
SHIFT = "shift_"


def forecast_map(findings: Findings, facts: Facts, say: Say) -> MapView | None:
    """The expected count of each cell with its interval, by shift where there are shifts, and the long-run average.

    The public findings hold no cells: of them the figures of whole areas. O(cells).
    """
    everywhere, advice = table_of(findings, "forecast"), table_of(findings, "advice")
    frame = _frame(findings, facts)
    if everywhere is None or advice is None or frame is None:
        return area_map(EXPECTED)(findings, facts, say)
    cells = cells_of(everywhere["place"].tolist(), everywhere["expected"])
    selected = _rows_of(cells_of(advice["place"].tolist(), advice["expected"]), cells)
    expected = np.asarray(everywhere["expected"], dtype=np.float64)
    past = _history_grid(findings, say)
    return MapView(
        frame=frame,
        cell_metres=cells.cell_metres,
        row=cells.row,
        col=cells.col,
        layers=_forecast_layers(everywhere, findings, say),
        value_title=say("Expected incidents per cell"),
        sums=say("Expected incidents in these cells"),
        heading=window_head(findings, say).text,
        caption=say("Expected incidents by cell"),
        alternative=say(
            "Map of %(cells)d cells. The %(named)d cells marked hold %(share).0f%% of expected incidents.",
            cells=len(expected),
            named=len(selected),
            share=100 * float(expected[selected].sum() / max(expected.sum(), 1e-300)),
        ),
        statement=say(STATEMENT),
        compared=("expected", "long_run"),
        selected=selected,
        selected_title=say("Selected cells by expected count"),
        listed=advice_grid(advice, findings, say),
        history=[[int(n) for n in row[1:]] for row in _past(findings)],
        history_title=past.caption if past else "",
        history_days=past.titles[1:] if past else (),
        areas=area_names(everywhere),
        beside=[*([past] if past else []), *exposure_panels(findings, say), *_responses(findings, say)],
    )


def _rows_of(wanted: CellMap, cells: CellMap) -> list[int]:
    """In which place among the cells each of the wanted ones stands. O(cells log cells)."""
    key, asked = ((one.row << 32) + one.col for one in (cells, wanted))
    order = np.argsort(key, kind="stable")
    rows: list[int] = order[np.searchsorted(key, asked, sorter=order)].tolist()
    return rows


def _past(findings: Findings) -> list[tuple[Any, ...]]:
    """Each selected cell with its counts by eight weeks, oldest first. O(rows)."""
    found: dict[str, list[Any]] = {}
    for row in records_of(findings, "history"):
        found.setdefault(str(row["place"]), []).append(row["n"])
    return [(place, *counts) for place, counts in found.items()]


def _history_grid(findings: Findings, say: Say) -> Grid | None:
    """The same for people, under the first days of the periods; None in a short history."""
    rows, told = _past(findings), records_of(findings, "history")
    if not rows:
        return None
    days = [str(row["from_day"]) for row in told[: len(rows[0]) - 1]]
    return Grid(
        caption=say("Recorded every eight weeks, from %(day)s", day=days[0]),
        titles=(say("Cell"), *days),
        rows=tuple((place, *(say("%(n)d", n=n) for n in counts)) for place, *counts in rows),
        numeric=frozenset(range(1, len(rows[0]))),
        source=table_of(findings, "history"),
        folded=True,
    )


def _forecast_layers(everywhere: Table, findings: Findings, say: Say) -> tuple[Layer, ...]:
    """The model's counts, the long-run average's, the interval's ends and, where there are shifts, each one's part."""
    shifts = {row["shift"]: hours_of(row, say) for row in records_of(findings, "shifts")}
    by_shift = [f"{SHIFT}{name}" for name in shifts if f"{SHIFT}{name}" in everywhere]
    titles = {
        "expected": model_title(str(findings.facts["model"]), say),
        "long_run": model_title("long_run", say),
        "low": say("95% prediction interval"),
        "high": say("95% prediction interval"),
        **{name: shifts[name.removeprefix(SHIFT)] for name in by_shift},
    }
    return tuple(
        Layer(
            id=name,
            title=title,
            values=_numbers(everywhere, name),
            drawn=name not in ("low", "high"),
            part_of="expected" if name in by_shift else "",
        )
        for name, title in titles.items()
    )


def limits_map(findings: Findings, facts: Facts, say: Say) -> MapView | None:
    """Expected incidents per km² by area, and the cells that each exposure limit selects. None without places."""
    squares, places = table_of(findings, "town_map"), table_of(findings, "frontier_places")
    frame = _frame(findings, facts)
    if squares is None or places is None or frame is None or not len(places):
        return None
    named = cells_of(places["place"].tolist(), places["expected"])
    at = list(zip(named.row.tolist(), named.col.tolist(), strict=True))
    cells, areas = _finer(squares, named.cell_metres)
    number = {place: k for k, place in enumerate(zip(cells.row.tolist(), cells.col.tolist(), strict=True))}
    point = places["point"].tolist()
    listed = _without_first(places_grid(places, say))
    rows = [k for k, place in enumerate(at) if place in number]
    options = tuple(
        Option(
            title=option_title(row, say),
            cells=[number[at[k]] for k in rows if point[k] == row["point"]],
            rows=tuple(listed.rows[k] for k in rows if point[k] == row["point"]),
            facts=_option_facts(row, findings, say),
            params=(("limits", f"{row['limit']:g}"),) if np.isfinite(row["limit"]) else (),
        )
        for row in records_of(findings, "frontier")
    )
    first = {
        "selected": options[0].cells,
        "selected_title": say("Selected cells"),
        "listed": replace(listed, caption=say("Selected cells"), rows=options[0].rows),
    }
    heading = window_head(findings, say).text
    return _by_area(cells, areas, frame, EXPECTED, say, heading=heading, options=options, **first)


def area_map(words: MapWords) -> Drawing:
    """The map of a report that names no cell: one figure per area. It is None where the findings hold no such map."""

    def drawn(findings: Findings, facts: Facts, say: Say) -> MapView | None:
        squares, frame = table_of(findings, "town_map"), _frame(findings, facts)
        if squares is None or frame is None or not np.isfinite(_numbers(squares, "value")).any():
            return None
        side = float(str(squares["place"][0]).partition(":")[0])
        return _by_area(*_finer(squares, side), frame, words, say, heading=say(words.caption))

    return drawn


RECORDED_MAP, PREDICTED_MAP, STRESSED_MAP = area_map(RECORDED), area_map(PREDICTED), area_map(STRESSED)
EVALUATED_MAP, PLANNED_MAP, TRENDS_MAP = area_map(EVALUATED), area_map(PARTS), area_map(LAST)


def _by_area(cells: CellMap, areas: list[str], frame: Projection, words: MapWords, say: Say, **more: Any) -> MapView:
    known = {name: float(value) for name, value in zip(areas, cells.values, strict=True) if np.isfinite(value)}
    rows = sorted(((name, value) for name, value in known.items() if name), key=lambda row: -row[1])
    listed = Grid(
        caption=say(words.caption),
        titles=(say("Area"), say(words.value)),
        rows=tuple(zip((name for name, _ in rows), amounts(say, [value for _, value in rows]), strict=True)),
        numeric=frozenset({1}),
    )
    return MapView(
        frame=frame,
        cell_metres=cells.cell_metres,
        row=cells.row,
        col=cells.col,
        layers=(Layer(id="value", title=say(words.value), values=cells.values),),
        value_title=say(words.value),
        caption=say(words.caption),
        alternative=say("Map of %(n)d areas. The highest figure is that of %(area)s.", n=len(rows), area=rows[0][0])
        if rows
        else say("Map of %(n)d squares, each with the figure of its area.", n=len(cells.row)),
        statement=say(words.statement),
        beside=[listed] if rows else [],
        areas=areas if any(areas) else (),
        by_area=any(areas),
        **more,
    )


def _finer(squares: Table, side: float) -> tuple[CellMap, list[str]]:
    """The squares of a town map as cells of a side that divides theirs, and each one's area. O(cells)."""
    found = cells_of(squares["place"].tolist(), squares["value"])
    times = max(1, round(found.cell_metres / side))
    step = np.arange(times)
    row = (found.row[:, None, None] * times + step[:, None]) + 0 * step
    col = (found.col[:, None, None] * times + step) + 0 * step[:, None]
    every = times * times
    names = np.repeat(np.asarray(area_names(squares) or [""] * len(found.row), dtype=object), every)
    values, metres = np.repeat(found.values, every), found.cell_metres / times
    return CellMap(row=row.ravel(), col=col.ravel(), values=values, cell_metres=metres), names.tolist()


def _without_first(grid: Grid) -> Grid:
    """The table without its first column, which says of which option a row is."""
    return replace(
        grid,
        titles=grid.titles[1:],
        rows=tuple(row[1:] for row in grid.rows),
        numeric=frozenset(k - 1 for k in grid.numeric if k),
        source=None,
    )


def _option_facts(row: Mapping[str, Any], findings: Findings, say: Say) -> tuple[tuple[str, str], ...]:
    """What one limit costs and whom it exposes, as the case's tables say it."""
    groups = [one for one in records_of(findings, "frontier_groups") if one["point"] == row["point"]]
    return (
        (say("Expected"), figure(say, row["expected"])),
        (say("Incidents lost"), figure(say, row["price"])),
        (say("Incidents lost, share"), figure(say, row["price_share"], percent=True)),
        (say("Cells used"), figure(say, row["places"])),
        *(
            (
                say("Ratio of %(group)s to all others", group=group_title(str(one["group"]), say)),
                f"{figure(say, one['ratio'])} ({interval(say, one['ratio_low'], one['ratio_high'])})",
            )
            for one in groups
        ),
    )


def _responses(findings: Findings, say: Say) -> Sequence[Panel]:
    answers = responses_to(str(findings.facts["category"]))
    return [Heading(text=say("Other responses")), *(Paragraph(text=say(text)) for text in answers)]


def _frame(findings: Findings, facts: Facts) -> Projection | None:
    """The projection whose metres the places are counted in: the findings' own, or that of the incidents."""
    for one in (findings.facts, *(facts[role] for role in FRAMED_BY if role in facts)):
        if "centre_lon" in one and "centre_lat" in one:
            return Projection(centre_lon=float(one["centre_lon"]), centre_lat=float(one["centre_lat"]))
    return None


def _numbers(found: Table, name: str) -> NDArray[np.float64]:
    return np.asarray(found[name], dtype=np.float64)
